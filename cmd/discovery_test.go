package cmd

import (
	"context"
	"errors"
	"strings"
	"testing"

	"exfed/federation"
	"exfed/federation/autodiscover"
)

// TestDiscoveryAdvice: the attempt that came nearest to an answer says what to do next.
func TestDiscoveryAdvice(t *testing.T) {
	t.Parallel()
	at := func(host string, outcome autodiscover.Outcome) autodiscover.Attempt {
		return autodiscover.Attempt{URL: "https://" + host + "/autodiscover/autodiscover.svc", Outcome: outcome, Reason: "so it is"}
	}
	gone := at("gone.example", autodiscover.NoSuchName)
	record := autodiscover.Attempt{URL: "dns:_autodiscover._tcp.fabrikam.com?type=SRV", Outcome: autodiscover.NameServerFailed}
	cases := []struct {
		name     string
		attempts []autodiscover.Attempt
		want     string // beginning
	}{
		{"nobody is there", []autodiscover.Attempt{gone, at("b.example", autodiscover.NoAddress)}, "is fabrikam.com spelled right? "},
		{"nobody listens", []autodiscover.Attempt{gone, at("b.example", autodiscover.ConnectionRefused)}, "look at the way to b.example "},
		{"nobody answers", []autodiscover.Attempt{gone, at("b.example", autodiscover.TimedOut)}, "look at the way to b.example "},
		{"no name server", []autodiscover.Attempt{gone, record}, "look at the way to dns:_autodiscover._tcp.fabrikam.com?type=SRV "},
		{"a page", []autodiscover.Attempt{at("a.example", autodiscover.TimedOut), at("b.example", autodiscover.WebPage)}, "the partner has to publish /autodiscover/autodiscover.svc on b.example "},
		{"a status", []autodiscover.Attempt{gone, at("b.example", autodiscover.Status), at("c.example", autodiscover.WebPage)}, "the partner has to publish /autodiscover/autodiscover.svc on b.example "},
		{"a redirect to nowhere", []autodiscover.Attempt{gone, at("b.example", autodiscover.RedirectRefused)}, "the partner has to publish /autodiscover/autodiscover.svc on b.example "},
		{"a proxy", []autodiscover.Attempt{at("b.example", autodiscover.ProxyRefused), at("c.example", autodiscover.Status)}, "have the proxy let b.example through"},
		{"an authority", []autodiscover.Attempt{at("a.example", autodiscover.Status), at("b.example", autodiscover.CertificateUntrusted)}, "the partner has to mend TLS on b.example;"},
		{"a name", []autodiscover.Attempt{at("a.example", autodiscover.CertificateUntrusted), at("b.example", autodiscover.NameMismatch)},
			"if b.example is the partner's server: exfed get-federationinformation -DomainName fabrikam.com -TrustedHostnames b.example"},
		{"a consent", []autodiscover.Attempt{gone, at("b.example", autodiscover.NotConsented)},
			"if b.example is the partner's server: exfed get-federationinformation -DomainName fabrikam.com -TrustedHostnames b.example"},
		{"no", []autodiscover.Attempt{at("a.example", autodiscover.NameMismatch), at("b.example", autodiscover.Declined)}, "b.example answers and gives no information: ask the partner whether fabrikam.com"},
		{"a fault", []autodiscover.Attempt{at("b.example", autodiscover.Fault)}, "b.example answers and gives no information: "},
	}
	for _, c := range cases {
		if got := discoveryAdvice("fabrikam.com", c.attempts); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if len(cases) < 13 {
		t.Errorf("%d cases", len(cases))
	}
}

// TestUndiscovered: a failure with nothing tried stays what it is, and one that was tried is
// still an interruption.
func TestUndiscovered(t *testing.T) {
	t.Parallel()
	plain := errors.New("no such file")
	if got := newUndiscovered(plain, "fabrikam.com", nil); got != plain {
		t.Errorf("%v", got)
	}
	attempts := []autodiscover.Attempt{{URL: "https://a.example/", Reason: "silence"}}
	if got := newUndiscovered(plain, "fabrikam.com", attempts); got != plain {
		t.Errorf("%v", got)
	}
	interrupted := &federation.Error{Kind: federation.Interrupted, ID: "Interrupted", Object: "domain", Reason: "stopped", Err: context.Canceled}
	got := newUndiscovered(interrupted, "fabrikam.com", attempts)
	f := explain("get-federationinformation", got)
	if !errors.Is(got, context.Canceled) || f.code != exitInterrupted || got.Error() != "domain: stopped: context canceled\n  https://a.example/: silence" {
		t.Errorf("%v, %+v", got, f)
	}
}
