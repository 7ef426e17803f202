package dns_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	mdns "github.com/miekg/dns"

	"exfed/federation"
	"exfed/federation/dns"
)

// nameServer starts a server of ours with two zones, one below the other.
func nameServer(t *testing.T) *dns.Server {
	t.Helper()
	server, err := dns.StartServer("127.0.0.1:0", "contoso.com", "sales.contoso.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() }) // a test may have closed it
	return server
}

func live(servers ...string) *dns.Live { return &dns.Live{Client: &dns.Client{}, Servers: servers} }

// wantFault wants an error of a kind with an identifier whose text has all the parts.
func wantFault(t *testing.T, err error, kind federation.Kind, id string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		checkError(t, "live", err, kind, id, part)
	}
}

// TestLiveSets reads each type of record from BIND, with its strings and time to live.
func TestLiveSets(t *testing.T) {
	t.Parallel()
	l := live(startBIND(t))
	text := func(name string, strs ...string) federation.LiveRecord {
		return federation.LiveRecord{DNSRecord: federation.DNSRecord{Name: name, Type: "TXT", Text: strings.Join(strs, "")}, Strings: strs}
	}
	cases := []struct {
		name string
		kind federation.DNSRecordType
		want federation.LiveSet
	}{
		{"split.contoso.com", "TXT", federation.LiveSet{TTL: 60, Records: []federation.LiveRecord{text("split.contoso.com", proof[:40], proof[40:])}}},
		{"strange.contoso.com", "TXT", federation.LiveSet{TTL: 60, Records: []federation.LiveRecord{text("strange.contoso.com", `a"b\c;d`, " e\t\x00\xff")}}},
		{"missing.contoso.com", "TXT", federation.LiveSet{}},
		{"host.contoso.com", "TXT", federation.LiveSet{}},
		{"host.contoso.com", "A", federation.LiveSet{TTL: 60, Records: []federation.LiveRecord{{DNSRecord: federation.DNSRecord{Name: "host.contoso.com", Type: "A", Text: "192.0.2.1"}}}}},
		{"host.contoso.com", "AAAA", federation.LiveSet{TTL: 60, Records: []federation.LiveRecord{{DNSRecord: federation.DNSRecord{Name: "host.contoso.com", Type: "AAAA", Text: "2001:db8::1"}}}}},
		{"alias.contoso.com", "CNAME", federation.LiveSet{TTL: 60, Records: []federation.LiveRecord{{DNSRecord: federation.DNSRecord{Name: "alias.contoso.com", Type: "CNAME", Target: "host.contoso.com"}}}}},
		{"_none._tcp.contoso.com", "SRV", federation.LiveSet{TTL: 60, Records: []federation.LiveRecord{{DNSRecord: federation.DNSRecord{Name: "_none._tcp.contoso.com", Type: "SRV"}}}}},
	}
	for _, c := range cases {
		got, err := l.LiveSet(t.Context(), c.name, c.kind)
		if err != nil {
			t.Errorf("%s %s: %v", c.name, c.kind, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.name, c.kind, diff)
		}
	}
	if len(cases) < 8 {
		t.Errorf("only %d cases", len(cases))
	}
	big, err := l.LiveSet(t.Context(), "big.contoso.com", "TXT")
	if len(big.Records) != 31 || err != nil {
		t.Errorf("%d records of an answer that needs TCP, %v", len(big.Records), err)
	}
	_, err = l.LiveSet(t.Context(), "alias.contoso.com", "TXT")
	wantFault(t, err, federation.Conflict, "AliasAtName", `DNS name "alias.contoso.com": is an alias (CNAME) of host.contoso.com; no TXT record can stand beside it`)
	_, err = l.LiveSet(t.Context(), "x.broken.example", "TXT")
	wantFault(t, err, federation.Unavailable, "LiveRecordsUnknown", "said SERVFAIL")
	_, err = l.LiveSet(t.Context(), "elsewhere.example", "TXT")
	wantFault(t, err, federation.Unavailable, "LiveRecordsUnknown", "said REFUSED")
}

