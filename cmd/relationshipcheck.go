package cmd

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/partner"
)

type testRelationshipParams struct{ identity, user opt[string] }

func testOrganizationRelationship() spec[testRelationshipParams] {
	return spec[testRelationshipParams]{
		name:  "Test-OrganizationRelationship",
		short: "Compares an organization relationship with what the partner says",
		long: `The partner's federation information is asked for as get-federationinformation does, then a
token for the user, and with it the partner's own relationship with this organization. Each
finding is Error, Warning or Information; an Error ends with exit code 3, and each says what to
do next: -Verbose shows that of Information, and tells the six steps. Nothing is changed.

A token is asked for only where -TargetApplicationUri of the relationship is the partner's, and
sent only to its -TargetAutodiscoverEpr, never to where discovery leads.

No free/busy is asked for, so users may still be refused, by the permissions of a calendar
for one.`,
		view:    render.View{Kind: render.AsList, Key: "Id"},
		changes: true,
		examples: []string{
			"exfed test-organizationrelationship -UserIdentity sales@contoso.com",
			"exfed test-organizationrelationship Fabrikam -UserIdentity sales@contoso.com -Verbose",
		},
		declare: func(p *testRelationshipParams, d *declaration) {
			d.text(&p.identity, "Identity", "OrganizationRelationshipIdParameter", "The relationship to test, by name, GUID or one of its domains.",
				at(1), piped, naming(relationshipNames()), defaults("all of them"))
			d.text(&p.user, "UserIdentity", "RecipientIdParameter", "The user to ask the partner as: an address in a federated domain, or a mailbox.", required)
			d.domainController()
		},
		target: func(p *testRelationshipParams) string {
			return strings.TrimSpace("organization relationship " + p.identity.value)
		},
		run: runTestOrganizationRelationship,
	}
}

