package dns_test

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"exfed/federation/dns"

	"github.com/google/go-cmp/cmp"
)

// contoso starts a name server whose contoso.com shows the proof.
func contoso(t *testing.T) *dns.Server {
	t.Helper()
	server, err := dns.StartServer("127.0.0.1:0", "contoso.com", "Fabrikam.COM.")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	set(t, server, "contoso.com", "TXT", proof)
	return server
}

func set(t *testing.T, server *dns.Server, name, recordType string, values ...string) {
	t.Helper()
	if err := server.Set(name, recordType, values...); err != nil {
		t.Fatal(err)
	}
}

func dig(t *testing.T, server *dns.Server, args ...string) string {
	t.Helper()
	host, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"@" + host, "-p", port, "+norecurse", "+tries=1", "+time=5"}, args...)
	out, err := exec.Command(peer(t, "dig"), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("dig %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestDigReadsServer has dig read what the server says.
func TestDigReadsServer(t *testing.T) {
	t.Parallel()
	server := contoso(t)
	set(t, server, "www.contoso.com", "CNAME", "HOST.fabrikam.com.")
	set(t, server, "host.fabrikam.com", "A", "192.0.2.1", "192.0.2.2")
	set(t, server, "_autodiscover._tcp.contoso.com", "SRV", "0 0 443 mail.contoso.com.")
	set(t, server, "long.contoso.com", "TXT", strings.Repeat("a", 255)+"b\"\\\x00")
	set(t, server, "away.contoso.com", "CNAME", "elsewhere.example.")
	set(t, server, "big.contoso.com", "TXT", manyTexts(20)...)
	for args, want := range map[string][]string{
		"+short contoso.com TXT":                     {`"` + proof + `"` + "\n"},
		"+short CONTOSO.com TXT":                     {`"` + proof + `"` + "\n"},
		"+short +tcp contoso.com TXT":                {`"` + proof + `"` + "\n"},
		"+short www.contoso.com A":                   {"HOST.fabrikam.com.\n192.0.2.1\n192.0.2.2\n"},
		"+short www.contoso.com CNAME":               {"HOST.fabrikam.com.\n"},
		"+short _autodiscover._tcp.contoso.com SRV":  {"0 0 443 mail.contoso.com.\n"},
		"+short long.contoso.com TXT":                {`"` + strings.Repeat("a", 255) + `" "b\"\\\000"` + "\n"},
		"+short contoso.com SOA":                     {"ns.contoso.com. hostmaster.contoso.com. 1 3600 600 86400 0\n"},
		"+short contoso.com NS":                      {"ns.contoso.com.\n"},
		"contoso.com A":                              {"status: NOERROR", "flags: qr aa;", "ANSWER: 0, AUTHORITY: 1", "SOA"},
		"_tcp.contoso.com TXT":                       {"status: NOERROR", "ANSWER: 0, AUTHORITY: 1"},
		"missing.contoso.com TXT":                    {"status: NXDOMAIN", "ANSWER: 0, AUTHORITY: 1", "SOA"},
		"away.contoso.com A":                         {"status: NOERROR", "ANSWER: 1, AUTHORITY: 0", "elsewhere.example."},
		"elsewhere.example TXT":                      {"status: REFUSED"},
		"notcontoso.com TXT":                         {"status: REFUSED"},
		"-c CH contoso.com TXT":                      {"status: REFUSED"},
		"+edns=1 +noednsnegotiation contoso.com TXT": {"status: BADVERS"},
		"+opcode=notify contoso.com SOA":             {"status: NOTIMP"},
		"+ignore +noedns big.contoso.com TXT":        {"flags: qr aa tc;"},
		"+ignore +bufsize=1232 big.contoso.com TXT":  {"flags: qr aa tc;", "udp: 1232"},
		"+bufsize=4096 big.contoso.com TXT":          {"Truncated, retrying in TCP mode", "ANSWER: 20", "flags: qr aa;"},
		"+ignore +bufsize=4096 big.contoso.com TXT":  {"flags: qr aa tc;"},
		"+ignore +noedns contoso.com TXT":            {"flags: qr aa;", "ANSWER: 1"},
	} {
		out := dig(t, server, strings.Fields(args)...)
		for _, text := range want {
			if strings.HasPrefix(args, "+short") && out != text || !strings.Contains(out, text) {
				t.Errorf("dig %s: no %q in:\n%s", args, text, out)
			}
		}
	}
}

func manyTexts(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("%03d%s", i, strings.Repeat("x", 90))
	}
	return texts
}

func TestServerChanges(t *testing.T) {
	t.Parallel()
	server := contoso(t)
	r := &dns.Resolver{Servers: []string{server.Addr()}, Timeout: 5 * time.Second}
	expect := func(name string, want ...string) {
		t.Helper()
		got, err := r.LookupTXT(t.Context(), name)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	expect("contoso.com", proof)
	set(t, server, "Contoso.com.", "txt", otherProof, "v=spf1 -all")
	expect("contoso.com", otherProof, "v=spf1 -all")
	server.Remove("CONTOSO.com", "TXT")
	server.Remove("contoso.com", "TXT")
	server.Remove("elsewhere.example", "TXT")
	expect("contoso.com")
	set(t, server, "a.fabrikam.com", "TXT", proof)
	expect("a.fabrikam.com", proof)
	set(t, server, "a.fabrikam.com", "TXT")
	expect("a.fabrikam.com")
	for _, wrong := range [][]string{
		{"elsewhere.example", "TXT", "x"}, {"contoso.com", "NONSENSE", "x"}, {"contoso.com", "", "x"},
		{"contoso.com", "A", "999.1.1.1"}, {"contoso.com", "A", ""}, {"contoso.com", "A", "192.0.2.1\nb A 192.0.2.2"},
	} {
		if err := server.Set(wrong[0], wrong[1], wrong[2]); err == nil {
			t.Errorf("Set(%q) is taken", wrong)
		}
	}
	for _, zone := range []string{"Contoso.com.", "", "a..b"} {
		if _, err := dns.StartServer("127.0.0.1:0", "contoso.com", zone); err == nil {
			t.Errorf("zone %q is taken", zone)
		}
	}
	if _, err := dns.StartServer(server.Addr()); err == nil {
		t.Error("two servers on one port")
	}
}

// TestServerAtOnce changes records while many ask for them.
func TestServerAtOnce(t *testing.T) {
	t.Parallel()
	server := contoso(t)
	r := &dns.Resolver{Servers: []string{server.Addr()}, Timeout: 10 * time.Second}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for n := range 20 {
				if i == 0 {
					if err := server.Set("contoso.com", "TXT", []string{proof, otherProof}[n%2]); err != nil {
						t.Error(err)
					}
					continue
				}
				got, err := r.LookupTXT(t.Context(), "contoso.com")
				if err != nil || len(got) != 1 || got[0] != proof && got[0] != otherProof {
					t.Errorf("%q, %v", got, err)
				}
			}
		})
	}
	group.Wait()
}

func TestServerOnIPv6(t *testing.T) {
	t.Parallel()
	server, err := dns.StartServer("[::1]:0", "contoso.com")
	if err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	defer server.Close()
	set(t, server, "contoso.com", "TXT", proof)
	servers, err := dns.ParseServers(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	got, err := (&dns.Resolver{Servers: servers}).LookupTXT(t.Context(), "contoso.com")
	if diff := cmp.Diff([]string{proof}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
