package verify_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"exfed/federation"
	"exfed/federation/dns/verify"

	"github.com/google/go-cmp/cmp"
	mdns "github.com/miekg/dns"
)

// TestEachFaultIsFound has a zone for every finding, with exactly that fault, and healthy
// zones. Each is served twice, with BIND as the first server and Knot as the second and the
// other way round, below a signed zone of BIND that delegates them.
func TestEachFaultIsFound(t *testing.T) {
	t.Parallel()
	healthy := healthyCases()
	faulty := slices.Concat(proofCases(), serverCases(), wayCases())
	cases := slices.Concat(healthy, faulty)
	if len(healthy) < 20 || len(faulty) < 59 {
		t.Errorf("%d healthy zones and %d with a fault, at least 20 and 59 are expected", len(healthy), len(faulty))
	}
	world := plant(t, cases)
	var expected []federation.ExpectedRecord
	for _, c := range cases {
		expected = append(expected, c.expected("b")...)
		expected = append(expected, c.expected("k")...)
	}
	findings, err := world.checker().CheckRecords(t.Context(), expected)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string][]string{}
	for _, f := range findings {
		if f.Type != federation.EventSuccess {
			have[string(f.Domain)] = append(have[string(f.Domain)], fmt.Sprint(f.ID, " ", f.Cause, " ", f.Type))
		}
	}
	met := map[string]bool{}
	for _, c := range cases {
		for _, variant := range []string{"b", "k"} {
			domain := string(c.expected(variant)[0].Domain)
			if diff := cmp.Diff(c.want, have[domain]); diff != "" {
				t.Errorf("%s (-want +got):\n%s%s", domain, diff, told(findings, domain))
			}
		}
		for _, want := range c.want {
			met[strings.Fields(want)[1]] = true
		}
	}
	for _, kind := range verify.Kinds() {
		if !met[string(kind.Cause)] {
			t.Errorf("no zone has the fault %s %s", kind.ID, kind.Cause)
		}
	}
	if slices.Contains(world.asked, "127.0.0.1:2") || len(world.asked) < 1000 {
		t.Errorf("somebody was asked whom no delegation names, or nobody at all: %d questions", len(world.asked))
	}
	if len(have) != 2*len(faulty) {
		t.Errorf("%d domains have findings, %d should", len(have), 2*len(faulty))
	}
}

func told(findings []federation.DNSFinding, domain string) string {
	var lines strings.Builder
	for _, f := range findings {
		if string(f.Domain) == domain {
			fmt.Fprintf(&lines, "%s %s: %s %v\n", f.ID, f.Record.Name, f.Message, f.Seen)
		}
	}
	return lines.String()
}

func (c zoneCase) apex(variant string) string { return c.name + "-" + variant + ".example" }

// expected are the records looked for in the case's zone.
func (c zoneCase) expected(variant string) []federation.ExpectedRecord {
	records := slices.Clone(c.records)
	if records == nil {
		records = proofs(proof)
	}
	for i := range records {
		r := &records[i]
		r.Domain = federation.Domain(strings.TrimPrefix(c.at+"."+c.apex(variant), "."))
		r.Target = strings.ReplaceAll(r.Target, "ZONE", c.apex(variant))
		r.Name = string(r.Domain)
		switch r.Type {
		case federation.CNAMERecord:
			r.Name = "autodiscover." + r.Name
		case federation.SRVRecord:
			r.Name = "_autodiscover._tcp." + r.Name
		}
	}
	return records
}

// world is the servers of all cases.
type world struct {
	tree
	resolver string
}

func (w *world) checker() *verify.Checker {
	return &verify.Checker{
		Client: &w.tree, Resolvers: []string{w.resolver}, Where: w.Where,
		Reach: func(_ context.Context, host string, _ []netip.Addr) error { return reach(host) },
	}
}

