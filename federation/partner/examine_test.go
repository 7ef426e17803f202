package partner_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/partner"
)

// found is a finding as it is shown, and the identifier of its cause.
type found struct {
	ID, Status, Description, Cause string
	Domains                        []federation.Domain
	Value                          string
}

func nothing() found {
	return found{ID: "NoSignificantIssues", Status: "Success", Description: "No Significant Issues to Report"}
}

// test runs the test of the first relationship and returns the findings and the results of
// the steps.
func (p *party) test(t *testing.T, user string) (findings []found, results []string) {
	t.Helper()
	all, err := p.client().TestRelationship(t.Context(), p.relationships[0], user)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		shown := found{ID: string(f.ID), Status: string(f.Status), Description: f.Description, Domains: f.Domains, Value: f.Value}
		var cause *federation.Error
		if errors.As(f.Cause, &cause) {
			shown.Cause = cause.ID
		}
		findings = append(findings, shown)
	}
	for _, line := range p.told {
		if result, ok := strings.CutPrefix(line, "RESULT: "); ok {
			results = append(results, strings.TrimSuffix(result, "."))
		}
	}
	return findings, results
}

// relationshipCase changes one thing on one of the sides.
type relationshipCase struct {
	name    string
	change  func(*party)
	user    string // "" for the usual one
	want    []found
	results string // of the six steps: S for Success, W, E, and - for one that was not taken
}

const notBlamed = "Not run, because of the error of "

// TestTestRelationship compares the two sides, one difference at a time.
func TestTestRelationship(t *testing.T) {
	t.Parallel()
	cases := append(append(ownCases(), informationCases()...), remoteCases()...)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newParty()
			c.change(p)
			user := c.user
			if user == "" {
				user = requestor
			}
			got, results := p.test(t, user)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			letters := ""
			for _, result := range results {
				if strings.HasPrefix(result, "Not run, because ") {
					result = "-"
				}
				letters += result[:1]
			}
			for _, line := range p.asked {
				if sent := strings.HasPrefix(line, "relationships with "); sent && (c.results[4] == '-' || !strings.Contains(line, "asked at "+endpoint+" with ")) {
					t.Errorf("a token went where it must not: %s", line)
				} else if strings.HasPrefix(line, "token ") && c.results[3] == '-' {
					t.Errorf("a token was asked for: %s", line)
				}
			}
			if letters != c.results {
				t.Errorf("the steps went %s, not %s: %q", letters, c.results, results)
			}
		})
	}
	if len(cases) < 36 {
		t.Errorf("%d cases, at least 36 are expected", len(cases))
	}
}

