package federation_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// TestPartnersAreNamed changes everything partners depend on, and what they do not, and
// wants the enabled relationships named once for each of the former.
func TestPartnersAreNamed(t *testing.T) {
	t.Parallel()
	steps := []struct {
		name string
		do   func(p *party) error
		what string // "" for nothing
	}{
		{"new trust", func(p *party) error { p.trust(p.certificate()); return nil }, "the federation trust and its AppID"},
		{"namespace", func(p *party) error { return p.SetIdentifier(p.t.Context(), namespaceRequest()) }, "the federated organization identifier"},
		{"the same again", func(p *party) error { return p.SetIdentifier(p.t.Context(), namespaceRequest()) }, ""},
		{"contact", func(p *party) error {
			return p.SetIdentifier(p.t.Context(), federation.SetIdentifierRequest{OrganizationContact: new("a@contoso.com")})
		}, ""},
		{"default domain", func(p *party) error {
			return p.SetIdentifier(p.t.Context(), federation.SetIdentifierRequest{DefaultDomain: new("contoso.com")})
		}, ""},
		{"switched off", func(p *party) error {
			return p.SetIdentifier(p.t.Context(), federation.SetIdentifierRequest{Enabled: new(false)})
		}, "the federated organization identifier"},
		{"domain added", func(p *party) error { return p.AddDomain(p.t.Context(), "contoso.ca", false) }, "the federated domains"},
		{"metadata", func(p *party) error {
			return p.SetTrust(p.t.Context(), "Contoso", federation.SetTrustRequest{RefreshMetadata: true})
		}, ""},
		{"renamed", func(p *party) error {
			return p.SetTrust(p.t.Context(), "Contoso", federation.SetTrustRequest{Name: new("Renamed")})
		}, ""},
		{"domain removed", func(p *party) error { return p.RemoveDomain(p.t.Context(), "contoso.ca", false) }, "the federated domains"},
		{"primary removed", func(p *party) error { return p.RemoveDomain(p.t.Context(), "contoso.com", false) }, "the federated domains"},
		{"staged", func(p *party) error {
			next := p.certificate()
			p.must(p.SetTrust(p.t.Context(), "Renamed", federation.SetTrustRequest{Thumbprint: &next}))
			return nil
		}, ""},
		{"published", func(p *party) error {
			return p.SetTrust(p.t.Context(), "Renamed", federation.SetTrustRequest{Publish: true})
		}, "the certificate, AppID or broker of the federation trust"},
		{"trust removed", func(p *party) error { return p.RemoveTrust(p.t.Context(), "Renamed") }, "the federation trust and its AppID"},
		{"refused", func(p *party) error {
			fails(p.t, p.RemoveTrust(p.t.Context(), "Renamed"), federation.NotFound, "FederationTrustNotFound")
			return nil
		}, ""},
	}
	for _, partners := range []bool{true, false} {
		p, _ := newParty(t)
		p.partner("Tailspin", "tailspin.example")
		p.partner("Fabrikam", "fabrikam.com")
		for _, name := range []string{"Tailspin", "Fabrikam"} {
			if !partners {
				p.must(p.SetOrganizationRelationship(t.Context(), name, federation.OrganizationRelationshipRequest{Enabled: new(false)}))
			}
		}
		p.partner("Asleep", "asleep.example")
		p.must(p.SetOrganizationRelationship(t.Context(), "Asleep", federation.OrganizationRelationshipRequest{Enabled: new(false)}))
		for _, step := range steps {
			got := p.warnings()
			p.must(step.do(p))
			var want, notices []string
			if step.what != "" && partners {
				want = []string{"partners depend on " + step.what + `, which changed: tell those of the organization relationships "Fabrikam", "Tailspin"`}
			}
			for _, warning := range *got {
				if strings.Contains(warning, "partners") {
					notices = append(notices, warning)
				}
			}
			if diff := cmp.Diff(want, notices); diff != "" {
				t.Errorf("%s, enabled relationships: %t (-want +got):\n%s", step.name, partners, diff)
			}
		}
	}
	if len(steps) < 15 {
		t.Errorf("only %d steps", len(steps))
	}
}
