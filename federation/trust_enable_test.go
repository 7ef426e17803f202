package federation_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

func enableRequest(domains ...federation.Domain) federation.EnableTrustRequest {
	return federation.EnableTrustRequest{Domains: domains}
}

// enable prepares the trust and federates the domains, as the guided way does.
func (p *party) enable(domains ...federation.Domain) error {
	trust, err := p.PrepareTrust(p.t.Context(), enableRequest(domains...))
	if err != nil {
		return err
	}
	return p.EnableDomains(p.t.Context(), trust, domains)
}

func active(domains ...federation.Domain) []federation.FederatedDomain {
	var all []federation.FederatedDomain
	for _, d := range domains {
		all = append(all, federation.FederatedDomain{Domain: d})
	}
	return all
}

// TestEnableFromNothing federates domains of an organization that has nothing at all, and
// does nothing the second time.
func TestEnableFromNothing(t *testing.T) {
	t.Parallel()
	p := newBareParty(t, time.Now)
	p.must(p.enable("contoso.com", "contoso.co.uk"))
	trust := p.onlyTrust()
	if trust.Name != "Federation" || trust.SecurityProfile != federation.Modern || trust.ApplicationIdentifier != "APPID1" {
		t.Errorf("the trust is %+v", trust)
	}
	if diff := cmp.Diff(active("contoso.com", "contoso.co.uk"), p.domains()); diff != "" {
		t.Error(diff)
	}
	if id, err := p.Identifier(t.Context()); err != nil || !id.Enabled || id.DelegationTrust != "Federation" {
		t.Errorf("the identifier is %+v, %v", id, err)
	}
	want := []string{
		"Metadata", "CreateAppId", "AddUri contoso.com", "ReserveDomain FYDIBOHF25SPDLT.contoso.com", "AddUri FYDIBOHF25SPDLT.contoso.com",
		"GetDomainInfo contoso.com", "AddUri contoso.co.uk", "GetDomainInfo contoso.co.uk",
	}
	if diff := cmp.Diff(want, p.broker.calls); diff != "" {
		t.Error(diff)
	}
	before := p.file()
	p.must(p.enable("contoso.com", "contoso.co.uk"))
	p.unchanged(before)
	if n := len(p.broker.calls); n != len(want) {
		t.Errorf("the second time the broker was asked for %v", p.broker.calls[len(want):])
	}
	if own, err := p.Certificates(t.Context()); err != nil || len(own) != 1 || own[0].FriendlyName != "Exchange Federated Sharing" || !own[0].PrivateKeyExportable {
		t.Errorf("the certificates are %+v, %v", own, err)
	}
}

// TestEnableTakenUp has the broker fail at each call in turn: the same request, made again,
// finishes with one certificate, one trust and nothing twice.
func TestEnableTakenUp(t *testing.T) {
	t.Parallel()
	cut := 0
	for failing := 1; ; failing++ {
		p := newBareParty(t, time.Now)
		calls := 0
		p.broker.before = func(string) error {
			if calls++; calls == failing {
				return unreachable()
			}
			return nil
		}
		err := p.enable("contoso.com", "contoso.ca")
		if err == nil {
			break // it was over before the failure
		}
		cut++
		fails(t, err, federation.Unavailable, "BrokerUnreachable")
		p.must(p.enable("contoso.com", "contoso.ca"))
		if diff := cmp.Diff(active("contoso.com", "contoso.ca"), p.domains()); diff != "" {
			t.Errorf("cut short at call %d: %s", failing, diff)
		}
		if own, err := p.Certificates(t.Context()); err != nil || len(own) != 1 {
			t.Errorf("cut short at call %d: %d certificates, %v", failing, len(own), err)
		}
	}
	if cut < 8 {
		t.Errorf("cut short %d times, 8 or more are expected", cut)
	}
}

