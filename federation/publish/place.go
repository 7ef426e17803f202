package publish

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Dates are written as midnight of that date in UTC: there every day has one, and all are
// equally long, which is true of no zone that changes its clocks.

// dateOf returns the date that a time has in its own location.
func dateOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// monday returns the first day of the week that a date is in.
func monday(date time.Time) time.Time {
	return date.AddDate(0, 0, -(int(date.Weekday())+6)%7)
}

// days returns the first and the last date that an entry is on, for a reader in the zone.
// What ends at midnight is not on the day that begins there.
func (e Entry) days(zone *time.Location) (first, last time.Time) {
	start, end := e.Start, e.End
	if !e.AllDay {
		start, end = start.In(zone), end.In(zone)
	}
	first, last = dateOf(start), dateOf(end)
	if end.After(start) {
		last = dateOf(end.Add(-1))
	}
	if last.Before(first) {
		last = first
	}
	return first, last
}

// order is of the entries of one day: what takes whole days or began before it, then by time.
func order(date time.Time, zone *time.Location) func(a, b Entry) int {
	key := func(e Entry) int {
		first, last := e.days(zone)
		if e.AllDay || first.Before(date) && last.After(date) {
			return 0
		}
		if first.Before(date) {
			return 1
		}
		return 2
	}
	return func(a, b Entry) int {
		return cmp.Or(cmp.Compare(key(a), key(b)), a.Start.Compare(b.Start), a.End.Compare(b.End))
	}
}

// on returns the entries of each date.
func on(entries []Entry, dates []time.Time, zone *time.Location) [][]Entry {
	placed := make([][]Entry, len(dates))
	for _, e := range entries {
		first, last := e.days(zone)
		from, _ := slices.BinarySearchFunc(dates, first, time.Time.Compare)
		for i := from; i < len(dates) && !dates[i].After(last); i++ {
			placed[i] = append(placed[i], e)
		}
	}
	for i := range placed {
		slices.SortStableFunc(placed[i], order(dates[i], zone))
	}
	return placed
}

// moment is a time or a date as a page writes it.
type moment struct {
	Dash    string // between the moment before it and this one
	Machine string // value of a datetime attribute
	Text    string
}

// when says how long an entry lasts: one moment, or two with a dash between them. The same
// is written on each of its days. Dates are there if it has more than one day, years
// if it has two, and the zone's abbreviation if the clocks change on one of its days.
func (e Entry) when(zone *time.Location) []moment {
	first, last := e.days(zone)
	dayFormat := ""
	if !first.Equal(last) {
		dayFormat = "2 Jan"
	}
	if first.Year() != last.Year() {
		dayFormat = "2 Jan 2006"
	}
	if e.AllDay {
		if first.Equal(last) {
			return nil
		}
		return []moment{
			{Machine: first.Format(time.DateOnly), Text: first.Format(dayFormat)},
			{Machine: last.Format(time.DateOnly), Text: last.Format(dayFormat), Dash: " – "},
		}
	}
	changes := clocksChange(first, last, zone)
	dash := "–"
	if dayFormat != "" || changes {
		dash = " – "
	}
	write := func(t, date time.Time) moment {
		t = t.In(zone)
		text := t.Format("15:04")
		if !dateOf(t).Equal(date) { // the end of the last day, also where no midnight follows
			text = "24:00"
		}
		if dayFormat != "" {
			text = date.Format(dayFormat) + ", " + text
		}
		if changes {
			text += " " + abbreviation(t)
		}
		return moment{Dash: dash, Machine: t.Format(time.RFC3339), Text: text}
	}
	if !e.End.After(e.Start) {
		return []moment{write(e.Start, first)}
	}
	return []moment{write(e.Start, first), write(e.End, last)}
}

// clocksChange reports whether the zone has another offset after the days than before them.
func clocksChange(first, last time.Time, zone *time.Location) bool {
	_, before := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, zone).Zone()
	_, after := time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, zone).Zone()
	return before != after
}

// abbreviation is the zone's at that time, and what it is ahead of UTC where it has none.
func abbreviation(t time.Time) string {
	if name, _ := t.Zone(); strings.IndexFunc(name, unicode.IsLetter) == 0 {
		return name
	}
	return offsetText(t)
}
