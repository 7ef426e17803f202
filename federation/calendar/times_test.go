package calendar_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ownZone is a zone that no database has: an hour and a half ahead of UTC, and one hour
// more from the first Sunday of April to the first of October.
const ownZone = "BEGIN:VTIMEZONE\nTZID:Own Zone\n" +
	"BEGIN:STANDARD\nDTSTART:16011007T030000\nTZOFFSETFROM:+0230\nTZOFFSETTO:+0130\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU\nEND:STANDARD\n" +
	"BEGIN:DAYLIGHT\nDTSTART:16010401T020000\nTZOFFSETFROM:+0130\nTZOFFSETTO:+0230\nRRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU\nEND:DAYLIGHT\n" +
	"END:VTIMEZONE"

// datedZone changes once, on a day named by RDATE.
const datedZone = "BEGIN:VTIMEZONE\nTZID:Dated\n" +
	"BEGIN:STANDARD\nDTSTART:20000101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\nEND:STANDARD\n" +
	"BEGIN:STANDARD\nDTSTART:20100101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0300\nRDATE:20260601T000000\nEND:STANDARD\nEND:VTIMEZONE"

// TestTimes reads when things are, by RFC 5545 and by the calendar of each zone. Windows
// are 2026 as a whole, times without a zone are read in New York (UTC-5, UTC-4 from
// 8 March to 1 November).
func TestTimes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		lines []string
		want  []string
	}{
		{"UTC", []string{"DTSTART:20260105T090000Z", "DTEND:20260105T093000Z"}, []string{"2026-01-05T09:00:00/2026-01-05T09:30:00"}},
		{"floating", []string{"DTSTART:20260105T090000", "DTEND:20260105T093000"}, []string{"2026-01-05T14:00:00/2026-01-05T14:30:00"}},
		{"IANA zone", []string{"DTSTART;TZID=Europe/Berlin:20260705T090000", "DURATION:PT45M"}, []string{"2026-07-05T07:00:00/2026-07-05T07:45:00"}},
		{"quoted zone", []string{`DTSTART;TZID="Europe/Berlin":20260705T090000`}, []string{"2026-07-05T07:00:00/2026-07-05T07:00:00"}},
		{"unique zone", []string{"DTSTART;TZID=/example.org/20210210_1/Europe/Berlin:20260705T090000"}, []string{"2026-07-05T07:00:00/2026-07-05T07:00:00"}},
		{"Windows zone", []string{"DTSTART;TZID=Tokyo Standard Time:20260705T090000"}, []string{"2026-07-05T00:00:00/2026-07-05T00:00:00"}},
		{"own zone in summer", []string{"DTSTART;TZID=Own Zone:20260705T090000"}, []string{"2026-07-05T06:30:00/2026-07-05T06:30:00"}},
		{"own zone in winter", []string{"DTSTART;TZID=Own Zone:20261205T090000"}, []string{"2026-12-05T07:30:00/2026-12-05T07:30:00"}},
		{"own zone in the gap", []string{"DTSTART;TZID=Own Zone:20260405T023000"}, []string{"2026-04-05T01:00:00/2026-04-05T01:00:00"}},
		{"own zone in the overlap", []string{"DTSTART;TZID=Own Zone:20261004T023000"}, []string{"2026-10-04T00:00:00/2026-10-04T00:00:00"}},
		{"zone with RDATE", []string{"DTSTART;TZID=Dated:20260701T090000"}, []string{"2026-07-01T06:00:00/2026-07-01T06:00:00"}},
		{"end in another zone", []string{"DTSTART;TZID=Europe/Berlin:20260705T090000", "DTEND;TZID=America/New_York:20260705T120000"}, []string{"2026-07-05T07:00:00/2026-07-05T16:00:00"}},
		{"gap", []string{"DTSTART;TZID=America/New_York:20260308T023000"}, []string{"2026-03-08T07:30:00/2026-03-08T07:30:00"}},
		{"overlap", []string{"DTSTART;TZID=America/New_York:20261101T013000"}, []string{"2026-11-01T05:30:00/2026-11-01T05:30:00"}},
		{"a day", []string{"DTSTART;VALUE=DATE:20260308"}, []string{"2026-03-08T05:00:00/2026-03-09T04:00:00"}},
		{"days", []string{"DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260107"}, []string{"2026-01-05T05:00:00/2026-01-07T05:00:00"}},
		{"a day that ends on itself", []string{"DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260105"}, []string{"2026-01-05T05:00:00/2026-01-06T05:00:00"}},
		{"a day by the calendar, not the stopwatch", []string{"DTSTART;TZID=America/New_York:20260307T120000", "DURATION:P1DT1H"}, []string{"2026-03-07T17:00:00/2026-03-08T17:00:00"}},
		{"an end is by the stopwatch", []string{"DTSTART;TZID=America/New_York:20260307T120000", "DTEND;TZID=America/New_York:20260308T120000", "RRULE:FREQ=DAILY;COUNT=2"},
			[]string{"2026-03-07T17:00:00/2026-03-08T16:00:00", "2026-03-08T16:00:00/2026-03-09T15:00:00"}},
		{"COUNT counts DTSTART that the rule has not", []string{"DTSTART:20260106T090000Z", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3"},
			[]string{"2026-01-06T09:00:00/2026-01-06T09:00:00", "2026-01-12T09:00:00/2026-01-12T09:00:00", "2026-01-19T09:00:00/2026-01-19T09:00:00"}},
		{"UNTIL is a day", []string{"DTSTART:20260105T090000Z", "RRULE:FREQ=DAILY;UNTIL=20260106"},
			[]string{"2026-01-05T09:00:00/2026-01-05T09:00:00", "2026-01-06T09:00:00/2026-01-06T09:00:00"}},
		{"UNTIL is an instant", []string{"DTSTART;TZID=America/New_York:20260105T230000", "RRULE:FREQ=DAILY;UNTIL=20260107T040000Z"},
			[]string{"2026-01-06T04:00:00/2026-01-06T04:00:00", "2026-01-07T04:00:00/2026-01-07T04:00:00"}},
		{"counted and plain weekdays", []string{"DTSTART:20260105T090000Z", "RRULE:FREQ=MONTHLY;BYDAY=1MO,-1FR;COUNT=3"},
			[]string{"2026-01-05T09:00:00/2026-01-05T09:00:00", "2026-01-30T09:00:00/2026-01-30T09:00:00", "2026-02-02T09:00:00/2026-02-02T09:00:00"}},
		{"every Monday and the second Tuesday", []string{"DTSTART:20260105T090000Z", "RRULE:FREQ=MONTHLY;BYDAY=MO,2TU;COUNT=3"},
			[]string{"2026-01-05T09:00:00/2026-01-05T09:00:00", "2026-01-12T09:00:00/2026-01-12T09:00:00", "2026-01-13T09:00:00/2026-01-13T09:00:00"}},
		{"week 53 has its weekday from DTSTART", []string{"DTSTART:20201231T090000Z", "RRULE:FREQ=YEARLY;BYWEEKNO=53"}, []string{"2026-12-31T09:00:00/2026-12-31T09:00:00"}},
		{"29 February", []string{"DTSTART:20240229T090000Z", "RRULE:FREQ=YEARLY"}, []string{}},
		{"from long ago", []string{"DTSTART:16010101T090000Z", "RRULE:FREQ=MONTHLY;INTERVAL=6"}, []string{"2026-01-01T09:00:00/2026-01-01T09:00:00", "2026-07-01T09:00:00/2026-07-01T09:00:00"}},
		{"RDATE", []string{"DTSTART:20260105T090000Z", "DTEND:20260105T100000Z", "RDATE:20260205T090000Z,20260105T090000Z", "RDATE;VALUE=PERIOD:20260305T090000Z/PT10M"},
			[]string{"2026-01-05T09:00:00/2026-01-05T10:00:00", "2026-02-05T09:00:00/2026-02-05T10:00:00", "2026-03-05T09:00:00/2026-03-05T09:10:00"}},
		{"EXDATE in another zone", []string{"DTSTART:20260105T090000Z", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE;TZID=Europe/Berlin:20260106T100000"}, []string{"2026-01-05T09:00:00/2026-01-05T09:00:00"}},
		{"EXDATE is a day", []string{"DTSTART:20260105T090000Z", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE;VALUE=DATE:20260105"}, []string{"2026-01-06T09:00:00/2026-01-06T09:00:00"}},
		{"EXDATE of days is a time", []string{"DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260106T000000"}, []string{"2026-01-05T05:00:00/2026-01-06T05:00:00"}},
		{"cancelled", []string{"DTSTART:20260105T090000Z", "STATUS:CANCELLED"}, []string{}},
		{"before the window and into it", []string{"DTSTART:20251231T230000Z", "DURATION:PT2H"}, []string{"2025-12-31T23:00:00/2026-01-01T01:00:00"}},
		{"up to the window", []string{"DTSTART:20251231T230000Z", "DURATION:PT1H"}, []string{}},
		{"at the beginning of the window", []string{"DTSTART:20260101T000000Z"}, []string{"2026-01-01T00:00:00/2026-01-01T00:00:00"}},
		{"at the end of the window", []string{"DTSTART:20270101T000000Z"}, []string{}},
	}
	for _, tc := range cases {
		c := parse(t, ics(ownZone, datedZone, vevent(append([]string{"UID:1"}, tc.lines...)...)))
		have := spans(t, c, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", location(t, "America/New_York"))
		if diff := cmp.Diff(tc.want, have); diff != "" {
			t.Errorf("%s -want +have\n%s", tc.name, diff)
		}
		if c.SkippedCount() > 0 {
			t.Errorf("%s: skipped %v", tc.name, c.Skipped())
		}
	}
	if len(cases) < 35 {
		t.Errorf("%d cases, at least 35 are expected", len(cases))
	}
}

// TestLastDayOfLeapYears asks where rules that go on for ever are worked out year by year.
func TestLastDayOfLeapYears(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Berlin", "Pacific/Auckland", "Own Zone"} {
		c := parse(t, ics(ownZone, vevent("DTSTART;TZID="+name+":20401230T120000", "RRULE:FREQ=DAILY;COUNT=4")))
		have := spans(t, c, "2040-12-01T00:00:00Z", "2041-02-01T00:00:00Z", nil)
		hour := map[string]string{"Europe/Berlin": "T11:00:00", "Pacific/Auckland": "T23:00:00", "Own Zone": "T10:30:00"}[name]
		days := []string{"2040-12-30", "2040-12-31", "2041-01-01", "2041-01-02"}
		if name == "Pacific/Auckland" {
			days = []string{"2040-12-29", "2040-12-30", "2040-12-31", "2041-01-01"}
		}
		var want []string
		for _, day := range days {
			want = append(want, day+hour+"/"+day+hour)
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s -want +have\n%s", name, diff)
		}
	}
}

// TestInstancesAreReplaced moves, cancels and changes instances of a daily series.
func TestInstancesAreReplaced(t *testing.T) {
	t.Parallel()
	master := vevent("UID:1", "DTSTART;TZID=Europe/Berlin:20260105T100000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4", "SUMMARY:as ever")
	asEver := []string{
		"2026-01-05T09:00:00/2026-01-05T10:00:00 as ever", "2026-01-06T09:00:00/2026-01-06T10:00:00 as ever",
		"2026-01-07T09:00:00/2026-01-07T10:00:00 as ever", "2026-01-08T09:00:00/2026-01-08T10:00:00 as ever",
	}
	cases := []struct {
		name       string
		components []string
		want       []string
	}{
		{"nothing", []string{master}, asEver},
		{"moved", []string{vevent("UID:1", "RECURRENCE-ID:20260106T090000Z", "DTSTART:20260120T120000Z", "SUMMARY:moved"), master},
			[]string{asEver[0], asEver[2], asEver[3], "2026-01-20T12:00:00/2026-01-20T12:00:00 moved"}},
		{"cancelled", []string{master, vevent("UID:1", "RECURRENCE-ID;TZID=Europe/Berlin:20260106T100000", "DTSTART:20260106T090000Z", "STATUS:CANCELLED")},
			[]string{asEver[0], asEver[2], asEver[3]}},
		{"all after", []string{master, vevent("UID:1", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260107T090000Z", "DTSTART:20260107T100000Z", "DURATION:PT5M", "SUMMARY:later")},
			[]string{asEver[0], asEver[1], "2026-01-07T10:00:00/2026-01-07T10:05:00 later", "2026-01-08T10:00:00/2026-01-08T10:05:00 later"}},
		{"no master", []string{vevent("UID:1", "RECURRENCE-ID:20260106T090000Z", "DTSTART:20260106T120000Z", "SUMMARY:alone")},
			[]string{"2026-01-06T12:00:00/2026-01-06T12:00:00 alone"}},
		{"a later version", []string{vevent("UID:1", "SEQUENCE:2", "DTSTART:20260106T120000Z", "SUMMARY:second"), master}, []string{"2026-01-06T12:00:00/2026-01-06T12:00:00 second"}},
		{"a broken change", []string{master, vevent("UID:1", "RECURRENCE-ID:20260106T090000Z", "DTSTART:tomorrow")}, asEver},
		{"another event", []string{master, vevent("UID:2", "RECURRENCE-ID:20260106T090000Z", "DTSTART:20260106T090000Z", "STATUS:CANCELLED")}, asEver},
		{"all cancelled", []string{master, vevent("UID:1", "SEQUENCE:1", "DTSTART:20260105T090000Z", "STATUS:CANCELLED")}, []string{}},
	}
	for _, tc := range cases {
		have := spans(t, parse(t, ics(tc.components...)), "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", nil)
		if diff := cmp.Diff(tc.want, have); diff != "" {
			t.Errorf("%s -want +have\n%s", tc.name, diff)
		}
	}
	if len(cases) < 9 {
		t.Errorf("%d cases, at least 9 are expected", len(cases))
	}
}
