package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/calendar"
)

// TestEventsAreDescribed compares whole events, but for the times.
func TestEventsAreDescribed(t *testing.T) {
	t.Parallel()
	const start = "DTSTART:20260105T090000Z"
	cases := []struct {
		lines []string
		want  calendar.Event
	}{
		{nil, calendar.Event{BusyType: calendar.Busy}},
		{[]string{"UID:u", "SUMMARY:a\\, b\\; c\\\\d\\ne", "LOCATION:Grü", " ße"}, calendar.Event{UID: "u", Subject: "a, b; c\\d\ne", Location: "Grüße", BusyType: calendar.Busy}},
		{[]string{"SUMMARY;LANGUAGE=\"a:b;c\":x\x1b[31m\x7fy"}, calendar.Event{Subject: "x [31m y", BusyType: calendar.Busy}},
		{[]string{"SUMMARY:a\xffb"}, calendar.Event{Subject: "a\uFFFDb", BusyType: calendar.Busy}},
		{[]string{"SUMMARY:" + strings.Repeat("ä", 2000)}, calendar.Event{Subject: strings.Repeat("ä", 512), BusyType: calendar.Busy}},
		{[]string{"TRANSP:TRANSPARENT"}, calendar.Event{BusyType: calendar.Free}},
		{[]string{"STATUS:TENTATIVE"}, calendar.Event{BusyType: calendar.Tentative}},
		{[]string{"STATUS:CONFIRMED", "TRANSP:OPAQUE"}, calendar.Event{BusyType: calendar.Busy}},
		{[]string{"TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"}, calendar.Event{BusyType: calendar.OOF}},
		{[]string{"TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY"}, calendar.Event{BusyType: calendar.Busy}},
		{[]string{"X-MICROSOFT-CDO-BUSYSTATUS:FREE"}, calendar.Event{BusyType: calendar.Free}},
		{[]string{"X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"}, calendar.Event{BusyType: calendar.Tentative}},
		{[]string{"X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"}, calendar.Event{BusyType: calendar.WorkingElsewhere}},
		{[]string{"CLASS:PRIVATE"}, calendar.Event{BusyType: calendar.Busy, Private: true}},
		{[]string{"class:confidential"}, calendar.Event{BusyType: calendar.Busy, Private: true}},
		{[]string{"CLASS:X-FAMILY"}, calendar.Event{BusyType: calendar.Busy, Private: true}},
		{[]string{"CLASS:restricted"}, calendar.Event{BusyType: calendar.Busy, Private: true}},
		{[]string{"CLASS:PUBLIC"}, calendar.Event{BusyType: calendar.Busy}},
		{[]string{"CLASS:"}, calendar.Event{BusyType: calendar.Busy}},
		{[]string{"ORGANIZER:mailto:a@contoso.com"}, calendar.Event{BusyType: calendar.Busy, Meeting: true}},
		{[]string{"ATTENDEE:mailto:a@contoso.com"}, calendar.Event{BusyType: calendar.Busy, Meeting: true}},
		{[]string{"BEGIN:VALARM", "SUMMARY:not this", "TRIGGER:-PT5M", "END:VALARM"}, calendar.Event{BusyType: calendar.Busy, Reminder: true}},
		{[]string{"RRULE:FREQ=DAILY;COUNT=1"}, calendar.Event{BusyType: calendar.Busy, Recurring: true}},
		{[]string{"RECURRENCE-ID:20260105T080000Z"}, calendar.Event{BusyType: calendar.Busy, Recurring: true, Exception: true}},
	}
	for _, tc := range cases {
		c := parse(t, ics(vevent(append([]string{start}, tc.lines...)...)))
		have, err := c.Events(t.Context(), moment(t, "2026-01-05T00:00:00Z"), moment(t, "2026-01-06T00:00:00Z"), nil)
		tc.want.Start = moment(t, "2026-01-05T09:00:00Z")
		tc.want.End = tc.want.Start
		if diff := cmp.Diff([]calendar.Event{tc.want}, have); err != nil || diff != "" {
			t.Errorf("%q: %v -want +have\n%s", tc.lines, err, diff)
		}
	}
	if len(cases) < 20 {
		t.Errorf("%d cases, at least 20 are expected", len(cases))
	}
}

