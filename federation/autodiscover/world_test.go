package autodiscover_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// world is an internet of a few hosts, on one TLS and one plain listener.
type world struct {
	t       testing.TB
	key     *ecdsa.PrivateKey // of everybody
	root    *x509.Certificate
	secure  map[string]http.HandlerFunc // by host
	plain   map[string]http.HandlerFunc
	names   map[string][]string // of a host's certificate, when not its own
	expired map[string]bool
	options soap.Options
	servers [2]string // addresses: TLS, plain
	frozen  bool      // whether a host has the same certificate every time

	mu       sync.Mutex // guards the rest
	requests []string
	asked    []string // by Trust
	made     map[string]*tls.Certificate
}

func newWorld(t testing.TB) *world {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, key: key, secure: map[string]http.HandlerFunc{}, plain: map[string]http.HandlerFunc{}, names: map[string][]string{}, expired: map[string]bool{}, made: map[string]*tls.Certificate{}}
	w.root = w.certificate(&x509.Certificate{Subject: pkix.Name{CommonName: "Test Root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, false)
	secure := httptest.NewUnstartedServer(w.handler("https", w.secure))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes are meant to fail
	secure.TLS = &tls.Config{GetCertificate: w.certificateFor}
	secure.StartTLS()
	plain := httptest.NewServer(w.handler("http", w.plain))
	t.Cleanup(func() { secure.Close(); plain.Close() })
	w.servers = [2]string{secure.Listener.Addr().String(), plain.Listener.Addr().String()}
	w.options = soap.Options{ConnectTo: soap.ConnectTo{}, RootCAs: x509.NewCertPool(), Timeout: 20 * time.Second,
		Lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
			return nil, &federation.Error{Kind: federation.Unavailable, ID: "HostNotFound", Reason: "has no address in DNS"}
		}}
	w.options.RootCAs.AddCert(w.root)
	return w
}

func (w *world) certificate(template *x509.Certificate, expired bool) *x509.Certificate {
	w.t.Helper()
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(time.Hour)
	if expired {
		template.NotAfter = time.Now().Add(-24 * time.Hour)
	}
	parent := w.root
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, w.key.Public(), w.key)
	if err != nil {
		w.t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

func (w *world) certificateFor(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if made := w.made[hello.ServerName]; made != nil && w.frozen {
		return made, nil
	}
	names := w.names[hello.ServerName]
	if names == nil {
		names = []string{hello.ServerName}
	}
	made := w.certificate(&x509.Certificate{Subject: pkix.Name{CommonName: names[0]}, DNSNames: names}, w.expired[hello.ServerName])
	w.made[hello.ServerName] = &tls.Certificate{Certificate: [][]byte{made.Raw}, PrivateKey: w.key}
	return w.made[hello.ServerName], nil
}

func (w *world) handler(scheme string, hosts map[string]http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.requests = append(w.requests, r.Method+" "+scheme+"://"+r.Host+r.URL.Path)
		w.mu.Unlock()
		hosts[r.Host](rw, r)
	})
}

// host puts a host into the world; without a handler nothing listens there.
func (w *world) host(scheme, name string, handler http.HandlerFunc) {
	port, hosts, address := ":443", w.secure, w.servers[0]
	if scheme == "http" {
		port, hosts, address = ":80", w.plain, w.servers[1]
	}
	hosts[name] = handler
	if handler == nil {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			w.t.Fatal(err)
		}
		address = listener.Addr().String()
		listener.Close()
	}
	w.options.ConnectTo[name+port] = address
}

// client looks at the world.
func (w *world) client() *autodiscover.Client {
	return &autodiscover.Client{SOAP: &soap.Client{HTTP: soap.NewHTTPClient(w.options)}, Now: noon}
}

func noon() time.Time { return time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC) }

// agreeing notes the questions and says yes.
func (w *world) agreeing(yes bool) func(string, string) (bool, error) {
	return func(host, reason string) (bool, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.asked = append(w.asked, host+": "+reason)
		return yes, nil
	}
}

// seen returns the requests so far.
func (w *world) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.requests...)
}

// answering answers calls of an operation with a body.
func answering(t testing.TB, body func(request *xmlsec.Element) []byte) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		message, action, err := soap.ReadRequest(soap.SOAP11, r, soap.DefaultMaxBytes, append(soap.AddressingNames(), soap.SecurityName())...)
		if err != nil {
			t.Errorf("the request is none: %v", err)
			return
		}
		asked, err := message.Addressing()
		version, errVersion := autodiscover.ReadRequestedServerVersion(message)
		if err != nil || errVersion != nil || version != "Exchange2010" || r.UserAgent() != "AutodiscoverClient" ||
			!strings.HasPrefix(asked.MessageID, "urn:uuid:") || asked.ReplyTo != soap.AnonymousAddress || asked.To != "https://"+r.Host+r.URL.Path {
			t.Errorf("headers of the request: %+v, version %q, agent %q, %v", asked, version, r.UserAgent(), err)
		}
		headers := soap.Addressing{Action: action + "Response", RelatesTo: asked.MessageID}.Blocks(soap.SOAP11)
		headers = append(headers, autodiscover.ServerVersionInfo{MajorVersion: 15, MinorVersion: 1, MajorBuildNumber: 2, MinorBuildNumber: 3, Version: "Exchange2016"}.Block())
		if err := soap.Write(rw, soap.Envelope{Headers: headers, Body: body(message.Payload)}); err != nil {
			t.Errorf("the answer is none: %v", err)
		}
	}
}

// fabrikam answers for its domains.
func fabrikam(t testing.TB, domains ...string) http.HandlerFunc {
	return organization(t, "FYDIBOHF25SPDLT.fabrikam.example", domains...)
}

func organization(t testing.TB, uri string, domains ...string) http.HandlerFunc {
	return answering(t, func(request *xmlsec.Element) []byte {
		if _, err := autodiscover.ParseFederationInformationRequest(request); err != nil {
			t.Errorf("the request is none: %v", err)
		}
		return autodiscover.FederationInformationResponse{
			ApplicationURI: uri, Domains: domains,
			TokenIssuers: []autodiscover.TokenIssuer{{Endpoint: "https://sts.broker.example/sts", URI: "urn:federation:broker.example"}},
		}.Marshal()
	})
}

func declining(t testing.TB, code autodiscover.ErrorCode) http.HandlerFunc {
	return answering(t, func(*xmlsec.Element) []byte {
		return autodiscover.FederationInformationResponse{ErrorCode: code, ErrorMessage: "no\u202e such"}.Marshal()
	})
}

func redirecting(status int, target string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Location", target)
		rw.WriteHeader(status)
	}
}

func saying(status int, contentType, body string, headers ...string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", contentType)
		for i := 0; i+1 < len(headers); i += 2 {
			rw.Header().Set(headers[i], headers[i+1])
		}
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, body)
	}
}

// records is a Resolver.
type records struct {
	aliases  map[string][]string
	missing  map[string]bool
	services map[string][]net.SRV
	err      error
}

func (r records) LookupAliases(_ context.Context, host string) ([]string, bool, error) {
	return r.aliases[host], !r.missing[host], r.err
}

func (r records) LookupHost(_ context.Context, host string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, r.err
}

func (r records) LookupSRV(_ context.Context, name string) ([]net.SRV, error) {
	return r.services[name], r.err
}
