package federation_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/state"
)

// warnings has the organization's warnings collected.
func (p *party) warnings() *[]string {
	var all []string
	p.Warn = func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	return &all
}

// partner makes a relationship with the domains.
func (p *party) partner(name string, domains ...string) {
	p.t.Helper()
	_, err := p.NewOrganizationRelationship(p.t.Context(), federation.OrganizationRelationshipRequest{
		Name: &name, DomainNames: federation.ListChange{Replace: &domains},
	})
	p.must(err)
}

// numbered are that many domains.
func numbered(n int) []string {
	domains := make([]string, n)
	for i := range domains {
		domains[i] = fmt.Sprintf("d%d.example", i)
	}
	return domains
}

func TestOrganizationRelationshipIsKept(t *testing.T) {
	t.Parallel()
	p, _ := newParty(t)
	p.Now = func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 999, time.FixedZone("", 3600)) }
	request := federation.OrganizationRelationshipRequest{
		Name:                  new("Fabrikam"),
		DomainNames:           federation.ListChange{Replace: &[]string{"FABRIKAM.com", "bücher.example", "fabrikam.com"}},
		FreeBusyAccessEnabled: new(true), FreeBusyAccessLevel: new(federation.FreeBusyLimitedDetails), FreeBusyAccessScope: new("Partners"),
		MailboxMoveEnabled: new(true), DeliveryReportEnabled: new(true),
		MailTipsAccessEnabled: new(true), MailTipsAccessLevel: new(federation.MailTipsAll), MailTipsAccessScope: new("Tips"),
		PhotosEnabled: new(true), TargetApplicationURI: new("http://Outlook.com/"),
		TargetSharingEPR: new("https://fabrikam.com/EWS/Exchange.asmx"), TargetOwaURL: new("http://owa.fabrikam.com/owa"),
		TargetAutodiscoverEPR: new("https://fabrikam.com/autodiscover/autodiscover.svc/WSSecurity"),
		OrganizationContact:   new("ask@fabrikam.com"), Enabled: new(false), ArchiveAccessEnabled: new(true),
	}
	made, err := p.NewOrganizationRelationship(t.Context(), request)
	p.must(err)
	at := time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
	want := federation.OrganizationRelationship{
		Name: "Fabrikam", DomainNames: []federation.Domain{"fabrikam.com", "xn--bcher-kva.example"},
		FreeBusyAccessEnabled: true, FreeBusyAccessLevel: "LimitedDetails", FreeBusyAccessScope: "Partners",
		MailboxMoveEnabled: true, DeliveryReportEnabled: true, MailTipsAccessEnabled: true, MailTipsAccessLevel: "All", MailTipsAccessScope: "Tips",
		PhotosEnabled: true, TargetApplicationURI: "http://Outlook.com/", TargetSharingEPR: "https://fabrikam.com/EWS/Exchange.asmx",
		TargetOwaURL: "http://owa.fabrikam.com/owa", TargetAutodiscoverEPR: "https://fabrikam.com/autodiscover/autodiscover.svc/WSSecurity",
		OrganizationContact: "ask@fabrikam.com", ArchiveAccessEnabled: true,
		Meta: federation.Meta{GUID: made.GUID, WhenCreated: at, WhenChanged: at},
	}
	for _, identity := range []string{"fabrikam", made.GUID, "BÜCHER.example", "fabrikam.com"} {
		got, err := p.OrganizationRelationship(t.Context(), identity)
		p.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", identity, diff)
		}
	}
	_, err = p.OrganizationRelationship(t.Context(), "sales.fabrikam.com")
	fails(t, err, federation.NotFound, "OrganizationRelationshipNotFound")

	p.Now = func() time.Time { return at.Add(time.Hour) }
	p.must(p.SetOrganizationRelationship(t.Context(), "fabrikam.com", federation.OrganizationRelationshipRequest{
		Name: new("Other"), Enabled: new(true), FreeBusyAccessScope: new(""),
		DomainNames: federation.ListChange{Add: []string{"new.example", "fabrikam.com"}, Remove: []string{"fabrikam.com"}},
	}))
	want.Name, want.Enabled, want.FreeBusyAccessScope, want.WhenChanged = "Other", true, "", at.Add(time.Hour)
	want.DomainNames = []federation.Domain{"xn--bcher-kva.example", "new.example", "fabrikam.com"}
	all, err := p.OrganizationRelationships(t.Context())
	p.must(err)
	if diff := cmp.Diff([]federation.OrganizationRelationship{want}, all); diff != "" {
		t.Errorf("after Set- (-want +got):\n%s", diff)
	}

	before := p.file()
	p.Now = func() time.Time { return at.Add(2 * time.Hour) }
	p.must(p.SetOrganizationRelationship(t.Context(), "Other", federation.OrganizationRelationshipRequest{Enabled: new(true)}))
	p.unchanged(before)
	p.must(p.RemoveOrganizationRelationship(t.Context(), "new.example"))
	if strings.Contains(p.file(), "organizationRelationships") {
		t.Errorf("it is still there:\n%s", p.file())
	}
	err = p.RemoveOrganizationRelationship(t.Context(), "Other")
	fails(t, err, federation.NotFound, "OrganizationRelationshipNotFound")
}

