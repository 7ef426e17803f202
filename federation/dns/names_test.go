package dns_test

import (
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/dns"
)

// lookupServices reads SRV records in the order in which to try them.
func lookupServices(t *testing.T, r *dns.Resolver) {
	t.Helper()
	all := []net.SRV{
		{Target: "zeroth.contoso.com", Port: 8443},
		{Target: "first.contoso.com", Port: 443, Priority: 10, Weight: 50},
		{Target: "second.contoso.com", Port: 443, Priority: 10, Weight: 5},
	}
	for name, want := range map[string][]net.SRV{
		"_autodiscover._tcp.contoso.com": all, "srvalias.contoso.com": all,
		"_none._tcp.contoso.com": nil, "host.contoso.com": nil, "missing.contoso.com": nil,
	} {
		got, err := r.LookupSRV(t.Context(), name)
		if len(got) == 0 {
			got = nil
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	_, err := r.LookupSRV(t.Context(), "_autodiscover._tcp.broken.example")
	checkError(t, "broken.example", err, federation.Unavailable, "DnsUnavailable", "SERVFAIL")
}

// lookupAliases follows the aliases of hosts.
func lookupAliases(t *testing.T, r *dns.Resolver) {
	t.Helper()
	type answer struct {
		Aliases []string
		Exists  bool
	}
	for host, want := range map[string]answer{
		"host.contoso.com":       {nil, true},
		"Alias.contoso.com":      {[]string{"host.contoso.com"}, true},
		"proofalias.contoso.com": {[]string{"contoso.com"}, true},
		"across.contoso.com":     {[]string{"fabrikam.com"}, true},
		"below.contoso.com":      {nil, true},
		"missing.contoso.com":    {nil, false},
		"nowhere.contoso.com":    {[]string{"missing.contoso.com"}, false},
		"hop7.contoso.com":       {[]string{"hop8.contoso.com", "hop9.contoso.com"}, true},
	} {
		var got answer
		var err error
		got.Aliases, got.Exists, err = r.LookupAliases(t.Context(), host)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", host, err, diff)
		}
	}
	for host, id := range map[string]string{"hop0.contoso.com": "DnsAliasLoop", "away.contoso.com": "DnsUnavailable", "a..contoso.com": "InvalidDnsName"} {
		kind := map[string]federation.Kind{"DnsAliasLoop": federation.Untrusted, "DnsUnavailable": federation.Unavailable, "InvalidDnsName": federation.Invalid}[id]
		aliases, exists, err := r.LookupAliases(t.Context(), host)
		if aliases != nil || exists {
			t.Errorf("%s: %q %v", host, aliases, exists)
		}
		checkError(t, host, err, kind, id, "")
	}
}
