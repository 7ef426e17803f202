//go:build unix

package cmd

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation/broker/server"
	"exfed/federation/dns"
)

const (
	minimumBadBrokers = 24
	// mostMemory is what a process may use at most whatever a broker sends, in KiB. The
	// answers are far larger; the race detector alone takes some of it.
	mostMemory  = 400 << 10
	tenGigabyte = 10 << 30
)

// badBroker is a broker that does not answer as one.
type badBroker struct {
	name   string
	code   int
	answer http.HandlerFunc // nil: nobody listens
	// joined: its metadata is right, and only the registration is not answered as it should be.
	joined bool
	args   []string
	// environ replaces variables of the same name.
	environ []string
}

func page(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// endless sends ten gigabytes of what may be the beginning of a document.
func endless(contentType, length, beginning string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		if length != "" {
			w.Header().Set("Content-Length", length)
		}
		_, _ = io.WriteString(w, beginning)
		block := []byte(strings.Repeat("<a>broker</a>  \n", 4096))
		for sent := 0; sent < tenGigabyte; sent += len(block) {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}
}

func badBrokers() []badBroker {
	const html = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>"
	return []badBroker{
		{name: "nobody listens", code: 7},
		{name: "no such host", code: 7, answer: page(200, "text/xml", ""), environ: []string{"EXFED_CONNECT_TO=", "EXFED_DNS_SERVER=127.0.0.1:1"}},
		{name: "hangs", code: 7, args: []string{"-Timeout", "1s"}, answer: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{name: "is overloaded", code: 7, answer: page(503, "text/plain", "later")},
		{name: "HTML", code: 4, answer: page(200, "text/html; charset=utf-8", html)},
		{name: "HTML called XML", code: 4, answer: page(200, "text/xml", html)},
		{name: "a sign-in page elsewhere", code: 4, answer: http.RedirectHandler("https://login.example.org/", http.StatusFound).ServeHTTP},
		{name: "not found", code: 4, answer: page(404, "text/html", html)},
		{name: "nothing", code: 4, answer: page(200, "text/xml", "")},
		{name: "half a document", code: 4, answer: page(200, "text/xml", `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">`)},
		{name: "another document", code: 4, answer: page(200, "text/xml", `<rss version="2.0"><channel/></rss>`)},
		{name: "entities", code: 4, answer: page(200, "text/xml", `<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>`)},
		{name: "escape sequences", code: 4, answer: page(200, "text/\x1b[31mxml", "\x1b]0;owned\x07<a>")},
		{name: "ten gigabytes", code: 4, answer: endless("text/xml", "", "<a>")},
		{name: "ten gigabytes announced", code: 4, answer: endless("text/xml", "10737418240", "<a>")},
		{name: "ten gigabytes of HTML", code: 4, answer: endless("text/html", "", html)},
		{name: "a registration answered with HTML", code: 4, joined: true, answer: page(200, "text/html", html)},
		{name: "a registration answered with ten gigabytes", code: 4, joined: true, answer: endless("text/xml", "", "<a>")},
		{name: "a registration answered with nothing", code: 4, joined: true, answer: page(200, "text/xml; charset=utf-8", "")},
		{name: "a registration answered in another language", code: 4, joined: true,
			answer: page(200, "text/xml; charset=utf-8", `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><Hello/></s:Body></s:Envelope>`)},
		{name: "a registration never answered", code: 7, joined: true, args: []string{"-Timeout", "2s"},
			answer: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{name: "a registration cut off", code: 7, joined: true, answer: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{name: "a registration refused for now", code: 7, joined: true, answer: page(503, "text/plain", "later")},
		{name: "a certificate of nobody", code: 4, answer: page(200, "text/xml", ""), environ: []string{"EXFED_CA_FILE="}},
	}
}

// TestBadBrokers creates a trust with brokers that are none: the exit code, one line and
// a hint, little memory, and a state file byte for byte as it was.
func TestBadBrokers(t *testing.T) {
	t.Parallel()
	cases := badBrokers()
	if len(cases) < minimumBadBrokers {
		t.Errorf("%d brokers, at least %d are expected", len(cases), minimumBadBrokers)
	}
	prepared := t.TempDir()
	sound := realBroker(t)
	thumbprint := strings.TrimSpace(must(t, prepared, nil, "new-exchangecertificate", "-DomainName", "contoso.com", "-Services", "Federation", "-Output", "name").stdout)
	if err := writeTLS(prepared, "broker.example.org"); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(t.TempDir(), "organization")
			copyFolder(t, prepared, folder)
			before := readIfThere(t, statePathIn(folder))
			if c.joined {
				c.answer = onlyRegistration(sound, c.answer)
			}
			got := c.try(t, folder, thumbprint)
			if got.code != c.code {
				t.Errorf("exit code %d, not %d\n%s", got.code, c.code, got.stderr)
			}
			c.checkText(t, got)
			if diff := cmp.Diff(string(before), string(readIfThere(t, statePathIn(folder)))); diff != "" {
				t.Errorf("the state file is not what it was:\n%s", diff)
			}
		})
	}
}

// realBroker is a broker as it should be.
func realBroker(t *testing.T) http.Handler {
	t.Helper()
	folder := t.TempDir()
	registry, err := server.OpenSQLite(t.Context(), filepath.Join(folder, "registry.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = registry.Close() })
	srv, err := server.New(t.Context(), server.Options{
		Registry: registry, Keys: &certificate.KeyStore{Dir: filepath.Join(folder, "keys")},
		Resolver: &dns.Resolver{Servers: []string{"127.0.0.1:1"}}, ExternalURL: "https://broker.example.org",
		Now: time.Now, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	return srv.Handler()
}

// onlyRegistration leaves everything to the real broker but registrations.
func onlyRegistration(sound http.Handler, answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != server.DelegationPath {
			sound.ServeHTTP(w, r)
			return
		}
		// Read to its end, a request's context ends when the client goes away.
		_, _ = io.Copy(io.Discard, r.Body)
		answer(w, r)
	}
}

// TestInterrupted interrupts a cmdlet while the broker keeps it waiting: it ends with 130,
// and the state file is what it was.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "organization")
	thumbprint := strings.TrimSpace(must(t, folder, nil, "new-exchangecertificate", "-DomainName", "contoso.com", "-Services", "Federation", "-Output", "name").stdout)
	if err := writeTLS(folder, "broker.example.org"); err != nil {
		t.Fatal(err)
	}
	before := readIfThere(t, statePathIn(folder))
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		arrived := make(chan struct{}, 1)
		c := badBroker{answer: onlyRegistration(realBroker(t), func(_ http.ResponseWriter, r *http.Request) {
			arrived <- struct{}{}
			<-r.Context().Done()
		})}
		var stderr strings.Builder
		command := c.command(t, folder, thumbprint)
		command.Stderr = &stderr
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		<-arrived
		if bytes.Equal(before, readIfThere(t, statePathIn(folder))) {
			t.Error("the intention is not written before the broker is asked")
		}
		if err := command.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		_ = command.Wait()
		if got := command.ProcessState.ExitCode(); got != 130 {
			t.Errorf("%v: exit code %d, not 130\n%s", signal, got, &stderr)
		}
		if diff := cmp.Diff(string(before), string(readIfThere(t, statePathIn(folder)))); diff != "" {
			t.Errorf("%v: the state file is not what it was:\n%s", signal, diff)
		}
	}
}

// command starts the broker and returns a cmdlet that creates a trust with it.
func (c badBroker) command(t *testing.T, folder, thumbprint string) *exec.Cmd {
	t.Helper()
	address := c.listen(t, folder)
	args := append([]string{
		"new-federationtrust", "-Name", "Contoso", "-Thumbprint", thumbprint,
		"-MetadataUrl", "https://broker.example.org/FederationMetadata/2006-12/FederationMetadata.xml",
	}, c.args...)
	command := exec.CommandContext(t.Context(), "exfed", args...)
	command.Env = append(processEnvironment(folder),
		"EXFED_CA_FILE="+filepath.Join(folder, "ca.pem"),
		"EXFED_CONNECT_TO=broker.example.org:443:"+address)
	command.Env = append(command.Env, c.environ...)
	return command
}

// try runs that cmdlet to its end.
func (c badBroker) try(t *testing.T, folder, thumbprint string) outcome {
	t.Helper()
	var stdout, stderr strings.Builder
	command := c.command(t, folder, thumbprint)
	command.Stdout, command.Stderr = &stdout, &stderr
	memory := filepath.Join(t.TempDir(), "memory")
	command.Env = append(command.Env, memoryVariable+"="+memory)
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" {
		text, err := os.ReadFile(memory)
		if err != nil {
			t.Fatal(err)
		}
		if peak, err := strconv.Atoi(string(text)); err != nil || peak > mostMemory || peak < 1000 {
			t.Errorf("%s KiB of memory, at most %d are expected", text, mostMemory)
		}
	}
	return outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// listen returns the address of the broker; without an answer nobody listens there.
func (c badBroker) listen(t *testing.T, folder string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if c.answer == nil {
		_ = listener.Close()
		return listener.Addr().String()
	}
	identity, err := tls.LoadX509KeyPair(filepath.Join(folder, "tls.pem"), filepath.Join(folder, "tls.key"))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler: c.answer, TLSConfig: &tls.Config{Certificates: []tls.Certificate{identity}, MinVersion: tls.VersionTLS12},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	server.SetKeepAlivesEnabled(false)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.ServeTLS(listener, "", "")
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return listener.Addr().String()
}

func (c badBroker) checkText(t *testing.T, got outcome) {
	t.Helper()
	if got.stdout != "" {
		t.Errorf("standard output: %q", got.stdout)
	}
	if strings.ContainsAny(got.stderr, "\x1b\x07\x00") {
		t.Errorf("a terminal would obey this: %q", got.stderr)
	}
	lines := strings.Split(strings.TrimSuffix(got.stderr, "\n"), "\n")
	if !strings.HasPrefix(lines[0], "exfed: new-federationtrust: ") || !strings.Contains(lines[0], "broker.example.org") {
		t.Errorf("the error does not name the cmdlet and the broker: %q", lines[0])
	}
	if len(lines) < 2 {
		t.Errorf("no hint: %q", got.stderr)
	}
	for _, line := range lines[1:] {
		if !strings.HasPrefix(line, "hint: ") {
			t.Errorf("neither the error nor a hint: %q", line)
		}
	}
}
