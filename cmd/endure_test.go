package cmd

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/dns"
	"exfed/federation/soap"
)

const (
	// killsVariable is how often the broker is killed under load, more often than otherwise.
	killsVariable = "EXFED_TEST_KILLS"
	usualKills    = 8

	enduringHost = "broker.example.org"
)

// enduring is a broker that is killed and started again, on one port and one registry.
type enduring struct {
	t            *testing.T
	folder, port string
	names        *dns.Server
	answered     chan struct{} // gets one for each token, as far as there is room

	mu      sync.Mutex
	process *background
	up      chan struct{} // closed when the broker listens
}

func startEnduring(t *testing.T) *enduring {
	t.Helper()
	b := &enduring{t: t, folder: t.TempDir(), up: make(chan struct{}), answered: make(chan struct{}, 64)}
	var err error
	if b.port, err = freePort(); err != nil {
		t.Fatal(err)
	}
	if b.names, err = dns.StartServer("127.0.0.1:0", "contoso.com", "fabrikam.com"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.names.Close() })
	if err := writeTLS(b.folder, enduringHost); err != nil {
		t.Fatal(err)
	}
	b.start()
	return b
}

func (b *enduring) path(name string) string { return filepath.Join(b.folder, name) }

// start starts the broker and returns when it listens. Somebody else's connection may have
// the port for a moment.
func (b *enduring) start() {
	b.t.Helper()
	for range 50 {
		process := &background{ended: make(chan error, 1), command: exec.Command("exfed", "start-federationbroker",
			"-Listen", "127.0.0.1:"+b.port, "-ExternalUrl", "https://"+enduringHost, "-Store", b.path("registry.db"),
			"-TlsCertificate", b.path("tls.pem"), "-TlsKey", b.path("tls.key"))}
		process.command.Env = append(processEnvironment(b.folder), "EXFED_DNS_SERVER="+b.names.Addr())
		stderr, err := process.command.StderrPipe()
		if err != nil {
			b.t.Fatal(err)
		}
		if err := process.command.Start(); err != nil {
			b.t.Fatal(err)
		}
		b.t.Cleanup(func() { _ = process.command.Process.Kill() })
		ready := make(chan string, 1)
		go process.read(stderr, regexp.MustCompile(`listening on (https://.*)$`), ready)
		select {
		case <-ready:
			b.mu.Lock()
			b.process = process
			close(b.up)
			b.mu.Unlock()
			return
		case err := <-process.ended:
			if !strings.Contains(process.text(), "address already in use") {
				b.t.Fatalf("the broker did not start: %v\n%s", err, process.text())
			}
		case <-time.After(time.Minute):
			b.t.Fatalf("the broker is not ready after a minute\n%s", process.text())
		}
	}
	b.t.Fatalf("port %s does not come free", b.port)
}

// kill kills the broker and returns when it is gone.
func (b *enduring) kill() {
	b.t.Helper()
	if err := b.process.command.Process.Kill(); err != nil {
		b.t.Fatalf("%v\n%s", err, b.process.text())
	}
	b.mu.Lock()
	b.up = make(chan struct{})
	b.mu.Unlock()
	<-b.process.ended
}

// listening returns a channel that is closed when the broker listens.
func (b *enduring) listening() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.up
}

// untilAnswered returns when that many more tokens have been issued.
func (b *enduring) untilAnswered(tokens int) {
	b.t.Helper()
	for len(b.answered) > 0 {
		<-b.answered
	}
	for range tokens {
		select {
		case <-b.answered:
		case <-time.After(time.Minute):
			b.t.Fatalf("no token in a minute\n%s", b.process.text())
		}
	}
}

// client returns a client of the broker, and what keeps the last message it sent.
func (b *enduring) client() (*broker.Client, *kept) {
	b.t.Helper()
	text, err := os.ReadFile(b.path("ca.pem"))
	if err != nil {
		b.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		b.t.Fatal("ca.pem holds no certificate")
	}
	carrier := soap.NewHTTPClient(soap.Options{
		RootCAs: roots, ConnectTo: soap.ConnectTo{enduringHost + ":443": "127.0.0.1:" + b.port},
	})
	last := &kept{RoundTripper: carrier.Transport}
	b.t.Cleanup((&http.Client{Transport: carrier.Transport}).CloseIdleConnections)
	carrier.Transport = last
	return &broker.Client{
		MetadataURL: "https://" + enduringHost + broker.MetadataPath, SOAP: &soap.Client{HTTP: carrier}, Profile: federation.Modern,
	}, last
}

