package cmd

import (
	"context"

	"exfed/cmd/render"
	"exfed/federation"
)

func mailboxView() render.View {
	return render.View{Kind: render.AsTable, Columns: []string{"Name", "PrimarySmtpAddress", "DefaultCalendarPermission"}, Key: "Name"}
}

func calendarPermissions() []string {
	return []string{string(federation.PermissionNone), string(federation.PermissionAvailabilityOnly),
		string(federation.PermissionLimitedDetails), string(federation.PermissionReviewer)}
}

func mailboxRecord(m federation.Mailbox) render.Record {
	source := ""
	if s := m.CalendarSource; s != nil {
		source = s.ICSPath + s.ICSURL + s.CalDAVURL
	}
	return render.New(append([]render.Field{
		render.List("EmailAddresses", m.EmailAddresses()),
		render.Text("PrimarySmtpAddress", m.PrimarySMTPAddress),
		render.Text("DefaultCalendarPermission", m.DefaultCalendarPermission),
		render.List("MemberOf", m.MemberOf),
		render.OptionalText("SharingPolicy", m.SharingPolicy),
		render.OptionalText("CalendarSource", source),
	}, objectFields(m.Name, m.Meta)...)...)
}

// mailboxParams are the parameters of New- and Set-Mailbox.
type mailboxParams struct {
	identity, name, primary, permission opt[string]
	sharingPolicy                       opt[string]
	addresses, groups                   opt[federation.ListChange] // of Set-
	allAddresses, allGroups             opt[[]string]              // of New-
}

func (p *mailboxParams) declarePermission(d *declaration, options ...option) {
	d.oneOf(&p.permission, "DefaultCalendarPermission", "MailboxFolderAccessRight", calendarPermissions(),
		"What its calendar shows to everybody: nothing, when it is busy, subject and location as well, or everything. No relationship shows a partner more than this.", options...)
}

func (p *mailboxParams) declarePolicy(d *declaration) {
	d.text(&p.sharingPolicy, "SharingPolicy", "SharingPolicyIdParameter", "Its sharing policy, by name or GUID; null is the default one.", naming(sharingPolicyNames()))
}

func (p *mailboxParams) request() federation.MailboxRequest {
	return federation.MailboxRequest{
		Name: p.name.pointer(), PrimarySMTPAddress: p.primary.pointer(),
		DefaultCalendarPermission: wordOf[federation.CalendarPermission](p.permission),
		EmailAddresses:            p.addresses.value, MemberOf: p.groups.value, SharingPolicy: p.sharingPolicy.pointer(),
	}
}

func newMailbox() spec[mailboxParams] {
	return spec[mailboxParams]{
		name:    "New-Mailbox",
		short:   "Declares a mailbox that partners may ask about",
		long:    "The mailbox itself lives elsewhere: exfed knows its addresses, and with set-calendarsource where its calendar is read from.",
		view:    mailboxView(),
		changes: true,
		examples: []string{
			"exfed new-mailbox -Name Sales -PrimarySmtpAddress sales@contoso.com",
			"exfed new-mailbox -Name Support -PrimarySmtpAddress support@contoso.com -EmailAddresses help@contoso.com -DefaultCalendarPermission LimitedDetails -MemberOf Partners",
		},
		declare: func(p *mailboxParams, d *declaration) {
			d.text(&p.name, "Name", "String", "The name of the object, at most 64 characters.", required, at(1))
			d.text(&p.primary, "PrimarySmtpAddress", "SmtpAddress", "Its address. The domain is an accepted domain.", required)
			d.list(&p.allAddresses, "EmailAddresses", "ProxyAddressCollection", "Further addresses under which it is known; smtp: may stand before each.")
			p.declarePermission(d, defaults("AvailabilityOnly"))
			p.declarePolicy(d)
			d.list(&p.allGroups, "MemberOf", "String", "The groups it is in, for -FreeBusyAccessScope of a relationship.")
			d.domainController()
		},
		target: func(p *mailboxParams) string { return "mailbox " + p.name.value },
		run: func(ctx context.Context, e *env, p *mailboxParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			request := p.request()
			request.EmailAddresses.Replace, request.MemberOf.Replace = p.allAddresses.pointer(), p.allGroups.pointer()
			m, err := org.NewMailbox(ctx, request)
			if err != nil {
				return nil, err
			}
			return []render.Record{mailboxRecord(m)}, nil
		},
	}
}

