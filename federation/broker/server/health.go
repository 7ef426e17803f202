package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"exfed/federation"
	"exfed/federation/serve"
)

// serveHealth answers 200 while the registry and the signing keys can be read, from the
// disk each time: a key that is only in memory is one the next start does not find.
func (s *Server) serveHealth(w http.ResponseWriter, r *http.Request) {
	if !serve.OnlyGet(w, r) {
		return
	}
	if err := s.checkHealth(r.Context()); err != nil {
		s.log.ErrorContext(r.Context(), "not healthy", "request", serve.RequestID(r.Context()), "error", printable(err))
		http.Error(w, ailment(err), http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ok")
}

func (s *Server) checkHealth(ctx context.Context) error {
	keys, err := signingKeys(ctx, s.registry)
	if err != nil {
		return err
	}
	return checkSigningKeys(keys, s.keys, s.now())
}

// ailment is what anybody may know: the key is in the metadata, where it lies is not.
func ailment(err error) string {
	var unusable *federation.Error
	if errors.As(err, &unusable) && unusable.Kind == federation.Corrupt {
		return "the " + unusable.Object + " cannot be used"
	}
	return "the registry cannot be read"
}
