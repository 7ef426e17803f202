package federation

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"exfed/certificate"
)

// KeyStore keeps private keys, each with its certificate, by thumbprint.
type KeyStore interface {
	// Save writes the pair; one that is there already is left alone.
	Save(pair certificate.Pair) error
	// Load returns the pair of a thumbprint.
	Load(thumbprint string) (certificate.Pair, error)
	// Has reports whether there is a key for the thumbprint, without reading it.
	Has(thumbprint string) bool
	// Delete removes the key; deleting what is not there does nothing.
	Delete(thumbprint string) error
}

// TXTResolver reads the TXT records of a name, the strings of each record joined.
// No such name and no such record are an empty list, not an error.
type TXTResolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Organization carries out the operations of federation for one organization. Each
// operation that also changes something at the broker first writes what it is about
// to do, calls the broker without holding the lock, and then writes the result, so
// that a killed one can be run again and finishes.
type Organization struct {
	Store Store
	Keys  KeyStore
	// Records looks for the proofs in DNS before a broker is asked that looks as well; nil
	// leaves it to the broker.
	Records RecordChecker
	// Broker returns the broker of a trust.
	Broker func(ctx context.Context, trust FederationTrust) (Broker, error)
	// Tokens returns its token service.
	Tokens func(ctx context.Context, trust FederationTrust) (TokenService, error)
	Now    func() time.Time
	Rand   io.Reader
	// Claim keeps other processes from carrying out the same operation on this organization
	// until it is released; one that they have is Locked.
	Claim func(operation string) (release func() error, err error)
	// Wait pauses between two questions for a domain's state at the broker.
	Wait func(ctx context.Context, d time.Duration) error
	// Step is told what is being done, Warn what the administrator should know.
	Step func(format string, args ...any)
	Warn func(format string, args ...any)
}

// newMeta returns the properties of an object made now.
func (o *Organization) newMeta() (Meta, error) {
	var b [16]byte
	if _, err := io.ReadFull(o.Rand, b[:]); err != nil {
		return Meta{}, fmt.Errorf("random numbers: %w", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // RFC 9562 section 5.4: version 4
	h := hex.EncodeToString(b[:])
	now := o.moment()
	guid := h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	return Meta{GUID: guid, WhenCreated: now, WhenChanged: now}, nil
}

// moment is now as the state file keeps it: UTC, whole seconds.
func (o *Organization) moment() time.Time { return o.Now().UTC().Truncate(time.Second) }

// concludeTime is how long conclude waits for the lock.
const concludeTime = 30 * time.Second

// conclude writes what a call to the broker has come to, also when the operation was
// interrupted or its time ran out meanwhile: what the broker did stays done.
func (o *Organization) conclude(ctx context.Context, fn func(Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), concludeTime)
	defer cancel()
	return o.Store.Update(ctx, fn)
}

// undo writes the state back to what it was before an operation the broker did not
// carry out. When that fails, it is the failure that counts: an interruption, say,
// would promise a state that is untouched.
func (o *Organization) undo(ctx context.Context, cause error, fn func(Tx) error) error {
	if err := o.conclude(ctx, fn); err != nil {
		return fmt.Errorf("%w (the state file could not be put back after: %v)", err, cause)
	}
	return cause
}

// unfinished is the failure of an operation of which the broker has carried out a part.
func unfinished(object, what string, err error) error {
	return &Error{Kind: KindOf(err), ID: idOf(err), Object: object,
		Reason: what + " is begun and not finished; run the same command again", Err: err}
}