func TestOrganizationRelationshipRefused(t *testing.T) {
	t.Parallel()
	p, _ := newParty(t)
	p.partner("Fabrikam", "fabrikam.com")
	p.partner("Tailspin", "tailspin.example")
	before := p.file()
	domains := func(names ...string) federation.OrganizationRelationshipRequest {
		return federation.OrganizationRelationshipRequest{Name: new("New"), DomainNames: federation.ListChange{Replace: &names}}
	}
	named := func(name string) federation.OrganizationRelationshipRequest {
		return federation.OrganizationRelationshipRequest{Name: &name, DomainNames: federation.ListChange{Replace: &[]string{"new.example"}}}
	}
	target := func(change func(*federation.OrganizationRelationshipRequest)) federation.OrganizationRelationshipRequest {
		request := named("New")
		change(&request)
		return request
	}
	cases := []struct {
		name    string
		request federation.OrganizationRelationshipRequest
		kind    federation.Kind
		id      string
		text    string
	}{
		{"name taken", named("FABRIKAM"), federation.Exists, "OrganizationRelationshipExists", `organization relationship "FABRIKAM": exists already`},
		{"65 characters", named(strings.Repeat("é", 65)), federation.Invalid, "InvalidName", "65 characters, at most 64"},
		{"no name", named(""), federation.Invalid, "InvalidName", "its name is empty"},
		{"domain of another", domains("new.example", "Fabrikam.COM"), federation.Conflict, "DomainInAnotherRelationship", `domain "fabrikam.com": is in organization relationship "Fabrikam" already`},
		{"no domain", domains(), federation.Invalid, "NoDomainNames", "at least one domain"},
		{"wildcard", domains("*.new.example"), federation.Invalid, "InvalidDomain", "a wildcard cannot stand here"},
		{"241 domains", domains(numbered(241)...), federation.Conflict, "TooManyDomains", "241 domains, at most 240: they take 2 relationships"},
		{"605 domains", domains(numbered(605)...), federation.Conflict, "TooManyDomains", "605 domains, at most 240: they take 3 relationships"},
		{"EWS for Autodiscover", target(func(r *federation.OrganizationRelationshipRequest) {
			r.TargetAutodiscoverEPR = new("https://new.example/EWS/Exchange.asmx")
		}), federation.Invalid, "EwsUrlForAutodiscover", "belongs in TargetSharingEpr"},
		{"contact", target(func(r *federation.OrganizationRelationshipRequest) { r.OrganizationContact = new("nobody") }), federation.Invalid, "InvalidSmtpAddress", "is not an SMTP address"},
	}
	for _, c := range cases {
		_, err := p.NewOrganizationRelationship(t.Context(), c.request)
		fails(t, err, c.kind, c.id)
		if err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %q does not say %q", c.name, err, c.text)
		}
		p.unchanged(before)
	}
	if len(cases) < 10 {
		t.Errorf("only %d cases", len(cases))
	}
	err := p.SetOrganizationRelationship(t.Context(), "Fabrikam", federation.OrganizationRelationshipRequest{Name: new("tailspin")})
	fails(t, err, federation.Exists, "OrganizationRelationshipExists")
	err = p.SetOrganizationRelationship(t.Context(), "Fabrikam", federation.OrganizationRelationshipRequest{DomainNames: federation.ListChange{Add: []string{"tailspin.example"}}})
	fails(t, err, federation.Conflict, "DomainInAnotherRelationship")
	err = p.SetOrganizationRelationship(t.Context(), "Fabrikam", federation.OrganizationRelationshipRequest{DomainNames: federation.ListChange{Add: []string{"fabrikam.com"}}, Name: new("Fabrikam")})
	p.must(err)
	p.unchanged(before)
}

