// Package partner asks the organizations that there are relationships with: where they are
// asked, when their people are busy, and whether both sides agree about the relationship. It
// puts together what the single protocols do: a token of the broker for each question, then
// Autodiscover, then Exchange Web Services.
package partner

import (
	"context"
	"fmt"
	"strings"
	"time"

	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/availability"
	"exfed/federation/token"
)

// Autodiscover is what is asked of a partner's Autodiscover service; *autodiscover.Client
// is one.
type Autodiscover interface {
	Discover(ctx context.Context, domain federation.Domain) (autodiscover.FederationInformation, error)
	ExternalEwsURL(ctx context.Context, partner autodiscover.Partner, user string) (string, error)
	OrganizationRelationshipSettings(ctx context.Context, partner autodiscover.Partner, domains ...string) ([]autodiscover.RelationshipSettings, error)
}

// Availability is what is asked of a partner's Exchange Web Services; *availability.Client is
// one.
type Availability interface {
	GetUserAvailability(ctx context.Context, ews string, token []byte, request availability.Request) (availability.Response, error)
}

// Client asks in the name of users of one organization.
type Client struct {
	Organization *federation.Organization
	Autodiscover Autodiscover
	Availability Availability
}

// Query asks when people are busy.
type Query struct {
	Requestor string   // SMTP address in a federated domain: who wants to know
	Users     []string // SMTP addresses of partners' users
	FreeBusy  availability.FreeBusyViewOptions
	Location  *time.Location // of the days in the answer
}

// Answer is what came back about one user.
type Answer struct {
	User     string
	Response availability.FreeBusyResponse
}

// target is a relationship and those of its users that are asked about.
type target struct {
	relationship federation.OrganizationRelationship
	users        []string
	places       []int // of the users in the query
}

// UserAvailability asks each partner once for all of its users. The answers are in the order
// of Query.Users; what is wrong with one user is in his answer. An error of a partner ends it.
//
// A user without a relationship, or with one that is disabled, is a Conflict
// (NoOrganizationRelationship, OrganizationRelationshipDisabled), as is one of the
// organization itself (OwnOrganization).
func (c *Client) UserAvailability(ctx context.Context, q Query) ([]Answer, error) {
	targets, err := c.targets(ctx, q.Users)
	if err != nil {
		return nil, err
	}
	answers := make([]Answer, len(q.Users))
	for _, t := range targets {
		response, err := c.ask(ctx, t, q)
		if err != nil {
			return nil, err
		}
		for i, place := range t.places {
			answers[place] = Answer{User: t.users[i], Response: response.Mailboxes[i]}
		}
	}
	return answers, nil
}

// targets sorts users by the relationship with their domain.
func (c *Client) targets(ctx context.Context, users []string) ([]*target, error) {
	directory, err := c.Organization.Directory(ctx)
	if err != nil {
		return nil, err
	}
	var targets []*target
	byName := map[string]*target{}
	for place, user := range users {
		relationship, err := relationshipOf(directory, user)
		if err != nil {
			return nil, err
		}
		t := byName[relationship.Name]
		if t == nil {
			t = &target{relationship: relationship}
			byName[relationship.Name] = t
			targets = append(targets, t)
		}
		t.users, t.places = append(t.users, user), append(t.places, place)
	}
	return targets, nil
}

func relationshipOf(directory *federation.Directory, user string) (federation.OrganizationRelationship, error) {
	domain, err := token.AddressDomain(user)
	if err != nil {
		return federation.OrganizationRelationship{}, err
	}
	r, found := directory.Relationship(domain)
	switch {
	case !found && directory.Own(domain):
		return r, federation.Errorf(federation.Conflict, "OwnOrganization", fmt.Sprintf("address %q", user),
			"it is your own organization's, and only partners are asked")
	case !found:
		return r, federation.Errorf(federation.Conflict, "NoOrganizationRelationship", fmt.Sprintf("domain %q", domain),
			"no organization relationship has it (ErrorInvalidOrganizationRelationshipForFreeBusy)")
	case !r.Enabled:
		return r, federation.Errorf(federation.Conflict, "OrganizationRelationshipDisabled", fmt.Sprintf("organization relationship %q", r.Name),
			"it is disabled (ErrorInvalidOrganizationRelationshipForFreeBusy)")
	}
	return r, nil
}

// ask goes the whole way to one partner.
func (c *Client) ask(ctx context.Context, t *target, q Query) (availability.Response, error) {
	ews, err := c.webServices(ctx, t.relationship, q.Requestor, t.users[0])
	if err != nil {
		return availability.Response{}, err
	}
	sealed, err := c.token(ctx, t.relationship, q.Requestor, token.SharingCalendarFreeBusy)
	if err != nil {
		return availability.Response{}, err
	}
	request := availability.Request{
		TimeZone: availability.TimeZoneFor(q.Location, q.FreeBusy.Start, q.FreeBusy.End), FreeBusy: q.FreeBusy,
	}
	for _, user := range t.users {
		request.Mailboxes = append(request.Mailboxes, availability.MailboxData{Address: user, AttendeeType: availability.Required})
	}
	c.Organization.Step("asking %s for the free/busy time of %s", ews, strings.Join(t.users, ", "))
	return c.Availability.GetUserAvailability(ctx, ews, sealed, request)
}

// webServices returns where the partner's Exchange Web Services are: where the relationship
// says, else where the partner's Autodiscover says.
func (c *Client) webServices(ctx context.Context, r federation.OrganizationRelationship, requestor, user string) (string, error) {
	if r.TargetSharingEPR != "" {
		c.Organization.Step("organization relationship %q says where free/busy is asked for: %s", r.Name, r.TargetSharingEPR)
		return r.TargetSharingEPR, nil
	}
	if r.TargetAutodiscoverEPR == "" {
		return "", federation.Errorf(federation.Conflict, "PartnerNotLocated", fmt.Sprintf("organization relationship %q", r.Name),
			"it has neither TargetSharingEpr nor TargetAutodiscoverEpr, so nobody knows where to ask")
	}
	sealed, err := c.token(ctx, r, requestor, token.Autodiscover)
	if err != nil {
		return "", err
	}
	c.Organization.Step("asking %s where %s is asked about", r.TargetAutodiscoverEPR, user)
	return c.Autodiscover.ExternalEwsURL(ctx, autodiscover.Partner{Endpoint: r.TargetAutodiscoverEPR, Token: sealed}, user)
}

// token gets a token for the partner: for its application URI, or for the organization that
// the broker finds by its domain.
func (c *Client) token(ctx context.Context, r federation.OrganizationRelationship, requestor string, offer token.Offer) ([]byte, error) {
	audience := r.TargetApplicationURI
	if audience == "" {
		audience = string(r.DomainNames[0])
	}
	response, err := c.Organization.DelegationToken(ctx, federation.DelegationTokenRequest{User: requestor, Target: audience, Offer: string(offer)})
	return response.Encrypted, err
}
