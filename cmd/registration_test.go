package cmd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/dns/verify"
)

// TestCausesAreTheCheckers: what the operations tell apart has the names the checker gives.
func TestCausesAreTheCheckers(t *testing.T) {
	t.Parallel()
	want := map[string]verify.Cause{federation.ProofAbsentCause: verify.ProofAbsent, federation.NoNameServerCause: verify.NoNameServer}
	for cause, of := range want {
		if cause != string(of) {
			t.Errorf("%q is %q to the checker", cause, of)
		}
	}
}

// TestProofHints: every finding is told in one line of its own, bounded and harmless, and
// what can be done after that.
func TestProofHints(t *testing.T) {
	t.Parallel()
	absent := federation.DNSFinding{ID: "P01", Domain: "contoso.com", Message: "no name server shows the proof", Action: "publish it",
		Seen: []federation.Sighting{{Server: "ns1.contoso.com (192.0.2.1:53)", What: "no TXT record"}, {Server: "192.0.2.2:53", What: "no such name"}}}
	hostile := federation.DNSFinding{ID: "P03", Domain: "contoso.ca", Message: "mangled\nhint: rm -rf", Seen: []federation.Sighting{
		{Server: "\x1b[2J", What: "\u202e" + strings.Repeat("é", 300)},
	}}
	many := absent
	many.Seen = make([]federation.Sighting, 12)
	for i := range many.Seen {
		many.Seen[i] = federation.Sighting{Server: fmt.Sprint("s", i), What: "x"}
	}
	refused := &federation.Error{Kind: federation.Refused, ID: "AnotherProof"}
	general := []string{
		"exfed get-federateddomainproof -DomainName DOMAIN prints the TXT record to publish in the domain itself",
		"exfed test-federateddnsrecord -DomainName DOMAIN looks again, and says what each name server shows; docs/dns-findings.md explains each Id",
		"-SkipDnsCheck has the broker look all the same; a proof it does not find counts towards locking the domain for a day",
	}
	for _, c := range []struct {
		summary  *federation.Error
		findings []federation.DNSFinding
		want     []string
	}{
		{refused, []federation.DNSFinding{absent, hostile, many}, append([]string{
			"P01 contoso.com: no name server shows the proof (ns1.contoso.com (192.0.2.1:53): no TXT record; 192.0.2.2:53: no such name); publish it",
			`P03 contoso.ca: mangled\nhint: rm -rf (\u{1B}[2J: \u{202E}` + strings.Repeat("é", 199) + "...)",
			"P01 contoso.com: no name server shows the proof (s0: x; s1: x; s2: x; s3: x; s4: x; s5: x; s6: x; s7: x; s8: x; s9: x; and 2 servers more); publish it",
		}, general...)},
		{&federation.Error{Kind: federation.Unavailable, ID: "ProofNotChecked"}, nil, []string{
			"nothing was changed; try again later, name others with -DnsServer, or leave the check to the broker with -SkipDnsCheck",
		}},
	} {
		got := explain("add-federateddomain", fmt.Errorf("wrapped: %w", &federation.ProofsNotLive{Summary: c.summary, Findings: c.findings}))
		if diff := cmp.Diff(c.want, got.hints); diff != "" {
			t.Errorf("hints (-want +got):\n%s", diff)
		}
	}
	got := proofHints(&federation.ProofsNotLive{Summary: refused, Findings: make([]federation.DNSFinding, 60)})
	if len(got) != 50+1+len(general) || got[50] != "and 10 findings more" {
		t.Errorf("%d lines: %q", len(got), got)
	}
}
