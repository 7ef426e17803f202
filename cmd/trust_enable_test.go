package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"exfed/cmd/terminal"
	"exfed/federation/dns"
)

// TestEnableWaitsAnHour has nobody publish the records: after an hour that is said, unless
// -Timeout says otherwise.
func TestEnableWaitsAnHour(t *testing.T) {
	t.Parallel()
	server, err := dns.StartServer("127.0.0.1:0", "contoso.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	path := filepath.Join(t.TempDir(), "exfed.yaml")
	for _, c := range []struct {
		timeout     []string
		least, most time.Duration
	}{{nil, 59 * time.Minute, time.Hour}, {[]string{"-Timeout", "10m"}, 9 * time.Minute, 10 * time.Minute}} {
		begin := time.Now()
		now := begin
		var stdout, stderr bytes.Buffer
		code := Run(t.Context(), Process{
			Args:    append([]string{"enable-federationtrust", "contoso.com", "-Wait", "-DnsServer", server.Addr(), "-Config", path}, c.timeout...),
			Streams: terminal.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}, Now: func() time.Time { return now }, Rand: rand.Reader,
			Wait: func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil },
		})
		if waited := now.Sub(begin); code != 3 || waited < c.least || waited > c.most {
			t.Errorf("%v: exit code %d after %s\n%s", c.timeout, code, waited, &stderr)
		}
	}
}

func TestAnsweredDomains(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string][]string{
		"contoso.com":               {"contoso.com"},
		"contoso.com,contoso.co.uk": {"contoso.com", "contoso.co.uk"},
		"contoso.com, contoso.co.uk; contoso.ca eu.contoso.com,": {"contoso.com", "contoso.co.uk", "contoso.ca", "eu.contoso.com"},
		" , ": nil,
	} {
		if diff := cmp.Diff(want, answeredDomains(answer), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q: %s", answer, diff)
		}
	}
}
