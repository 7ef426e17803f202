package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"exfed/cmd/render"
	"exfed/federation"
)

// relationshipParams are the parameters of New- and Set-OrganizationRelationship.
type relationshipParams struct {
	identity, name                                           opt[string]
	domains                                                  opt[[]string]              // of New-
	edit                                                     opt[federation.ListChange] // of Set-
	force                                                    opt[bool]
	freeBusyLevel, freeBusyScope, mailTipsLevel              opt[string]
	mailTipsScope, contact                                   opt[string]
	applicationURI, autodiscover, owa, sharing               opt[string]
	archive, deliveryReport, enabled, freeBusy, mailboxMoves opt[bool]
	mailTips, photos                                         opt[bool]
}

// declareShared declares what both cmdlets take.
func (p *relationshipParams) declareShared(d *declaration) {
	levels := []string{string(federation.FreeBusyNone), string(federation.FreeBusyAvailabilityOnly), string(federation.FreeBusyLimitedDetails)}
	tips := []string{string(federation.MailTipsNone), string(federation.MailTipsLimited), string(federation.MailTipsAll)}
	moves := []string{"Inbound", "Outbound", "RemoteInbound", "RemoteOutbound"}
	var ignored opt[string]

	d.boolean(&p.freeBusy, "FreeBusyAccessEnabled", "Whether the partner may see when people are busy.")
	d.oneOf(&p.freeBusyLevel, "FreeBusyAccessLevel", "FreeBusyAccessLevel", levels,
		"How much of it at most: nothing, the times, or subject and location as well. Takes -FreeBusyAccessEnabled true.")
	d.text(&p.freeBusyScope, "FreeBusyAccessScope", "GroupIdParameter", "The group (-MemberOf of a mailbox) whose members alone are shown; null is everybody.")
	d.boolean(&p.enabled, "Enabled", "Whether the relationship works at all.")
	d.text(&p.applicationURI, "TargetApplicationUri", "Uri", "Whom tokens for the partner are for: its application URI, such as FYDIBOHF25SPDLT.contoso.com or outlook.com.", piped)
	d.text(&p.autodiscover, "TargetAutodiscoverEpr", "Uri", "The partner's Autodiscover endpoint, https://HOST/autodiscover/autodiscover.svc/WSSecurity.", piped)
	d.text(&p.sharing, "TargetSharingEpr", "Uri", "The partner's EWS endpoint, https://HOST/EWS/Exchange.asmx/WSSecurity. While it is set, Autodiscover is not asked.")
	d.text(&p.owa, "TargetOwaURL", "Uri", "Where people of the partner read their mail in a browser; http is allowed.", piped)
	d.text(&p.contact, "OrganizationContact", "SmtpAddress", "The mail address of whom to ask at the partner.")
	d.boolean(&p.mailTips, "MailTipsAccessEnabled", "Whether the partner gets MailTips.")
	d.oneOf(&p.mailTipsLevel, "MailTipsAccessLevel", "MailTipsAccessLevel", tips, "How many of them at most. Takes -MailTipsAccessEnabled true.")
	d.text(&p.mailTipsScope, "MailTipsAccessScope", "GroupIdParameter", "The group whose members alone have MailTips; null is everybody.")
	d.boolean(&p.archive, "ArchiveAccessEnabled", "Whether the partner hosts archive mailboxes.")
	d.boolean(&p.deliveryReport, "DeliveryReportEnabled", "Whether delivery reports are shared.")
	d.boolean(&p.mailboxMoves, "MailboxMoveEnabled", "Whether mailboxes may be moved.")
	d.boolean(&p.photos, "PhotosEnabled", "Whether photos are shared.")
	d.domainController()
	d.oneOf(&ignored, "MailboxMoveCapability", "MailboxMoveCapability", moves, "In which direction mailboxes may be moved.", noEffect(cloudOnly))
	d.ignoredText("OAuthApplicationId", "String", "The application that moves mailboxes.", cloudOnly)
}

