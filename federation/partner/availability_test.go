package partner_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/partner"
)

const requestor = "sales@contoso.com"

// wingtip is a partner that says where its free/busy is asked for, and not who it is.
func wingtip() federation.OrganizationRelationship {
	return federation.OrganizationRelationship{Name: "Wingtip", DomainNames: []federation.Domain{"wingtip.example", "toys.example"}, Enabled: true,
		TargetSharingEPR: "https://ews.wingtip.example/"}
}

func (p *party) availability(t *testing.T, users ...string) ([]partner.Answer, error) {
	t.Helper()
	return p.client().UserAvailability(t.Context(), partner.Query{
		Requestor: requestor, Users: users, Location: time.UTC,
		FreeBusy: availability.FreeBusyViewOptions{Start: noon(), End: noon().AddDate(0, 0, 7), Interval: 30, RequestedView: availability.ViewDetailed},
	})
}

// TestUserAvailability: each partner is asked once, with the right tokens, at the right place,
// and the answers stand in the order of the users.
func TestUserAvailability(t *testing.T) {
	t.Parallel()
	const (
		anotherURL  = "https://mail.fabrikam.com/autodiscover/autodiscover.svc/WSSecurity"
		token       = "token for MSExchange.Autodiscover to " + fabrikamURI + " as " + requestor
		freeBusy    = "token for MSExchange.SharingCalendarFreeBusy to " + fabrikamURI + " as " + requestor
		whereAnn    = "where is ann@fabrikam.com, asked at " + endpoint + " with MSExchange.Autodiscover at " + fabrikamURI
		atFabrikam  = ", asked at https://ews.fabrikam.com/ with MSExchange.SharingCalendarFreeBusy at " + fabrikamURI
		toWingtip   = "token for MSExchange.SharingCalendarFreeBusy to wingtip.example as " + requestor
		withWingtip = ", asked at https://ews.wingtip.example/ with MSExchange.SharingCalendarFreeBusy at wingtip.example"
	)
	cases := []struct {
		name   string
		change func(*party)
		users  []string
		asked  []string
	}{
		{"nobody", nil, nil, nil},
		{"one", nil, []string{"ann@fabrikam.com"}, []string{token, whereAnn, freeBusy, "free/busy of ann@fabrikam.com" + atFabrikam}},
		{"two of one partner", nil, []string{"ann@fabrikam.com", "bob@FABRIKAM.com"},
			[]string{token, whereAnn, freeBusy, "free/busy of ann@fabrikam.com bob@FABRIKAM.com" + atFabrikam}},
		{"two partners by turns", nil, []string{"joe@toys.example", "ann@fabrikam.com", "eve@wingtip.example", "bob@fabrikam.com"},
			[]string{toWingtip, "free/busy of joe@toys.example eve@wingtip.example" + withWingtip,
				token, whereAnn, freeBusy, "free/busy of ann@fabrikam.com bob@fabrikam.com" + atFabrikam}},
		{"one of them twice", nil, []string{"joe@toys.example", "joe@toys.example"}, []string{toWingtip, "free/busy of joe@toys.example joe@toys.example" + withWingtip}},
		{"TargetSharingEpr wins", func(p *party) { p.relationships[0].TargetSharingEPR = "https://sharing.fabrikam.com/" }, []string{"ann@fabrikam.com"},
			[]string{freeBusy, "free/busy of ann@fabrikam.com, asked at https://sharing.fabrikam.com/ with MSExchange.SharingCalendarFreeBusy at " + fabrikamURI}},
		{"another Autodiscover", func(p *party) { p.relationships[0].TargetAutodiscoverEPR = anotherURL }, []string{"ann@fabrikam.com"},
			[]string{token, "where is ann@fabrikam.com, asked at " + anotherURL + " with MSExchange.Autodiscover at " + fabrikamURI, freeBusy, "free/busy of ann@fabrikam.com" + atFabrikam}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newParty()
			p.relationships = append(p.relationships, wingtip())
			if c.change != nil {
				c.change(p)
			}
			got, err := p.availability(t, c.users...)
			if err != nil {
				t.Fatal(err)
			}
			want := []partner.Answer{}
			for _, user := range c.users {
				want = append(want, partner.Answer{User: user, Response: availability.FreeBusyResponse{MessageText: "about " + user}})
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.asked, p.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
	if len(cases) < 7 {
		t.Errorf("%d cases", len(cases))
	}
}

// TestUserAvailabilityRefused: what keeps a partner from being asked is told before anybody
// is, and what a partner does not answer ends it.
func TestUserAvailabilityRefused(t *testing.T) {
	t.Parallel()
	refusal := federation.Errorf(federation.Refused, "InvalidScope", "broker", "no")
	const ann = "ann@fabrikam.com"
	first := "token for MSExchange.Autodiscover to " + fabrikamURI + " as " + requestor
	cases := []struct {
		name   string
		change func(*party)
		user   string
		kind   federation.Kind
		id     string
		asked  int // questions to anybody
	}{
		{"no relationship", nil, "ann@litware.example", federation.Conflict, "NoOrganizationRelationship", 0},
		{"a domain below", nil, "ann@eu.fabrikam.com", federation.Conflict, "NoOrganizationRelationship", 0},
		{"no address", nil, "ann", federation.Invalid, "InvalidSmtpAddress", 0},
		{"disabled", func(p *party) { p.relationships[0].Enabled = false }, ann, federation.Conflict, "OrganizationRelationshipDisabled", 0},
		{"not located", func(p *party) { p.relationships[0].TargetAutodiscoverEPR = "" }, ann, federation.Conflict, "PartnerNotLocated", 0},
		{"no token", func(p *party) { p.refusal = refusal }, ann, federation.Refused, "InvalidScope", 1},
		{"no such user there", func(p *party) {
			p.ews = map[string]error{ann: federation.Errorf(federation.Refused, "InvalidUser", "", "")}
		}, ann, federation.Refused, "InvalidUser", 2},
		{"EWS refuses", func(p *party) {
			p.busy = map[string]error{"https://ews.fabrikam.com/": federation.Errorf(federation.Unavailable, "PartnerUnreachable", "", "")}
		}, ann, federation.Unavailable, "PartnerUnreachable", 4},
		{"federation is off", func(p *party) { p.id.Enabled = false }, ann, federation.Conflict, "FederationDisabled", 0},
		{"nobody vouches for the requestor", func(p *party) { p.id.Domains = p.id.Domains[1:] }, ann, federation.Conflict, "UserDomainNotFederated", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newParty()
			if c.change != nil {
				c.change(p)
			}
			got, err := p.availability(t, c.user)
			fails(t, err, c.kind, c.id)
			if got != nil || len(p.asked) != c.asked || c.asked > 0 && p.asked[0] != first {
				t.Errorf("answers %v, asked %q", got, p.asked)
			}
		})
	}
	if len(cases) < 10 {
		t.Errorf("%d cases", len(cases))
	}
}

// TestUserAvailabilityOneOfTwo: nobody is asked when one of the users has no relationship.
func TestUserAvailabilityOneOfTwo(t *testing.T) {
	t.Parallel()
	p := newParty()
	_, err := p.availability(t, "ann@fabrikam.com", "joe@litware.example")
	fails(t, err, federation.Conflict, "NoOrganizationRelationship")
	if len(p.asked) != 0 {
		t.Errorf("asked %q", p.asked)
	}
	p.relationships = append(p.relationships, wingtip())
	p.busy = map[string]error{"https://ews.wingtip.example/": errors.New("broken")}
	got, err := p.availability(t, "ann@fabrikam.com", "joe@toys.example")
	if got != nil || err == nil || err.Error() != "broken" {
		t.Errorf("%v, %v", got, err)
	}
}
