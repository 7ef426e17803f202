package calendar_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/calendar"
)

// radicale starts a CalDAV server and returns where it is and how to reach it.
func radicale(t *testing.T) (url string, transport http.RoundTripper) {
	t.Helper()
	program, err := exec.LookPath("radicale")
	if err != nil {
		if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
			t.Fatalf("radicale is missing and EXFED_REQUIRE_PEERS=1")
		}
		t.Skip("radicale is missing")
	}
	dir := t.TempDir()
	pool := certify(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "users"), []byte("ann:"+password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	config := fmt.Sprintf(`[server]
hosts = %[2]s
ssl = True
certificate = %[1]s/cert.pem
key = %[1]s/key.pem
[auth]
type = htpasswd
htpasswd_filename = %[1]s/users
htpasswd_encryption = plain
delay = 0
[rights]
type = owner_only
[storage]
filesystem_folder = %[1]s/collections
`, dir, address)
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	command := exec.Command(program, "--config", filepath.Join(dir, "config"))
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("radicale:\n%s", log.String())
		}
	})
	transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	await(t, address)
	return "https://" + address + "/ann/agenda/", transport
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// await waits until somebody listens.
func await(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("nobody listens at %s", address)
		}
	}
}

// certify writes a certificate for 127.0.0.1 and its key.
func certify(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	return pool
}

func request(t *testing.T, transport http.RoundTripper, method, url, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("ann", password)
	answer, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusCreated {
		t.Fatalf("%s %s: %s\n%s", method, url, answer.Status, text)
	}
}

// TestCalDAVAgainstRadicale reads what a real server keeps.
func TestCalDAVAgainstRadicale(t *testing.T) {
	t.Parallel()
	url, transport := radicale(t)
	request(t, transport, "MKCALENDAR", url, "")
	for name, component := range map[string]string{
		"one":    vevent("UID:one", "DTSTAMP:20260101T000000Z", "DTSTART:20260105T090000Z", "DTEND:20260105T093000Z", "SUMMARY:R&D <1>"),
		"series": ownZone + "\n" + vevent("UID:series", "DTSTAMP:20260101T000000Z", "DTSTART;TZID=Own Zone:20251201T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY", "SUMMARY:series", "EXDATE;TZID=Own Zone:20260112T100000"),
		"past":   vevent("UID:past", "DTSTAMP:20260101T000000Z", "DTSTART:20200105T090000Z", "SUMMARY:past"),
	} {
		request(t, transport, http.MethodPut, url+name+".ics", string(ics(component)))
	}
	options := calendar.CalDAV{
		Server: calendar.Server{URL: url, User: "ann", Password: password, Transport: transport, Freshness: calendar.Freshness{
			Now: func() time.Time { return time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC) },
		}},
		Past: 10 * 24 * time.Hour, Future: 20 * 24 * time.Hour,
	}
	source, err := calendar.NewCalDAV(options)
	if err != nil {
		t.Fatal(err)
	}
	c, err := source.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"2026-01-05T08:30:00/2026-01-05T09:30:00 series", "2026-01-05T09:00:00/2026-01-05T09:30:00 R&D <1>", "2026-01-19T08:30:00/2026-01-19T09:30:00 series",
	}
	if diff := cmp.Diff(want, spans(t, c, "2026-01-01T00:00:00Z", "2026-01-25T00:00:00Z", nil)); diff != "" {
		t.Errorf("-want +have\n%s", diff)
	}
	if _, err := c.Events(t.Context(), moment(t, "2025-12-01T00:00:00Z"), moment(t, "2026-01-06T00:00:00Z"), nil); idOf(err) != "CalendarWindowNotCovered" {
		t.Errorf("%v, CalendarWindowNotCovered is expected", err)
	}
	options.Password = "wrong"
	if source, err = calendar.NewCalDAV(options); err != nil {
		t.Fatal(err)
	}
	if have := loaded(t, source); have != "CalendarRefused" {
		t.Errorf("%s, CalendarRefused is expected", have)
	}
}

// TestCalDAVAnswers gives answers that are not to be believed.
func TestCalDAVAnswers(t *testing.T) {
	t.Parallel()
	const open = `<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">`
	good := `<d:response><d:href>/x</d:href><d:propstat><d:prop><c:calendar-data><![CDATA[` +
		string(ics(vevent("DTSTART:20260105T090000Z", "SUMMARY:here"))) + `]]></c:calendar-data></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`
	cases := []struct{ name, body, want string }{
		{"good", open + good + "</d:multistatus>", "here"},
		{"a broken resource", open + good + `<d:response><c:calendar-data>x</c:calendar-data></d:response></d:multistatus>`, "here"},
		{"nothing", "", "CalendarMalformed"},
		{"cut off", open + good, "CalendarMalformed"},
		{"another document", "<html/>", "CalendarMalformed"},
		{"too deep", open + strings.Repeat("<x>", 30) + strings.Repeat("</x>", 30) + "</d:multistatus>", "CalendarMalformed"},
		{"only a part of it", open + good + `<d:response><d:href>/</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status></d:response></d:multistatus>`, "CalendarTooLarge"},
	}
	for _, tc := range cases {
		s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusMultiStatus)
			fmt.Fprint(w, tc.body)
		})
		source, err := calendar.NewCalDAV(calendar.CalDAV{Server: s.server()})
		if err != nil {
			t.Fatal(err)
		}
		if have := loaded(t, source); have != tc.want {
			t.Errorf("%s: %s, %s is expected", tc.name, have, tc.want)
		}
		if diff := cmp.Diff([]string{`REPORT /secret-path/basic.ics "" auth=true`}, s.requests()); diff != "" {
			t.Errorf("%s -want +asked\n%s", tc.name, diff)
		}
	}
	if len(cases) < 7 {
		t.Errorf("%d cases, at least 7 are expected", len(cases))
	}
}
