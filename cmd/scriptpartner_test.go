package cmd

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/availability"
	"exfed/federation/calendar"
	"exfed/federation/endpoint"
	"exfed/federation/soap"
	"exfed/federation/state"
	"exfed/federation/xmlsec"
)

// internet is what the cmdlets of a script find at the hosts it names: one listener for all
// of those with TLS and one for the others.
type internet struct {
	key           *ecdsa.PrivateKey // of everybody
	root          *x509.Certificate
	secure, plain *httptest.Server
	rules         []string // of EXFED_CONNECT_TO

	mu       sync.Mutex // guards the rest
	hosts    map[string]http.HandlerFunc
	names    map[string][]string // of a host's certificate, when not its own
	identity map[string]*tls.Certificate
}

// internetOf starts the internet of a script when it first needs one; EXFED_CA_FILE then
// names its authority.
func internetOf(ts *testscript.TestScript) *internet {
	m := memory(ts)
	if m.internet != nil {
		return m.internet
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	w := &internet{key: key, hosts: map[string]http.HandlerFunc{}, names: map[string][]string{}, identity: map[string]*tls.Certificate{}}
	w.root, err = w.certificate(&x509.Certificate{Subject: pkix.Name{CommonName: "authority of the script"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	ts.Check(err)
	path := filepath.Join(ts.Getenv("WORK"), "internet-ca.pem")
	ts.Check(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.root.Raw}), 0o600))
	ts.Setenv("EXFED_CA_FILE", path)
	w.secure = httptest.NewUnstartedServer(w.handler("https"))
	w.secure.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes are meant to fail
	w.secure.TLS = &tls.Config{GetCertificate: w.identityOf, MinVersion: tls.VersionTLS12}
	w.secure.StartTLS()
	w.plain = httptest.NewServer(w.handler("http"))
	ts.Defer(func() { w.secure.CloseClientConnections(); w.secure.Close(); w.plain.Close() })
	m.internet = w
	return w
}

func (w *internet) certificate(template *x509.Certificate) (*x509.Certificate, error) {
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent := w.root
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, w.key.Public(), w.key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// identityOf is the certificate of a host, the same each time.
func (w *internet) identityOf(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if made := w.identity[hello.ServerName]; made != nil {
		return made, nil
	}
	names := w.names[hello.ServerName]
	if names == nil {
		names = []string{hello.ServerName}
	}
	made, err := w.certificate(&x509.Certificate{Subject: pkix.Name{CommonName: names[0]}, DNSNames: names})
	if err != nil {
		return nil, err
	}
	w.identity[hello.ServerName] = &tls.Certificate{Certificate: [][]byte{made.Raw}, PrivateKey: w.key}
	return w.identity[hello.ServerName], nil
}

// handler answers with what was said about the URL, or about its host.
func (w *internet) handler(scheme string) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		answer := w.hosts[scheme+"://"+r.Host+strings.ToLower(r.URL.Path)]
		if answer == nil {
			answer = w.hosts[scheme+"://"+r.Host]
		}
		w.mu.Unlock()
		if answer == nil {
			answer = http.NotFound
		}
		answer(rw, r)
	})
}

// put says what answers at a URL, and has the cmdlets find its host.
func (w *internet) put(ts *testscript.TestScript, target string, answer http.HandlerFunc) {
	scheme, rest, _ := strings.Cut(target, "://")
	host, _, _ := strings.Cut(rest, "/")
	port, address := "443", w.secure.Listener.Addr().String()
	if scheme == "http" {
		port, address = "80", w.plain.Listener.Addr().String()
	}
	if answer == nil {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		address = listener.Addr().String()
		ts.Check(listener.Close())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts[strings.ToLower(target)] = answer
	rule := host + ":" + port + ":"
	kept := w.rules[:0:0]
	for _, r := range w.rules {
		if !strings.HasPrefix(r, rule) {
			kept = append(kept, r)
		}
	}
	w.rules = append(kept, rule+address)
	ts.Setenv("EXFED_CONNECT_TO", strings.Join(w.rules, ","))
}

// hostCommand says what a host answers: host URL BEHAVIOUR ARGUMENT... The URL has a path
// where only that is meant.
func hostCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: host URL BEHAVIOUR ARGUMENT...")
	}
	w, target, behaviour, rest := internetOf(ts), args[0], args[1], args[2:]
	at := func(i int) string {
		if i >= len(rest) {
			ts.Fatalf("host %s %s takes more words", target, behaviour)
		}
		return rest[i]
	}
	switch behaviour {
	case "dead":
		w.put(ts, target, nil)
	case "hangs":
		w.put(ts, target, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() })
	case "status":
		status, err := strconv.Atoi(at(0))
		ts.Check(err)
		w.put(ts, target, saying(status, "text/plain", "no"))
	case "page":
		w.put(ts, target, saying(200, "text/html", "<!DOCTYPE html><html><head><title>"+at(0)+"</title></head><body></body></html>"))
	case "redirects":
		status, err := strconv.Atoi(at(0))
		ts.Check(err)
		w.put(ts, target, http.RedirectHandler(at(1), status).ServeHTTP)
	case "named":
		w.mu.Lock()
		w.names[strings.TrimPrefix(target, "https://")] = rest
		w.mu.Unlock()
	case "endpoint":
		w.put(ts, target, serveEndpoint(ts, at(0), target))
	default:
		w.put(ts, target, autodiscoverAnswer(ts, behaviour, at))
	}
}