func ownCases() []relationshipCase {
	r := func(change func(*federation.OrganizationRelationship)) func(*party) {
		return func(p *party) { change(&p.relationships[0]) }
	}
	return []relationshipCase{
		{"all is well", func(*party) {}, "", []found{nothing()}, "SSSSSS"},
		{"disabled", r(func(r *federation.OrganizationRelationship) { r.Enabled = false }), "",
			[]found{{ID: "OrganizationRelationshipIsDisabled", Status: "Error", Description: "The organization relationship is disabled, so nothing is shared and nobody is asked."}}, "ESSSSS"},
		{"the user's domain is not federated", func(*party) {}, "sales@contoso.co.uk",
			[]found{{ID: "UserConfigurationIsNotValid", Status: "Error", Cause: "UserDomainNotFederated",
				Description: `The broker does not vouch for sales@contoso.co.uk: domain "contoso.co.uk": is not federated, so nobody vouches for its users.`}}, "ESS---"},
		{"federation is switched off", func(p *party) { p.id.Enabled = false }, "",
			[]found{{ID: "UserConfigurationIsNotValid", Status: "Error", Cause: "FederationDisabled",
				Description: "The broker does not vouch for sales@contoso.com: federated organization identifier: federation is switched off."}}, "ESS---"},
		{"no federation at all", func(p *party) { p.id, p.trusts = federation.OrganizationIdentifier{}, nil }, "",
			[]found{{ID: "UserConfigurationIsNotValid", Status: "Error", Cause: "NoAccountNamespace",
				Description: "The broker does not vouch for sales@contoso.com: federated organization identifier: has no account namespace yet."}}, "ESS---"},
		{"nobody knows where the partner is", func(p *party) { p.relationships[0].TargetAutodiscoverEPR = ""; p.undisclosed = errors.New("silence") }, "",
			[]found{{ID: "TargetAutodiscoverEprIsNotSet", Status: "Error", Description: "The organization relationship has neither TargetAutodiscoverEpr nor TargetSharingEpr, so nobody knows where the partner is asked."},
				{ID: "FederationInformationIsNotAvailable", Status: "Error", Description: "The partner does not say who it is in the federation: silence."}}, "EE-S--"},
		{"TargetSharingEpr is set", r(func(r *federation.OrganizationRelationship) { r.TargetSharingEPR = "https://ews.fabrikam.com/" }), "",
			[]found{{ID: "TargetSharingEprBypassesAutodiscover", Status: "Information",
				Description: "TargetSharingEpr is set, so free/busy is asked for at https://ews.fabrikam.com/ and Autodiscover is not asked where."}, nothing()}, "SSSSSS"},
		{"TargetSharingEpr alone", r(func(r *federation.OrganizationRelationship) {
			r.TargetAutodiscoverEPR, r.TargetSharingEPR = "", "https://ews.fabrikam.com/"
		}), "",
			[]found{{ID: "TargetSharingEprBypassesAutodiscover", Status: "Information",
				Description: "TargetSharingEpr is set, so free/busy is asked for at https://ews.fabrikam.com/ and Autodiscover is not asked where."},
				{ID: "RemoteOrganizationRelationshipIsNotAsked", Status: "Warning", Value: endpoint,
					Description: "TargetAutodiscoverEpr is not set, so the partner is not asked for its own organization relationship: no token is sent to where discovery alone leads, " + endpoint + "."}}, "SSSSW-"},
		{"TargetSharingEpr alone, and no information", func(p *party) {
			p.relationships[0].TargetAutodiscoverEPR, p.relationships[0].TargetSharingEPR = "", "https://ews.fabrikam.com/"
			p.undisclosed = errors.New("silence")
		}, "",
			[]found{{ID: "TargetSharingEprBypassesAutodiscover", Status: "Information",
				Description: "TargetSharingEpr is set, so free/busy is asked for at https://ews.fabrikam.com/ and Autodiscover is not asked where."},
				{ID: "FederationInformationIsNotAvailable", Status: "Error", Description: "The partner does not say who it is in the federation: silence."},
				{ID: "RemoteOrganizationRelationshipIsNotAsked", Status: "Warning",
					Description: "TargetAutodiscoverEpr is not set, so the partner is not asked for its own organization relationship."}}, "SE-SW-"},
		{"nowhere to ask, and the partner says where", r(func(r *federation.OrganizationRelationship) { r.TargetAutodiscoverEPR = "" }), "",
			[]found{{ID: "TargetAutodiscoverEprIsNotSet", Status: "Error", Description: "The organization relationship has neither TargetAutodiscoverEpr nor TargetSharingEpr, so nobody knows where the partner is asked."}}, "ESSS--"},
		{"no TargetApplicationUri", r(func(r *federation.OrganizationRelationship) { r.TargetApplicationURI = "" }), "",
			[]found{{ID: "TargetApplicationUriIsNotSet", Status: "Warning",
				Description: "TargetApplicationUri is not set, so tokens are asked for by the domain fabrikam.com; Exchange needs it."}}, "WSSSSS"},
	}
}

