package federation_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// proofRecord is the record of a domain's proof, whose value DomainProofs gives, which OpenSSL
// has judged.
func (p *party) proofRecord(domain federation.Domain, slot federation.DomainProofSlot, thumbprint string) federation.PlannedRecord {
	p.t.Helper()
	proofs, err := p.DomainProofs(p.t.Context(), domain, thumbprint)
	p.must(err)
	return federation.PlannedRecord{DNSRecord: federation.DNSRecord{Name: string(domain), Type: "TXT", Text: proofs[0].Value}, Domain: domain,
		Purpose: "DomainProof", Slot: slot, Thumbprint: thumbprint, Remove: slot == federation.PreviousSlot}
}

func alias(domain federation.Domain, target string) federation.PlannedRecord {
	return federation.PlannedRecord{DNSRecord: federation.DNSRecord{Name: "autodiscover." + string(domain), Type: "CNAME", Target: target}, Domain: domain, Purpose: "Autodiscover"}
}

func service(domain federation.Domain, target string, port uint16) federation.PlannedRecord {
	return federation.PlannedRecord{DNSRecord: federation.DNSRecord{Name: "_autodiscover._tcp." + string(domain), Type: "SRV", Target: target, Port: port}, Domain: domain, Purpose: "Autodiscover"}
}

// TestPlanDNS follows an organization through a rotation of its certificate.
func TestPlanDNS(t *testing.T) {
	t.Parallel()
	p, first := newParty(t)
	second := p.certificate()
	_, err := p.PlanDNS(t.Context(), federation.DNSPlanRequest{})
	fails(t, err, federation.NotFound, "NoFederationTrust")
	p.trust(first)
	for name, kind := range map[string]federation.AcceptedDomainType{"*.eu.contoso.com": federation.Authoritative, "relay.contoso.com": federation.InternalRelay} {
		_, err := p.NewAcceptedDomain(t.Context(), strings.Trim(name, "*."), name, kind)
		p.must(err)
	}
	p.must(p.SetIdentifier(t.Context(), namespaceRequest()))
	const long = "a-very-long-name-of-a.subsidiary.example"
	_, err = p.NewAcceptedDomain(t.Context(), "long", long, federation.Authoritative)
	p.must(err)
	target := federation.DNSPlanRequest{AutodiscoverTarget: "mail.contoso.com"}
	tooLong := long + " has 40 characters, at most 32 can be federated: no proof of it is listed"
	domains := []federation.Domain{"contoso.ca", "contoso.co.uk", "contoso.com"} // as the file has them
	type slots map[federation.DomainProofSlot]string
	planned := func(what slots) (records []federation.PlannedRecord) {
		for _, d := range domains {
			for _, slot := range []federation.DomainProofSlot{federation.CurrentSlot, federation.NextSlot, federation.PreviousSlot} {
				if thumbprint := what[slot]; thumbprint != "" {
					records = append(records, p.proofRecord(d, slot, thumbprint))
				}
			}
			records = append(records, alias(d, "mail.contoso.com"))
		}
		return append(records, alias(long, "mail.contoso.com"))
	}
	check := func(what string, want slots) {
		t.Helper()
		got, err := p.PlanDNS(t.Context(), target)
		p.must(err)
		if diff := cmp.Diff(federation.DNSPlan{Records: planned(want), Notes: []string{tooLong}}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	check("at first", slots{federation.CurrentSlot: first})
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Thumbprint: &second}))
	check("staged", slots{federation.CurrentSlot: first, federation.NextSlot: second})
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Publish: true}))
	check("published", slots{federation.CurrentSlot: second, federation.PreviousSlot: first})
	// The account namespace may be among the domains, and needs nothing in DNS.
	p.write(strings.Replace(p.file(), "      - domain: contoso.com\n", "      - domain: contoso.com\n      - domain: fydibohf25spdlt.contoso.com\n", 1))
	check("with the account namespace", slots{federation.CurrentSlot: second, federation.PreviousSlot: first})
	p.must(os.Remove(filepath.Join(filepath.Dir(p.path), "keys", first+".pem")))
	got, err := p.PlanDNS(t.Context(), federation.DNSPlanRequest{Domains: []federation.Domain{"contoso.ca", "other.example", "contoso.ca"}, AutodiscoverTarget: "autodiscover.contoso.ca"})
	p.must(err)
	if len(got.Notes) != 3 || got.Notes[0] != "other.example is no authoritative accepted domain; it must be one before it can be federated" ||
		!strings.HasPrefix(got.Notes[1], "the proofs of the previous certificate, which can be removed, are not listed: ") ||
		got.Notes[2] != "no Autodiscover record of contoso.ca is listed: autodiscover.contoso.ca is the host it would lead to, and needs address records" {
		t.Errorf("%q", got.Notes)
	}
	want := []federation.PlannedRecord{p.proofRecord("contoso.ca", federation.CurrentSlot, second), p.proofRecord("other.example", federation.CurrentSlot, second), alias("other.example", "autodiscover.contoso.ca")}
	if diff := cmp.Diff(want, got.Records); diff != "" {
		t.Errorf("domains that were named (-want +got):\n%s", diff)
	}
	p.must(os.Remove(filepath.Join(filepath.Dir(p.path), "keys", second+".pem")))
	_, err = p.PlanDNS(t.Context(), target)
	fails(t, err, federation.NotFound, "KeyNotFound")
}

