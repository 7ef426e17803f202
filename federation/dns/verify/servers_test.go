package verify_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"exfed/federation"
	"exfed/federation/dns"
	"exfed/federation/dns/verify"

	"github.com/google/go-cmp/cmp"
	mdns "github.com/miekg/dns"
)

// TestNobodyElseIsAsked: questions go to the resolver that the user named and to the servers
// the delegation names, and connections to the host at the end of the aliases, whatever else
// the answers name.
func TestNobodyElseIsAsked(t *testing.T) {
	t.Parallel()
	evil := listen(t, func(query *mdns.Msg) *mdns.Msg { return answerOf(query) }, nil)
	second := listen(t, func(query *mdns.Msg) *mdns.Msg {
		answer := new(mdns.Msg).SetReply(query)
		answer.Authoritative = true
		answer.Ns = []mdns.RR{record("contoso.example. 60 IN NS ns.evil.example.")}
		answer.Extra = []mdns.RR{record("ns.evil.example. 60 IN A 198.51.100.1")}
		switch query.Question[0].Qtype {
		case mdns.TypeTXT:
			answer.Answer = []mdns.RR{&mdns.TXT{Hdr: mdns.RR_Header{Name: "contoso.example.", Rrtype: mdns.TypeTXT, Class: mdns.ClassINET}, Txt: []string{proof}}}
		case mdns.TypeCNAME:
			answer.Answer = []mdns.RR{record("autodiscover.contoso.example. 60 IN CNAME mail.contoso.example."), record("mail.contoso.example. 60 IN A 198.51.100.2")}
		}
		return answer
	}, nil)
	g := newGrove(t, second)
	g.put("198.51.100.1:53", evil)
	g.set(t, "contoso.example", "TXT", proof)
	g.set(t, "contoso.example", "NS", "n0.contoso.example.", "ns.evil.example.")
	g.set(t, "ns.contoso.example", "A", "198.51.100.1")
	g.set(t, "autodiscover.contoso.example", "CNAME", "mail.contoso.example.")
	g.set(t, "mail.contoso.example", "A", "192.0.2.80")
	findings := check(t, g.checker(), contoso())
	want := []string{"contoso.example Warning P22 NameServersDiffer", "autodiscover.contoso.example Warning P22 NameServersDiffer"}
	if diff := cmp.Diff(want, brief(findings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	allowed := sorted([]string{g.resolver, g.Where("192.0.2.53:53"), g.honest.Addr(), second})
	if diff := cmp.Diff(allowed, sorted(g.asked)); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"autodiscover.contoso.example [192.0.2.80]"}, g.reached); diff != "" {
		t.Errorf("reached (-want +got):\n%s", diff)
	}
}