func informationCases() []relationshipCase {
	info := func(change func(*autodiscover.FederationInformation)) func(*party) {
		return func(p *party) { change(&p.information) }
	}
	uri := func(text string) func(*party) {
		return func(p *party) { p.relationships[0].TargetApplicationURI = text }
	}
	cosmetic := func(text string) []found {
		return []found{{ID: "TargetApplicationUriDiffersInSpelling", Status: "Information", Value: fabrikamURI,
			Description: "TargetApplicationUri is " + text + " and the partner writes its application URI " + fabrikamURI + "; both mean the same."}, nothing()}
	}
	return []relationshipCase{
		{"no information", func(p *party) {
			p.undisclosed = federation.Errorf(federation.Refused, "FederationInformationNotReceived", `domain "fabrikam.com"`, "it says no")
		}, "",
			[]found{{ID: "FederationInformationIsNotAvailable", Status: "Error", Cause: "FederationInformationNotReceived",
				Description: `The partner does not say who it is in the federation: domain "fabrikam.com": it says no.`}}, "SE-SSS"},
		{"another application URI", uri("outlook.com"), "",
			[]found{{ID: "MismatchedFederation", Status: "Error", Value: fabrikamURI,
				Description: "TargetApplicationUri is outlook.com and the application URI of the partner is FYDIBOHF25SPDLT.fabrikam.com, so the partner accepts none of the tokens."}}, "SSE---"},
		{"the application URI of somebody else", uri("FYDIBOHF25SPDLT.victim.example"), "",
			[]found{{ID: "MismatchedFederation", Status: "Error", Value: fabrikamURI,
				Description: "TargetApplicationUri is FYDIBOHF25SPDLT.victim.example and the application URI of the partner is FYDIBOHF25SPDLT.fabrikam.com, so the partner accepts none of the tokens."}}, "SSE---"},
		{"an application URI that many have", func(p *party) {
			p.relationships[0].TargetApplicationURI, p.information.TargetApplicationURI, p.information.AudienceUnproven = "outlook.com", "outlook.com", true
		}, "", []found{{ID: "TokenAudienceNotProven", Status: "Warning",
			Description: "Nothing shows that the application URI outlook.com is of fabrikam.com alone; tokens for it are good wherever else it is used."}}, "SSWSSS"},
		{"no information, and an application URI of somebody else", func(p *party) {
			p.relationships[0].TargetApplicationURI, p.undisclosed = "FYDIBOHF25SPDLT.victim.example", errors.New("silence")
		}, "", []found{{ID: "FederationInformationIsNotAvailable", Status: "Error", Description: "The partner does not say who it is in the federation: silence."},
			{ID: "TokenAudienceNotProven", Status: "Error",
				Description: "TargetApplicationUri is FYDIBOHF25SPDLT.victim.example, of none of the domains of the organization relationship, and the partner does not say that it is its own, so no token is asked for."}}, "SE----"},
		{"no information, and an application URI of many", func(p *party) {
			p.relationships[0].TargetApplicationURI, p.undisclosed = "outlook.com", errors.New("silence")
		}, "", []found{{ID: "FederationInformationIsNotAvailable", Status: "Error", Description: "The partner does not say who it is in the federation: silence."},
			{ID: "TokenAudienceNotProven", Status: "Error",
				Description: "TargetApplicationUri is outlook.com, of none of the domains of the organization relationship, and the partner does not say that it is its own, so no token is asked for."}}, "SE----"},
		{"no information, and a host of the domain", func(p *party) {
			p.relationships[0].TargetApplicationURI, p.undisclosed = "http://mail.fabrikam.com/", errors.New("silence")
		}, "", []found{{ID: "FederationInformationIsNotAvailable", Status: "Error", Description: "The partner does not say who it is in the federation: silence."}}, "SE-SSS"},
		{"it says that it is somebody else", func(p *party) {
			p.relationships[0].TargetApplicationURI, p.relationships[0].DomainNames = "FYDIBOHF25SPDLT.victim.example", []federation.Domain{"fabrikam.com", "victim.example"}
			p.undisclosed = federation.Errorf(federation.Untrusted, autodiscover.IDApplicationURIOfOthers, `domain "fabrikam.com"`, "it is not")
		}, "", []found{{ID: "FederationInformationIsNotAvailable", Status: "Error", Cause: "ApplicationUriOfAnotherOrganization",
			Description: `The partner does not say who it is in the federation: domain "fabrikam.com": it is not.`}}, "SE----"},
		{"the same in other letters", uri("fydibohf25spdlt.FABRIKAM.com"), "", cosmetic("fydibohf25spdlt.FABRIKAM.com"), "SSSSSS"},
		{"the same as a URL", uri("http://FYDIBOHF25SPDLT.fabrikam.com/"), "", cosmetic("http://FYDIBOHF25SPDLT.fabrikam.com/"), "SSSSSS"},
		{"another token issuer", info(func(i *autodiscover.FederationInformation) {
			i.TokenIssuerURIs = []string{"uri:WindowsLiveID", "urn:federation:MicrosoftOnline"}
		}), "",
			[]found{{ID: "NoCommonTokenIssuer", Status: "Error",
				Description: "Tokens of this organization are of urn:federation:broker.example, and the partner accepts those of uri:WindowsLiveID, urn:federation:MicrosoftOnline."}}, "SSESSS"},
		{"one of its issuers", info(func(i *autodiscover.FederationInformation) {
			i.TokenIssuerURIs = []string{"uri:WindowsLiveID", "URN:federation:Broker.example"}
		}), "", []found{nothing()}, "SSSSSS"},
		{"no issuer is named", info(func(i *autodiscover.FederationInformation) { i.TokenIssuerURIs = nil }), "",
			[]found{{ID: "NoCommonTokenIssuer", Status: "Warning", Description: "The partner names no token issuer; tokens of this organization are of urn:federation:broker.example."}}, "SSWSSS"},
		{"more domains", info(func(i *autodiscover.FederationInformation) {
			i.DomainNames = append(i.DomainNames, "fabrikam.de", "eu.fabrikam.com")
		}), "",
			[]found{{ID: "RemoteFederatedDomainsAreMissingFromTheLocalOrganizationRelationship", Status: "Warning", Domains: []federation.Domain{"fabrikam.de", "eu.fabrikam.com"},
				Description: "The partner federates domains that the organization relationship does not have: fabrikam.de, eu.fabrikam.com."}}, "SSWSSS"},
		{"more domains, in another relationship", func(p *party) {
			p.information.DomainNames = append(p.information.DomainNames, "wingtip.example")
			p.relationships = append(p.relationships, wingtip())
		}, "", []found{nothing()}, "SSSSSS"},
	}
}

