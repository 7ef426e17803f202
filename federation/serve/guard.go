package serve

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"exfed/federation/soap"
)

// The bounds of what the log takes from a request, in characters.
const (
	maxPath   = 300
	maxReason = 1000
)

type requestIDKey struct{}

// RequestID returns the number under which the log speaks of the request; "" outside a
// Guard.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// Guard puts bounds around a handler.
type Guard struct {
	Timeout time.Duration // for the work on one request
	Now     func() time.Time
	Rand    io.Reader
	Log     *slog.Logger
}

// Handler gives each request a number for the log and a time limit, has the answer say
// what time it is by the clock that requests are judged by, and answers even when next
// panics.
func (g Guard) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), g.Timeout)
		defer cancel()
		ctx = context.WithValue(ctx, requestIDKey{}, g.newRequestID())
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Date", g.Now().UTC().Format(http.TimeFormat))
		defer g.recover(ctx, w)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (g Guard) recover(ctx context.Context, w http.ResponseWriter) {
	reason := recover()
	if reason == nil {
		return
	}
	g.Log.ErrorContext(ctx, "panic", "request", RequestID(ctx), "reason", soap.Printable(fmt.Sprint(reason), maxReason), "stack", string(debug.Stack()))
	http.Error(w, "internal error", http.StatusInternalServerError)
}

func (g Guard) newRequestID() string {
	var b [8]byte
	if _, err := io.ReadFull(g.Rand, b[:]); err != nil {
		return "unnumbered" // the log suffers, the request need not
	}
	return hex.EncodeToString(b[:])
}

// OnlyGet answers 405 to anything but GET and HEAD and reports whether to go on.
func OnlyGet(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	return false
}