// TestEnableFinishesTheTrust takes up a trust whose registration was cut short.
func TestEnableFinishesTheTrust(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	p.begin(thumbprint)
	trust, err := p.PrepareTrust(t.Context(), enableRequest("contoso.com"))
	p.must(err)
	if trust.Pending != "" || trust.ApplicationIdentifier != "APPID1" || trust.Current != thumbprint {
		t.Errorf("the trust is %+v", trust)
	}
}

func TestEnableTakesTheCertificate(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	trust, err := p.PrepareTrust(t.Context(), enableRequest("contoso.com"))
	p.must(err)
	if trust.Current != thumbprint {
		t.Errorf("the trust has certificate %s, not %s", trust.Current, thumbprint)
	}
	several, first := newParty(t)
	second := several.certificate()
	_, err = several.PrepareTrust(t.Context(), enableRequest("contoso.com"))
	fails(t, err, federation.Conflict, "SeveralFederationCertificates")
	request := enableRequest("contoso.com")
	request.Trust.Thumbprint = second
	trust, err = several.PrepareTrust(t.Context(), request)
	several.must(err)
	if trust.Current != second || first == second {
		t.Errorf("the trust has certificate %s, not %s", trust.Current, second)
	}
}

// TestEnableRefuses tries what contradicts what is there. Nothing is changed, nobody asked.
func TestEnableRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		id      string
		kind    federation.Kind
		request federation.EnableTrustRequest
	}{
		"no domain":       {"NoDomains", federation.Invalid, enableRequest()},
		"another primary": {"AnotherPrimaryDomain", federation.Conflict, enableRequest("contoso.ca", "contoso.com")},
		"not authoritative": {"DomainNotAuthoritative", federation.Conflict,
			enableRequest("contoso.com", "relay.example", "new.example")},
		"another name": {"AnotherFederationTrust", federation.Conflict,
			federation.EnableTrustRequest{Domains: []federation.Domain{"contoso.com"}, Trust: federation.NewTrustRequest{Name: "Other"}}},
		"another certificate": {"AnotherFederationTrust", federation.Conflict,
			federation.EnableTrustRequest{Domains: []federation.Domain{"contoso.com"}, Trust: federation.NewTrustRequest{Thumbprint: "00"}}},
		"another broker": {"AnotherFederationTrust", federation.Conflict,
			federation.EnableTrustRequest{Domains: []federation.Domain{"contoso.com", "new.example"}, Trust: federation.NewTrustRequest{MetadataURL: "https://b.example"}}},
		"another profile": {"AnotherFederationTrust", federation.Conflict,
			federation.EnableTrustRequest{Domains: []federation.Domain{"contoso.com"}, Trust: federation.NewTrustRequest{SecurityProfile: federation.Exchange}}},
	}
	if len(cases) < 7 {
		t.Fatalf("%d cases", len(cases))
	}
	p := federated(t)
	_, err := p.NewAcceptedDomain(t.Context(), "relay", "relay.example", federation.ExternalRelay)
	p.must(err)
	before, asked := p.file(), len(p.broker.calls)
	for name, c := range cases {
		_, err := p.PrepareTrust(t.Context(), c.request)
		t.Log(name, err)
		fails(t, err, c.kind, c.id)
	}
	p.unchanged(before)
	if len(p.broker.calls) != asked {
		t.Errorf("the broker was asked for %v", p.broker.calls[asked:])
	}
}

func (p *party) onlyTrust() federation.FederationTrust {
	p.t.Helper()
	all, err := p.Trusts(p.t.Context())
	p.must(err)
	if len(all) != 1 {
		p.t.Fatalf("%d trusts", len(all))
	}
	return all[0]
}

// TestFederableDomains: what is offered begins with the domain that was named first.
func TestFederableDomains(t *testing.T) {
	t.Parallel()
	p := newBareParty(t, time.Now)
	offered := func(want ...federation.Domain) {
		t.Helper()
		got, err := p.FederableDomains(t.Context())
		p.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	offered()
	_, err := p.PrepareTrust(t.Context(), enableRequest("zone.example", "area.example"))
	p.must(err)
	offered("zone.example", "area.example")
	p.must(p.enable("area.example", "zone.example"))
	offered("area.example", "zone.example")
}
