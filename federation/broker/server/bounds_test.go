package server_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

// wantAlive checks that metadata and health are answered.
func (r *rig) wantAlive(when string) {
	r.t.Helper()
	for _, path := range []string{broker.MetadataPath, server.HealthPath} {
		w := httptest.NewRecorder()
		r.server.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK {
			r.t.Errorf("%s: %s answers %d", when, path, w.Code)
		}
	}
}

func TestTooManyAtOnce(t *testing.T) {
	t.Parallel()
	resolver := &stuck{asked: make(chan struct{}), answer: make(chan struct{})}
	r := newRig(t, func(o *server.Options) { o.Resolver, o.MaxConcurrent = resolver, 1 })
	o := r.register(1)
	proof := newProof(t, o.pair, "contoso.com", r.profile)
	add := func() error { return r.client.AddURI(t.Context(), o.pair, o.appID, "contoso.com", proof) }
	ended := make(chan error)
	go func() { ended <- add() }()
	<-resolver.asked
	if err := add(); !federation.IsKind(err, federation.Unavailable) {
		t.Errorf("while the broker is busy the error is %v", err)
	}
	r.wantAlive("while the broker is busy")
	close(resolver.answer)
	wantFault(t, "the request that was worked on", <-ended, broker.ProofOfDomainOwnershipFailed)
	if _, err := r.client.CreateAppID(t.Context(), o.pair, "", nil); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestTooManyLookups has a name server that does not answer: who does not need it is
// served.
func TestTooManyLookups(t *testing.T) {
	t.Parallel()
	resolver := &stuck{asked: make(chan struct{}), answer: make(chan struct{})}
	r := newRig(t, func(o *server.Options) { o.Resolver, o.MaxConcurrent, o.MaxLookups = resolver, 3, 1 })
	o := r.register(1)
	proof := newProof(t, o.pair, "contoso.com", r.profile)
	add := func() error { return r.client.AddURI(t.Context(), o.pair, o.appID, "contoso.com", proof) }
	ended := make(chan error)
	go func() { ended <- add() }()
	<-resolver.asked
	wantFault(t, "a second lookup", add(), broker.ServiceUnavailable)
	if _, err := r.client.CreateAppID(t.Context(), newPair(t, 2, nil), "", nil); err != nil {
		t.Errorf("without a lookup: %v", err)
	}
	close(resolver.answer)
	wantFault(t, "the first lookup", <-ended, broker.ProofOfDomainOwnershipFailed)
}

// TestIdleBodies has requests whose bodies do not come: they keep nobody else out.
func TestIdleBodies(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *server.Options) { o.MaxConcurrent = 1 })
	const idle = 4
	ended := make(chan int)
	var bodies []*io.PipeWriter
	for range idle {
		body, sender := io.Pipe()
		q := httptest.NewRequest(http.MethodPost, server.DelegationPath, body)
		q.Header.Set("Content-Type", "text/xml")
		q.Header.Set("SOAPAction", "a")
		go func() {
			w := httptest.NewRecorder()
			r.server.Handler().ServeHTTP(w, q)
			ended <- w.Code
		}()
		if _, err := sender.Write([]byte("<")); err != nil { // returns when it was read
			t.Fatal(err)
		}
		bodies = append(bodies, sender)
	}
	r.register(1)
	r.wantAlive("while bodies are waited for")
	for _, sender := range bodies {
		_ = sender.CloseWithError(io.ErrUnexpectedEOF)
		if code := <-ended; code != http.StatusBadRequest {
			t.Errorf("a body that breaks off: status %d", code)
		}
	}
}

// TestConnectionsPerAddress opens connections that say nothing.
func TestConnectionsPerAddress(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	address, config := r.serve()
	const most = 32
	var silent []net.Conn
	for range most {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		silent = append(silent, conn)
	}
	shake := func() error {
		conn, err := tls.Dial("tcp", address, config)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	if err := shake(); err == nil {
		t.Errorf("connection %d is served", most+1)
	}
	_ = silent[0].Close()
	for t.Context().Err() == nil && shake() != nil { // until the server has noticed
	}
}

// TestLogIsBounded has a bug and a broken registry speak with somebody else's words.
func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	hostile := "\x1b[31m\u202e\n" + strings.Repeat("x", 5000)
	a := newAttacks(t)
	for name, open := range map[string]func(*server.Options){
		"a panic":  func(o *server.Options) { o.Resolver = broken{panics: hostile} },
		"an error": func(o *server.Options) { o.Registry = brokenRegistry{o.Registry, errors.New(hostile)} },
	} {
		before := len(a.log.String())
		a.open(open)
		post(a.server.Handler(), broker.AddURI.SOAPAction(), a.good.message(t))
		for line := range strings.Lines(a.log.String()[before:]) {
			if _, rest, found := strings.Cut(line, `"reason":"`); found {
				line, _, _ = strings.Cut(rest, `"stack"`)
			}
			if len(line) > 1500 || strings.ContainsAny(line, "\x1b\u202e") || strings.Contains(line, `\u001b`) {
				t.Errorf("%s: the log says %.300q", name, line)
			}
		}
		if len(a.log.String()) == before {
			t.Errorf("%s: the log says nothing", name)
		}
	}
}

// broken is a resolver with a bug.
type broken struct{ panics string }

func (b broken) LookupTXT(context.Context, string) ([]string, error) { panic(b.panics) }

// brokenRegistry fails in the middle of a transaction, once the broker runs.
type brokenRegistry struct {
	server.Registry
	err error
}

func (b brokenRegistry) View(ctx context.Context, read func(server.Tx) error) error {
	return b.Registry.View(ctx, func(tx server.Tx) error {
		return read(brokenTx{tx, b.err})
	})
}

type brokenTx struct {
	server.Tx
	err error
}

func (b brokenTx) App(string) (server.App, bool, error) { return server.App{}, false, b.err }