// TestDomainsDoNotVanish: losing more domains than come takes consent, each of them.
func TestDomainsDoNotVanish(t *testing.T) {
	t.Parallel()
	a, ab, bcd := []string{"a.example"}, []string{"a.example", "b.example"}, []string{"b.example", "c.example", "d.example"}
	onlyB := func(d federation.Domain) bool { return d == "b.example" }
	cases := []struct {
		name    string
		change  federation.ListChange
		may     func(federation.Domain) bool
		leaving []federation.Domain
		refused bool
		left    []federation.Domain
	}{
		{"shorter list", federation.ListChange{Replace: &a}, nil, []federation.Domain{"b.example", "c.example"}, true, nil},
		{"agreed to one of two", federation.ListChange{Replace: &a}, onlyB, []federation.Domain{"b.example", "c.example"}, true, nil},
		{"agreed", federation.ListChange{Replace: &ab}, func(d federation.Domain) bool { return d == "c.example" }, []federation.Domain{"c.example"}, false, []federation.Domain{"a.example", "b.example"}},
		{"removed by name", federation.ListChange{Remove: []string{"b.example"}}, nil, []federation.Domain{"b.example"}, true, nil},
		{"removed by name, agreed", federation.ListChange{Remove: []string{"b.example"}}, onlyB, []federation.Domain{"b.example"}, false, []federation.Domain{"a.example", "c.example"}},
		{"one for one", federation.ListChange{Replace: &bcd}, nil, nil, false, []federation.Domain{"b.example", "c.example", "d.example"}},
		{"added", federation.ListChange{Add: []string{"d.example"}}, nil, nil, false, []federation.Domain{"a.example", "b.example", "c.example", "d.example"}},
	}
	for _, c := range cases {
		p, _ := newParty(t)
		p.partner("P", "a.example", "b.example", "c.example")
		before := p.file()
		leaving, err := p.DomainsLeaving(t.Context(), "P", c.change)
		p.must(err)
		if diff := cmp.Diff(c.leaving, leaving); diff != "" {
			t.Errorf("%s: leaving (-want +got):\n%s", c.name, diff)
		}
		err = p.SetOrganizationRelationship(t.Context(), "P", federation.OrganizationRelationshipRequest{DomainNames: c.change, MayRemove: c.may})
		if c.refused {
			fails(t, err, federation.NeedsAnswer, "DomainsLeaving")
			p.unchanged(before)
			continue
		}
		p.must(err)
		r, err := p.OrganizationRelationship(t.Context(), "P")
		p.must(err)
		if diff := cmp.Diff(c.left, r.DomainNames); diff != "" {
			t.Errorf("%s: left (-want +got):\n%s", c.name, diff)
		}
	}
	if len(cases) < 7 {
		t.Errorf("only %d cases", len(cases))
	}
}

