package dns_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"exfed/federation"
	"exfed/federation/dns"

	"github.com/google/go-cmp/cmp"
	mdns "github.com/miekg/dns"
)

// TestLookupAtNameServers reads the same zones from BIND and from Knot.
func TestLookupAtNameServers(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) string{"BIND": startBIND, "Knot": startKnot} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &dns.Resolver{Servers: []string{start(t)}, Timeout: 10 * time.Second}
			lookupTexts(t, r)
			lookupFailures(t, r)
			lookupHosts(t, r)
			lookupServices(t, r)
			lookupAliases(t, r)
		})
	}
}

func lookupTexts(t *testing.T, r *dns.Resolver) {
	big := []string{proof}
	for i := range 30 {
		big = append(big, fmt.Sprintf("%03d%s", i, strings.Repeat("x", 90)))
	}
	cases := map[string][]string{
		"contoso.com":            {"v=spf1 -all", proof},
		"CONTOSO.com.":           {"v=spf1 -all", proof},
		"split.contoso.com":      {proof},
		"other.contoso.com":      {otherProof},
		"strange.contoso.com":    {"a\"b\\c;d e\t\x00\xff"},
		"bytes.contoso.com":      {allBytes()},
		"big.contoso.com":        big, // 3 kB: only over TCP
		"proofalias.contoso.com": {"v=spf1 -all", proof},
		"across.contoso.com":     {otherProof},
		"hop1.contoso.com":       {"end"}, // eight aliases
		"host.contoso.com":       nil,     // no such record
		"below.contoso.com":      nil,     // no record at all, but a name below
		"missing.contoso.com":    nil,     // no such name
		"nowhere.contoso.com":    nil,     // an alias of no such name
		"alias.contoso.com":      nil,     // an alias of a name without such a record
	}
	for name, want := range cases {
		got, err := r.LookupTXT(t.Context(), name)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	if len(cases) < 15 {
		t.Errorf("%d cases only", len(cases))
	}
}

func lookupFailures(t *testing.T, r *dns.Resolver) {
	for name, want := range map[string]struct {
		kind     federation.Kind
		id, text string
	}{
		"broken.example":        {federation.Unavailable, "DnsUnavailable", r.Servers[0] + " said SERVFAIL"},
		"elsewhere.example":     {federation.Unavailable, "DnsUnavailable", r.Servers[0] + " said REFUSED"},
		"away.contoso.com":      {federation.Unavailable, "DnsUnavailable", "said REFUSED"},
		"hop0.contoso.com":      {federation.Untrusted, "DnsAliasLoop", "further than 8 names"},
		"a..contoso.com":        {federation.Invalid, "InvalidDnsName", "is not a domain name"},
		"":                      {federation.Invalid, "InvalidDnsName", "is not a domain name"},
		strings.Repeat("a", 64): {federation.Invalid, "InvalidDnsName", "is not a domain name"},
	} {
		got, err := r.LookupTXT(t.Context(), name)
		if got != nil {
			t.Errorf("%q: %q", name, got)
		}
		checkError(t, name, err, want.kind, want.id, want.text)
	}
}

func checkError(t *testing.T, name string, err error, kind federation.Kind, id, text string) {
	t.Helper()
	e, ok := err.(*federation.Error)
	if !ok || e.Kind != kind || e.ID != id || !strings.Contains(e.Error(), text) {
		t.Errorf("%q: %v, want %v %s with %q", name, err, kind, id, text)
	}
}

func lookupHosts(t *testing.T, r *dns.Resolver) {
	both := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}
	for host, want := range map[string][]netip.Addr{
		"host.contoso.com":  both,
		"alias.contoso.com": both,
		"v4.contoso.com":    {netip.MustParseAddr("192.0.2.4")},
		"192.0.2.9":         {netip.MustParseAddr("192.0.2.9")},
		"[2001:db8::9]":     {netip.MustParseAddr("2001:db8::9")},
		"LocalHost":         {netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")},
	} {
		got, err := r.LookupHost(t.Context(), host)
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", host, err, diff)
		}
	}
	for host, id := range map[string]string{"other.contoso.com": "HostNotFound", "missing.contoso.com": "HostNotFound", "broken.example": "DnsUnavailable"} {
		_, err := r.LookupHost(t.Context(), host)
		checkError(t, host, err, federation.Unavailable, id, host)
	}
}

// TestAliasLoop goes round in circles, within one answer and from answer to answer.
func TestAliasLoop(t *testing.T) {
	t.Parallel()
	server := contoso(t)
	set(t, server, "a.contoso.com", "CNAME", "b.contoso.com.")
	set(t, server, "b.contoso.com", "CNAME", "a.contoso.com.")
	oneByOne := newFake(t, func(q []byte) [][]byte {
		return [][]byte{lie(t, q, func(a *mdns.Msg) {
			name := a.Question[0].Name
			a.Answer = []mdns.RR{&mdns.CNAME{Hdr: mdns.RR_Header{Name: name, Rrtype: mdns.TypeCNAME, Class: mdns.ClassINET}, Target: "x" + name}}
		})}
	}, nil)
	for _, address := range []string{server.Addr(), oneByOne.address} {
		r := &dns.Resolver{Servers: []string{address}, Timeout: 10 * time.Second}
		_, err := r.LookupTXT(t.Context(), "a.contoso.com")
		checkError(t, "a.contoso.com", err, federation.Untrusted, "DnsAliasLoop", "further than 8 names")
	}
}

