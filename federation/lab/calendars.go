package lab

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// What the salespeople of the lab do each day.
const (
	subject  = "Quarterly review"
	location = "Room 1"
)

// icsTime is how iCalendar writes a time in UTC (RFC 5545 section 3.3.5).
const icsTime = "20060102T150405Z"

// mailboxes returns the mailboxes of every organization, by the local part of the address,
// with their calendars as of today: one with entries that say what they are about, one with
// private ones, and a room with recurring ones and whole days.
func mailboxes(today time.Time) map[string]string {
	began := today.AddDate(0, 0, -30)
	daily := func(uid, from, to string, more ...string) string {
		lines := []string{"BEGIN:VEVENT", "UID:" + uid, "DTSTAMP:" + began.Format(icsTime),
			"DTSTART:" + began.Format("20060102") + "T" + from + "Z", "DTEND:" + began.Format("20060102") + "T" + to + "Z", "RRULE:FREQ=DAILY"}
		return lineEnds(append(append(lines, more...), "END:VEVENT"))
	}
	day := lineEnds([]string{"BEGIN:VEVENT", "UID:stocktaking", "DTSTAMP:" + began.Format(icsTime),
		"DTSTART;VALUE=DATE:" + today.AddDate(0, 0, 2).Format("20060102"), "RRULE:FREQ=WEEKLY", "SUMMARY:Stocktaking", "END:VEVENT"})
	return map[string]string{
		"sales":   calendarFile(daily("review", "090000", "103000", "SUMMARY:"+subject, "LOCATION:"+location)),
		"support": calendarFile(daily("doctor", "130000", "140000", "SUMMARY:Doctor", "CLASS:PRIVATE")),
		"room1":   calendarFile(daily("standup", "080000", "081500", "SUMMARY:Standup") + day),
	}
}

func calendarFile(components string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//exfed//lab//EN\r\n" + components + "END:VCALENDAR\r\n"
}

func lineEnds(lines []string) string { return strings.Join(lines, "\r\n") + "\r\n" }

// writeCalendars leaves the calendars of an organization in its folder.
func (a *actor) writeCalendars(calendars map[string]string) error {
	if err := os.MkdirAll(a.path("calendars"), 0o700); err != nil {
		return err
	}
	for name, text := range calendars {
		if err := os.WriteFile(a.path("calendars/"+name+".ics"), []byte(text), 0o600); err != nil {
			return fmt.Errorf("calendar of %s: %w", name, err)
		}
	}
	return nil
}
