package partner_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/autodiscover"
)

func remoteCases() []relationshipCase {
	s := func(change func(*autodiscover.RelationshipSettings)) func(*party) {
		return func(p *party) { change(&p.remote[0]) }
	}
	missing := func(n int) []found {
		return []found{{ID: "RemoteOrganizationRelationshipIsMissingOrDisabled", Status: "Error", Domains: []federation.Domain{"contoso.com", "contoso.ca"},
			Description: fmt.Sprintf("The partner has no organization relationship with this organization, or has disabled it: none of the %d it tells has one of the domains contoso.com, contoso.ca.", n)}}
	}
	lacks := func(status string, domain federation.Domain) found {
		return found{ID: "LocalFederatedDomainsAreMissingFromTheRemoteOrganizationRelationsipDomains", Status: status, Domains: []federation.Domain{domain},
			Description: "The organization relationship of the partner does not have these federated domains of this organization: " + string(domain) + "."}
	}
	off := func(enabled, level string) []found {
		return []found{{ID: "RemoteFreeBusyAccessIsNotEnabled", Status: "Warning",
			Description: `The partner's organization relationship "Contoso" shows no free/busy: FreeBusyAccessEnabled is ` + enabled + ", FreeBusyAccessLevel " + level + "."}}
	}
	return []relationshipCase{
		{"no token", func(p *party) { p.refusal = federation.Errorf(federation.Refused, "InvalidScope", "broker", "no") }, "",
			[]found{{ID: "DelegationTokenIsNotAvailable", Status: "Error", Cause: "InvalidScope", Description: "No delegation token was received: broker: no."}}, "SSSE--"},
		{"no answer", func(p *party) { p.untold = federation.Errorf(federation.Refused, "AutodiscoverFault", "service", "no") }, "",
			[]found{{ID: "RemoteOrganizationRelationshipIsNotAvailable", Status: "Error", Cause: "AutodiscoverFault",
				Description: "The partner does not tell which organization relationship it has with this organization: service: no."}}, "SSSSE-"},
		{"the operation is not offered", func(p *party) {
			p.remote, p.untold = nil, &federation.Error{Kind: federation.Refused, ID: "OperationNotAvailable", Err: autodiscover.ErrNotAvailable}
		}, "",
			[]found{{ID: "OrganizationRelationshipSettingsAreNotOffered", Status: "Information",
				Description: "The partner's Autodiscover does not tell which organization relationship it has with this organization, so that one is not compared."}, nothing()}, "SSSSS-"},
		{"no relationship", func(p *party) { p.remote = nil }, "", missing(0), "SSSSE-"},
		{"one with somebody else", s(func(s *autodiscover.RelationshipSettings) { s.DomainNames = []string{"wingtip.example"} }), "", missing(1), "SSSSE-"},
		{"another application URI", s(func(s *autodiscover.RelationshipSettings) { s.TargetApplicationURI = "outlook.com" }), "",
			[]found{{ID: "RemoteTargetApplicationUriIsMismatched", Status: "Error", Value: contosoURI,
				Description: `TargetApplicationUri of the partner's organization relationship "Contoso" is "outlook.com", and the application URI of this organization is FYDIBOHF25SPDLT.contoso.com, so the partner's tokens are for somebody else.`}}, "SSSSSE"},
		{"ours in other letters", s(func(s *autodiscover.RelationshipSettings) {
			s.TargetApplicationURI = "HTTP://fydibohf25spdlt.contoso.com"
		}), "",
			[]found{{ID: "RemoteTargetApplicationUriDiffersInSpelling", Status: "Information", Value: contosoURI,
				Description: `TargetApplicationUri of the partner's organization relationship "Contoso" is "HTTP://fydibohf25spdlt.contoso.com", and this organization writes its application URI FYDIBOHF25SPDLT.contoso.com; both mean the same.`}, nothing()}, "SSSSSS"},
		{"no application URI", s(func(s *autodiscover.RelationshipSettings) { s.TargetApplicationURI = "" }), "", []found{nothing()}, "SSSSSS"},
		{"free/busy off", s(func(s *autodiscover.RelationshipSettings) { s.FreeBusyAccessEnabled = false }), "", off("False", "LimitedDetails"), "SSSSSW"},
		{"free/busy at no level", s(func(s *autodiscover.RelationshipSettings) { s.FreeBusyAccessLevel = "None" }), "", off("True", "None"), "SSSSSW"},
		{"free/busy without a level", s(func(s *autodiscover.RelationshipSettings) { s.FreeBusyAccessLevel = "" }), "", off("True", `""`), "SSSSSW"},
		{"free/busy at another level", s(func(s *autodiscover.RelationshipSettings) { s.FreeBusyAccessLevel = "AvailabilityOnly" }), "",
			[]found{{ID: "FreeBusyAccessLevelsDiffer", Status: "Information",
				Description: "The partner shows AvailabilityOnly of its calendars, and is shown LimitedDetails of those here."}, nothing()}, "SSSSSS"},
		{"no free/busy from here", func(p *party) { p.relationships[0].FreeBusyAccessEnabled = false }, "",
			[]found{{ID: "FreeBusyAccessLevelsDiffer", Status: "Information",
				Description: "The partner shows LimitedDetails of its calendars, and is shown None of those here."}, nothing()}, "SSSSSS"},
		{"a domain of ours is missing", s(func(s *autodiscover.RelationshipSettings) { s.DomainNames = []string{"Contoso.COM"} }), "", []found{lacks("Warning", "contoso.ca")}, "SSSSSW"},
		{"the user's is", s(func(s *autodiscover.RelationshipSettings) { s.DomainNames = []string{"contoso.ca"} }), "", []found{lacks("Error", "contoso.com")}, "SSSSSE"},
		{"one that is begun is not missed", func(p *party) {
			p.id.Domains = append(p.id.Domains, federation.FederatedDomain{Domain: "contoso.co.uk", Pending: "add"})
		}, "", []found{nothing()}, "SSSSSS"},
		{"two relationships share them", func(p *party) {
			second := theirs()
			p.remote[0].DomainNames, second.DomainNames = []string{"contoso.com"}, []string{"contoso.ca"}
			p.remote = append(p.remote, second)
		}, "", []found{nothing()}, "SSSSSS"},
		{"domains of others", s(func(s *autodiscover.RelationshipSettings) {
			s.DomainNames = append(s.DomainNames, "wingtip.example", "no\x1b[31m domain")
		}), "",
			[]found{{ID: "RemoteOrganizationRelationshipHasDomainsThatAreNotFederatedHere", Status: "Warning", Domains: []federation.Domain{"wingtip.example"},
				Description: `The partner's organization relationship "Contoso" has domains that this organization does not federate: wingtip.example, "no\x1b[31m domain".`}}, "SSSSSW"},
	}
}

