package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// share has two organizations publish their calendars and show them to each other, and ends
// with three questions: what a user of the one sees of the other at the first level, at the
// second, and without leave.
func (l *Lab) share(ctx context.Context, contoso, fabrikam, adatum *actor) error {
	for _, a := range []*actor{contoso, fabrikam} {
		if err := a.publish(ctx); err != nil {
			return err
		}
	}
	if err := contoso.relate(ctx, fabrikam, "LimitedDetails"); err != nil {
		return err
	}
	if err := fabrikam.relate(ctx, contoso, "AvailabilityOnly"); err != nil {
		return err
	}
	for _, a := range []*actor{contoso, fabrikam} {
		if _, err := a.run(ctx, "Description", "test-organizationrelationship", "-UserIdentity", a.user("sales")); err != nil {
			return err
		}
	}
	if err := contoso.see(ctx, fabrikam, "FreeBusyMerged", ""); err != nil {
		return err
	}
	if _, err := fabrikam.run(ctx, "", "set-organizationrelationship", contoso.organization.name, "-FreeBusyAccessLevel", "LimitedDetails"); err != nil {
		return err
	}
	if err := contoso.see(ctx, fabrikam, "DetailedMerged", subject+", "+location); err != nil {
		return err
	}
	return l.withoutLeave(ctx, contoso, fabrikam, adatum)
}

// withoutLeave has users ask who may see nothing: with a relationship that is disabled, and
// of an organization without one.
func (l *Lab) withoutLeave(ctx context.Context, contoso, fabrikam, adatum *actor) error {
	for _, enabled := range []string{"false", "true"} {
		if _, err := fabrikam.run(ctx, "", "set-organizationrelationship", contoso.organization.name, "-Enabled", enabled); err != nil {
			return err
		}
		if enabled == "true" {
			break
		}
		if err := contoso.seeNothing(ctx, fabrikam, "is disabled"); err != nil {
			return err
		}
	}
	if err := adatum.relate(ctx, fabrikam, "AvailabilityOnly"); err != nil {
		return err
	}
	return adatum.seeNothing(ctx, fabrikam, "No organization relationship")
}

// user returns an address of the organization.
func (a *actor) user(name string) string { return name + "@" + a.organization.domains[0] }

// publish makes mailboxes with calendars and has the organization answer partners.
func (a *actor) publish(ctx context.Context) error {
	calendars := mailboxes(a.lab.options.Now().UTC().Truncate(24 * time.Hour))
	if err := a.ended("(calendars) write "+a.path("calendars"), "a calendar for each mailbox", a.writeCalendars(calendars)); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(calendars)) {
		if _, err := a.run(ctx, "PrimarySmtpAddress", "new-mailbox", "-Name", name, "-PrimarySmtpAddress", a.user(name),
			"-DefaultCalendarPermission", "LimitedDetails"); err != nil {
			return err
		}
		if _, err := a.run(ctx, "", "set-calendarsource", name, "-IcsPath", "calendars/"+name+".ics"); err != nil {
			return err
		}
	}
	for _, d := range a.organization.domains {
		record := "autodiscover." + d + " CNAME " + a.organization.host()
		if err := a.ended("(name server) publish "+record, "partners find the endpoint by it",
			a.lab.names.Set("autodiscover."+d, "CNAME", a.organization.host()+".")); err != nil {
			return err
		}
	}
	return a.answerPartners(ctx)
}

// answerPartners starts the endpoint in this process: what it takes is what the cmdlet takes.
func (a *actor) answerPartners(ctx context.Context) error {
	url := "https://" + a.organization.host()
	a.log = newLog(a.path("endpoint.log"))
	server, err := a.lab.options.Endpoint(ctx, a.path("exfed.yaml"), url, a.log.logger())
	if err == nil {
		a.lab.hosts[a.organization.folder].serve(ctx, server)
	}
	return a.ended("(endpoint) answer partners at "+url, "it answers partners, and logs to "+a.log.path, err)
}

