package calendar_test

import (
	"strings"
	"testing"
	"time"

	"exfed/federation/calendar"
)

// ics wraps components into a calendar, lines ended as the RFC wants them.
func ics(components ...string) []byte {
	text := "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//exfed//tests//EN\n" + strings.Join(components, "\n") + "\nEND:VCALENDAR\n"
	return []byte(strings.ReplaceAll(text, "\n", "\r\n"))
}

// vevent makes a VEVENT of its lines.
func vevent(lines ...string) string {
	return "BEGIN:VEVENT\n" + strings.Join(lines, "\n") + "\nEND:VEVENT"
}

func parse(t *testing.T, data []byte) *calendar.Calendar {
	t.Helper()
	c, err := calendar.Parse(data, calendar.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// moment reads RFC 3339.
func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// spans lists events of a window as "start/end" in UTC, with the subject where there is one.
func spans(t *testing.T, c *calendar.Calendar, from, to string, floating *time.Location) []string {
	t.Helper()
	events, err := c.Events(t.Context(), moment(t, from), moment(t, to), floating)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range events {
		text := e.Start.UTC().Format("2006-01-02T15:04:05") + "/" + e.End.UTC().Format("2006-01-02T15:04:05")
		if e.Subject != "" {
			text += " " + e.Subject
		}
		out = append(out, text)
	}
	return out
}
