package server_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
	"exfed/federation/token"
)

// operator returns the operator of the rig's broker, as a cmdlet has one.
func (r *rig) operator() *server.Operator {
	r.t.Helper()
	registry, err := server.OpenExistingSQLite(context.Background(), r.path)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = registry.Close() })
	return &server.Operator{Registry: registry, Keys: r.started.Keys, Now: r.started.Now, Rand: r.started.Rand}
}

// decide has the operator change the policy of an organization.
func (r *rig) decide(identity string, change server.PolicyChange) {
	r.t.Helper()
	if err := r.operator().SetOrganization(context.Background(), identity, change); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) enable(o org, enabled bool) { r.decide(o.appID, server.PolicyChange{Enabled: &enabled}) }

// TestDisabledOrganization disables an organization while the broker runs, and enables it
// again: nothing is given to it or for it in between.
func TestDisabledOrganization(t *testing.T) {
	t.Parallel()
	for _, profile := range profiles() {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			p := newPartners(t, func(o *server.Options) { o.Profile = profile })
			p.wantAnswers("at first", "", "", "")
			p.enable(p.contoso, false)
			p.wantAnswers("disabled", "OrganizationDisabled", "InvalidScope", broker.OrganizationDisabled)
			_, err := p.client.RequestToken(t.Context(), p.contoso.pair, tokenRequest())
			var fault *federation.Error
			if !errors.As(err, &fault) || fault.ID != "RequestFailed" || fault.Kind != federation.Refused ||
				fault.Reason != "The organization is disabled at this broker." {
				t.Errorf("the client says %#v", err)
			}
			own := p.askAs(p.fabrikam, fabrikamURI, "a@fabrikam.com", "fabrikam.example")
			if status, body := p.postToken(own.message(t)); !issuedBody(status, body) {
				t.Errorf("another organization: status %d, %s", status, body)
			}
			p.enable(p.contoso, true)
			p.wantAnswers("enabled again", "", "", "")
		})
	}
}

// askAs returns a request of an organization's user for an audience.
func (p *partners) askAs(o org, uri, user, audience string) asked {
	a := p.ask()
	a.key, a.userKey = o.pair, o.pair
	a.request.Requestor, a.request.AppliesTo = uri, audience
	a.user.Issuer, a.user.EmailAddress, a.user.NameIdentifier = uri, user, "x@"+uri
	return a
}

