package cmd

import (
	"cmp"
	"context"
	"time"

	"exfed/cmd/render"
	"exfed/federation/availability"
	"exfed/federation/partner"
)

type userAvailabilityParams struct {
	identity                          opt[[]string]
	requestor, start, end, view, zone opt[string]
	interval                          opt[int]
}

// usualDays is how many days are asked about when nothing else is said.
const usualDays = 7

func getUserAvailability() spec[userAvailabilityParams] {
	return spec[userAvailabilityParams]{
		name:  "Get-UserAvailability",
		short: "Asks a partner when somebody is busy",
		long: `Goes the whole way of federated sharing: the organization relationship with the partner, a
token of the broker for the one who asks, the partner's Autodiscover unless the relationship
has TargetSharingEpr, and the partner's Exchange Web Services. The partner decides what is
shown; the richest view there is within what is granted comes back.

For people each day is a line with a sign for each half hour, and the entries are listed
below. Records have every time in UTC. A mailbox that cannot be shown has ResponseCode and
MessageText in its record, and the cmdlet fails after showing the others.`,
		view: render.View{Kind: render.AsList, Key: "Identity"},
		examples: []string{
			"exfed get-useravailability -Identity sales@fabrikam.com -Requestor joe@contoso.com",
			"exfed get-useravailability sales@fabrikam.com,room1@fabrikam.com -Requestor joe@contoso.com -Start 2027-02-01 -End 2027-02-06 -TimeZone Europe/Berlin",
			"exfed get-useravailability sales@fabrikam.com -Requestor joe@contoso.com -View MergedOnly -Interval 60 -Output json",
		},
		declare: func(p *userAvailabilityParams, d *declaration) {
			p.view.value, p.interval.value = string(availability.ViewDetailedMerged), availability.DefaultInterval
			d.list(&p.identity, "Identity", "SmtpAddress[]", "The users to ask about, by address, in domains of organization relationships.", required, at(1), piped)
			d.text(&p.requestor, "Requestor", "SmtpAddress", "The user who asks, an address in a federated domain of this organization.", required)
			d.text(&p.start, "Start", "DateTime", "Where the window starts: a date, or a time such as 2027-02-03T10:00.", defaults("today's midnight"))
			d.text(&p.end, "End", "DateTime", "Where it ends, at most 42 days later; a date is its midnight.", defaults("seven days after -Start"))
			d.number(&p.interval, "Interval", "Int32", "Minutes that a digit of MergedFreeBusy stands for, 5 to 1440.", defaults("30"))
			d.oneOf(&p.view, "View", "FreeBusyViewType", freeBusyViews(), "The richest view to ask for: digits (Merged), entries (FreeBusy), entries with what they are about (Detailed).",
				defaults(p.view.value))
			d.text(&p.zone, "TimeZone", "String", "The time zone of days and of times without an offset, by a name of Windows or IANA, such as Europe/Berlin or UTC.", defaults("the machine's"))
		},
		check: (*userAvailabilityParams).check,
		run:   runGetUserAvailability,
	}
}

func runGetUserAvailability(ctx context.Context, e *env, p *userAvailabilityParams) ([]render.Record, error) {
	query, err := p.query(e.process.Now())
	if err != nil {
		return nil, err
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	partners, err := e.partners(org)
	if err != nil {
		return nil, err
	}
	answers, err := partners.UserAvailability(ctx, query)
	if err != nil {
		return nil, adviseOnAsking(err)
	}
	ascii := !e.process.Streams.OutIsUnicode()
	var records []render.Record
	for _, answer := range answers {
		if r := answer.Response; r.Class == availability.ClassWarning {
			e.warn("mailbox %s: %s", answer.User, cmp.Or(r.MessageText, "the partner warns, and does not say of what"))
		}
		records = append(records, userAvailabilityRecord(answer, query, ascii))
	}
	return records, unanswered(answers)
}

// query reads the window, which has days in the time zone of the query.
func (p *userAvailabilityParams) query(now time.Time) (partner.Query, error) {
	zone, err := p.location(now)
	if err != nil {
		return partner.Query{}, err
	}
	year, month, day := now.In(zone).Date()
	q := partner.Query{
		Requestor: p.requestor.value, Users: p.identity.value, Location: zone,
		FreeBusy: availability.FreeBusyViewOptions{
			Start: time.Date(year, month, day, 0, 0, 0, 0, zone), Interval: p.interval.value, RequestedView: availability.ViewType(p.view.value),
		},
	}
	window := &q.FreeBusy
	if err := dateTime(p.start, "Start", zone, &window.Start); err != nil {
		return q, err
	}
	window.End = window.Start.In(zone).AddDate(0, 0, usualDays)
	if err := dateTime(p.end, "End", zone, &window.End); err != nil {
		return q, err
	}
	return q, p.refusal(window.Check(availability.TimeZoneFor(zone, window.Start, window.End)))
}