// request is what was given, but for the domains.
func (p *relationshipParams) request() federation.OrganizationRelationshipRequest {
	return federation.OrganizationRelationshipRequest{
		Name:                  p.name.pointer(),
		FreeBusyAccessEnabled: p.freeBusy.pointer(),
		FreeBusyAccessLevel:   wordOf[federation.FreeBusyAccessLevel](p.freeBusyLevel),
		FreeBusyAccessScope:   p.freeBusyScope.pointer(),
		MailboxMoveEnabled:    p.mailboxMoves.pointer(),
		DeliveryReportEnabled: p.deliveryReport.pointer(),
		MailTipsAccessEnabled: p.mailTips.pointer(),
		MailTipsAccessLevel:   wordOf[federation.MailTipsAccessLevel](p.mailTipsLevel),
		MailTipsAccessScope:   p.mailTipsScope.pointer(),
		PhotosEnabled:         p.photos.pointer(),
		TargetApplicationURI:  p.applicationURI.pointer(),
		TargetSharingEPR:      p.sharing.pointer(),
		TargetOwaURL:          p.owa.pointer(),
		TargetAutodiscoverEPR: p.autodiscover.pointer(),
		OrganizationContact:   p.contact.pointer(),
		Enabled:               p.enabled.pointer(),
		ArchiveAccessEnabled:  p.archive.pointer(),
	}
}

func setOrganizationRelationship() spec[relationshipParams] {
	return spec[relationshipParams]{
		name:  "Set-OrganizationRelationship",
		short: "Changes an organization relationship",
		long: `-DomainNames replaces the list of domains. To change some of it:
  exfed set-organizationrelationship Contoso -DomainNames '@{Add="a.example";Remove="b.example"}'
  exfed set-organizationrelationship Contoso --add-domain-names a.example --remove-domain-names b.example
A change that removes more domains than it adds shows which and asks first; -Confirm:false and
-Force do not.`,
		changes: true,
		examples: []string{
			"exfed set-organizationrelationship Contoso -Enabled false",
			"exfed set-organizationrelationship Contoso -FreeBusyAccessEnabled true -FreeBusyAccessLevel AvailabilityOnly",
			`exfed set-organizationrelationship Contoso -DomainNames '@{Add="service.contoso.com"}'`,
		},
		declare: func(p *relationshipParams, d *declaration) {
			d.text(&p.identity, "Identity", "OrganizationRelationshipIdParameter", "The relationship to change, by name, GUID or one of its domains.",
				required, at(1), piped, naming(relationshipNames()))
			d.edit(&p.edit, "DomainNames", "MultiValuedProperty", `The partner's SMTP domains: all of them, or @{Add="...";Remove="..."}.`, piped)
			d.text(&p.name, "Name", "String", "A new name, at most 64 characters.")
			p.declareShared(d)
			d.ignoredList("MailboxMovePublishedScopes", "MultiValuedProperty", "Whose mailboxes may be moved.", cloudOnly)
			d.toggle(&p.force, "Force", "Asks nothing and warns of nothing.")
		},
		target: func(p *relationshipParams) string { return "organization relationship " + p.identity.value },
		run: func(ctx context.Context, e *env, p *relationshipParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			if p.force.value {
				org.Warn = func(string, ...any) {}
			}
			request := p.request()
			request.DomainNames = p.edit.value
			agreed := false
			if request.MayRemove, agreed, err = p.consent(ctx, e, org); err != nil || !agreed {
				return nil, err
			}
			return nil, org.SetOrganizationRelationship(ctx, p.identity.value, request)
		},
	}
}

// consent asks about the domains that would go, when more of them go than come.
func (p *relationshipParams) consent(ctx context.Context, e *env, org *federation.Organization) (mayRemove func(federation.Domain) bool, agreed bool, err error) {
	anything := func(federation.Domain) bool { return true }
	if p.force.value || e.common.confirm.given && !e.common.confirm.value {
		return anything, true, nil
	}
	leaving, err := org.DomainsLeaving(ctx, p.identity.value, p.edit.value)
	if err != nil || len(leaving) == 0 {
		return nil, err == nil, err
	}
	question := fmt.Sprintf("organization relationship %s would lose %d of its domains: %s.", p.identity.value, len(leaving), joined(leaving))
	if p.edit.value.Replace != nil {
		question += ` -DomainNames replaces the list; '@{Add="..."}' adds to it.`
	}
	if e.whatIf != nil {
		e.warn("%s", question)
		return anything, true, nil
	}
	agreed, err = e.prompter.Confirm(ctx, question, "")
	return func(domain federation.Domain) bool { return slices.Contains(leaving, domain) }, agreed, err
}

func joined(domains []federation.Domain) string {
	var names []string
	for _, domain := range domains {
		names = append(names, string(domain))
	}
	return strings.Join(names, ", ")
}

// wordOf is the value of an enumeration that was given, or nil.
func wordOf[T ~string](given opt[string]) *T {
	if !given.given {
		return nil
	}
	word := T(given.value)
	return &word
}
