package server

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"runtime/debug"
	"time"
)

// requestTimeout bounds the work on one request, the questions to name servers
// included.
const requestTimeout = 25 * time.Second

type requestIDKey struct{}

// requestID returns the number under which the log speaks of the request.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// guard puts bounds around a handler: a number for the log, a time limit, a limit on
// requests at once, and an answer even when the handler panics.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
		defer cancel()
		ctx = context.WithValue(ctx, requestIDKey{}, s.newRequestID())
		w.Header().Set("X-Content-Type-Options", "nosniff")
		defer s.recover(ctx, w)
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
			next.ServeHTTP(w, r.WithContext(ctx))
		default:
			s.log.WarnContext(ctx, "too many requests at once", "request", requestID(ctx), "path", r.URL.Path)
			w.Header().Set("Retry-After", "5")
			http.Error(w, "the broker is busy, try again later", http.StatusServiceUnavailable)
		}
	})
}

func (s *Server) recover(ctx context.Context, w http.ResponseWriter) {
	reason := recover()
	if reason == nil {
		return
	}
	s.log.ErrorContext(ctx, "panic", "request", requestID(ctx), "reason", reason, "stack", string(debug.Stack()))
	http.Error(w, "internal error", http.StatusInternalServerError)
}

func (s *Server) newRequestID() string {
	var b [8]byte
	if _, err := io.ReadFull(s.rand, b[:]); err != nil {
		return "unnumbered" // the log suffers, the request need not
	}
	return hex.EncodeToString(b[:])
}