// TestRelationshipIsAskedFor: what a test asks whom, and with which token.
func TestRelationshipIsAskedFor(t *testing.T) {
	t.Parallel()
	const discovered = "https://mail.fabrikam.com/autodiscover/autodiscover.svc/WSSecurity"
	cases := []struct {
		name             string
		change           func(*party)
		audience, target string
	}{
		{"as the relationship says", func(p *party) { p.information.TargetAutodiscoverEPR = discovered }, fabrikamURI, endpoint},
		{"not as the partner says", func(p *party) {
			p.relationships[0].TargetAutodiscoverEPR, p.relationships[0].TargetSharingEPR = "", "https://ews.fabrikam.com/"
			p.relationships[0].TargetApplicationURI = ""
			p.information.TargetAutodiscoverEPR = discovered
		}, "fabrikam.com", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newParty()
			c.change(p)
			_, _ = p.test(t, "sales@contoso.ca")
			want := []string{"discover fabrikam.com", "token for MSExchange.Autodiscover to " + c.audience + " as sales@contoso.ca"}
			if c.target != "" {
				want = append(want, "relationships with contoso.com contoso.ca, asked at "+c.target+" with MSExchange.Autodiscover at "+c.audience)
			}
			if diff := cmp.Diff(want, p.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRelationshipIsTold: the six steps in the words of Exchange.
func TestRelationshipIsTold(t *testing.T) {
	t.Parallel()
	p := newParty()
	p.relationships[0].Enabled, p.undisclosed = false, fmt.Errorf("silence")
	_, _ = p.test(t, requestor)
	want := []string{
		"Begin testing for organization relationship Fabrikam, enabled state False.",
		"STS Client Identities are urn:federation:broker.example/FYDIBOHF25SPDLT.contoso.com;",
		"STEP 1 of 6: Validating user configuration", "RESULT: Error.",
		"STEP 2 of 6: Getting federation information from remote organization...", "RESULT: Error.",
		"STEP 3 of 6: Validating consistency in returned federation information", "RESULT: " + notBlamed + "FederationInformationIsNotAvailable.",
		"STEP 4 of 6: Requesting delegation token from the STS...",
		"asking for a token for FYDIBOHF25SPDLT.fabrikam.com as sales@contoso.com",
		"Retrieved token for target " + endpoint + " for offer Name=MSExchange.Autodiscover,Duration=28800(secs)", "RESULT: Success.",
		"STEP 5 of 6: Getting organization relationship setting from remote partner...", "RESULT: Success.",
		"STEP 6 of 6: Validating organization relationships returned from remote partner", "RESULT: Success.",
		"LAST STEP: Writing results...", "COMPLETE.",
	}
	if diff := cmp.Diff(want, p.told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	p = newParty()
	_, _ = p.test(t, requestor)
	want = []string{"LAST STEP: Writing results...", "No Significant Issues to Report", "COMPLETE."}
	if diff := cmp.Diff(want, p.told[len(p.told)-3:]); diff != "" {
		t.Errorf("told at the end (-want +got):\n%s", diff)
	}
}