// TestOrganizationRelationshipWarnings looks at every warning, and at its absence.
func TestOrganizationRelationshipWarnings(t *testing.T) {
	t.Parallel()
	type request = federation.OrganizationRelationshipRequest
	ews, discovery := "https://p.example/EWS/Exchange.asmx", "https://p.example/autodiscover/autodiscover.svc/WSSecurity"
	const object = `organization relationship "P": `
	cases := []struct {
		name    string
		request request
		want    []string
	}{
		{"nothing", request{Enabled: new(false)}, nil},
		{"level without access", request{FreeBusyAccessLevel: new(federation.FreeBusyAvailabilityOnly)}, []string{object + "its free/busy level and scope have no effect until FreeBusyAccessEnabled is true"}},
		{"level with access", request{FreeBusyAccessLevel: new(federation.FreeBusyAvailabilityOnly), FreeBusyAccessEnabled: new(true)}, nil},
		{"access without level", request{FreeBusyAccessEnabled: new(true)}, []string{object + "no free/busy is shared while FreeBusyAccessLevel is None"}},
		{"scope without access", request{FreeBusyAccessScope: new("G")}, []string{object + "its free/busy level and scope have no effect until FreeBusyAccessEnabled is true", object + `no mailbox is in the group "G", so no free/busy is shown: set-mailbox -MemberOf`}},
		{"MailTips", request{MailTipsAccessLevel: new(federation.MailTipsAll)}, []string{object + "its MailTips level and scope have no effect until MailTipsAccessEnabled is true"}},
		{"both endpoints", request{TargetSharingEPR: &ews, TargetAutodiscoverEPR: &discovery}, []string{object + "TargetSharingEpr wins: Autodiscover is not asked while it is set"}},
		{"one endpoint", request{TargetSharingEPR: &ews}, nil},
		{"own accepted domain", request{DomainNames: federation.ListChange{Add: []string{"contoso.co.uk"}}}, []string{object + "contoso.co.uk is a domain of this organization, not of a partner"}},
		{"own application URI", request{TargetApplicationURI: new("https://fydibohf25spdlt.contoso.com/")}, []string{object + "TargetApplicationUri https://fydibohf25spdlt.contoso.com/ is this organization's own"}},
		{"237 domains", request{DomainNames: federation.ListChange{Add: numbered(236)}}, nil},
		{"238 domains", request{DomainNames: federation.ListChange{Add: numbered(237)}}, []string{object + "238 domains; Exchange's own tools take 238 and its shell 240: put further ones into another relationship"}},
		{"absent", request{DomainNames: federation.ListChange{Add: []string{"q.example"}, Remove: []string{"r.example"}}}, []string{object + "r.example is not one of its domains, so it is not removed"}},
	}
	base := federated(t)
	base.partner("P", "p.example")
	start := base.file()
	for _, c := range cases {
		base.write(start)
		got := base.warnings()
		base.must(base.SetOrganizationRelationship(t.Context(), "P", c.request))
		if diff := cmp.Diff(c.want, *got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if len(cases) < 13 {
		t.Errorf("only %d cases", len(cases))
	}
}

// TestMissingFederationIsSaid: a relationship can be made before what it needs is there.
func TestMissingFederationIsSaid(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	partner := func(name string) []string {
		got := p.warnings()
		p.partner(name, name+".example")
		return *got
	}
	noIdentifier := "the federated organization identifier is not set up, or is switched off, and nothing is shared until it is: set-federatedorganizationidentifier"
	want := [][]string{
		{"there is no federation trust yet, and nothing is shared without one: new-federationtrust"}, {noIdentifier}, nil, {noIdentifier},
	}
	var got [][]string
	got = append(got, partner("a"))
	p.trust(thumbprint)
	got = append(got, partner("b"))
	p.must(p.SetIdentifier(t.Context(), namespaceRequest()))
	got = append(got, partner("c"))
	p.must(p.SetIdentifier(t.Context(), federation.SetIdentifierRequest{Enabled: new(false)}))
	got = append(got, partner("d"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNothingIsSaidOfWhatFailed: a change that is not written warns of nothing.
func TestNothingIsSaidOfWhatFailed(t *testing.T) {
	t.Parallel()
	p, _ := newParty(t)
	p.partner("P", "p.example")
	got := p.warnings()
	p.Store = state.Open(p.path, state.Options{Checkpoint: func(point string) error {
		if point != "rename" {
			return nil
		}
		return errors.New("the disk is full")
	}})
	err := p.SetOrganizationRelationship(t.Context(), "P", federation.OrganizationRelationshipRequest{FreeBusyAccessEnabled: new(true)})
	if err == nil || !strings.Contains(err.Error(), "the disk is full") || len(*got) > 0 {
		t.Errorf("error %v, warnings %q", err, *got)
	}
}