// relate finds the partner and makes the relationship, as one pipe.
func (a *actor) relate(ctx context.Context, partner *actor, level string) error {
	find := []string{"get-federationinformation", "-DomainName", partner.organization.domains[0], "-Output", "jsonl"}
	relate := []string{"new-organizationrelationship", "-Name", partner.organization.name, "-FreeBusyAccessEnabled", "true", "-FreeBusyAccessLevel", level}
	granted, err := a.pipe(ctx, "FreeBusyAccessLevel", find, relate)
	if err == nil && granted != level {
		err = fmt.Errorf("the relationship has the level %q, not %s", granted, level)
	}
	return a.ended(commandLine(find)+" | "+commandLine(relate), granted+" for "+partner.organization.name, err)
}

// pipe runs two cmdlets, what the first prints being the input of the second, and returns a
// property of what the second prints.
func (a *actor) pipe(ctx context.Context, property string, from, to []string) (string, error) {
	result := a.execute(ctx, nil, append(from, "-Quiet")...)
	if result.ExitCode == 0 {
		result = a.execute(ctx, result.Stdout, append(to, "-Output", "json", "-Quiet")...)
	}
	if result.ExitCode != 0 {
		return "", failureOf(result)
	}
	return propertyOf(result, to[0], property)
}

// seen is what a partner shows of a calendar.
type seen struct {
	FreeBusyViewType string
	Events           []struct{ Subject, Location string }
	ResponseCode     string
}

// ask asks the partner about a salesperson, in the time zone of the calendars: in another one a
// window of whole days cuts entries in two.
func (a *actor) ask(ctx context.Context, partner *actor) (command string, s seen, result Result) {
	args := []string{"get-useravailability", "-Identity", partner.user("sales"), "-Requestor", a.user("sales"), "-TimeZone", "UTC"}
	result = a.execute(ctx, nil, append(args, "-Output", "json", "-Quiet")...)
	var records []seen
	if err := json.Unmarshal(result.Stdout, &records); err == nil && len(records) == 1 {
		s = records[0]
	}
	return commandLine(args), s, result
}

// see expects the partner to show that view, with that subject and location of an entry each
// day.
func (a *actor) see(ctx context.Context, partner *actor, view, details string) error {
	command, s, result := a.ask(ctx, partner)
	var err error
	switch {
	case result.ExitCode != 0:
		err = failureOf(result)
	case s.FreeBusyViewType != view:
		err = fmt.Errorf("the view is %q, not %s", s.FreeBusyViewType, view)
	case len(s.Events) != days:
		err = fmt.Errorf("%d entries, not one for each of %d days", len(s.Events), days)
	}
	for _, e := range s.Events {
		if shown := strings.Trim(e.Subject+", "+e.Location, ", "); err == nil && shown != details {
			err = fmt.Errorf("an entry shows %q, not %q", shown, details)
		}
	}
	said := "times only"
	if details != "" {
		said = details
	}
	return a.ended(command, fmt.Sprintf("%s: %d entries, %s", view, len(s.Events), said), err)
}

// days is how many days get-useravailability asks about.
const days = 7

// seeNothing expects the partner to show nothing, and his log to say that for this reason.
func (a *actor) seeNothing(ctx context.Context, partner *actor, reason string) error {
	command, s, result := a.ask(ctx, partner)
	explanation := partner.log.explanation()
	var err error
	switch {
	case result.ExitCode == 0 || len(s.Events) > 0:
		err = errors.New("the partner showed something")
	case s.ResponseCode != "ErrorNoFreeBusyAccess":
		err = failureOf(result)
	case !strings.Contains(explanation, reason):
		err = fmt.Errorf("the log of %s says %q", partner.organization.name, explanation)
	}
	return a.ended(command, s.ResponseCode+"; the log of "+partner.organization.name+": "+explanation, err)
}
