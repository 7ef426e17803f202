package server

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"exfed/federation/soap"
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

// guard puts bounds around a handler: a number for the log, a time limit, and an answer
// even when the handler panics.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
		defer cancel()
		ctx = context.WithValue(ctx, requestIDKey{}, s.newRequestID())
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat)) // of the clock that requests are judged by
		defer s.recover(ctx, w)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// slots bounds how much of something goes on at once.
type slots chan struct{}

// take takes a slot and reports whether one was free; it does not wait.
func (s slots) take() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s slots) release() { <-s }

// tooBusy answers a request for which there was no slot.
func (s *Server) tooBusy(w http.ResponseWriter, r *http.Request) {
	s.log.WarnContext(r.Context(), "too many requests at once", "request", requestID(r.Context()),
		"path", soap.Printable(r.URL.Path, maxURI))
	w.Header().Set("Retry-After", "5")
	http.Error(w, "the broker is busy, try again later", http.StatusServiceUnavailable)
}

// bufferBody reads the body before the request takes a slot: a client that sends nothing
// would hold the slot for as long as it is waited for. What is more than the limit is
// left for soap.ReadRequest to refuse, and so is a body that did not arrive whole.
func bufferBody(r *http.Request, limit int64) {
	if r.ContentLength > limit {
		return
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	r.Body = bufferedBody{Reader: io.MultiReader(bytes.NewReader(data), failing{err}), Closer: r.Body}
}

type bufferedBody struct {
	io.Reader
	io.Closer
}

// failing is the end of a body: the error with which reading it ended, or nil for EOF.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

func (s *Server) recover(ctx context.Context, w http.ResponseWriter) {
	reason := recover()
	if reason == nil {
		return
	}
	s.log.ErrorContext(ctx, "panic", "request", requestID(ctx), "reason", soap.Printable(fmt.Sprint(reason), maxLogged), "stack", string(debug.Stack()))
	http.Error(w, "internal error", http.StatusInternalServerError)
}

func (s *Server) newRequestID() string {
	var b [8]byte
	if _, err := io.ReadFull(s.rand, b[:]); err != nil {
		return "unnumbered" // the log suffers, the request need not
	}
	return hex.EncodeToString(b[:])
}
