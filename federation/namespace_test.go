package federation_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// TestBadRequestBeforeTheBroker: everything that is wrong with a request is found before
// the broker is asked for anything.
func TestBadRequestBeforeTheBroker(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	p.trust(thumbprint)
	before := p.file()
	p.broker.calls = nil
	text := func(s string) *string { return &s }
	cases := []struct {
		change func(*federation.SetIdentifierRequest)
		kind   federation.Kind
		id     string
	}{
		{func(r *federation.SetIdentifierRequest) { r.OrganizationContact = text("nobody") }, federation.Invalid, "InvalidSmtpAddress"},
		{func(r *federation.SetIdentifierRequest) { r.DefaultDomain = text("a..b") }, federation.Invalid, "InvalidDomain"},
		{func(r *federation.SetIdentifierRequest) { r.DefaultDomain = text("contoso.ca") }, federation.Conflict, "DomainNotFederated"},
		{func(r *federation.SetIdentifierRequest) { r.DelegationFederationTrust = text("") }, federation.Conflict, "FederatedDomainsRemain"},
		{func(r *federation.SetIdentifierRequest) { r.DelegationFederationTrust = text("other") }, federation.NotFound, "FederationTrustNotFound"},
	}
	for _, c := range cases {
		request := namespaceRequest()
		c.change(&request)
		fails(t, p.SetIdentifier(t.Context(), request), c.kind, c.id)
		p.unchanged(before)
		if len(p.broker.calls) > 0 {
			t.Errorf("%s: the broker was asked for %v", c.id, p.broker.calls)
		}
	}
	request := namespaceRequest()
	request.DefaultDomain = text("contoso.com")
	p.must(p.SetIdentifier(t.Context(), request))
}

// TestEnableUnfinishedNamespace: federation cannot be on before the broker has the
// primary domain.
func TestEnableUnfinishedNamespace(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	p.trust(thumbprint)
	p.broker.before = func(call string) error {
		if strings.HasPrefix(call, "ReserveDomain") {
			return unreachable()
		}
		return nil
	}
	fails(t, p.SetIdentifier(t.Context(), namespaceRequest()), federation.Unavailable, "BrokerUnreachable")
	before, on := p.file(), true
	fails(t, p.SetIdentifier(t.Context(), federation.SetIdentifierRequest{Enabled: &on}), federation.Conflict, "AccountNamespaceUnfinished")
	p.unchanged(before)
	p.broker.before = nil
	p.must(p.SetIdentifier(t.Context(), namespaceRequest()))
}

// TestAppIDOfUnfinishedNamespace: an AppID that comes with the first domain is written
// down even when the registration stops half-way, because releasing the domain needs it.
func TestAppIDOfUnfinishedNamespace(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	p.broker.unnamed = true
	p.trust(thumbprint)
	p.broker.before = func(call string) error {
		if strings.HasPrefix(call, "ReserveDomain") {
			return unreachable()
		}
		return nil
	}
	fails(t, p.SetIdentifier(t.Context(), namespaceRequest()), federation.Unavailable, "BrokerUnreachable")
	trust, err := p.Trust(t.Context(), "Contoso")
	p.must(err)
	if diff := cmp.Diff("APPID1", trust.ApplicationIdentifier); diff != "" {
		t.Errorf("application identifier (-want +got):\n%s", diff)
	}
}

// TestNamespaceUndoneKeepsTheRest: what others have written while the broker was asked
// stays when the registration is taken back.
func TestNamespaceUndoneKeepsTheRest(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	p.trust(thumbprint)
	before, contact := p.file(), "admin@contoso.com"
	p.broker.before = func(string) error { return unreachable() }
	fails(t, p.SetIdentifier(t.Context(), namespaceRequest()), federation.Unavailable, "BrokerUnreachable")
	p.unchanged(before)

	p.broker.before = func(string) error {
		p.must(p.SetIdentifier(t.Context(), federation.SetIdentifierRequest{OrganizationContact: &contact}))
		return unreachable()
	}
	fails(t, p.SetIdentifier(t.Context(), namespaceRequest()), federation.Unavailable, "BrokerUnreachable")
	id, err := p.Identifier(t.Context())
	p.must(err)
	id.Meta = federation.Meta{}
	if diff := cmp.Diff(federation.OrganizationIdentifier{OrganizationContact: contact}, id); diff != "" {
		t.Errorf("identifier (-want +got):\n%s", diff)
	}
}

// TestTwoNamespacesAtOnce: the second to write its intention finds the first one's.
func TestTwoNamespacesAtOnce(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	p.trust(thumbprint)
	other, second := *p.Organization, "contoso.ca"
	p.Store = &meanwhile{other.Store, func() {
		p.must(other.SetIdentifier(t.Context(), federation.SetIdentifierRequest{AccountNamespace: &second}))
	}}
	fails(t, p.SetIdentifier(t.Context(), namespaceRequest()), federation.Conflict, "AccountNamespaceSet")
	if diff := cmp.Diff([]federation.FederatedDomain{{Domain: "contoso.ca"}}, p.domains()); diff != "" {
		t.Errorf("federated domains (-want +got):\n%s", diff)
	}
}

// meanwhile is a store where something happens before the first change.
type meanwhile struct {
	federation.Store
	something func()
}

func (m *meanwhile) Update(ctx context.Context, fn func(federation.Tx) error) error {
	if do := m.something; do != nil {
		m.something = nil
		do()
	}
	return m.Store.Update(ctx, fn)
}

// TestNamespaceOfTrustElsewhere: the application URI of a trust registered elsewhere is a
// fact; another account namespace does not go with it, and it outlives its domain.
func TestNamespaceOfTrustElsewhere(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	_, err := p.NewTrust(t.Context(), federation.NewTrustRequest{
		Name: "Contoso", Thumbprint: thumbprint, SecurityProfile: federation.Modern,
		Elsewhere: &federation.ExternalProvisioning{ApplicationURI: "contoso.com", ApplicationIdentifier: "0A", AdministratorProvisioningID: "1"},
	})
	p.must(err)
	before, other := p.file(), "contoso.ca"
	fails(t, p.SetIdentifier(t.Context(), federation.SetIdentifierRequest{AccountNamespace: &other}), federation.Conflict, "ApplicationUriDiffers")
	p.unchanged(before)
	p.must(p.SetIdentifier(t.Context(), namespaceRequest()))
	p.must(p.RemoveDomain(t.Context(), "contoso.com", false))
	trust, err := p.Trust(t.Context(), "Contoso")
	p.must(err)
	if diff := cmp.Diff("FYDIBOHF25SPDLT.contoso.com", trust.ApplicationURI); diff != "" {
		t.Errorf("application URI (-want +got):\n%s", diff)
	}
}
