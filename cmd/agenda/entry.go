package agenda

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"exfed/cmd/render"
	"exfed/federation/availability"
)

// entry draws an entry of the calendar: when it is, and what it is if that was granted. The
// place goes to a second line when both do not fit in one.
func (c Calendar) entry(e availability.CalendarEvent, set signs) []string {
	head := set.of(kindOf(e.BusyType)) + " " + c.when(e)
	if e.Details == nil {
		return []string{head}
	}
	subject, location := render.Clean(e.Details.Subject), render.Clean(e.Details.Location)
	if e.Details.IsPrivate {
		subject, location = "private", ""
	}
	const gap = "  "
	indent := utf8.RuneCountInString(head)
	room := Width - indent - len(gap)
	texts := []string{subject, location}
	if whole := subject + " (" + location + ")"; subject != "" && location != "" && columns(whole) <= room {
		texts = []string{whole}
	}
	texts = slices.DeleteFunc(texts, func(text string) bool { return text == "" })
	lines := []string{head}
	for i, text := range texts {
		if i > 0 {
			lines = append(lines, strings.Repeat(" ", indent))
		}
		lines[i] += gap + cut(text, room, set.more)
	}
	return lines
}

// when writes the time of an entry: whole days as days, others with the clock.
func (c Calendar) when(e availability.CalendarEvent) string {
	start, end := e.Start.In(c.Zone), e.End.In(c.Zone)
	if start.Equal(midnight(start, 0)) && end.Equal(midnight(end, 0)) && end.After(start) {
		last := midnight(end, -1)
		if last.Equal(start) {
			return start.Format(dateForm) + " all day"
		}
		return start.Format(dateForm) + " to " + last.Format(dateForm)
	}
	from := start.Format(dateForm) + " " + clock(start)
	switch {
	case end.Equal(midnight(start, 1)):
		return from + "-24:00"
	case end.Before(midnight(start, 1)):
		return from + "-" + clock(end)
	}
	return from + " to " + end.Format(dateForm) + " " + clock(end)
}

// clock writes the time of day, with the offset from UTC where it comes twice that day.
func clock(t time.Time) string {
	since, until := t.ZoneBounds()
	second := !since.IsZero() && t.Before(since.Add(turnedBack(since)))
	first := !until.IsZero() && !t.Before(until.Add(-turnedBack(until)))
	if first || second {
		return t.Format("15:04-07:00")
	}
	return t.Format("15:04")
}