func saying(status int, contentType, body string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", contentType)
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, body)
	}
}

// autodiscoverAnswer is an answer of SOAP Autodiscover, whatever it is asked.
func autodiscoverAnswer(ts *testscript.TestScript, behaviour string, at func(int) string) http.HandlerFunc {
	var body []byte
	switch behaviour {
	case "informs":
		info := autodiscover.FederationInformationResponse{ApplicationURI: at(0), Domains: strings.Split(at(1), ",")}
		for _, issuer := range strings.Split(at(2), ",") {
			info.TokenIssuers = append(info.TokenIssuers, autodiscover.TokenIssuer{Endpoint: "https://sts.example/", URI: issuer})
		}
		body = info.Marshal()
	case "declines":
		body = autodiscover.FederationInformationResponse{ErrorCode: autodiscover.ErrorCode(at(0))}.Marshal()
	case "relates":
		var answer autodiscover.RelationshipSettingsResponse
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(at(0))), &answer.Relationships))
		body = answer.Marshal()
	case "lacks": // the operation
		return func(rw http.ResponseWriter, _ *http.Request) {
			_ = soap.WriteFault(rw, &soap.Fault{Code: xmlsec.Name{Space: soap.NamespaceAddressing, Local: "ActionNotSupported"}, String: "no such action"})
		}
	default:
		ts.Fatalf("there is no behaviour %s", behaviour)
	}
	return func(rw http.ResponseWriter, r *http.Request) {
		message, action, err := soap.ReadRequest(soap.SOAP11, r, soap.DefaultMaxBytes, append(soap.AddressingNames(), soap.SecurityName())...)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		asked, err := message.Addressing()
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		_ = soap.Write(rw, soap.Envelope{Headers: soap.Addressing{Action: action + "Response", RelatesTo: asked.MessageID}.Blocks(soap.SOAP11), Body: body})
	}
}

// noCalendars has none.
type noCalendars struct{}

func (noCalendars) Events(context.Context, federation.Mailbox, time.Time, time.Time) ([]availability.Event, error) {
	return nil, fmt.Errorf("there are no calendars")
}

func (noCalendars) Occurrences(context.Context, federation.Mailbox, time.Time, time.Time) ([]calendar.Event, error) {
	return nil, fmt.Errorf("there are no calendars")
}

func (noCalendars) Location(string) *time.Location { return nil }

// serveEndpoint is the real service of the organization in a state file, as that is when
// somebody asks.
func serveEndpoint(ts *testscript.TestScript, path, base string) http.HandlerFunc {
	path = ts.MkAbs(path)
	org := &federation.Organization{
		Store: state.Open(path, state.Options{}), Keys: &certificate.KeyStore{Dir: keysFolder(path)},
		Now: time.Now, Rand: rand.Reader, Step: func(string, ...any) {}, Warn: func(string, ...any) {},
	}
	return func(rw http.ResponseWriter, r *http.Request) {
		server, err := endpoint.New(r.Context(), endpoint.Options{
			Organization: org.Published, Calendars: noCalendars{}, ExternalURL: base, Now: time.Now, Rand: rand.Reader,
		})
		if err != nil {
			http.Error(rw, err.Error(), http.StatusInternalServerError)
			return
		}
		server.Handler().ServeHTTP(rw, r)
	}
}
