package server

import (
	"errors"
	"fmt"
	"net/http"

	"exfed/federation"
	"exfed/federation/serve"
)

// serveHealth answers 200 while the registry and the current signing key can be read, from
// the disk each time: a key that is only in memory is one the next start does not find.
// Without the next one the broker works, and the answer says what is wrong.
func (s *Server) serveHealth(w http.ResponseWriter, r *http.Request) {
	if !serve.OnlyGet(w, r) {
		return
	}
	next, err := checkSigningKeys(r.Context(), s.registry, s.keys, s.now())
	if err != nil {
		s.log.ErrorContext(r.Context(), "not healthy", "request", serve.RequestID(r.Context()), "error", printable(err))
		http.Error(w, ailment(err), http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ok")
	if next != nil {
		warnOfNextKey(r.Context(), s.log, next)
		_, _ = fmt.Fprintf(w, "the %s, which is the next one, cannot be used\n", next.Object)
	}
}

// ailment is what anybody may know: the key is in the metadata, where it lies is not.
func ailment(err error) string {
	var unusable *federation.Error
	if errors.As(err, &unusable) && unusable.Kind == federation.Corrupt {
		return "the " + unusable.Object + " cannot be used"
	}
	return "the registry cannot be read"
}
