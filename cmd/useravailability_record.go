package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"exfed/cmd/agenda"
	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/partner"
)

// userAvailabilityRecord shows the answer about one user. What a partner does not grant is
// not there, rather than empty.
func userAvailabilityRecord(answer partner.Answer, query partner.Query, ascii bool) render.Record {
	view := answer.Response.View
	record := render.New(
		render.Text("Identity", answer.User),
		render.Text("FreeBusyViewType", view.Type),
		render.Int("Interval", query.FreeBusy.Interval),
		render.OptionalText("MergedFreeBusy", view.MergedFreeBusy),
		render.NestedList("Events", eventRecords(view.Events)),
	)
	if answer.Response.Class != availability.ClassSuccess {
		record.Fields = append(record.Fields,
			render.Text("ResponseCode", answer.Response.Code),
			render.OptionalText("MessageText", answer.Response.MessageText))
	}
	if answer.Response.Class == availability.ClassError {
		record.Lines = []string{agenda.Heading(answer.User, query.Location), "", "no answer: " + string(answer.Response.Code)}
		return record
	}
	record.Lines = agenda.Calendar{
		Owner: answer.User, Start: query.FreeBusy.Start, End: query.FreeBusy.End, Zone: query.Location,
		View: view, Interval: query.FreeBusy.Interval, Version: availability.DefaultVersion,
	}.Lines(ascii)
	return record
}

func eventRecords(events []availability.CalendarEvent) []render.Record {
	records := []render.Record{}
	for _, e := range events {
		fields := []render.Field{
			render.Time("Start", e.Start),
			render.Time("End", e.End),
			render.Text("BusyType", e.BusyType),
		}
		if d := e.Details; d == nil {
			fields = append(fields, render.Unset("IsPrivate"), render.Unset("IsRecurring"), render.Unset("IsMeeting"))
		} else {
			for _, text := range []render.Field{render.Text("Subject", d.Subject), render.Text("Location", d.Location)} {
				if text.Value != "" {
					fields = append(fields, text)
				}
			}
			fields = append(fields, render.Bool("IsPrivate", d.IsPrivate), render.Bool("IsRecurring", d.IsRecurring), render.Bool("IsMeeting", d.IsMeeting))
		}
		records = append(records, render.New(fields...))
	}
	return records
}

// unanswered makes an error of the users about whom there is no answer, nil of none. Its
// kind and so the exit code are those of the first; what to do is said of each.
func unanswered(answers []partner.Answer) error {
	var causes []*federation.Error
	var users []string
	for _, answer := range answers {
		var cause *federation.Error
		if errors.As(answer.Response.Problem(answer.User), &cause) {
			causes, users = append(causes, cause), append(users, answer.User)
		}
	}
	if len(causes) < 2 {
		return firstOf(causes)
	}
	var reasons []string
	for _, cause := range causes {
		if !slices.Contains(reasons, cause.Reason) {
			reasons = append(reasons, cause.Reason)
		}
	}
	summary := federation.Errorf(causes[0].Kind, causes[0].ID, fmt.Sprintf("%d of %d mailboxes", len(causes), len(answers)),
		"there is no answer about %s: %s", strings.Join(users, ", "), strings.Join(reasons, "; "))
	return &checksFailed{summary: summary, causes: causes}
}

func firstOf(causes []*federation.Error) error {
	if len(causes) == 0 {
		return nil
	}
	return causes[0]
}

// adviseOnAsking says what to look at when the broker gives no token, or the partner takes
// none: there is no -Target here that could be wrong.
func adviseOnAsking(err error) error {
	var fault *federation.Error
	if !errors.As(err, &fault) {
		return err
	}
	told := *fault
	switch {
	case fault.ID == "AutodiscoverFault" && strings.Contains(fault.Reason, "InvalidSecurityToken"):
		told.Remedy = "a token for somebody else is refused so: exfed test-organizationrelationship -UserIdentity ADDRESS compares TargetApplicationUri with the partner; " +
			"when they are the same, the partner's log says why"
		return &told
	case fault.ID != "InvalidScope" && fault.ID != "InvalidRequest":
		return err
	}
	told.Remedy = "the broker knows no organization by the TargetApplicationUri of the relationship, or without one by its first domain: " +
		"exfed get-organizationrelationship -Property Name,TargetApplicationUri,DomainNames; the partner must be federated at the same broker"
	return &told
}
