package server

import (
	"context"
	"time"

	"exfed/federation"
)

// Registry keeps what the broker knows. Whatever one request changes is changed in
// one transaction, the mark against replay included.
type Registry interface {
	// View calls read with the registry as it is at one moment.
	View(ctx context.Context, read func(Tx) error) error
	// Update calls change with the registry while nobody else can write. What it
	// changed is durable when Update returns nil; an error from change, which comes
	// back as it is, undoes everything.
	Update(ctx context.Context, change func(Tx) error) error
	// Generation returns a number that grows with every change of organizations, policies,
	// URIs and signing keys, whichever process makes it.
	Generation(ctx context.Context) (int64, error)
	// Close gives the registry back. Nothing may be running on it any more.
	Close() error
}

// Tx is the registry inside one transaction. Domains and account namespaces are
// given in their canonical form. Times are kept to the microsecond, in UTC.
type Tx interface {
	Apps
	Policies
	URIs
	Proofs
	Journal

	// Generation is Registry.Generation as of the transaction.
	Generation() (int64, error)
	// SigningKeys returns the broker's signing certificates, the current one first, then
	// the next one, then the previous one.
	SigningKeys() ([]SigningKey, error)
	// PutSigningKey adds a signing certificate to the slot, replacing what it held.
	PutSigningKey(SigningKey) error
	// DeleteSigningKey empties the slot; emptying an empty one does nothing.
	DeleteSigningKey(Slot) error
}

// Apps keeps the registered organizations.
type Apps interface {
	// App returns the organization with the AppID.
	App(appID string) (App, bool, error)
	// AppByFingerprint returns the organization that has, or had until the last
	// update, the certificate with this SHA-256 fingerprint.
	AppByFingerprint(fingerprint string) (App, bool, error)
	// Credentials returns the certificates of the organization with the AppID, without
	// the rest of it; previous is nil until the certificate was replaced once.
	Credentials(appID string) (current Credential, previous *Credential, found bool, err error)
	// AppIDs returns the AppIDs of all organizations, the one made first first.
	AppIDs() ([]string, error)
	// PutApp adds the organization or replaces what is kept of it.
	PutApp(App) error
	// IdleApps counts the organizations made after t that never had a domain.
	IdleApps(t time.Time) (int, error)
	// DeleteIdleApps removes organizations that never had a domain and were made before t,
	// a hundred at most, but none about which a policy was put.
	DeleteIdleApps(t time.Time) error
}

// Policies keeps what the broker's operator decided about organizations.
type Policies interface {
	// Policy returns what was decided about the organization with the AppID, the zero
	// Policy where nothing was.
	Policy(appID string) (Policy, error)
	// PutPolicy replaces it. There must be such an organization.
	PutPolicy(appID string, p Policy) error
}

// URIs keeps which domain and which account namespace belongs to whom.
type URIs interface {
	// URI returns the holder of a domain or an application URI.
	URI(name string) (URI, bool, error)
	// URIsOf returns the names of the URIs attached to the AppID, in order.
	URIsOf(appID string) ([]string, error)
	// ApplicationURI returns the application URI that was the first to be attached to the
	// AppID, of those it has.
	ApplicationURI(appID string) (URI, bool, error)
	PutURI(URI) error
	DeleteURI(name string) error
	// Namespace returns the holder of a reserved account namespace.
	Namespace(name string) (Namespace, bool, error)
	PutNamespace(Namespace) error
	DeleteNamespace(name string) error
}

// Proofs keeps whose every accepted proof of a domain is. Nothing is ever taken out, not
// when the domain is given back and not when it goes to somebody else: an old proof may
// stand in DNS for years.
type Proofs interface {
	// ProofMaker returns the fingerprint of the public key, 64 lower-case hexadecimal
	// digits, whose owner made the proof or, where that was never shown, was the first to
	// attach the domain with it; "" if nobody did.
	ProofMaker(domain, proof string) (keyFingerprint string, err error)
	// PutProof records the key, in the place of the one recorded.
	PutProof(domain, proof, keyFingerprint string) error
}

// Journal keeps what happened and when.
type Journal interface {
	// LastHolder returns the AppID that was the last to attach the domain, or "".
	LastHolder(domain string) (string, error)
	// MovesSince counts how often the domain went from one AppID to another after t.
	MovesSince(domain string, t time.Time) (int, error)
	// AddMove records that the domain went to an AppID; from is empty the first time.
	AddMove(Move) error
	// MarkSeen records the digest of a signature until it expires and reports whether
	// it was new. Digests that expired before now are forgotten.
	MarkSeen(digest []byte, expires, now time.Time) (fresh bool, err error)
	// AddAudit records an operation. Of the operations before the newest 100,000 of its
	// kind, and of those 400 days or longer before this one, some are forgotten at the end of
	// the transaction, more than it added.
	// Requests for tokens are one kind, the operator's decisions another, everything else is
	// the third.
	AddAudit(AuditEntry) error
	// Audit returns the newest entries, at most limit, newest first.
	Audit(limit int) ([]AuditEntry, error)
}

// App is a registered organization.
type App struct {
	ID         string // 16 upper-case hexadecimal digits
	Current    Credential
	Previous   *Credential // nil until the certificate was replaced once
	Properties []federation.Property
	Created    time.Time
	Changed    time.Time
}

// Credential is a certificate of an organization.
type Credential struct {
	Fingerprint string // SHA-256 of the DER encoding, 64 lower-case hexadecimal digits
	DER         []byte
	Since       time.Time
}

// URI is a domain, or an application URI, attached to an AppID.
type URI struct {
	Name       string
	AppID      string
	Proof      string // the proof that was found in DNS; empty for an application URI
	Thumbprint string // SHA-1 of the certificate whose owner attached it
	Attached   time.Time
	ActiveFrom time.Time
}

// State returns where the domain stands at the time now.
func (u URI) State(now time.Time) federation.DomainState { return stateAt(u.ActiveFrom, now) }

// Namespace is an account namespace reserved for an AppID.
type Namespace struct {
	Name       string
	AppID      string
	ProgramID  string
	Reserved   time.Time
	ActiveFrom time.Time
}

// State returns where the namespace stands at the time now.
func (n Namespace) State(now time.Time) federation.DomainState { return stateAt(n.ActiveFrom, now) }

func stateAt(activeFrom, now time.Time) federation.DomainState {
	if now.Before(activeFrom) {
		return federation.PendingActivation
	}
	return federation.Active
}

// Move is a domain going from one AppID to another.
type Move struct {
	Domain   string
	From, To string
	At       time.Time
}

// AuditEntry is one line of the audit trail. It holds nothing secret.
type AuditEntry struct {
	At         time.Time
	RequestID  string
	AppID      string
	Thumbprint string // SHA-1 of the caller's certificate
	Operation  string
	Subject    string // the domain, URI or certificate concerned; who a token was asked for, as the request named him
	User       string // on whose behalf a token was asked for, an SMTP address; empty for other operations
	Audience   string // the application URI a token was asked for, when there is such an organization
	Offer      string // what a token was asked for
	Outcome    string // "Success" or the name of the fault
}

// Slot says what a signing certificate is for.
type Slot string

// The slots of signing certificates.
const (
	CurrentSlot  Slot = "current"
	NextSlot     Slot = "next"
	PreviousSlot Slot = "previous"
)

// SigningKey is a certificate the broker signs tokens with. Its private key lies in
// the key folder.
type SigningKey struct {
	Slot       Slot
	Thumbprint string // SHA-1, names the private key
	DER        []byte
	Published  time.Time // from when on the metadata has it
	Since      time.Time // from when on it signs; of the next one, in the future
}