// TestLiveServersMustAgree compares whole answers, whatever their order, and believes no
// majority.
func TestLiveServersMustAgree(t *testing.T) {
	t.Parallel()
	a, b := nameServer(t), nameServer(t)
	long := strings.Repeat("x", 400)
	set(t, a, "contoso.com", "TXT", "v=spf1 -all", long+"1")
	set(t, b, "contoso.com", "TXT", long+"1", "v=spf1 -all")
	both := live(a.Addr(), b.Addr(), a.Addr())
	if got, err := both.LiveSet(t.Context(), "contoso.com", "TXT"); len(got.Records) != 2 || err != nil {
		t.Errorf("the same records in another order: %v, %v", got, err)
	}
	set(t, b, "contoso.com", "TXT", long+"2", "v=spf1 -all")
	_, err := both.LiveSet(t.Context(), "contoso.com", "TXT")
	wantFault(t, err, federation.Conflict, "NameServersDisagree", "contoso.com TXT", a.Addr()+" shows \"v=spf1 -all\"", b.Addr()+" shows ")
	b.Remove("contoso.com", "TXT")
	_, err = both.LiveSet(t.Context(), "contoso.com", "TXT")
	wantFault(t, err, federation.Conflict, "NameServersDisagree", b.Addr()+" shows nothing")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = both.LiveSet(t.Context(), "contoso.com", "TXT")
	wantFault(t, err, federation.Unavailable, "LiveRecordsUnknown", b.Addr()+" ")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := both.LiveSet(ctx, "contoso.com", "TXT"); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestLiveZones finds where a name's zone begins, also below an alias.
func TestLiveZones(t *testing.T) {
	t.Parallel()
	s := nameServer(t)
	set(t, s, "autodiscover.contoso.com", "CNAME", "mail.fabrikam.com.")
	set(t, s, "autodiscover.sales.contoso.com", "CNAME", "autodiscover.contoso.com.")
	cases := map[string]string{
		"contoso.com": "contoso.com", "eu.contoso.com": "contoso.com", "sales.contoso.com": "sales.contoso.com", "a.b.sales.contoso.com": "sales.contoso.com",
		"autodiscover.contoso.com": "contoso.com", "autodiscover.sales.contoso.com": "sales.contoso.com", "_autodiscover._tcp.contoso.com": "contoso.com",
	}
	for name, want := range cases {
		if got, err := live(s.Addr()).Zone(t.Context(), name); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %s", name, got, err, want)
		}
	}
	if len(cases) < 7 {
		t.Errorf("only %d cases", len(cases))
	}
	_, err := live(s.Addr()).Zone(t.Context(), "fabrikam.com")
	wantFault(t, err, federation.Unavailable, "LiveRecordsUnknown", "said REFUSED")
	other, err := dns.StartServer("127.0.0.1:0", "contoso.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	_, err = live(s.Addr(), other.Addr()).Zone(t.Context(), "sales.contoso.com")
	wantFault(t, err, federation.Conflict, "NameServersDisagree", "zone of sales.contoso.com", s.Addr()+" shows sales.contoso.com", other.Addr()+" shows contoso.com")
}

// TestZoneOf guesses zones by the public suffix list.
func TestZoneOf(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"contoso.com": "contoso.com", "autodiscover.sales.contoso.com": "contoso.com", "_autodiscover._tcp.contoso.co.uk": "contoso.co.uk",
		"co.uk": "co.uk", "com": "com", "contoso.example": "contoso.example", "eu.contoso.internal": "contoso.internal",
		"a.contoso.kawasaki.jp": "a.contoso.kawasaki.jp", "a.city.kawasaki.jp": "city.kawasaki.jp", "sales.xn--bcher-kva.de": "xn--bcher-kva.de",
		"contoso.uk.com": "contoso.uk.com", "x.contoso.xn--p1ai": "contoso.xn--p1ai",
	}
	for name, want := range cases {
		if got := dns.ZoneOf(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if len(cases) < 12 {
		t.Errorf("only %d cases", len(cases))
	}
}

// TestLiveCacheAndSilence takes no time to live from a cache, and no empty answer from one that
// does not say that there is nothing.
func TestLiveCacheAndSilence(t *testing.T) {
	t.Parallel()
	cache := newFake(t, func(q []byte) [][]byte {
		return [][]byte{lie(t, q, func(a *mdns.Msg) { a.Authoritative = false; a.Answer[0].Header().Ttl = 17 })}
	}, nil)
	got, err := live(cache.address).LiveSet(t.Context(), "contoso.com", "TXT")
	if len(got.Records) != 1 || got.TTL != 0 || err != nil {
		t.Errorf("a cache: %v, %v", got, err)
	}
	silent := newFake(t, func(q []byte) [][]byte {
		return [][]byte{lie(t, q, func(a *mdns.Msg) { a.Authoritative, a.Answer = false, nil })}
	}, nil)
	_, err = live(silent.address).LiveSet(t.Context(), "contoso.com", "TXT")
	wantFault(t, err, federation.Unavailable, "LiveRecordsUnknown", "showed no records and did not say that there are none")
	_, err = live(silent.address).Zone(t.Context(), "contoso.com")
	wantFault(t, err, federation.Unavailable, "LiveRecordsUnknown", silent.address+" shows no zone it lies in")
}
