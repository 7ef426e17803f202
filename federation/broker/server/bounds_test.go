package server_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
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
