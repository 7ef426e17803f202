package verify_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"exfed/federation"
	"exfed/federation/dns"
	"exfed/federation/dns/verify"

	mdns "github.com/miekg/dns"
)

// counter counts questions, and how many are asked at the same time.
type counter struct {
	client       dns.Client
	flying, most atomic.Int64
	mu           sync.Mutex
	perName      map[string]int // questions for TXT by name
	all          int
}

func (c *counter) Ask(ctx context.Context, server string, q dns.Question) (*mdns.Msg, error) {
	now := c.flying.Add(1)
	defer c.flying.Add(-1)
	for most := c.most.Load(); now > most && !c.most.CompareAndSwap(most, now); most = c.most.Load() {
	}
	c.mu.Lock()
	c.all++
	if q.Type == mdns.TypeTXT {
		c.perName[q.Name]++
	}
	c.mu.Unlock()
	return c.client.Ask(ctx, server, q)
}

// manyDomains is a server with the records of so many domains.
func manyDomains(t testing.TB, count int) (string, []federation.ExpectedRecord) {
	t.Helper()
	server, err := dns.StartServer("127.0.0.1:0", "example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	put := func(name, kind, value string) {
		if err := server.Set(name, kind, value); err != nil {
			t.Fatal(err)
		}
	}
	put("mail.example", "A", "192.0.2.80")
	var expected []federation.ExpectedRecord
	for i := range count {
		domain := federation.Domain(fmt.Sprintf("d%d.example", i))
		put(string(domain), "TXT", proof)
		put("autodiscover."+string(domain), "CNAME", "mail.example.")
		own, way := proofRecord(proof), autodiscover("mail.example")[0]
		own.Name, own.Domain, way.Name, way.Domain = string(domain), domain, "autodiscover."+string(domain), domain
		expected = append(expected, own, way)
	}
	return server.Addr(), expected
}

// TestManyDomains looks at a thousand: a proof that is live costs one question a server, and no more
// than the sockets that are allowed are open at a time.
func TestManyDomains(t *testing.T) {
	t.Parallel()
	const domains, sockets, servers = 1000, 128, 3
	server, expected := manyDomains(t, domains)
	c := &counter{perName: map[string]int{}, client: dns.Client{Timeout: 30 * time.Second}}
	findings := check(t, &verify.Checker{Client: c, Servers: slices.Repeat([]string{server}, servers)}, expected)
	for _, f := range findings {
		if f.Type != federation.EventSuccess {
			t.Fatalf("%s: %s %s %v", f.Record.Name, f.ID, f.Message, f.Seen)
		}
	}
	if len(findings) != 2*domains || len(c.perName) != domains {
		t.Errorf("%d findings and %d names asked for TXT, want %d and %d", len(findings), len(c.perName), 2*domains, domains)
	}
	for name, count := range c.perName {
		if count != servers {
			t.Errorf("%s was asked for %d times", name, count)
		}
	}
	if most := c.most.Load(); most > sockets || most < 2 {
		t.Errorf("%d questions at the same time, at most %d are allowed, and more than one", most, sockets)
	}
	if c.all > 2*servers*domains+5*domains {
		t.Errorf("%d questions for %d domains", c.all, domains)
	}
}

// BenchmarkManyDomains is the check of two thousand domains against a local server.
func BenchmarkManyDomains(b *testing.B) {
	server, expected := manyDomains(b, 2000)
	for b.Loop() {
		checker := &verify.Checker{Servers: []string{server}}
		if _, err := checker.CheckRecords(b.Context(), expected); err != nil {
			b.Fatal(err)
		}
	}
}
