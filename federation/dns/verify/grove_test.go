package verify_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"exfed/federation"
	"exfed/federation/dns"
	"exfed/federation/dns/verify"

	mdns "github.com/miekg/dns"
)

// grove is contoso.example with an honest server and others of any kind, delegated by a
// server of example, which a resolver knows.
type grove struct {
	tree
	honest   *dns.Server
	resolver string
	reached  []string // host and addresses
}

// newGrove delegates contoso.example to the honest server and to those given.
func newGrove(t *testing.T, others ...string) *grove {
	t.Helper()
	honest, err := dns.StartServer("127.0.0.1:0", "contoso.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = honest.Close() })
	g := &grove{honest: honest}
	var names []string
	for i, at := range append([]string{honest.Addr()}, others...) {
		names = append(names, fmt.Sprintf("n%d.contoso.example.", i))
		g.put(fmt.Sprintf("192.0.2.%d:53", 100+i), at)
	}
	g.set(t, "contoso.example", "NS", names...)
	g.put("192.0.2.53:53", listen(t, g.parent(names), nil))
	forwarded := forward(t, "udp", honest.Addr())
	g.resolver = listen(t, func(query *mdns.Msg) *mdns.Msg {
		switch question := query.Question[0]; {
		case question.Name == "example." && question.Qtype == mdns.TypeNS:
			return answerOf(query, "example. 60 IN NS ns.example.")
		case question.Name == "ns.example." && question.Qtype == mdns.TypeA:
			return answerOf(query, "ns.example. 60 IN A 192.0.2.53")
		case question.Name == "ns.example.":
			return answerOf(query)
		}
		answer := forwarded(query)
		if answer != nil {
			answer.Authoritative = false
		}
		return answer
	}, nil)
	return g
}

// parent refers questions about contoso.example to its servers.
func (g *grove) parent(names []string) handler {
	return func(query *mdns.Msg) *mdns.Msg {
		answer := new(mdns.Msg).SetReply(query)
		for i, name := range names {
			answer.Ns = append(answer.Ns, record("contoso.example. 60 IN NS "+name))
			answer.Extra = append(answer.Extra, record(fmt.Sprintf("%s 60 IN A 192.0.2.%d", name, 100+i)))
		}
		// Nobody asked for these; who goes there has been led astray.
		answer.Extra = append(answer.Extra, record("ns.evil.example. 60 IN A 198.51.100.1"), record("example. 60 IN NS ns.evil.example."))
		return answer
	}
}

func record(text string) mdns.RR {
	made, err := mdns.NewRR(text)
	if err != nil {
		panic(err)
	}
	return made
}

func answerOf(query *mdns.Msg, records ...string) *mdns.Msg {
	answer := new(mdns.Msg).SetReply(query)
	answer.RecursionAvailable = true
	for _, text := range records {
		answer.Answer = append(answer.Answer, record(text))
	}
	return answer
}

func (g *grove) set(t *testing.T, name, kind string, values ...string) {
	t.Helper()
	if err := g.honest.Set(name, kind, values...); err != nil {
		t.Fatal(err)
	}
}

func (g *grove) checker() *verify.Checker {
	var mu sync.Mutex
	return &verify.Checker{
		Client: &g.tree, Resolvers: []string{g.resolver}, Where: g.Where,
		Reach: func(_ context.Context, host string, addresses []netip.Addr) error {
			mu.Lock()
			defer mu.Unlock()
			g.reached = append(g.reached, fmt.Sprint(host, " ", addresses))
			return nil
		},
	}
}

// contoso is the records of the domain: its proof, and the way to its Autodiscover.
func contoso() []federation.ExpectedRecord {
	own := proofRecord(proof)
	own.Name, own.Domain = "contoso.example", "contoso.example"
	way := autodiscover("mail.contoso.example")[0]
	way.Name, way.Domain = "autodiscover.contoso.example", "contoso.example"
	return []federation.ExpectedRecord{own, way}
}

func check(t *testing.T, c *verify.Checker, expected []federation.ExpectedRecord) []federation.DNSFinding {
	t.Helper()
	findings, err := c.CheckRecords(t.Context(), expected)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

// brief are findings in a line each.
func brief(findings []federation.DNSFinding) []string {
	var lines []string
	for _, f := range findings {
		lines = append(lines, strings.TrimSpace(fmt.Sprint(f.Record.Name, " ", f.Type, " ", f.ID, " ", f.Cause)))
	}
	return lines
}

func sorted(texts []string) []string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	return slices.Compact(texts)
}