func TestFreeBusyPeriods(t *testing.T) {
	t.Parallel()
	c := parse(t, ics("BEGIN:VFREEBUSY\nUID:f\nFREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260105T090000Z/PT1H,20260105T120000Z/20260105T130000Z\n"+
		"FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260105T140000Z/PT1H\nFREEBUSY;FBTYPE=FREE:20260105T150000Z/PT1H\nFREEBUSY:20260105T160000Z/PT1H\nEND:VFREEBUSY"))
	events, err := c.Events(t.Context(), moment(t, "2026-01-05T00:00:00Z"), moment(t, "2026-01-06T00:00:00Z"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, e := range events {
		have = append(have, e.UID+" "+e.Start.Format("15:04")+"-"+e.End.Format("15:04")+" "+e.BusyType.String())
	}
	want := []string{"f 09:00-10:00 OOF", "f 12:00-13:00 OOF", "f 14:00-15:00 Tentative", "f 15:00-16:00 Free", "f 16:00-17:00 Busy"}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("-want +have\n%s", diff)
	}
}

// TestBrokenEventsAreSkipped puts each beside a good one, which is still shown.
func TestBrokenEventsAreSkipped(t *testing.T) {
	t.Parallel()
	good := vevent("UID:good", "DTSTART:20260105T090000Z")
	cases := []struct{ broken, reason string }{
		{vevent("UID:bad"), "has no DTSTART"},
		{vevent("UID:bad", "DTSTART:20260230T090000Z"), `DTSTART "20260230T090000Z" is not a date and time`},
		{vevent("UID:bad", "DTSTART;TZID=Nowhere:20260105T090000"), `DTSTART: time zone "Nowhere" is neither defined in the calendar nor known`},
		{vevent("UID:bad", "DTSTART;TZID=Local:20260105T090000"), `DTSTART: time zone "Local" is neither defined in the calendar nor known`},
		{vevent("UID:bad", "DTSTART:20260105T090000Z", "DTEND:20260105T080000Z"), "DTEND is before DTSTART"},
		{vevent("UID:bad", "DTSTART:20260105T090000Z", "DTEND;VALUE=DATE:20260106"), "DTSTART is a day and DTEND a time, or the other way round"},
		{vevent("UID:bad", "DTSTART:20260105T090000Z", "DURATION:-PT1H"), `DURATION "-PT1H" is not a positive duration`},
		{vevent("UID:bad", "DTSTART:20260105T090000Z", "RRULE:FREQ=FORTNIGHTLY"), "RRULE FREQ=\"FORTNIGHTLY\" is not one"},
		{vevent("UID:bad", "DTSTART:20260105T090000Z", "RRULE:COUNT=3"), "RRULE has no FREQ"},
		{vevent("UID:bad", "DTSTART:20260105T090000Z", "RRULE:FREQ=DAILY;INTERVAL=0"), `RRULE INTERVAL="0" is not one`},
		{vevent("UID:bad", "DTSTART:20260105T090000Z", "RRULE:FREQ=WEEKLY;BYDAY=1MO"), "RRULE counts weekdays and is neither MONTHLY nor YEARLY, or has BYWEEKNO"},
		{vevent("UID:bad", "DTSTART:20260105T090000Z", "EXDATE:20260105T090000Z"+strings.Repeat(",20260105T090000Z", 10_000)), "EXDATE has too many values"},
		{"BEGIN:VEVENT\nUID:bad\nDTSTART:20260105T090000Z", "has no END"},
	}
	for _, tc := range cases {
		c := parse(t, ics(tc.broken, good))
		if diff := cmp.Diff([]calendar.Skipped{{UID: "bad", Reason: tc.reason}}, c.Skipped()); diff != "" || c.SkippedCount() != 1 {
			t.Errorf("%.200s -want +have\n%s", tc.broken, diff)
		}
		have := spans(t, c, "2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z", nil)
		if diff := cmp.Diff([]string{"2026-01-05T09:00:00/2026-01-05T09:00:00"}, have); diff != "" {
			t.Errorf("%.200s -want +have\n%s", tc.broken, diff)
		}
	}
	if len(cases) < 12 {
		t.Errorf("%d cases, at least 12 are expected", len(cases))
	}
}

func TestWhatIsNoCalendar(t *testing.T) {
	t.Parallel()
	cases := []struct{ text, id string }{
		{"", "CalendarMalformed"},
		{"<html></html>", "CalendarMalformed"},
		{"BEGIN:VCARD\nEND:VCARD\n", "CalendarMalformed"},
		{"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\n", "CalendarMalformed"},
		{"X:1\nBEGIN:VCALENDAR\nEND:VCALENDAR\n", "CalendarMalformed"},
		{strings.Repeat("BEGIN:VCALENDAR\n", 9), "CalendarMalformed"},
		{"BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\nEND:VEVENT\n", 50_000) + "END:VCALENDAR\n", "CalendarTooLarge"},
		{strings.Repeat(" ", 16<<20+1), "CalendarTooLarge"},
	}
	for _, tc := range cases {
		_, err := calendar.Parse([]byte(tc.text), calendar.Limits{})
		if idOf(err) != tc.id {
			t.Errorf("%.60q: %v, %s is expected", tc.text, err, tc.id)
		}
	}
	for _, text := range []string{"\uFEFFBEGIN:VCALENDAR\nEND:VCALENDAR", "begin:vcalendar\r\nend:vcalendar\r\n", "\nBEGIN:VCALENDAR\nEND:VCALENDAR\n"} {
		if _, err := calendar.Parse([]byte(text), calendar.Limits{}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := parse(t, ics()).Events(t.Context(), time.Unix(5, 0), time.Unix(5, 0), nil); idOf(err) != "InvalidCalendarWindow" {
		t.Errorf("an empty window: %v", err)
	}
}

func idOf(err error) string {
	if e, ok := err.(*federation.Error); ok {
		return e.ID
	}
	return ""
}
