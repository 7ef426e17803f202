package serve

import (
	"log/slog"
	"net/http"

	"exfed/federation/soap"
)

// Slots bounds how much of something goes on at once. Its capacity is how much.
type Slots chan struct{}

// Take takes a slot and reports whether one was free; it does not wait.
func (s Slots) Take() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

// Release gives a slot back.
func (s Slots) Release() { <-s }

// Admit reads the body of a request, of which the handler wants limit bytes at most, and
// takes a slot for it. Without a free one it answers that the server is busy, and false.
//
// The body comes first: a client that sends nothing would hold the slot for as long as it
// is waited for. What is more than the limit is left for soap.ReadRequest to refuse, and
// so is a body that did not arrive whole.
func (s Slots) Admit(w http.ResponseWriter, r *http.Request, limit int64, log *slog.Logger) bool {
	buffer(r, limit)
	if s.Take() {
		return true
	}
	log.WarnContext(r.Context(), "too many requests at once", "request", RequestID(r.Context()), "path", soap.Printable(r.URL.Path, maxPath))
	Busy(w)
	return false
}

// Busy answers that the server is busy, and when to come again.
func Busy(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	http.Error(w, "the server is busy, try again later", http.StatusServiceUnavailable)
}

func buffer(r *http.Request, limit int64) {
	if r.ContentLength > limit {
		return
	}
	data, err := soap.ReadUpTo(r.Body, limit+1, r.ContentLength)
	r.Body = soap.NewReadBody(data, err, r.Body)
}
