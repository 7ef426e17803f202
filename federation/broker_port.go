package federation

import (
	"context"
	"crypto/x509"
	"fmt"

	"exfed/certificate"
)

// Broker is the trust broker as an organization sees it: its metadata document and
// the operations of ManageDelegation2 ([MS-OXWSLVID] section 3.2). Every operation
// is signed with the organization's federation certificate.
//
// Errors are *Error values: Refused with the broker's fault name as ID ("ClockOff" for
// "AccessDenied" when the clocks explain it), Unavailable
// when the broker could not be reached, Untrusted when the answer is not one.
type Broker interface {
	// Metadata reads the federation metadata document.
	Metadata(ctx context.Context) (TokenIssuer, error)
	// CreateAppID registers the certificate and returns the AppID. The same
	// certificate always gets the same AppID. With a uri the proof must be given and
	// the uri is attached at once.
	CreateAppID(ctx context.Context, org certificate.Pair, uri string, proof *DomainProof) (string, error)
	// ReserveDomain reserves the account namespace.
	ReserveDomain(ctx context.Context, org certificate.Pair, appID, namespace string, proof *DomainProof) error
	// ReleaseDomain gives the account namespace back.
	ReleaseDomain(ctx context.Context, org certificate.Pair, appID, namespace string) error
	// AddURI attaches a domain, or the application URI, to the AppID.
	AddURI(ctx context.Context, org certificate.Pair, appID, uri string, proof *DomainProof) error
	// RemoveURI detaches it.
	RemoveURI(ctx context.Context, org certificate.Pair, appID, uri string) error
	// DomainInfo says who holds the domain and in which state it is.
	DomainInfo(ctx context.Context, org certificate.Pair, appID, domain string) (DomainInfo, error)
	// UpdateCertificate replaces the certificate of the AppID; org is the old one.
	UpdateCertificate(ctx context.Context, org certificate.Pair, appID string, next *x509.Certificate) error
}

// DomainProof is the content of the DomainOwnershipProofHeader ([MS-OXWSLVID] 2.2.4.3)
// and the signature it was made from.
type DomainProof struct {
	Domain Domain
	Value  string // 88 characters of Base64: SHA-512 of the RSA signature of the domain
	// Signature is that RSA signature, nil where it is not known. Value is for all to
	// read in DNS; only who made it has the signature. It goes to a broker and nowhere
	// else: never print, log or store it.
	Signature []byte `json:"-"`
}

// String leaves the signature out.
func (p DomainProof) String() string { return fmt.Sprintf("%s %s", p.Domain, p.Value) }

// Property is a named piece of information kept with an AppID.
type Property struct{ Name, Value string }

// DomainState is where a domain stands at the broker.
type DomainState string

// The domain states ([MS-OXWSLVID] ManageDelegation2, GetDomainInfo).
const (
	PendingActivation DomainState = "PendingActivation"
	Active            DomainState = "Active"
	PendingRelease    DomainState = "PendingRelease"
)

// DomainInfo is the broker's answer to GetDomainInfo.
type DomainInfo struct {
	DomainName string
	AppID      string
	State      DomainState
}
