package endpoint

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"exfed/federation"
	"exfed/federation/soap"
	"exfed/federation/token"
)

const (
	watchInterval = 500 * time.Millisecond // between two readings of what tells no changes, or cannot be read
	readTimeout   = 10 * time.Second
)

// organization is the organization as of one moment, and what was found out with it.
type organization struct {
	federation.Published
	tokens    opened
	published map[pathKey]publication
}

// watch reads the organization again when it has changed. While it cannot be read, as when
// somebody is editing the file by hand, what was read before holds.
type watch struct {
	read  func(ctx context.Context) (federation.Published, error)
	stamp func() string
	now   func() time.Time
	log   *slog.Logger

	mu     sync.Mutex
	held   *organization
	stamps string    // when held was read
	looked time.Time // when it was read last, or could not be
	looks  string    // the stamp then
	failed error     // of the last reading
}

// get returns the organization. It fails only if it could never be read.
func (w *watch) get(ctx context.Context) (*organization, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, stamp := w.now(), ""
	recent := w.held != nil && now.Sub(w.looked).Abs() < watchInterval
	if w.stamp != nil {
		// Taken before reading: a change in between is then found the next time.
		stamp = w.stamp()
		if w.held != nil && stamp == w.stamps || recent && w.failed != nil && stamp == w.looks {
			return w.held, nil
		}
	} else if recent {
		return w.held, nil
	}
	w.looked, w.looks = now, stamp
	published, err := w.readOnce(ctx)
	if err != nil {
		if w.held == nil {
			return nil, err
		}
		return w.held, nil
	}
	w.stamps = stamp
	w.held = &organization{Published: published, tokens: opened{verifier: token.Verifier{
		Profile: published.Trust.SecurityProfile, Keys: published.Party.Keys, Certificates: published.Party.IssuerKeys,
	}}, published: publications(published.Directory.Published())}
	return w.held, nil
}

// readOnce reads the organization, for everybody: that who asked goes away does not end it.
// Only what is new about failing is logged, since there are two attempts each second.
func (w *watch) readOnce(ctx context.Context) (federation.Published, error) {
	alone, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	published, err := w.read(alone)
	switch failed := w.failed; {
	case err != nil && w.held != nil && (failed == nil || failed.Error() != err.Error()):
		w.log.ErrorContext(ctx, "the organization's state cannot be read; what was read before holds", "error", printable(err))
	case err == nil && failed != nil:
		w.log.InfoContext(ctx, "the organization's state can be read again")
	}
	w.failed = err
	return published, err
}

// health returns why the organization cannot be read now.
func (w *watch) health(ctx context.Context) error {
	if _, err := w.get(ctx); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// printable is the text of an error that is fit for a log.
func printable(err error) string { return soap.Printable(err.Error(), maxLogged) }
