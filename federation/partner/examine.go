package partner

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/token"
)

// examination is a test of a relationship under way.
type examination struct {
	*Client
	relationship federation.OrganizationRelationship
	user         string
	id           federation.OrganizationIdentifier
	trust        federation.FederationTrust // zero without one
	directory    *federation.Directory
	information  *autodiscover.FederationInformation // nil while there is none
	sealed       []byte                              // the token, nil while there is none
	remote       []autodiscover.RelationshipSettings
	findings     []Finding
}

// step is one of the six that Exchange tells of. It returns why it could not be taken, ""
// when it was.
type step struct {
	title string
	take  func(context.Context) string
}

// TestRelationship compares a relationship with what the partner says: the federation
// information it publishes, and the relationship it has with this organization, which is
// asked for with a token for the user. Nothing is changed, and no calendar is asked for.
//
// What is wrong is in the findings, in the order of FindingIDs but for relationships of the
// partner, which come one after the other. NoSignificantIssues stands where there is neither
// an error nor a warning. An error says that the test could not be made.
func (c *Client) TestRelationship(ctx context.Context, relationship federation.OrganizationRelationship, user string) ([]Finding, error) {
	x := &examination{Client: c, relationship: relationship, user: user}
	if err := x.read(ctx); err != nil {
		return nil, err
	}
	x.tell("Begin testing for organization relationship %s, enabled state %s.", relationship.Name, word(relationship.Enabled))
	if x.trust.Name != "" {
		x.tell("STS Client Identities are %s/%s;", x.trust.Issuer.URI, x.trust.ApplicationURI)
	}
	steps := []step{
		{"Validating user configuration", x.checkOwnSide},
		{"Getting federation information from remote organization...", x.getInformation},
		{"Validating consistency in returned federation information", x.checkInformation},
		{"Requesting delegation token from the STS...", x.requestToken},
		{"Getting organization relationship setting from remote partner...", x.getRemote},
		{"Validating organization relationships returned from remote partner", x.checkRemote},
	}
	for i, s := range steps {
		x.tell("STEP %d of %d: %s", i+1, len(steps), s.title)
		before := len(x.findings)
		notTaken := s.take(ctx)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if notTaken != "" {
			x.tell("RESULT: Not run, because %s.", notTaken)
			continue
		}
		x.tell("RESULT: %s.", worst(x.findings[before:]))
	}
	x.conclude()
	return x.findings, nil
}

func (x *examination) tell(format string, args ...any) { x.Organization.Step(format, args...) }

func (x *examination) conclude() {
	x.tell("LAST STEP: Writing results...")
	if worst(x.findings) == federation.EventSuccess {
		x.find(Finding{ID: NoSignificantIssues, Status: federation.EventSuccess}, "No Significant Issues to Report")
		x.tell("No Significant Issues to Report")
	}
	x.tell("COMPLETE.")
}

