package calendar_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"exfed/federation/calendar"
)

// TestBombsAreBounded gives recurrences that would keep an expansion busy for ever few
// steps. Either they get by with those or they are refused; steps are counted, not time.
func TestBombsAreBounded(t *testing.T) {
	t.Parallel()
	const fits, refused, skipped = "fits", "CalendarTooCostly", "skipped"
	list := func(from, to int) string {
		var b strings.Builder
		for i := from; i <= to; i++ {
			fmt.Fprintf(&b, ",%d", i)
		}
		return b.String()[1:]
	}
	cases := []struct{ start, rule, want string }{
		{"20260101T000000Z", "FREQ=SECONDLY", refused},
		{"16010101T000000Z", "FREQ=SECONDLY", refused},
		{"20260101T030000Z", "FREQ=HOURLY;INTERVAL=24;BYHOUR=5", fits},
		{"20260101T030001Z", "FREQ=SECONDLY;INTERVAL=60;BYSECOND=5", fits},
		{"16010101T000000Z", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", fits},
		{"16010101T000000Z", "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30", fits},
		{"16010101T000000Z", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", fits},
		{"16010101T000000Z", "FREQ=DAILY;INTERVAL=9999999999", fits},
		{"16010101T000000Z", "FREQ=YEARLY;INTERVAL=9999999999", fits},
		{"16010101T000000Z", "FREQ=MONTHLY;BYSETPOS=366;BYDAY=MO", fits},
		{"99991231T235959Z", "FREQ=YEARLY", fits},
		{"00010101T000000Z", "FREQ=WEEKLY", fits},
		{"20260101T000000Z", "FREQ=SECONDLY;COUNT=2147483648", refused},
		{"20260101T000000Z", "FREQ=SECONDLY;COUNT=5;BYMONTH=2;BYMONTHDAY=30", refused},
		{"20260101T000000Z", "FREQ=YEARLY;COUNT=2147483648", fits},
		{"20260101T000000Z", "FREQ=DAILY;BYHOUR=" + list(0, 23) + ";BYMINUTE=" + list(0, 59) + ";BYSECOND=" + list(0, 59), refused},
		{"20260101T000000Z", "FREQ=YEARLY;BYYEARDAY=" + list(1, 366) + ";BYHOUR=" + list(0, 23) + ";BYMINUTE=" + list(0, 59) + ";BYSETPOS=" + list(1, 366), fits},
		{"20260101T000000Z", "FREQ=DAILY;BYSETPOS=1" + strings.Repeat(",1", 10_000), skipped},
	}
	for _, tc := range cases {
		c, err := calendar.Parse(ics(vevent("UID:1", "DTSTART:"+tc.start, "RRULE:"+tc.rule)), calendar.Limits{Steps: 20_000})
		have := fits
		if err != nil {
			have = idOf(err)
		} else if c.SkippedCount() > 0 {
			have = skipped
		} else if _, err := c.Events(t.Context(), moment(t, "2030-01-01T00:00:00Z"), moment(t, "2030-01-08T00:00:00Z"), nil); err != nil {
			have = idOf(err)
		}
		if have != tc.want {
			t.Errorf("%s %.80s: %s, %s is expected", tc.start, tc.rule, have, tc.want)
		}
	}
	if len(cases) < 18 {
		t.Errorf("%d cases, at least 18 are expected", len(cases))
	}
}

// TestBombsHideNothing: one recurrence that takes all steps must not have the meetings after
// it left out, which would show their time as free.
func TestBombsHideNothing(t *testing.T) {
	t.Parallel()
	bomb := vevent("UID:bomb", "DTSTART:20260101T000000Z", "RRULE:FREQ=SECONDLY;COUNT=2147483648")
	meeting := vevent("UID:meeting", "DTSTART:20260101T090000Z", "DTEND:20260101T100000Z", "RRULE:FREQ=DAILY;COUNT=5")
	if c, err := calendar.Parse(ics(bomb, meeting), calendar.Limits{}); idOf(err) != "CalendarTooCostly" {
		t.Errorf("%v, %v", c.Skipped(), err)
	}
}

// fading is a context that ends when it was looked at so many times.
type fading struct {
	context.Context
	looks, ends int
}

func (f *fading) Err() error {
	if f.looks++; f.ends > 0 && f.looks >= f.ends {
		return context.Canceled
	}
	return nil
}

// TestExpansionIsInterrupted: an expansion that takes a million steps looks now and then whether
// anybody waits for it, and goes on no longer than that.
func TestExpansionIsInterrupted(t *testing.T) {
	t.Parallel()
	bomb := vevent("UID:1", "DTSTART:16010101T000000Z", "RRULE:FREQ=DAILY;BYSETPOS=2")
	c, err := calendar.Parse(ics(bomb, bomb), calendar.Limits{Steps: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(ctx context.Context) error {
		_, err := c.Events(ctx, moment(t, "1700-01-01T00:00:00Z"), moment(t, "5000-01-01T00:00:00Z"), nil)
		return err
	}
	waits := &fading{Context: context.Background()}
	if err := ask(waits); idOf(err) != "CalendarTooCostly" || waits.looks < 200 || waits.looks > 300 {
		t.Errorf("%v after %d looks", err, waits.looks)
	}
	leaves := &fading{Context: context.Background(), ends: 3}
	if err := ask(leaves); idOf(err) != "CalendarInterrupted" || leaves.looks > 5 {
		t.Errorf("%v after %d looks", err, leaves.looks)
	}
}

func TestTooManyEvents(t *testing.T) {
	t.Parallel()
	c, err := calendar.Parse(ics(vevent("UID:1", "DTSTART:20260101T000000Z", "RRULE:FREQ=HOURLY")), calendar.Limits{Events: 24})
	if err != nil {
		t.Fatal(err)
	}
	if events, err := c.Events(t.Context(), moment(t, "2026-02-01T00:00:00Z"), moment(t, "2026-02-02T00:00:00Z"), nil); err != nil || len(events) != 24 {
		t.Errorf("%d events: %v, 24 are expected", len(events), err)
	}
	if _, err := c.Events(t.Context(), moment(t, "2026-02-01T00:00:00Z"), moment(t, "2026-02-02T00:00:01Z"), nil); idOf(err) != "CalendarTooManyEvents" {
		t.Errorf("%v, CalendarTooManyEvents is expected", err)
	}
}

// TestOwnZonesAreBounded gives a zone whose clocks change by the second.
func TestOwnZonesAreBounded(t *testing.T) {
	t.Parallel()
	zone := strings.Replace(ownZone, "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU", "RRULE:FREQ=SECONDLY", 1)
	c, err := calendar.Parse(ics(zone, vevent("UID:1", "DTSTART;TZID=Own Zone:20260105T090000")), calendar.Limits{})
	if err != nil || c.SkippedCount() != 1 {
		t.Errorf("%v, %v: the event is expected to be skipped", err, c.Skipped())
	}
}

// FuzzParse wants no panic, and of Events what it promises.
func FuzzParse(f *testing.F) {
	for _, lines := range []string{
		"DTSTART:20260105T090000Z\nRRULE:FREQ=MONTHLY;BYDAY=-1FR,2MO;BYSETPOS=1,-1\nEXDATE:20260112T090000Z",
		"DTSTART;TZID=Own Zone:20260405T023000\nDURATION:P1DT2H\nRRULE:FREQ=WEEKLY;WKST=SU;INTERVAL=2;UNTIL=20270101",
		"DTSTART;VALUE=DATE:20260105\nRDATE;VALUE=DATE:20260107\nRRULE:FREQ=YEARLY;BYWEEKNO=1,-1;COUNT=9",
		"DTSTART:20260105T090000\nDTEND:20260105T100000\nRRULE:FREQ=SECONDLY;BYHOUR=1;BYMINUTE=2,3",
		"RECURRENCE-ID;RANGE=THISANDFUTURE:20260105T090000Z\nDTSTART:20260106T090000Z",
	} {
		f.Add(ics(ownZone, vevent("UID:1", lines), vevent("UID:1", "DTSTART:20260101T090000Z", "RRULE:FREQ=DAILY")))
	}
	f.Add([]byte("BEGIN:VCALENDAR\nX;A=b\nEND:VCALENDAR"))
	from, to := 1767225600, 1767225600+40*86400
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := calendar.Parse(data, calendar.Limits{Steps: 20_000, Events: 500, Components: 500})
		if err != nil {
			if idOf(err) == "" {
				t.Errorf("an error without an identifier: %v", err)
			}
			return
		}
		judgeEvents(t, c, int64(from), int64(to))
	})
}