// plant starts the servers.
func plant(t *testing.T, cases []zoneCase) *world {
	t.Helper()
	parent := "$ORIGIN example.\n$TTL 60\n@ SOA ns.dns hostmaster 1 3600 600 86400 60\n@ NS ns.dns\n"
	hosts := []string{"ns", "bind", "knot", "notcp-bind", "notcp-knot", "noedns-bind", "noedns-knot", "nocaa-bind", "nocaa-knot",
		"secondhand-bind", "secondhand-knot", "down", "silent", "garbage", "upward"}
	for i, host := range hosts {
		parent += fmt.Sprintf("%s.dns A 192.0.2.%d\n", host, i+1)
	}
	onBIND, onKnot := map[string]string{}, map[string]string{}
	for _, c := range cases {
		parent += c.plant(t, "b", "bind", "knot", onBIND, onKnot)
		parent += c.plant(t, "k", "knot", "bind", onKnot, onBIND)
	}
	signed, _ := signZone(t, "example", parent, today, later)
	top, bind, knot := startBIND(t, map[string]string{"example": signed}), startBIND(t, onBIND), startKnot(t, onKnot)
	w := &world{}
	at := map[string]string{"ns": top, "bind": bind, "knot": knot, "down": "127.0.0.1:1", "upward": listen(t, upward, nil),
		"silent":  listen(t, func(*mdns.Msg) *mdns.Msg { return nil }, nil),
		"garbage": listenRaw(t, func([]byte) []byte { return []byte("HTTP/1.1 400 Bad Request\r\n\r\n") }, nil)}
	for name, server := range map[string]string{"bind": bind, "knot": knot} {
		udp, tcp := handler(forward(t, "udp", server)), handler(forward(t, "tcp", server))
		at["notcp-"+name] = listen(t, udp, nil)
		at["noedns-"+name] = listen(t, udp.unless(func(q *mdns.Msg) bool { return q.IsEdns0() != nil }), tcp)
		isCAA := func(q *mdns.Msg) bool { return q.Question[0].Qtype == mdns.TypeCAA }
		at["nocaa-"+name] = listen(t, udp.unless(isCAA), tcp.unless(isCAA))
		at["secondhand-"+name] = listen(t, func(q *mdns.Msg) *mdns.Msg {
			answer := udp(q)
			if answer != nil {
				answer.Authoritative = false
			}
			return answer
		}, tcp)
	}
	for i, host := range hosts {
		w.put(fmt.Sprintf("192.0.2.%d:53", i+1), at[host])
	}
	resolve := resolving(t, top, bind, knot)
	w.resolver = listen(t, resolve("udp"), resolve("tcp"))
	return w
}

// upward refers everybody to the root, as servers do that know nothing.
func upward(query *mdns.Msg) *mdns.Msg {
	answer := new(mdns.Msg).SetReply(query)
	answer.Ns = []mdns.RR{&mdns.NS{Hdr: mdns.RR_Header{Name: ".", Rrtype: mdns.TypeNS, Class: mdns.ClassINET}, Ns: "a.root-servers.net."}}
	return answer
}

// resolving stands for a resolver.
func resolving(t *testing.T, top, bind, knot string) func(network string) handler {
	return func(network string) handler {
		return func(query *mdns.Msg) *mdns.Msg {
			name, server := query.Question[0].Name, top
			if strings.HasSuffix(name, "-b.example.") {
				server = bind
			} else if strings.HasSuffix(name, "-k.example.") {
				server = knot
			}
			answer := forward(t, network, server)(query)
			if answer == nil {
				return nil
			}
			recursion(query, answer, query.CheckingDisabled)
			return answer
		}
	}
}

// plant puts the case's zone on its servers and returns its lines in the parent's zone.
func (c zoneCase) plant(t *testing.T, variant, first, second string, onFirst, onSecond map[string]string) string {
	apex := c.apex(variant)
	fill := strings.NewReplacer("ZONE", apex, "FIRST", first, "SECOND", second)
	lines := c.parent
	if lines == "" {
		lines = delegated
	}
	lines = fill.Replace(lines)
	text := func(body string) string {
		if !strings.Contains(body, "NS ") {
			body = lines + body
		}
		return "$ORIGIN " + apex + ".\n$TTL 60\n@ SOA first.dns.example. hostmaster 1 3600 600 86400 60\n" + fill.Replace(body)
	}
	zone := text(c.zone)
	ds := c.ds
	if c.from != "" {
		var made string
		zone, made = signZone(t, apex, zone, c.from, c.to)
		if c.breaks != nil {
			zone = c.breaks(zone)
		}
		if ds == "" {
			ds = made
		} else {
			ds = apex + ". DS " + strings.Replace(ds, "TAG", strings.Fields(made)[3], 1)
		}
		lines += ds + "\n"
	}
	onFirst[apex] = zone
	switch {
	case c.second == "none":
		if c.parent != "" {
			delete(onFirst, apex)
		}
	case c.second != "":
		onSecond[apex] = text(c.second)
	default:
		onSecond[apex] = zone
	}
	return lines
}
