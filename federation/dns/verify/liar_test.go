package verify_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"exfed/federation"
	"exfed/federation/dns"

	"github.com/google/go-cmp/cmp"
	mdns "github.com/miekg/dns"
)

// TestLiarsHideNothing puts servers that answer something else, or nothing, beside an honest
// one. What that shows is always found, live or absent, and the other is named with what it
// did.
func TestLiarsHideNothing(t *testing.T) {
	t.Parallel()
	lie := func(change func(*mdns.Msg)) func([]byte) []byte {
		return packing(t, func(query *mdns.Msg) *mdns.Msg {
			answer := new(mdns.Msg).SetReply(query)
			answer.Authoritative = true
			answer.Answer = []mdns.RR{&mdns.TXT{Hdr: mdns.RR_Header{Name: query.Question[0].Name, Rrtype: mdns.TypeTXT, Class: mdns.ClassINET}, Txt: []string{otherProof}}}
			change(answer)
			return answer
		})
	}
	cut := lie(func(a *mdns.Msg) { a.Truncated, a.Answer = true, nil })
	bytes := func(text string) func([]byte) []byte { return func([]byte) []byte { return []byte(text) } }
	wrong := func(name string, kind, class uint16) func([]byte) []byte {
		return lie(func(a *mdns.Msg) { a.Question[0] = mdns.Question{Name: name, Qtype: kind, Qclass: class} })
	}
	rcode := func(code int) func([]byte) []byte {
		return lie(func(a *mdns.Msg) { a.Rcode, a.Answer = code, nil })
	}
	const silent, lame, garbled = "P19 NameServerSilent", "P20 NameServerLame", "P21 NameServerGarbled"
	cases := []struct {
		name     string
		udp, tcp func([]byte) []byte
		want     string
		says     string
	}{
		{"nothing", func([]byte) []byte { return nil }, nil, silent, "did not answer in time"},
		{"wrong id", lie(func(a *mdns.Msg) { a.Id++ }), nil, garbled, "another query's id"},
		{"wrong name", wrong("evil.example.", mdns.TypeTXT, mdns.ClassINET), nil, garbled, "another question"},
		{"wrong type", wrong("contoso.example.", mdns.TypeA, mdns.ClassINET), nil, garbled, "another question"},
		{"wrong class", wrong("contoso.example.", mdns.TypeTXT, mdns.ClassCHAOS), nil, garbled, "another question"},
		{"no question", lie(func(a *mdns.Msg) { a.Question = nil }), nil, garbled, "another question"},
		{"echo", func(q []byte) []byte { return q }, nil, garbled, "sent a question"},
		{"a page", bytes("HTTP/1.1 400 Bad Request\r\n\r\n"), nil, garbled, "not DNS"},
		{"one byte", bytes("\x01"), nil, garbled, "not DNS"},
		{"SERVFAIL", rcode(mdns.RcodeServerFailure), nil, lame, "said SERVFAIL"},
		{"REFUSED", rcode(mdns.RcodeRefused), nil, lame, "said REFUSED"},
		{"NOTAUTH", rcode(mdns.RcodeNotAuth), nil, lame, "said NOTAUTH"},
		{"NOTIMP", rcode(mdns.RcodeNotImplemented), nil, lame, "said NOTIMP"},
		{"FORMERR", rcode(mdns.RcodeFormatError), nil, lame, "said FORMERR"},
		{"RCODE 3841", rcode(15), nil, lame, "said RCODE 15"},
		{"from memory", lie(func(a *mdns.Msg) { a.Authoritative = false }), nil, lame, "is not authoritative"},
		{"upward", packing(t, upward), nil, lame, "refers to other name servers"},
		{"many", cut, lie(tooMany), garbled, "more than 512 records"},
	}
	if len(cases) < 18 {
		t.Errorf("%d cases only", len(cases))
	}
	var group sync.WaitGroup // more side by side than tests would run: most only wait
	defer group.Wait()
	for _, c := range cases {
		g := newGrove(t, listenRaw(t, c.udp, c.tcp))
		g.quick = true
		g.set(t, "contoso.example", "TXT", proof)
		group.Go(func() {
			findings, err := g.checker().CheckRecords(t.Context(), contoso()[:1])
			if diff := cmp.Diff([]string{"contoso.example Warning " + c.want}, brief(findings)); diff != "" || err != nil {
				t.Errorf("%s, live: %v (-want +got):\n%s", c.name, err, diff)
				return
			}
			if seen := findings[0].Seen; len(seen) != 1 || !strings.Contains(seen[0].Server, "n1.contoso.example") || !strings.Contains(seen[0].What, c.says) {
				t.Errorf("%s: %v, want %q", c.name, seen, c.says)
			}
			g.honest.Remove("contoso.example", "TXT")
			findings, err = g.checker().CheckRecords(t.Context(), contoso()[:1])
			want := []string{"contoso.example Error P01 ProofAbsent", "contoso.example Warning " + c.want}
			if diff := cmp.Diff(want, brief(findings)); diff != "" || err != nil {
				t.Errorf("%s, absent: %v (-want +got):\n%s", c.name, err, diff)
			}
		})
	}
}

func tooMany(a *mdns.Msg) {
	for len(a.Answer) < 600 {
		a.Answer = append(a.Answer, a.Answer[0])
	}
	a.Compress = true
}

// TestLiarsAlone: with nobody honest there is one finding, that nothing is known.
func TestLiarsAlone(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	g.put("192.0.2.100:53", listenRaw(t, func([]byte) []byte { return []byte("no") }, nil))
	findings := check(t, g.checker(), contoso())
	want := []string{"contoso.example Error P23 NoNameServer", "autodiscover.contoso.example Error P23 NoNameServer"}
	if diff := cmp.Diff(want, brief(findings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSlowServersAreAskedSideBySide: ten silent servers take as long as one.
func TestSlowServersAreAskedSideBySide(t *testing.T) {
	t.Parallel()
	var silent []string
	for range 10 {
		silent = append(silent, listenRaw(t, func([]byte) []byte { return nil }, nil))
	}
	g := newGrove(t, silent...)
	g.set(t, "contoso.example", "TXT", proof)
	c := g.checker()
	c.Client = &dns.Client{Timeout: time.Second}
	begun := time.Now()
	findings := check(t, c, contoso()[:1])
	if took := time.Since(begun); took > 8*time.Second {
		t.Errorf("it took %s, for ten servers that keep silent for two seconds each", took)
	}
	if len(findings) != 1 || findings[0].Type != federation.EventWarning || len(findings[0].Seen) != 10 {
		t.Errorf("%v", findings)
	}
	names := []string{}
	for _, s := range findings[0].Seen {
		names = append(names, s.Server)
	}
	if len(slices.Compact(names)) != 10 {
		t.Errorf("%v", names)
	}
}
