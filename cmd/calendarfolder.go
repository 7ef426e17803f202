package cmd

import (
	"context"

	"exfed/cmd/render"
	"exfed/federation"
	"exfed/policy"
)

func calendarFolderRecord(s federation.CalendarFolderState) render.Record {
	folder := s.Mailbox.Folder()
	return render.New(
		render.Text("Identity", s.Mailbox.Name+`:\`+federation.CalendarFolderName),
		render.Bool("PublishEnabled", folder.PublishEnabled),
		render.Text("PublishDateRangeFrom", string(folder.PublishDateRangeFrom)),
		render.Text("PublishDateRangeTo", string(folder.PublishDateRangeTo)),
		render.Text("DetailLevel", string(folder.DetailLevel)),
		render.Bool("SearchableUrlEnabled", folder.SearchableURLEnabled),
		render.OptionalText("PublishedCalendarUrl", s.CalendarURL),
		render.OptionalText("PublishedICalUrl", s.ICal),
		render.Bool("IsValid", true),
	)
}

// folderIdentity declares the Identity of cmdlets that act on a calendar folder.
func (d *declaration) folderIdentity(to *opt[string]) {
	d.text(to, "Identity", "MailboxFolderIdParameter", `The calendar as MAILBOX:\Calendar, in quotes; the mailbox by name, one of its addresses or GUID, and its calendar is meant when it stands alone.`,
		required, at(1), piped, naming(mailboxNames()))
}

func getMailboxCalendarFolder() spec[identityParams] {
	return spec[identityParams]{
		name:  "Get-MailboxCalendarFolder",
		short: "Shows how a mailbox's calendar is published on the Internet, and where",
		long: `The addresses are those on the organization's endpoint. They are known once
start-federationendpoint has run with -ExternalUrl.`,
		view: render.View{Kind: render.AsList, Key: "Identity"},
		examples: []string{
			`exfed get-mailboxcalendarfolder -Identity 'sales@contoso.com:\Calendar'`,
			"exfed get-mailboxcalendarfolder sales@contoso.com -Property PublishedCalendarUrl,PublishedICalUrl",
		},
		declare: func(p *identityParams, d *declaration) {
			d.folderIdentity(&p.identity)
			d.domainController()
			d.ignoredSwitch("UseCustomRouting", "Routes the call by the mailbox.", cloudOnly)
		},
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			state, err := org.CalendarFolder(ctx, p.identity.value)
			if err != nil {
				return nil, err
			}
			return []render.Record{calendarFolderRecord(state)}, nil
		},
	}
}

type calendarFolderParams struct {
	identity, detailLevel, from, to    opt[string]
	publish, searchable, reset, ignore opt[bool]
}

func setMailboxCalendarFolder() spec[calendarFolderParams] {
	return spec[calendarFolderParams]{
		name:  "Set-MailboxCalendarFolder",
		short: "Publishes a mailbox's calendar on the Internet",
		long: `Anybody who knows its address can read a published calendar, as a web page and as an ICS file
to subscribe to; get-mailboxcalendarfolder shows the address. The mailbox's sharing policy must
have a rule for Anonymous, and never is more shown than the rule allows, also when it changes
later. What is private in the calendar shows its time only.

A calendar that is published no longer is gone at once, and back under the same address when it
is published again. -ResetUrl makes the unguessable address known so far worthless for good; a
searchable one stays as it is, and -SearchableUrlEnabled false ends it.`,
		changes: true,
		examples: []string{
			`exfed set-mailboxcalendarfolder -Identity 'sales@contoso.com:\Calendar' -PublishEnabled true -DetailLevel LimitedDetails`,
			`exfed set-mailboxcalendarfolder 'sales@contoso.com:\Calendar' -PublishDateRangeFrom OneWeek -PublishDateRangeTo SixMonths`,
			"exfed set-mailboxcalendarfolder sales@contoso.com -ResetUrl",
			"exfed set-mailboxcalendarfolder sales@contoso.com -PublishEnabled false",
		},
		declare: declareCalendarFolder,
		target:  func(p *calendarFolderParams) string { return "calendar of mailbox " + p.identity.value },
		run: func(ctx context.Context, e *env, p *calendarFolderParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			return nil, org.SetCalendarFolder(ctx, p.identity.value, federation.CalendarFolderRequest{
				PublishEnabled: p.publish.pointer(), DetailLevel: wordOf[policy.DetailLevel](p.detailLevel),
				PublishDateRangeFrom: wordOf[federation.DateRange](p.from), PublishDateRangeTo: wordOf[federation.DateRange](p.to),
				SearchableURLEnabled: p.searchable.pointer(), ResetURL: p.reset.value,
			})
		},
	}
}

func declareCalendarFolder(p *calendarFolderParams, d *declaration) {
	var levels, ranges []string
	for _, l := range policy.DetailLevels() {
		levels = append(levels, string(l))
	}
	for _, r := range federation.DateRanges() {
		ranges = append(ranges, string(r))
	}
	d.folderIdentity(&p.identity)
	d.oneOf(&p.detailLevel, "DetailLevel", "DetailLevelEnumType", levels,
		"What it shows: when somebody is busy, subject and location as well, or the text too. It is published, or -PublishEnabled is given.", defaults("AvailabilityOnly"))
	d.domainController()
	d.oneOf(&p.from, "PublishDateRangeFrom", "DateRangeEnumType", ranges, "How far back it reaches from today. It is published, or -PublishEnabled is given.", defaults("ThreeMonths"))
	d.oneOf(&p.to, "PublishDateRangeTo", "DateRangeEnumType", ranges, "How far on it reaches from today. It is published, or -PublishEnabled is given.", defaults("ThreeMonths"))
	d.boolean(&p.publish, "PublishEnabled", "Publishes the calendar, or ends that.", defaults("false"))
	d.toggle(&p.reset, "ResetUrl", "Draws another address; the one known so far is worthless from then on. It does not change the searchable one.")
	d.boolean(&p.searchable, "SearchableUrlEnabled", "Publishes it under the mailbox's address as well, which anybody can guess and search engines may list.", defaults("false"))
	d.ignoredSwitch("SetAsSharingSource", "Marks the folder as the source of what is shared.", "a mailbox has one calendar here, which is the source")
	d.ignoredText("SharedCalendarSyncStartDate", "DateTime", "The oldest entries of a shared copy.", cloudOnly)
	d.toggle(&p.ignore, "UseHttps", "Publishes an https address.", noEffect("every address begins with https://"))
}
