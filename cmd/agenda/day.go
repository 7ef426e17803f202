package agenda

import (
	"strconv"
	"strings"
	"time"

	"exfed/federation/availability"
)

// slot is the time that a sign stands for.
const slot = 30 * time.Minute

// dateForm is how the date of a day is written, and what the ruler leaves free.
const dateForm = "Mon 2006-01-02"

// days draws a line for each day of the window, with the hours above it where they are
// others than those of the day before: on the day of a change of the clocks and after it.
func (c Calendar) days(set signs) []string {
	var lines []string
	ruled := ""
	for day := midnight(c.Start.In(c.Zone), 0); day.Before(c.End); {
		next := midnight(day, 1)
		if hours := ruler(day, next); hours != ruled {
			lines = append(lines, strings.Repeat(" ", len(dateForm)+1)+hours)
			ruled = hours
		}
		line := day.Format(dateForm) + " "
		for from := day; from.Before(next); from = from.Add(slot) {
			line += c.sign(from, earlier(from.Add(slot), next), set)
		}
		lines = append(lines, strings.TrimRight(line, " "))
		day = next
	}
	return lines
}

// sign is that of the busiest moment in a time, a blank where nothing was asked.
func (c Calendar) sign(from, to time.Time, set signs) string {
	from, to = later(from, c.Start), earlier(to, c.End)
	if !from.Before(to) {
		return " "
	}
	most := noData
	switch {
	case c.View.Type.HasEvents():
		most = c.ofEvents(from, to)
	case c.View.Type.HasDigits():
		most = c.ofDigits(from, to)
	}
	return set.of(most)
}

// ofEvents goes by the entries, which are as exact as the calendar. Digits say only where
// nothing is known.
func (c Calendar) ofEvents(from, to time.Time) kind {
	most := free
	if c.View.Type.HasDigits() && c.ofDigits(from, to) == noData {
		most = noData
	}
	for _, e := range c.View.Events {
		if later(e.Start, from).Before(earlier(e.End, to)) {
			most = max(most, kindOf(e.BusyType))
		}
	}
	return most
}

func (c Calendar) ofDigits(from, to time.Time) kind {
	interval := time.Duration(c.Interval) * time.Minute
	most := free
	for at := from.Sub(c.Start) / interval; c.Start.Add(at * interval).Before(to); at++ {
		if int(at) >= len(c.View.MergedFreeBusy) {
			return max(most, noData)
		}
		most = max(most, kindOf(availability.BusyTypeOf(c.View.MergedFreeBusy[at], c.Version)))
	}
	return most
}

// ruler names every second hour of a day as the clocks show it: an hour that is skipped is
// not there, one that comes twice is there twice.
func ruler(day, next time.Time) string {
	line, place := "", 0
	for at := day; at.Before(next); at = at.Add(slot) {
		if at.Minute() == 0 && at.Hour()%2 == 0 && (line == "" || len(line) < place) {
			line += strings.Repeat(" ", place-len(line)) + strconv.Itoa(at.Hour())
		}
		place++
	}
	return line
}

// midnight returns when the day begins that comes so many days after that of t: at the
// first of two midnights, and after the gap when there is none. A day that was left out
// begins with the next.
func midnight(t time.Time, days int) time.Time {
	year, month, day := t.Date()
	wanted := time.Date(year, month, day+days, 0, 0, 0, 0, time.UTC)
	begin := time.Date(year, month, day+days, 0, 0, 0, 0, t.Location())
	_, offset := begin.Zone()
	since, until := begin.ZoneBounds()
	switch clock := begin.Add(time.Duration(offset) * time.Second); {
	case clock.Before(wanted): // it was skipped, and Date chose either side
		return until
	case clock.After(wanted):
		return since
	}
	if first := begin.Add(-turnedBack(since)); !since.IsZero() && first.Before(since) {
		return first
	}
	return begin
}

// turnedBack returns by how much the clocks go back at an instant, negative for forth.
func turnedBack(change time.Time) time.Duration {
	_, before := change.Add(-time.Nanosecond).Zone()
	_, after := change.Zone()
	return time.Duration(before-after) * time.Second
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
