package server

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// The bounds of what is kept in memory: how many answers of the registry, and how many bytes
// of certificates. Organizations bring certificates of any length up to maxCertificate, and
// parsed one takes about ten times its length.
const (
	maxRemembered      = 16_384
	maxRememberedBytes = 16 << 20
)

// lookups is what of the registry a request for a token is decided on. A Tx is one.
type lookups interface {
	Policy(appID string) (Policy, error)
	URI(name string) (URI, bool, error)
	ApplicationURI(appID string) (URI, bool, error)
	Credentials(appID string) (current Credential, previous *Credential, found bool, err error)
	SigningKeys() ([]SigningKey, error)
}

// directory answers lookups from memory as long as nobody has changed what they ask for:
// requests for tokens come far more often than organizations change, and asking SQLite half a
// dozen questions takes longer than verifying a signature. What view answers is never older
// than the call of it: whether the registry was changed is asked each time, together for
// all who ask at that moment. What remembered answers may be, and whoever relies on it finds
// out.
type directory struct {
	registry Registry
	asking   batches[chan<- moment]

	mu         sync.Mutex
	generation int64
	answers    map[question]any
	bytes      int // of the certificates among them
}

// moment is the registry's generation at some time, or why it is not known.
type moment struct {
	generation int64
	err        error
}

// question is one lookup: which, and of what.
type question struct{ kind, name string }

// errChanged says that the registry was changed between two lookups.
var errChanged = errors.New("the registry was changed meanwhile")

// view calls read with the registry as it is at one moment. read may be called twice.
func (d *directory) view(ctx context.Context, read func(lookups) error) error {
	at := d.now()
	if at.err != nil {
		return at.err
	}
	err := read(&remembering{directory: d, ctx: ctx, generation: at.generation})
	if errors.Is(err, errChanged) {
		return d.registry.View(ctx, func(tx Tx) error { return read(tx) })
	}
	return err
}

// remembered calls read with the registry as it was when it was last asked, and returns which
// generation that is: what comes of it counts only if the registry still is of that
// generation, an error too. It is errChanged when it is known to be of another, or of none.
func (d *directory) remembered(ctx context.Context, read func(lookups) error) (generation int64, err error) {
	d.mu.Lock()
	generation = d.generation
	d.mu.Unlock()
	if generation == 0 {
		return 0, errChanged
	}
	return generation, read(&remembering{directory: d, ctx: ctx, generation: generation})
}

// unchanged is errChanged when the registry is of another generation now.
func (d *directory) unchanged(generation int64) error {
	at := d.now()
	if at.err == nil && at.generation != generation {
		return errChanged
	}
	return at.err
}

// now asks for the generation together with others.
func (d *directory) now() moment {
	answer := make(chan moment, 1)
	d.asking.add(answer, d.ask)
	return <-answer
}

// ask is bounded by itself: whoever asked first may be gone.
func (d *directory) ask(all []chan<- moment) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	at := d.present(ctx)
	for _, now := range all {
		now <- at
	}
}

func (d *directory) present(ctx context.Context) (at moment) {
	defer func() {
		if reason := recover(); reason != nil { // this is not the goroutine of a request, which has its own
			at.err = fmt.Errorf("panic: %v", reason)
		}
	}()
	at.generation, at.err = d.registry.Generation(ctx)
	return at
}

func (d *directory) recall(generation int64, q question) (answer any, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.generation != generation {
		return nil, false
	}
	answer, known = d.answers[q]
	return answer, known
}

func (d *directory) keep(generation int64, q question, answer any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if generation < d.generation {
		return
	}
	size := 0
	if c, ok := answer.(credentials); ok {
		size = c.size()
	}
	if generation > d.generation || len(d.answers) >= maxRemembered || d.bytes+size > maxRememberedBytes {
		d.generation, d.answers, d.bytes = generation, map[question]any{}, 0
	}
	d.answers[q] = answer
	d.bytes += size
}

// credentials are the certificates of an organization.
type credentials struct {
	current  Credential
	previous *Credential
}

// size is how many bytes of certificates there are.
func (c credentials) size() int {
	if c.previous == nil {
		return len(c.current.DER)
	}
	return len(c.current.DER) + len(c.previous.DER)
}

// remembering is the directory as of a generation.
type remembering struct {
	directory  *directory
	ctx        context.Context
	generation int64
}

func (r *remembering) Policy(appID string) (Policy, error) {
	policy, _, err := lookUp(r, question{"Policy", appID}, func(tx Tx) (Policy, bool, error) {
		policy, err := tx.Policy(appID)
		return policy, true, err // that nothing was decided is remembered as well
	})
	return policy, err
}

func (r *remembering) URI(name string) (URI, bool, error) {
	return lookUp(r, question{"URI", name}, func(tx Tx) (URI, bool, error) { return tx.URI(name) })
}

func (r *remembering) ApplicationURI(appID string) (URI, bool, error) {
	return lookUp(r, question{"ApplicationURI", appID}, func(tx Tx) (URI, bool, error) { return tx.ApplicationURI(appID) })
}

func (r *remembering) Credentials(appID string) (current Credential, previous *Credential, found bool, err error) {
	c, found, err := lookUp(r, question{"Credentials", appID}, func(tx Tx) (c credentials, found bool, err error) {
		c.current, c.previous, found, err = tx.Credentials(appID)
		return c, found, err
	})
	return c.current, c.previous, found, err
}

func (r *remembering) SigningKeys() ([]SigningKey, error) {
	keys, _, err := lookUp(r, question{kind: "SigningKeys"}, func(tx Tx) ([]SigningKey, bool, error) {
		keys, err := tx.SigningKeys()
		return keys, true, err
	})
	return slices.Clone(keys), err
}

// lookUp answers from memory, else from the registry, unless that was changed. What is not
// there is not remembered: anybody can ask for it, in any number.
func lookUp[T any](r *remembering, q question, load func(Tx) (T, bool, error)) (value T, found bool, err error) {
	if answer, known := r.directory.recall(r.generation, q); known {
		return answer.(T), true, nil
	}
	err = r.directory.registry.View(r.ctx, func(tx Tx) error {
		generation, err := tx.Generation()
		if err == nil && generation != r.generation {
			err = errChanged
		}
		if err != nil {
			return err
		}
		value, found, err = load(tx)
		return err
	})
	if err == nil && found {
		r.directory.keep(r.generation, q, value)
	}
	return value, found, err
}

// parsedCertificates keeps certificates that were parsed before: parsing takes a good part of
// the time of verifying with one.
type parsedCertificates struct {
	mu     sync.Mutex
	parsed map[string]*x509.Certificate // by their DER encoding
	bytes  int                          // of those encodings
}

func (p *parsedCertificates) parse(c Credential, appID string) (*x509.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if parsed, ok := p.parsed[string(c.DER)]; ok {
		return parsed, nil
	}
	parsed, err := x509.ParseCertificate(c.DER)
	if err != nil {
		return nil, fmt.Errorf("certificate %s of AppID %s: %w", c.Fingerprint, appID, err)
	}
	if p.parsed == nil || p.bytes+len(c.DER) > maxRememberedBytes {
		p.parsed, p.bytes = map[string]*x509.Certificate{}, 0
	}
	p.parsed[string(c.DER)] = parsed
	p.bytes += len(c.DER)
	return parsed, nil
}