// wantAnswers has Contoso ask for a token, Fabrikam ask for tokens for Contoso, and Contoso
// manage its registration, and looks for the answers, "" for success, also in the audit trail.
func (p *partners) wantAnswers(when, byIt, forIt string, management broker.FaultName) {
	p.t.Helper()
	p.clock.advance(time.Minute) // the trail is in the order of time
	rows := len(p.auditRows())
	requests := []struct {
		asked
		fault string
	}{
		{p.ask(), byIt},
		{p.askAs(p.fabrikam, fabrikamURI, "a@fabrikam.com", contosoURI), forIt},
		{p.askAs(p.fabrikam, fabrikamURI, "a@fabrikam.com", "sales.contoso.com"), forIt},
	}
	var want []string
	for i, r := range requests {
		status, body := p.postToken(r.message(p.t))
		if r.fault == "" && !issuedBody(status, body) || r.fault != "" && body != tokenFaults()[r.fault] {
			p.t.Errorf("%s, request %d: status %d, %s\n%s", when, i, status, body, p.log)
		}
		want = append(want, "IssueToken "+outcomeOf(r.fault))
	}
	before := p.dump("audit", "replay")
	managed := p.manage(p.contoso)
	for operation, err := range managed {
		if management == "" && err != nil {
			p.t.Errorf("%s: %s: %v", when, operation, err)
		} else if management != "" {
			wantFault(p.t, when+": "+operation, err, management)
		}
	}
	if diff := cmp.Diff(before, p.dump("audit", "replay")); management != "" && diff != "" || len(managed) != 8 {
		p.t.Errorf("%s: %d operations, the registry changed:\n%s", when, len(managed), diff)
	}
	var got []string
	for _, e := range p.auditRows()[rows:] {
		if e.Operation == "IssueToken" {
			got = append(got, e.Operation+" "+e.Outcome)
		} else if e.Outcome != outcomeOf(string(management)) || e.AppID != p.contoso.appID {
			p.t.Errorf("%s: the audit trail got %+v", when, e)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(p.auditRows())-rows != len(want)+len(managed) {
		p.t.Errorf("%s: %d audit entries, those of tokens (-want +got):\n%s", when, len(p.auditRows())-rows, diff)
	}
}

func outcomeOf(fault string) string {
	if fault == "" {
		return "Success"
	}
	return fault
}

// manage calls every operation; what one of them changes another one changes back.
func (p *partners) manage(o org) map[string]error {
	r, ctx := p.rig, context.Background()
	_, create := r.client.CreateAppID(ctx, o.pair, "", nil)
	_, info := r.client.DomainInfo(ctx, o.pair, o.appID, "contoso.com")
	return map[string]error{
		"CreateAppId": create, "GetDomainInfo": info,
		"RemoveUri":              r.client.RemoveURI(ctx, o.pair, o.appID, "sales.contoso.com"),
		"AddUri":                 r.attach(o, "sales.contoso.com"),
		"ReserveDomain":          r.client.ReserveDomain(ctx, o.pair, o.appID, contosoURI, nil),
		"ReleaseDomain":          r.client.ReleaseDomain(ctx, o.pair, o.appID, contosoURI),
		"UpdateAppIdCertificate": r.client.UpdateCertificate(ctx, o.pair, o.appID, o.pair.Certificate),
		"UpdateAppIdProperties":  r.client.UpdateProperties(ctx, o.pair, o.appID, nil),
	}
}

// TestDisabledHolderKeepsDomains has the owner of a disabled organization's domain come with
// another certificate, and take the domain over as soon as the organization is enabled.
func TestDisabledHolderKeepsDomains(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	p.enable(p.contoso, false)
	other, late := p.register(3), newPair(t, 4, nil)
	before := p.dump("audit", "replay")
	wantFault(t, "AddUri", p.attach(other, "contoso.com"), broker.OrganizationDisabled)
	_, err := p.client.CreateAppID(t.Context(), late, "contoso.com", p.publish(late, "contoso.com"))
	wantFault(t, "CreateAppId", err, broker.OrganizationDisabled)
	err = p.client.UpdateProperties(t.Context(), other.pair, p.contoso.appID, nil)
	wantFault(t, "a stranger is not told", err, broker.AccessDenied)
	if diff := cmp.Diff(before, p.dump("audit", "replay")); diff != "" {
		t.Errorf("the registry changed:\n%s", diff)
	}
	p.mustAttach(other, "new.example")
	p.enable(p.contoso, true)
	p.mustAttach(other, "contoso.com")
}

// TestDisabledIdleOrganizationStays disables an organization that never shows a domain: it
// is not removed, after which its certificate would be a new organization's.
func TestDisabledIdleOrganizationStays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	disabled, idle := r.register(1), r.register(2)
	r.enable(disabled, false)
	r.clock.advance(31 * 24 * time.Hour)
	r.register(3)
	_, err := r.client.CreateAppID(t.Context(), disabled.pair, "", nil)
	wantFault(t, "the disabled one", err, broker.OrganizationDisabled)
	wantFault(t, "the other", r.client.UpdateProperties(t.Context(), idle.pair, idle.appID, nil), broker.AccessDenied)
}

// TestAllowedOffers restricts what an organization may ask for, and lifts that again.
func TestAllowedOffers(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	all := []token.Offer{"MSExchange.Autodiscover", "MSExchange.SharingCalendarFreeBusy", "MSExchange.MailTips", "MSExchange.SharingInviteMessage", "MSExchange.SharingRead"}
	steps := []struct {
		allowed, given []token.Offer
	}{
		{[]token.Offer{"MSExchange.MailTips", "MSExchange.Autodiscover", "MSExchange.MailTips"}, []token.Offer{"MSExchange.Autodiscover", "MSExchange.MailTips"}},
		{[]token.Offer{"MSExchange.SharingRead"}, []token.Offer{"MSExchange.SharingRead"}},
		{nil, all},
	}
	for _, step := range steps {
		p.decide("contoso.com", server.PolicyChange{AllowedOffers: &step.allowed})
		var given []token.Offer
		for _, offer := range all {
			a := p.ask()
			a.request.Offer = string(offer)
			switch status, body := p.postToken(a.message(t)); {
			case issuedBody(status, body):
				given = append(given, offer)
			case body != tokenFaults()["InvalidScope"]:
				t.Errorf("%s: status %d, %s", offer, status, body)
			}
		}
		if diff := cmp.Diff(step.given, given); diff != "" {
			t.Errorf("%v (-want +got):\n%s", step.allowed, diff)
		}
		other := p.askAs(p.fabrikam, fabrikamURI, "a@fabrikam.com", contosoURI)
		if status, body := p.postToken(other.message(t)); !issuedBody(status, body) {
			t.Errorf("another organization: status %d, %s", status, body)
		}
	}
}