// TestNextServer puts a server that does not serve before one that does.
func TestNextServer(t *testing.T) {
	t.Parallel()
	good := contoso(t)
	silent := newFake(t, nil, nil)
	closed := "127.0.0.1:" + freePort(t)
	refusing, err := dns.StartServer("127.0.0.1:0", "fabrikam.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = refusing.Close() })
	for name, first := range map[string]string{
		"silent": silent.address, "closed": closed, "refusing": refusing.Addr(), "unknown host": "no-such-host.invalid:53",
	} {
		r := &dns.Resolver{Servers: []string{first, good.Addr()}, Timeout: time.Second}
		got, err := r.LookupTXT(t.Context(), "contoso.com")
		if diff := cmp.Diff([]string{proof}, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	r := &dns.Resolver{Servers: []string{silent.address, closed, refusing.Addr()}, Timeout: 100 * time.Millisecond}
	_, err = r.LookupTXT(t.Context(), "contoso.com")
	for _, text := range []string{silent.address + " did not answer in time", closed + " refused the connection", refusing.Addr() + " said REFUSED"} {
		checkError(t, "contoso.com", err, federation.Unavailable, "DnsUnavailable", text)
	}
}

// TestLostDatagram has the network lose the first question.
func TestLostDatagram(t *testing.T) {
	t.Parallel()
	asked := 0
	lossy := newFake(t, func(query []byte) [][]byte {
		if asked++; asked == 1 {
			return nil
		}
		return [][]byte{noSuchName(query)}
	}, nil)
	r := &dns.Resolver{Servers: []string{lossy.address}, Timeout: 2 * time.Second}
	got, err := r.LookupTXT(t.Context(), "contoso.com")
	if err != nil || len(got) != 0 {
		t.Errorf("LookupTXT: %v, %v", got, err)
	}
}

// noSuchName answers a query with NXDOMAIN.
func noSuchName(query []byte) []byte {
	answer := append([]byte(nil), query...)
	answer[2] |= 0x84 // a response, authoritative
	answer[3] = 3
	return answer
}

// TestLookupStops shows that a lookup ends when it is told to, not when the server's time
// is up.
func TestLookupStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := newFake(t, func([]byte) [][]byte { cancel(); return nil }, nil)
	r := &dns.Resolver{Servers: []string{server.address, server.address}, Timeout: time.Hour}
	_, err := r.LookupTXT(ctx, "contoso.com")
	checkError(t, "contoso.com", err, federation.Unavailable, "DnsUnavailable", context.Canceled.Error())
}

func TestParseServers(t *testing.T) {
	t.Parallel()
	right := map[string][]string{
		"127.0.0.1":                 {"127.0.0.1:53"},
		"127.0.0.1:5353":            {"127.0.0.1:5353"},
		"ns1.example, 192.0.2.1:54": {"ns1.example:53", "192.0.2.1:54"},
		"::1":                       {"[::1]:53"},
		"[::1]":                     {"[::1]:53"},
		"[::1]:54":                  {"[::1]:54"},
		"fe80::1%eth0":              {"[fe80::1%eth0]:53"},
		"192.0.2.1,192.0.2.1:53":    {"192.0.2.1:53"},
		" ns1 ,\tns2 ":              {"ns1:53", "ns2:53"},
	}
	for text, want := range right {
		got, err := dns.ParseServers(text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
		}
	}
	wrong := map[string]string{
		"":                    "none is named",
		" ":                   "none is named",
		",":                   "none is named",
		"ns1,":                "none is named",
		"ns1,,ns2":            "none is named",
		"ns1 ns2":             `"ns1 ns2": holds a blank; write a comma between name servers`,
		"ns1, 192.0.2.1\tns2": "holds a blank",
		"192.0.2.1:53 ::1":    "holds a blank",
		"https://dns.example": "is a URL",
		"192.0.2.0/24":        "is a URL or a network",
		"ns1:0":               `"0" is not a port`,
		"ns1:65536":           `"65536" is not a port`,
		"ns1:dns":             `"dns" is not a port`,
		"ns1:":                `"" is not a port`,
		":53":                 `"" is neither`,
		"192.0.2.256":         `"192.0.2.256" is neither`,
		"a_b:53":              `"a_b" is neither`,
		"[192.0.2.1]":         "is neither",
		"[192.0.2.1]:53":      "is neither",
		"[ns1]:53":            "is neither",
		"[::1":                "in brackets",
		"a:b:c":               "in brackets",
		strings.Join([]string{"a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8"}, ","): "17 are too many",
	}
	for text, reason := range wrong {
		got, err := dns.ParseServers(text)
		if got != nil {
			t.Errorf("%q: %q", text, got)
		}
		checkError(t, text, err, federation.Invalid, "InvalidDnsServer", reason)
	}
}