// TestPlanDNSAutodiscover leads to the target that is asked for, or to the endpoint.
func TestPlanDNSAutodiscover(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	p.trust(thumbprint)
	const none = "no Autodiscover record is listed: "
	deep := federation.Domain(strings.TrimSuffix(strings.Repeat(strings.Repeat("d", 59)+".", 4), ".")) // 239
	cases := []struct {
		name, url string
		request   federation.DNSPlanRequest
		want      []federation.PlannedRecord
		note      string
	}{
		{"nothing known", "", federation.DNSPlanRequest{}, nil, none + "the state file does not say where the organization's endpoint is"},
		{"endpoint", "https://mail.contoso.com/", federation.DNSPlanRequest{}, []federation.PlannedRecord{alias("contoso.com", "mail.contoso.com")}, ""},
		{"endpoint, SRV", "https://Mail.contoso.com:443", federation.DNSPlanRequest{Service: true}, []federation.PlannedRecord{service("contoso.com", "mail.contoso.com", 443)}, ""},
		{"endpoint at another port, SRV", "https://mail.contoso.com:8443", federation.DNSPlanRequest{Service: true}, []federation.PlannedRecord{service("contoso.com", "mail.contoso.com", 8443)}, ""},
		{"endpoint at another port", "https://mail.contoso.com:8443", federation.DNSPlanRequest{}, nil, none + "the endpoint's address is https://mail.contoso.com:8443, and only a SRV record leads to a port other than 443"},
		{"endpoint at an address", "https://192.0.2.1", federation.DNSPlanRequest{}, nil, none + `the endpoint's address is https://192.0.2.1, and Autodiscover target "192.0.2.1": is an address; CNAME and SRV records lead to a host name`},
		{"endpoint at the name", "https://autodiscover.contoso.com", federation.DNSPlanRequest{}, nil, "no Autodiscover record of contoso.com is listed: autodiscover.contoso.com is the host it would lead to, and needs address records"},
		{"target before endpoint", "https://mail.contoso.com:8443", federation.DNSPlanRequest{AutodiscoverTarget: "x.example", Service: true}, []federation.PlannedRecord{service("contoso.com", "x.example", 443)}, ""},
		{"target below the name", "", federation.DNSPlanRequest{AutodiscoverTarget: "a.autodiscover.contoso.com"}, []federation.PlannedRecord{alias("contoso.com", "a.autodiscover.contoso.com")}, ""},
		{"target at the name of the CNAME, SRV", "", federation.DNSPlanRequest{AutodiscoverTarget: "autodiscover.contoso.com", Service: true}, []federation.PlannedRecord{service("contoso.com", "autodiscover.contoso.com", 443)}, ""},
		{"253 characters", "", federation.DNSPlanRequest{Domains: []federation.Domain{deep + "d"}, AutodiscoverTarget: "x.example"}, []federation.PlannedRecord{alias(deep+"d", "x.example")}, ""},
		{"254 characters", "", federation.DNSPlanRequest{Domains: []federation.Domain{deep + "dd"}, AutodiscoverTarget: "x.example"}, nil, "no Autodiscover record of " + string(deep) + "dd is listed: a name in DNS has 253 characters at most"},
	}
	for _, c := range cases {
		if c.url != "" {
			p.must(p.KeepEndpointURL(t.Context(), c.url))
		}
		if c.request.Domains == nil {
			c.request.Domains = []federation.Domain{"contoso.com"}
		}
		plan, err := p.PlanDNS(t.Context(), c.request)
		p.must(err)
		var got []federation.PlannedRecord
		for _, r := range plan.Records {
			if r.Purpose == federation.AutodiscoverPurpose {
				got = append(got, r)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		note := ""
		if len(plan.Notes) > 0 {
			note = plan.Notes[len(plan.Notes)-1]
		}
		if c.note != note && (c.note != "" || strings.Contains(note, "Autodiscover")) {
			t.Errorf("%s: %q", c.name, plan.Notes)
		}
	}
	if len(cases) < 12 {
		t.Errorf("only %d cases", len(cases))
	}
	_, err := p.PlanDNS(t.Context(), federation.DNSPlanRequest{Domains: []federation.Domain{"contoso.com"}, AutodiscoverTarget: "autodiscover.contoso.com"})
	fails(t, err, federation.Invalid, "InvalidAutodiscoverTarget")
	before := p.file()
	p.must(p.KeepEndpointURL(t.Context(), "https://mail.contoso.com:8443")) // the one that is kept
	fails(t, p.KeepEndpointURL(t.Context(), "http://mail.contoso.com"), federation.Invalid, "InvalidExternalUrl")
	p.unchanged(before)
}

func TestParseAutodiscoverTarget(t *testing.T) {
	t.Parallel()
	good := map[string]string{"mail.contoso.com": "mail.contoso.com", "Mail.Contoso.COM.": "mail.contoso.com", "post.bücher.example": "post.xn--bcher-kva.example", "a.autodiscover.contoso.com": "a.autodiscover.contoso.com"}
	for text, want := range good {
		if got, err := federation.ParseAutodiscoverTarget(text); got != want || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	bad := []string{"", ".", "mail", "192.0.2.1", "2001:db8::1", "[2001:db8::1]", "https://mail.contoso.com", "mail.contoso.com:443", "mail.contoso.com..", "-x.example", "a_b.example",
		"mail contoso.com", "*.contoso.com", "x\x1b[31m.example", strings.Repeat("l", 64) + ".example", strings.Repeat("l.", 127) + "example", "user@contoso.com"}
	for _, text := range bad {
		got, err := federation.ParseAutodiscoverTarget(text)
		fails(t, err, federation.Invalid, "InvalidAutodiscoverTarget")
		if got != "" {
			t.Errorf("%q: %q", text, got)
		}
	}
	if len(good) < 4 || len(bad) < 17 {
		t.Error("cases are missing")
	}
}

// TestPlanDNSIsInterrupted gives up between two of very many domains.
func TestPlanDNSIsInterrupted(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	p.trust(thumbprint)
	var domains []federation.Domain
	for i := range 5000 {
		domains = append(domains, federation.Domain(fmt.Sprintf("d%d.example", i)))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	begun := time.Now()
	if plan, err := p.PlanDNS(ctx, federation.DNSPlanRequest{Domains: domains}); !errors.Is(err, context.Canceled) || plan.Records != nil {
		t.Errorf("%d records, %v", len(plan.Records), err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("gave up after %v", took)
	}
}