// kept keeps the body of the last request.
type kept struct {
	http.RoundTripper
	message []byte
}

func (k *kept) RoundTrip(r *http.Request) (*http.Response, error) {
	k.message = nil
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		if k.message, err = readAndClose(body); err != nil {
			return nil, err
		}
	}
	return k.RoundTripper.RoundTrip(r)
}

// join registers an organization with a domain and its account namespace.
func (b *enduring) join(domain string) certificate.Pair {
	b.t.Helper()
	ctx := b.t.Context()
	client, _ := b.client()
	pair, err := certificate.NewSelfSigned(certificate.Request{Subject: "CN=Federation"}, rand.Reader, time.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	proof, err := federation.NewDomainProof(pair, federation.Domain(domain), federation.Modern)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.names.Set(domain, "TXT", proof.Value); err != nil {
		b.t.Fatal(err)
	}
	appID, err := client.CreateAppID(ctx, pair, domain, &proof)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := client.AddURI(ctx, pair, appID, "FYDIBOHF25SPDLT."+domain, nil); err != nil {
		b.t.Fatal(err)
	}
	return pair
}

// sent is a request for a token. Each is for a user of its own, by whom the audit trail
// knows it.
type sent struct {
	user     string
	at       time.Time
	message  []byte
	answered bool
}

// ask asks for tokens until it is told to stop. A broker that is gone is waited for; what
// was not answered is not asked for again.
func (b *enduring) ask(number int, pair certificate.Pair, issuer federation.TokenIssuer, stop *atomic.Bool) (all []sent) {
	client, last := b.client()
	for n := 0; !stop.Load(); n++ {
		<-b.listening()
		s := sent{user: fmt.Sprintf("user%d-%d@contoso.com", number, n), at: time.Now()}
		_, err := client.RequestToken(context.WithoutCancel(b.t.Context()), pair, federation.TokenRequest{
			Issuer: issuer, ApplicationURI: "FYDIBOHF25SPDLT.contoso.com",
			User: s.user, Target: "fabrikam.com", Offer: "MSExchange.SharingCalendarFreeBusy",
		})
		s.message, s.answered = last.message, err == nil
		all = append(all, s)
		var broke *soap.TransportError
		switch {
		case err == nil:
			select {
			case b.answered <- struct{}{}:
			default:
			}
		case !errors.As(err, &broke) || broke.Failure != soap.Unreachable:
			b.t.Errorf("%s: the error is not that the broker is gone: %v", s.user, err)
			return all
		}
	}
	return all
}

// load has clients ask until stop is called, which returns what they asked.
func (b *enduring) load(clients int, pair certificate.Pair) (stop func() []sent) {
	b.t.Helper()
	client, _ := b.client()
	issuer, err := client.Metadata(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var stopped atomic.Bool
	var wg sync.WaitGroup
	each := make([][]sent, clients)
	for n := range clients {
		wg.Go(func() { each[n] = b.ask(n, pair, issuer, &stopped) })
	}
	return func() (all []sent) {
		stopped.Store(true)
		wg.Wait()
		for _, some := range each {
			all = append(all, some...)
		}
		return all
	}
}

// TestBrokerKilledUnderLoad kills the broker again and again while clients ask for tokens,
// at moments nobody chose, and starts it again. Every token that was handed out is in the
// audit trail, no request that was answered can be sent again, organizations and keys are
// what they were, and the clients saw nothing worse than a broken connection.
func TestBrokerKilledUnderLoad(t *testing.T) {
	t.Parallel()
	kills := usualKills
	if text := os.Getenv(killsVariable); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	b := startEnduring(t)
	pair := b.join("contoso.com")
	b.join("fabrikam.com")
	before := b.lasting()
	stop := b.load(5, pair)
	for range kills {
		b.untilAnswered(5)
		<-time.After(mathrand.N(300 * time.Millisecond))
		b.kill()
		b.start()
	}
	b.untilAnswered(5)
	all := stop()
	b.kill() // everything that was answered was answered by another process
	b.start()
	b.checkKept(before)
	b.checkSent(all, kills)
}
