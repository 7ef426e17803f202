package server_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

// TestServe runs the broker on a socket and stops it while a request is worked on.
func TestServe(t *testing.T) {
	t.Parallel()
	resolver := &stuck{asked: make(chan struct{}), answer: make(chan struct{})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "https://" + listener.Addr().String()
	r := newRig(t, func(o *server.Options) { o.Resolver, o.ExternalURL = resolver, base })
	identity := httptest.NewUnstartedServer(nil)
	identity.StartTLS() // for its certificate
	defer identity.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error)
	go func() {
		served <- r.server.Serve(ctx, listener, tls.Certificate{
			Certificate: identity.TLS.Certificates[0].Certificate, PrivateKey: identity.TLS.Certificates[0].PrivateKey,
		})
	}()
	r.client.SOAP.HTTP = identity.Client()
	r.client.MetadataURL = base + broker.MetadataPath
	issuer, err := r.client.Metadata(ctx)
	if err != nil || issuer.ManagementEPR != base+server.DelegationPath {
		t.Fatalf("%+v, %v", issuer, err)
	}
	o := r.register(1)
	ended := make(chan error)
	go func() { ended <- r.attach(o, "contoso.com") }()
	<-resolver.asked
	stop()
	close(resolver.answer)
	wantFault(t, "the request that was worked on", <-ended, broker.ProofOfDomainOwnershipFailed)
	if err := <-served; err != nil {
		t.Errorf("the end was not orderly: %v", err)
	}
	if _, err := r.client.Metadata(context.Background()); !federation.IsKind(err, federation.Unavailable) {
		t.Errorf("afterwards the error is %v", err)
	}
}

// serve has the rig's broker answer on a socket until the test ends, and returns its
// address and what a client needs to trust it.
func (r *rig) serve() (address string, client *tls.Config) {
	r.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	identity := httptest.NewUnstartedServer(nil)
	identity.StartTLS() // for its certificate
	defer identity.Close()
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- r.server.Serve(ctx, listener, identity.TLS.Certificates[0]) }()
	r.t.Cleanup(func() {
		stop()
		<-served
	})
	return listener.Addr().String(), identity.Client().Transport.(*http.Transport).TLSClientConfig
}
