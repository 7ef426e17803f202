package calendar_test

import (
	"fmt"
	"testing"
	"time"
	"unicode/utf8"

	"exfed/federation/calendar"
)

// judgeEvents holds what a calendar answers to what Events promises.
func judgeEvents(t *testing.T, c *calendar.Calendar, from, to int64) {
	t.Helper()
	events, err := c.Events(t.Context(), time.Unix(from, 0), time.Unix(to, 0), time.UTC)
	if err != nil && idOf(err) != "CalendarTooCostly" && idOf(err) != "CalendarTooManyEvents" {
		t.Errorf("an unexpected error: %v", err)
	}
	if len(events) > 500 {
		t.Errorf("%d events, at most 500 are allowed", len(events))
	}
	for i, e := range events {
		start, end := e.Start.Unix(), e.End.Unix()
		if start >= to || end < start || end <= from && start != end || start == end && start < from {
			t.Errorf("%s to %s is not in the window", e.Start, e.End)
		}
		if i > 0 && (e.Start.Before(events[i-1].Start) || e.Start.Equal(events[i-1].Start) && e.End.Before(events[i-1].End)) {
			t.Errorf("event %d is out of order", i)
		}
		for _, text := range []string{e.UID, e.Subject, e.Location} {
			if !utf8.ValidString(text) || len(text) > 1024 {
				t.Errorf("%q is no bounded text", text)
			}
		}
	}
}

// twoHundred is a calendar of 200 events in five zones, every fourth a series.
func twoHundred(zones []string) []byte {
	components := []string{ownZone}
	for i := range 200 {
		lines := []string{fmt.Sprintf("UID:%d", i), fmt.Sprintf("DTSTART;TZID=%s:2026%02d%02dT%02d0000", zones[i%len(zones)], i%12+1, i%28+1, i%24), "DURATION:PT1H"}
		switch i % 16 {
		case 0:
			lines = append(lines, "RRULE:FREQ=WEEKLY;BYDAY=MO,WE")
		case 4:
			lines = append(lines, "RRULE:FREQ=MONTHLY;BYDAY=1TU")
		case 8:
			lines = append(lines, "RRULE:FREQ=DAILY;COUNT=30")
		case 12:
			lines = append(lines, "RRULE:FREQ=YEARLY")
		}
		components = append(components, vevent(lines...))
	}
	return ics(components...)
}

// BenchmarkEvents expands seven days of a calendar of 200 events.
func BenchmarkEvents(b *testing.B) {
	c, err := calendar.Parse(twoHundred([]string{"Europe/Berlin", "America/New_York", "Own Zone", "Asia/Tokyo", "UTC"}), calendar.Limits{})
	if err != nil || c.SkippedCount() > 0 {
		b.Fatal(err, c.Skipped())
	}
	from := time.Date(2027, 1, 11, 0, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		events, err := c.Events(b.Context(), from, from.AddDate(0, 0, 7), time.UTC)
		if err != nil || len(events) < 20 {
			b.Fatal(len(events), err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	data := twoHundred([]string{"Europe/Berlin", "America/New_York", "Own Zone", "Asia/Tokyo", "UTC"})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := calendar.Parse(data, calendar.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
