package server_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker/server"
	"exfed/federation/token"
)

// TestOrganizations lists organizations and finds one by each of its names.
func TestOrganizations(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	p.clock.advance(time.Hour)
	late := p.register(3)
	created := p.clock.Now().Add(-time.Hour)
	disabled := false
	p.decide(p.fabrikam.appID, server.PolicyChange{Enabled: &disabled, AllowedOffers: &[]token.Offer{token.SharingRead, token.MailTips}})
	contoso := server.Organization{
		AppID: p.contoso.appID, URIs: []string{contosoURI, "contoso.com", "sales.contoso.com"}, Thumbprint: thumbprint(p.contoso.pair.Certificate), Created: created,
	}
	fabrikam := server.Organization{
		AppID: p.fabrikam.appID, URIs: []string{fabrikamURI, "fabrikam.com", "fabrikam.example"}, Thumbprint: thumbprint(p.fabrikam.pair.Certificate), Created: created,
		Policy: server.Policy{Disabled: true, AllowedOffers: []token.Offer{token.MailTips, token.SharingRead}},
	}
	third := server.Organization{AppID: late.appID, Thumbprint: thumbprint(late.pair.Certificate), Created: created.Add(time.Hour)}
	want := []server.Organization{contoso, fabrikam, third}
	if contoso.AppID > fabrikam.AppID { // made at the same time
		want = []server.Organization{fabrikam, contoso, third}
	}
	got, err := p.operator().Organizations(t.Context())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	names := map[string]server.Organization{
		p.contoso.appID: contoso, "contoso.com": contoso, "Sales.Contoso.com": contoso, "http://" + contosoURI: contoso,
		fabrikamURI: fabrikam, "fabrikam.example": fabrikam, late.appID: third,
	}
	for name, want := range names {
		got, err := p.operator().Organization(t.Context(), name)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	strangers := []string{"", "nobody.example", "0000000000000000", "contoso.com'--"}
	for _, name := range strangers {
		_, err := p.operator().Organization(t.Context(), name)
		set := p.operator().SetOrganization(t.Context(), name, server.PolicyChange{Enabled: &disabled})
		for _, err := range []error{err, set} {
			if idOf(err) != "BrokerOrganizationNotFound" || !federation.IsKind(err, federation.NotFound) {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
	if len(names) < 7 || len(strangers) < 4 {
		t.Errorf("%d names and %d of nobody", len(names), len(strangers))
	}
}

// TestDecisionsAreRecorded looks at the audit trail of the operator's decisions. What
// changes nothing and what is refused is not in it.
func TestDecisionsAreRecorded(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	no, yes := false, true
	before := len(p.auditRows())
	p.decide(p.contoso.appID, server.PolicyChange{})
	p.decide(p.contoso.appID, server.PolicyChange{Enabled: &yes, AllowedOffers: &[]token.Offer{}})
	p.decide(p.contoso.appID, server.PolicyChange{Enabled: &no})
	p.decide(p.contoso.appID, server.PolicyChange{Enabled: &no})
	p.decide(p.contoso.appID, server.PolicyChange{AllowedOffers: &[]token.Offer{token.MailTips, token.Autodiscover}})
	err := p.operator().SetOrganization(t.Context(), p.contoso.appID, server.PolicyChange{Enabled: &yes, AllowedOffers: &[]token.Offer{"MSExchange.Everything"}})
	if idOf(err) != "UnknownOffer" || !federation.IsKind(err, federation.Invalid) {
		t.Errorf("an offer that there is not: %v", err)
	}
	p.decide(p.contoso.appID, server.PolicyChange{Enabled: &yes})
	var want []server.AuditEntry
	for _, decided := range []string{
		"disabled, every offer", "disabled, MSExchange.Autodiscover MSExchange.MailTips", "enabled, MSExchange.Autodiscover MSExchange.MailTips",
	} {
		want = append(want, server.AuditEntry{
			At: p.clock.Now(), AppID: p.contoso.appID, Operation: "SetOrganization", Subject: decided, Outcome: "Success",
		})
	}
	if diff := cmp.Diff(want, p.auditRows()[before:]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
