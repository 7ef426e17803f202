package lab

import (
	"context"
	"fmt"
	"strings"
	"time"

	"exfed/federation/calendar"
)

// policies has users share by themselves: one may share details with people of the partner and
// one may not. The first one's calendar is published, and read by a browser and by a program
// that subscribes to calendars.
func (a *actor) policies(ctx context.Context, partner *actor) error {
	domain := partner.organization.domains[0]
	for _, args := range [][]string{
		{"new-sharingpolicy", "-Name", partner.organization.name, "-Domains", domain + ": " + sharesDetails + ",Anonymous: " + sharesDetails},
		{"new-sharingpolicy", "-Name", "Reserved", "-Domains", domain + ": " + sharesTimes},
	} {
		if _, err := a.run(ctx, "Name", args...); err != nil {
			return err
		}
	}
	if _, err := a.run(ctx, "", "set-mailbox", "support", "-SharingPolicy", "Reserved"); err != nil {
		return err
	}
	if _, err := a.run(ctx, "Message", a.mayShare("sales", partner)...); err != nil {
		return err
	}
	if err := a.mayNotShare(ctx, "support", partner); err != nil {
		return err
	}
	return a.onInternet(ctx)
}

// What users share of their calendars (Exchange's actions of sharing policies).
const (
	sharesTimes   = "CalendarSharingFreeBusySimple"
	sharesDetails = "CalendarSharingFreeBusyDetail"
)

func (a *actor) mayShare(user string, partner *actor) []string {
	return []string{"test-sharingpolicy", "-Identity", a.user(user), "-Recipient", partner.user("sales"), "-Action", sharesDetails}
}

// mayNotShare expects the policy to allow less than details.
func (a *actor) mayNotShare(ctx context.Context, user string, partner *actor) error {
	const checksFailed, refusal = 3, "ErrorPermissionNotAllowedByPolicy"
	args := a.mayShare(user, partner)
	result := a.execute(ctx, nil, append(args, "-Output", "json", "-Quiet")...)
	code, err := propertyOf(result, args[0], "ResponseCode")
	message, _ := propertyOf(result, args[0], "Message") // "" tells as much
	switch {
	case result.ExitCode != checksFailed && result.ExitCode != 0:
		err = failureOf(result)
	case err == nil && (result.ExitCode == 0 || code != refusal):
		err = fmt.Errorf("exit code %d and %q, not %d and %s", result.ExitCode, code, checksFailed, refusal)
	}
	return a.ended(commandLine(args), code+"; "+message, err)
}

// onInternet publishes the calendar of sales and has it read.
func (a *actor) onInternet(ctx context.Context) error {
	folder := a.user("sales") + `:\Calendar`
	if _, err := a.run(ctx, "", "set-mailboxcalendarfolder", "-Identity", folder, "-PublishEnabled", "true", "-DetailLevel", "LimitedDetails"); err != nil {
		return err
	}
	urls := []string{"", ""}
	for i, property := range []string{"PublishedCalendarUrl", "PublishedICalUrl"} {
		url, err := a.run(ctx, property, "get-mailboxcalendarfolder", "-Identity", folder, "-Property", property)
		if err != nil {
			return err
		}
		urls[i] = url
	}
	page, err := a.lab.options.Fetch(ctx, urls[0], a.lab.Environment())
	if err == nil && (!strings.Contains(string(page), "<html") || !strings.Contains(string(page), subject)) {
		err = fmt.Errorf("it is no page with %q", subject)
	}
	if err := a.ended("(browser) open "+urls[0], "a page that shows "+subject, err); err != nil {
		return err
	}
	feed, err := a.lab.options.Fetch(ctx, urls[1], a.lab.Environment())
	if err == nil {
		err = a.expectReviews(ctx, feed)
	}
	return a.ended("(calendar program) subscribe to "+urls[1], fmt.Sprintf("%d days, %s from 9:00 to 10:30 on each", days, subject), err)
}

// expectReviews checks that a calendar file has the salespeople's entry of each day.
func (a *actor) expectReviews(ctx context.Context, feed []byte) error {
	c, err := calendar.Parse(feed, calendar.Limits{})
	if err != nil {
		return err
	}
	today := a.lab.options.Now().UTC().Truncate(24 * time.Hour)
	events, err := c.Events(ctx, today, today.AddDate(0, 0, days), time.UTC)
	if err != nil {
		return err
	}
	if len(events) != days {
		return fmt.Errorf("%d entries, not one for each of %d days", len(events), days)
	}
	for i, e := range events {
		start := today.AddDate(0, 0, i).Add(9 * time.Hour)
		if !e.Start.Equal(start) || !e.End.Equal(start.Add(90*time.Minute)) || e.Subject != subject || e.Location != location {
			return fmt.Errorf("an entry from %s to %s shows %q, %q", e.Start, e.End, e.Subject, e.Location)
		}
	}
	return nil
}