// word is a boolean as Exchange prints it.
func word(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// read reads what this side has.
func (x *examination) read(ctx context.Context) error {
	if _, err := token.AddressDomain(x.user); err != nil {
		return err
	}
	trusts, err := x.Organization.Trusts(ctx)
	if err != nil {
		return err
	}
	if len(trusts) > 0 {
		x.trust = trusts[0]
	}
	if x.id, err = x.Organization.Identifier(ctx); err != nil {
		return err
	}
	x.directory, err = x.Organization.Directory(ctx)
	return err
}

// checkOwnSide looks at what is wrong before anybody is asked.
func (x *examination) checkOwnSide(context.Context) string {
	r := x.relationship
	if !r.Enabled {
		x.find(Finding{ID: RelationshipDisabled, Status: federation.EventError}, "The organization relationship is disabled, so nothing is shared and nobody is asked.")
	}
	if err := x.id.CheckUser(x.user); err != nil {
		x.fail(UserNotValid, err, "The broker does not vouch for "+x.user)
	}
	switch {
	case r.TargetAutodiscoverEPR == "" && r.TargetSharingEPR == "":
		x.find(Finding{ID: NoTarget, Status: federation.EventError}, "The organization relationship has neither TargetAutodiscoverEpr nor TargetSharingEpr, so nobody knows where the partner is asked.")
	case r.TargetSharingEPR != "":
		x.find(Finding{ID: AutodiscoverBypassed, Status: federation.EventInformation},
			"TargetSharingEpr is set, so free/busy is asked for at %s and Autodiscover is not asked where.", r.TargetSharingEPR)
	}
	if r.TargetApplicationURI == "" {
		x.find(Finding{ID: ApplicationURIMissing, Status: federation.EventWarning},
			"TargetApplicationUri is not set, so tokens are asked for by the domain %s; Exchange needs it.", r.DomainNames[0])
	}
	return ""
}

func (x *examination) getInformation(ctx context.Context) string {
	info, err := x.Autodiscover.Discover(ctx, x.relationship.DomainNames[0])
	if err != nil {
		x.fail(NoFederationInformation, err, "The partner does not say who it is in the federation")
		return ""
	}
	x.information = &info
	return ""
}

func (x *examination) requestToken(ctx context.Context) string {
	if x.has(UserNotValid) {
		return because(UserNotValid)
	}
	if notTaken := x.checkAudience(); notTaken != "" {
		return notTaken
	}
	sealed, err := x.token(ctx, x.relationship, x.user, token.Autodiscover)
	if err != nil {
		x.fail(NoDelegationToken, err, "No delegation token was received")
		return ""
	}
	x.sealed = sealed
	r := x.relationship
	target := cmp.Or(r.TargetAutodiscoverEPR, r.TargetSharingEPR, r.TargetApplicationURI, string(r.DomainNames[0]))
	x.tell("Retrieved token for target %s for offer Name=%s,Duration=%d(secs)", target, token.Autodiscover, int(token.Autodiscover.Duration().Seconds()))
	return ""
}

func because(id FindingID) string { return fmt.Sprintf("of the error of %s", id) }

// notAsked tells that the partner is not asked: what discovery leads to, nobody has entered,
// and so it gets no token.
func (x *examination) notAsked() {
	f, found := Finding{ID: NotAsked, Status: federation.EventWarning}, ""
	if x.information != nil {
		f.Value = x.information.TargetAutodiscoverEPR
		found = ": no token is sent to where discovery alone leads, " + f.Value
	}
	x.find(f, "TargetAutodiscoverEpr is not set, so the partner is not asked for its own organization relationship%s.", found)
}

func (x *examination) getRemote(ctx context.Context) string {
	switch {
	case x.has(UserNotValid):
		return because(UserNotValid)
	case x.has(NoDelegationToken):
		return because(NoDelegationToken)
	case x.sealed == nil:
		return "there is no token"
	case x.has(NoTarget):
		return because(NoTarget)
	case x.relationship.TargetAutodiscoverEPR == "":
		x.notAsked()
		return ""
	}
	var domains []string
	for _, d := range x.id.Domains {
		domains = append(domains, string(d.Domain))
	}
	remote, err := x.Autodiscover.OrganizationRelationshipSettings(ctx, autodiscover.Partner{Endpoint: x.relationship.TargetAutodiscoverEPR, Token: x.sealed}, domains...)
	switch {
	case errors.Is(err, autodiscover.ErrNotAvailable):
		x.find(Finding{ID: SettingsNotOffered, Status: federation.EventInformation},
			"The partner's Autodiscover does not tell which organization relationship it has with this organization, so that one is not compared.")
	case err != nil:
		x.fail(NoRemoteAnswer, err, "The partner does not tell which organization relationship it has with this organization")
	default:
		x.remote = remote
		if !x.isRelated() {
			x.find(Finding{ID: NoRemoteRelationship, Status: federation.EventError, Domains: x.federated()},
				"The partner has no organization relationship with this organization, or has disabled it: none of the %d it tells has one of the domains %s.", len(remote), list(x.federated()))
		}
	}
	return ""
}