// TestRelationshipNotTested: an interruption ends it, and a user without an address is one
// of the command line.
func TestRelationshipNotTested(t *testing.T) {
	t.Parallel()
	p := newParty()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := p.client().TestRelationship(ctx, fabrikam(), requestor); !errors.Is(err, context.Canceled) || got != nil {
		t.Errorf("%v, %v", got, err)
	}
	_, err := p.client().TestRelationship(t.Context(), fabrikam(), "sales")
	fails(t, err, federation.Invalid, "InvalidSmtpAddress")
	if len(p.asked) > 1 {
		t.Errorf("asked %q", p.asked)
	}
}

// TestFindingsInOrder: much that is wrong at once is found in the order that is documented.
func TestFindingsInOrder(t *testing.T) {
	t.Parallel()
	for n, change := range map[int]func(p *party){
		9: func(p *party) {
			p.relationships[0].TargetSharingEPR = "https://ews.fabrikam.com/"
			p.remote[0] = autodiscover.RelationshipSettings{DomainNames: []string{"contoso.ca", "wingtip.example"}, TargetApplicationURI: "outlook.com"}
		},
		5: func(p *party) { p.id.Enabled, p.relationships[0].TargetAutodiscoverEPR = false, "" },
	} {
		p := newParty()
		p.relationships[0].Enabled, p.relationships[0].TargetApplicationURI = false, "http://"+fabrikamURI
		p.information.TokenIssuerURIs, p.information.DomainNames = nil, append(p.information.DomainNames, "fabrikam.de")
		change(p)
		got, _ := p.test(t, requestor)
		var places []int
		for _, f := range got {
			places = append(places, slices.Index(partner.FindingIDs(), partner.FindingID(f.ID)))
		}
		if len(got) < n || !slices.IsSorted(places) || places[0] < 0 {
			t.Errorf("places %v of %v, at least %d are expected", places, got, n)
		}
	}
}