// TestServersGivenStandForAll: with them no delegation is followed and no resolver of this
// machine asked.
func TestServersGivenStandForAll(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	g.set(t, "contoso.example", "TXT", "v=spf1 -all")
	c := g.checker()
	c.Servers, c.Resolvers = []string{g.honest.Addr()}, nil
	findings := check(t, c, contoso())
	want := []string{"contoso.example Error P01 ProofAbsent", "autodiscover.contoso.example Error N04 AutodiscoverAbsent"}
	if diff := cmp.Diff(want, brief(findings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{g.honest.Addr()}, sorted(g.asked)); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// TestSystemIsOneView: of this machine's resolvers the first that answers is asked alone.
func TestSystemIsOneView(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	g.set(t, "contoso.example", "TXT", proof)
	asked := make(chan string, 100)
	never := listen(t, func(query *mdns.Msg) *mdns.Msg { asked <- query.Question[0].Name; return answerOf(query) }, nil)
	c := g.checker()
	c.Resolvers, c.System = nil, []string{"127.0.0.1:1", g.resolver, never}
	findings := check(t, c, contoso()[:1])
	if diff := cmp.Diff([]string{"contoso.example Success"}, brief(findings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(asked) > 0 {
		t.Errorf("the second resolver was asked about %s", <-asked)
	}
}

// TestBothKindsOfAddress: a server is asked at its IPv4 and at its IPv6 address, and they may
// differ.
func TestBothKindsOfAddress(t *testing.T) {
	t.Parallel()
	six, err := net.ListenPacket("udp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here")
	}
	six.Close()
	v6, err := dns.StartServer(six.LocalAddr().String(), "contoso.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v6.Close() })
	g := newGrove(t)
	g.set(t, "contoso.example", "TXT", proof)
	g.put("192.0.2.53:53", listen(t, func(query *mdns.Msg) *mdns.Msg {
		answer := new(mdns.Msg).SetReply(query)
		answer.Ns = []mdns.RR{record("contoso.example. 60 IN NS n0.contoso.example.")}
		answer.Extra = []mdns.RR{record("n0.contoso.example. 60 IN AAAA 2001:db8::100"), record("n0.contoso.example. 60 IN A 192.0.2.100")}
		return answer
	}, nil))
	g.put("[2001:db8::100]:53", v6.Addr())
	want := []federation.Sighting{{Server: v6.Addr() + " (n0.contoso.example)", What: "no TXT record; who asks now remembers that for 0s"}}
	findings := check(t, g.checker(), contoso()[:1])
	if diff := cmp.Diff([]string{"contoso.example Error P16 NotEverywhere"}, brief(findings)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, findings[0].Seen); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// withoutIPv6 is an Asker on a machine that has no way to IPv6 addresses.
type withoutIPv6 struct{ verify.Asker }

func (w withoutIPv6) Ask(ctx context.Context, server string, q dns.Question) (*mdns.Msg, error) {
	if strings.HasPrefix(server, "[2001:db8:") {
		return nil, fmt.Errorf("was not reached: %w", os.NewSyscallError("connect", syscall.ENETUNREACH))
	}
	return w.Asker.Ask(ctx, server, q)
}

// TestMachineWithoutIPv6: that a server has an IPv6 address is no fault, here or there.
func TestMachineWithoutIPv6(t *testing.T) {
	t.Parallel()
	g := newGrove(t, "[2001:db8::7]:53")
	g.set(t, "contoso.example", "TXT", proof)
	c := g.checker()
	c.Client = withoutIPv6{&g.tree}
	if diff := cmp.Diff([]string{"contoso.example Success"}, brief(check(t, c, contoso()[:1]))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	g.put("192.0.2.100:53", "[2001:db8::8]:53")
	findings := check(t, c, contoso()[:1])
	if diff := cmp.Diff([]string{"contoso.example Error P23 NoNameServer"}, brief(findings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTimeLeft: who remembers that there was nothing is named with how long he still will.
func TestTimeLeft(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	g.set(t, "contoso.example", "TXT", proof)
	late := listen(t, func(query *mdns.Msg) *mdns.Msg {
		answer := answerOf(query)
		answer.Ns = []mdns.RR{record("contoso.example. 1234 IN SOA ns.contoso.example. hostmaster.contoso.example. 1 3600 600 86400 3600")}
		if query.Question[0].Qtype == mdns.TypeSOA {
			answer.Answer, answer.Ns = answer.Ns, nil
		}
		return answer
	}, nil)
	c := g.checker()
	c.Resolvers = append(c.Resolvers, late)
	findings := check(t, c, contoso()[:1])
	want := []federation.Sighting{{Server: late, What: "no TXT record; remembered for up to 20m34s"}}
	if len(findings) != 1 || findings[0].ID != "P16" {
		t.Fatalf("%v", findings)
	}
	if diff := cmp.Diff(want, findings[0].Seen); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestResolversDown: where nobody says where things begin, the finding says who was asked.
func TestResolversDown(t *testing.T) {
	t.Parallel()
	findings := check(t, &verify.Checker{Resolvers: []string{"127.0.0.1:1"}}, contoso()[:1])
	if len(findings) != 1 {
		t.Fatalf("%v", findings)
	}
	want := federation.DNSFinding{ID: "P23", Cause: "NoNameServer", Record: findings[0].Record, Domain: "contoso.example", Type: federation.EventError,
		Message: "the domain's name servers are not known: no resolver says where example is: 127.0.0.1:1 refused the connection",
		Seen:    []federation.Sighting{{Server: "127.0.0.1:1", What: "refused the connection"}},
		Action:  "check the domain's registration and its name servers, or ask others; none of those asked answers for contoso.example"}
	if diff := cmp.Diff(want, findings[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPrivateZone: a zone below a top-level domain that only the resolver knows is asked all
// the same, and so are names below it that are no zones.
func TestPrivateZone(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	g.set(t, "sales.contoso.example", "TXT", proof)
	forwarded := forward(t, "udp", g.honest.Addr())
	c := g.checker()
	c.Resolvers = []string{listen(t, func(query *mdns.Msg) *mdns.Msg {
		if query.Question[0].Name == "example." {
			answer := new(mdns.Msg).SetReply(query)
			answer.Rcode = mdns.RcodeNameError
			return answer
		}
		answer := forwarded(query)
		if answer != nil {
			answer.Authoritative = false
		}
		return answer
	}, nil)}
	g.set(t, "n0.contoso.example", "A", "192.0.2.100")
	below := contoso()[:1]
	below[0].Name, below[0].Domain = "sales.contoso.example", "sales.contoso.example"
	if diff := cmp.Diff([]string{"sales.contoso.example Success"}, brief(check(t, c, below))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAliasBesideAddresses has what no server loads that checks its zones.
func TestAliasBesideAddresses(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	g.set(t, "autodiscover.contoso.example", "CNAME", "mail.contoso.example.")
	g.set(t, "autodiscover.contoso.example", "A", "192.0.2.81")
	g.set(t, "mail.contoso.example", "A", "192.0.2.80")
	findings := check(t, g.checker(), contoso()[1:])
	if diff := cmp.Diff([]string{"autodiscover.contoso.example Error P18 AliasBesideData"}, brief(findings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHostileTexts: what servers show is told in short, printable and valid UTF-8.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	g.set(t, "contoso.example", "TXT", "\x1b[31m\xff\xfe\u202e"+strings.Repeat("z", 5000), proof+"\x00", "AppID=\x1b]0;x\x07")
	g.set(t, "autodiscover.contoso.example", "CNAME", `a\027b\255.contoso.example.`)
	findings := check(t, g.checker(), contoso())
	if len(findings) < 3 {
		t.Fatalf("%d findings", len(findings))
	}
	shown := 0
	for _, f := range findings {
		texts := []string{f.Message, f.Action}
		for _, s := range f.Seen {
			texts = append(texts, s.Server, s.What)
		}
		for _, text := range texts {
			shown++
			if len(text) > 2000 || strings.Trim(text, printableASCII()) != "" {
				t.Errorf("%s: %q", f.ID, text)
			}
		}
	}
	if shown < 9 {
		t.Errorf("%d texts only", shown)
	}
}

func printableASCII() string {
	var all strings.Builder
	for c := ' '; c <= '~'; c++ {
		all.WriteRune(c)
	}
	return all.String()
}

// TestWholeFindings compares findings as a whole.
func TestWholeFindings(t *testing.T) {
	t.Parallel()
	g := newGrove(t, "127.0.0.1:1")
	g.set(t, "contoso.example", "TXT", "v=spf1 -all")
	record := contoso()[0]
	where := g.honest.Addr() + " (n0.contoso.example)"
	want := []federation.DNSFinding{
		{
			ID: "P01", Cause: "ProofAbsent", Record: record.DNSRecord, Domain: "contoso.example", Type: federation.EventError,
			Message: "no name server shows the proof",
			Seen:    []federation.Sighting{{Server: where, What: `TXT "v=spf1 -all"`}, {Server: g.resolver, What: `TXT "v=spf1 -all"`}},
			Action:  "publish the TXT record at contoso.example; if that was done, look whether it was done where the domain is delegated to",
		},
		{
			ID: "P19", Cause: "NameServerSilent", Record: record.DNSRecord, Domain: "contoso.example", Type: federation.EventWarning,
			Message: "a name server gives no answer",
			Seen:    []federation.Sighting{{Server: "127.0.0.1:1 (n1.contoso.example)", What: "refused the connection"}},
			Action:  "have the DNS host bring the server back, or take it out of the delegation",
		},
	}
	if diff := cmp.Diff(want, check(t, g.checker(), contoso()[:1])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	g.set(t, "contoso.example", "TXT", proof)
	want = []federation.DNSFinding{want[1]}
	if diff := cmp.Diff(want, check(t, g.checker(), contoso()[:1])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNobodyToAsk: without any server nothing can be said.
func TestNobodyToAsk(t *testing.T) {
	t.Parallel()
	findings, err := (&verify.Checker{}).CheckRecords(t.Context(), contoso())
	if findings != nil || !federation.IsKind(err, federation.Invalid) {
		t.Errorf("%v, %v", findings, err)
	}
}