func getMailbox() spec[identityParams] {
	return spec[identityParams]{
		name:     "Get-Mailbox",
		short:    "Lists mailboxes",
		view:     mailboxView(),
		examples: []string{"exfed get-mailbox", "exfed get-mailbox sales@contoso.com -Output list"},
		declare: func(p *identityParams, d *declaration) {
			d.text(&p.identity, "Identity", "MailboxIdParameter", "The mailbox to show, by name, one of its addresses or GUID; * and ? stand for any characters.",
				at(1), piped, naming(mailboxNames()))
			d.domainController()
			d.ignoredText("ResultSize", "Unlimited", "How many to show at most.", noLimit)
		},
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			all, err := matching(p.identity,
				func() ([]federation.Mailbox, error) { return org.Mailboxes(ctx) },
				func(name string) (federation.Mailbox, error) { return org.Mailbox(ctx, name) },
				federation.Mailbox.Key)
			var records []render.Record
			for _, m := range all {
				records = append(records, mailboxRecord(m))
			}
			return records, err
		},
	}
}

func setMailbox() spec[mailboxParams] {
	return spec[mailboxParams]{
		name:  "Set-Mailbox",
		short: "Changes a mailbox",
		long: `-EmailAddresses are all its addresses as Exchange lists them: SMTP: before the primary one,
smtp: or nothing before the others. Without an SMTP: the primary one stays.`,
		changes: true,
		examples: []string{
			"exfed set-mailbox Sales -DefaultCalendarPermission LimitedDetails",
			`exfed set-mailbox -Identity Sales -SharingPolicy "Contoso"`,
			"exfed set-mailbox Sales -EmailAddresses SMTP:sales@contoso.com,smtp:orders@contoso.com",
			`exfed set-mailbox Sales -MemberOf '@{Add="Partners"}'`,
		},
		declare: func(p *mailboxParams, d *declaration) {
			d.text(&p.identity, "Identity", "MailboxIdParameter", "The mailbox to change, by name, one of its addresses or GUID.",
				required, at(1), piped, naming(mailboxNames()))
			d.text(&p.name, "Name", "String", "A new name, at most 64 characters.")
			d.text(&p.primary, "PrimarySmtpAddress", "SmtpAddress", "Another primary address; the one before stays as one of the others.")
			d.edit(&p.addresses, "EmailAddresses", "ProxyAddressCollection", `Its addresses: all of them, or @{Add="...";Remove="..."}.`)
			p.declarePermission(d)
			p.declarePolicy(d)
			d.edit(&p.groups, "MemberOf", "String", `The groups it is in: all of them, or @{Add="...";Remove="..."}.`)
			d.domainController()
		},
		target: func(p *mailboxParams) string { return "mailbox " + p.identity.value },
		run: func(ctx context.Context, e *env, p *mailboxParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			return nil, org.SetMailbox(ctx, p.identity.value, p.request())
		},
	}
}

func removeMailbox() spec[identityParams] {
	return spec[identityParams]{
		name:     "Remove-Mailbox",
		short:    "Removes a mailbox",
		long:     "Its calendar source goes with it. What the calendar was read from stays as it is.",
		changes:  true,
		examples: []string{"exfed remove-mailbox Sales", "exfed remove-mailbox sales@contoso.com -Confirm:false"},
		declare: func(p *identityParams, d *declaration) {
			d.text(&p.identity, "Identity", "MailboxIdParameter", "The mailbox to remove, by name, one of its addresses or GUID.",
				required, at(1), piped, naming(mailboxNames()))
			d.domainController()
		},
		target: func(p *identityParams) string { return "mailbox " + p.identity.value },
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			return nil, org.RemoveMailbox(ctx, p.identity.value)
		},
	}
}

func mailboxNames() objectNames {
	return existing((*federation.Organization).Mailboxes, federation.Mailbox.Key)
}