func runTestOrganizationRelationship(ctx context.Context, e *env, p *testRelationshipParams) ([]render.Record, error) {
	if e.whatIf != nil {
		// There is nothing to rehearse: a test that asks nobody finds nothing.
		return []render.Record{findingRecord("", partner.Finding{})}, nil
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	user, err := userAddress(ctx, org, p.user.value)
	if err != nil {
		return nil, err
	}
	relationships, err := matching(p.identity,
		func() ([]federation.OrganizationRelationship, error) { return org.OrganizationRelationships(ctx) },
		func(name string) (federation.OrganizationRelationship, error) {
			return org.OrganizationRelationship(ctx, name)
		},
		federation.OrganizationRelationship.Key)
	if err == nil && len(relationships) == 0 {
		err = federation.Errorf(federation.NotFound, "NoOrganizationRelationships", "organization relationships", "there is none to test")
	}
	if err != nil {
		return nil, err
	}
	var records []render.Record
	var causes []*federation.Error
	var failed []string
	for _, r := range relationships {
		findings, err := e.testRelationship(ctx, org, r, user)
		if err != nil {
			return records, err
		}
		for _, f := range findings {
			records = append(records, findingRecord(r.Name, f))
		}
		errs := e.adviseOn(r, findings)
		if len(errs) > 0 {
			failed = append(failed, strconv.Quote(r.Name))
		}
		causes = append(causes, errs...)
	}
	return records, newChecksFailed("OrganizationRelationshipTestFailed", "organization relationship "+strings.Join(failed, ", "), causes)
}

// testRelationship has discovery believe a redirect to where the relationship says that
// Autodiscover is: an administrator has entered that host. Nothing else is trusted.
func (e *env) testRelationship(ctx context.Context, org *federation.Organization, r federation.OrganizationRelationship, user string) ([]partner.Finding, error) {
	client, err := e.discoverer()
	if err != nil {
		return nil, err
	}
	if u, err := url.Parse(r.TargetAutodiscoverEPR); err == nil && u.Hostname() != "" {
		client.KnownHosts = []string{u.Hostname()}
	}
	return (&partner.Client{Organization: org, Autodiscover: client}).TestRelationship(ctx, r, user)
}

// userAddress is an address, or the primary one of a mailbox.
func userAddress(ctx context.Context, org *federation.Organization, identity string) (string, error) {
	if strings.Contains(identity, "@") {
		return identity, nil
	}
	mailbox, err := org.Mailbox(ctx, identity)
	return mailbox.PrimarySMTPAddress, err
}

// adviseOn says what to do about findings and returns those that end in failure.
func (e *env) adviseOn(r federation.OrganizationRelationship, findings []partner.Finding) []*federation.Error {
	var causes []*federation.Error
	for _, f := range findings {
		cause := findingCause(r, f)
		switch f.Status {
		case federation.EventError:
			causes = append(causes, cause)
		case federation.EventWarning:
			e.warn("organization relationship %q: %s: %s", r.Name, f.ID, strings.Join(adviceOn(cause), "; "))
		case federation.EventInformation:
			e.verbose("%s: %s", f.ID, strings.Join(adviceOn(cause), "; "))
		}
	}
	return causes
}

// findingCause is what was found as an error that says what to do next.
func findingCause(r federation.OrganizationRelationship, f partner.Finding) *federation.Error {
	cause := federation.Error{Kind: federation.ChecksFailed, ID: string(f.ID), Reason: f.Description, Err: f.Cause}
	var fault *federation.Error
	if errors.As(f.Cause, &fault) {
		cause = *fault
	}
	cause.Object = string(f.ID)
	if f.ID == partner.NoDelegationToken && (cause.ID == "InvalidScope" || cause.ID == "InvalidRequest") {
		cause.Remedy = "the broker knows no organization by TargetApplicationUri, or without one by " + string(r.DomainNames[0]) +
			": exfed get-organizationrelationship " + shellQuote(r.Name) + " -Property TargetApplicationUri; the partner must be federated at the same broker"
	}
	if cause.Remedy == "" {
		cause.Remedy = findingAdvice(r, f)
	}
	return &cause
}

func findingRecord(identity string, f partner.Finding) render.Record {
	return render.New(
		render.Unset("RunspaceId"), // of a remote session, which there is none of
		render.OptionalText("Identity", identity),
		render.Text("Id", f.ID),
		render.Text("Status", f.Status),
		render.Text("Description", f.Description),
		render.Bool("IsValid", true),
		render.Text("ObjectState", "New"),
	)
}

// findingAdvice is the command to run next about a finding, or what to ask of the partner.
func findingAdvice(r federation.OrganizationRelationship, f partner.Finding) string {
	set := "exfed set-organizationrelationship " + shellQuote(r.Name)
	domains := string(r.DomainNames[0])
	switch f.ID {
	case partner.RelationshipDisabled:
		return "switch it on: " + set + " -Enabled true"
	case partner.NoTarget:
		return "exfed get-federationinformation -DomainName " + domains + " shows TargetAutodiscoverEpr; then: " + set + " -TargetAutodiscoverEpr URL"
	case partner.AutodiscoverBypassed:
		return "to have Autodiscover asked: " + set + " -TargetSharingEpr '$null'"
	case partner.ApplicationURIMissing:
		return "exfed get-federationinformation -DomainName " + domains + " shows it; then: " + set + " -TargetApplicationUri URI"
	case partner.MismatchedFederation, partner.ApplicationURISpelling:
		return set + " -TargetApplicationUri " + shellQuote(f.Value)
	case partner.TokenAudienceNotProven:
		return "ask the partner whether the application URI is right and nobody else's; then, if it is another one: " + set + " -TargetApplicationUri URI"
	case partner.NotAsked:
		if f.Value == "" {
			return "ask the partner where its Autodiscover is; then: " + set + " -TargetAutodiscoverEpr URL"
		}
		return "if that is the partner's server: " + set + " -TargetAutodiscoverEpr " + shellQuote(f.Value)
	case partner.NoCommonTokenIssuer:
		return "both sides need a federation trust with the same broker: compare exfed get-federationtrust -Property TokenIssuerUri,TokenIssuerMetadataEpr with the partner's"
	case partner.RemoteDomainsMissing:
		return set + " -DomainNames '@{Add=" + quotedDomains(f.Domains) + "}'"
	case partner.NoFederationInformation:
		return "exfed get-federationinformation -DomainName " + domains + " -Verbose shows each attempt"
	}
	return remoteAdvice(f)
}

// remoteAdvice is what only the partner can do, as the command it has to run.
func remoteAdvice(f partner.Finding) string {
	const theirs = "the partner has to run: set-organizationrelationship NAME "
	switch f.ID {
	case partner.NoRemoteRelationship:
		return "the partner has to make one, or enable it: new-organizationrelationship NAME -DomainNames " + strings.ReplaceAll(joined(f.Domains), " ", "")
	case partner.LocalDomainsMissing:
		return theirs + "-DomainNames @{Add=" + quotedDomains(f.Domains) + "}"
	case partner.RemoteForeignDomains:
		return "federate those that are yours: exfed add-federateddomain -DomainName DOMAIN; for the others " + theirs + "-DomainNames @{Remove=" + quotedDomains(f.Domains) + "}"
	case partner.RemoteApplicationURI, partner.RemoteApplicationURISpelling:
		return theirs + "-TargetApplicationUri " + shellQuote(f.Value)
	case partner.RemoteFreeBusyOff:
		return theirs + "-FreeBusyAccessEnabled $true -FreeBusyAccessLevel AvailabilityOnly"
	case partner.FreeBusyLevelsDiffer:
		return "each side decides for itself; -FreeBusyAccessLevel of set-organizationrelationship changes what is shown here"
	case partner.SettingsNotOffered:
		return "ask the partner for the output of get-organizationrelationship"
	case partner.NoRemoteAnswer:
		return "exfed get-federationinformation shows where the partner's Autodiscover is; compare TargetAutodiscoverEpr"
	}
	return ""
}

func quotedDomains(domains []federation.Domain) string {
	var quoted []string
	for _, d := range domains {
		quoted = append(quoted, `"`+string(d)+`"`)
	}
	return strings.Join(quoted, ",")
}
