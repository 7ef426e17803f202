package publish

import (
	"fmt"
	"slices"
	"time"
)

// bounds are days from one to another, both included. Zero ones are no bound.
type bounds struct{ first, last time.Time }

// published returns the days of which something is published, for a reader in the zone.
func (c Calendar) published(zone *time.Location) bounds {
	var d bounds
	if !c.From.IsZero() {
		d.first = dateOf(c.From.In(zone))
	}
	if !c.To.IsZero() {
		d.last = dateOf(c.To.Add(-1).In(zone))
	}
	return d
}

// have reports whether a day is one of them.
func (d bounds) have(date time.Time) bool {
	return d.overlap(date, date)
}

// overlap reports whether a day from first to last is one of them.
func (d bounds) overlap(first, last time.Time) bool {
	return (d.first.IsZero() || !last.Before(d.first)) && (d.last.IsZero() || !first.After(d.last))
}

// within returns those from first to last.
func (d bounds) within(first, last time.Time) bounds {
	if d.first.After(first) {
		first = d.first
	}
	if !d.last.IsZero() && d.last.Before(last) {
		last = d.last
	}
	return bounds{first, last}
}

// text names them, "" if there is no bound on one side.
func (d bounds) text() string {
	if d.first.IsZero() || d.last.IsZero() {
		return ""
	}
	return dayRange(d.first, d.last)
}

// links leads to other pages, and nowhere where nothing is published: whoever follows links
// without an end, a search engine for one, comes to an end.
func (v View) links(published bounds) links {
	out := links{Month: v.of(Month).link(true), Week: v.of(Week).link(true)}
	first, last := v.span()
	if published.first.IsZero() || published.first.Before(first) {
		previous := v.neighbour(-1)
		out.Previous = previous.link(true)
		out.PreviousName, out.PreviousRest = previous.name()
	}
	if published.last.IsZero() || published.last.After(last) {
		next := v.neighbour(1)
		out.Next = next.link(true)
		out.NextName, out.NextRest = next.name()
	}
	if published.have(dateOf(v.Now.In(v.Zone))) {
		out.Today = v.link(false)
	}
	return out
}

// name is what is written on the way to the view: as much as can be seen at a glance, and
// the rest for those who hear it.
func (v View) name() (name, rest string) {
	if v.Period == Month {
		return v.Day.Format("January"), v.Day.Format(" 2006")
	}
	_, number := v.Day.ISOWeek()
	return fmt.Sprintf("Week %d", number), ", " + v.title()
}

// remarks says what a reader cannot see in the days themselves.
func (v View) remarks(weeks []week, published bounds, left int) []string {
	var out []string
	first, last := v.span()
	found := left > 0
	for _, w := range weeks {
		found = found || slices.ContainsFunc(w.Days, func(d day) bool { return !d.Outside && len(d.Entries) > 0 })
	}
	within := published.within(first, last)
	switch {
	case !published.overlap(first, last):
		out = append(out, "Nothing is published of these days.")
	case !within.first.Equal(first) || !within.last.Equal(last):
		out = append(out, "Published of this "+string(v.Period)+": "+within.text()+".")
		fallthrough
	default:
		if !found {
			out = append(out, "No appointments are published in this "+string(v.Period)+".")
		}
	}
	if left > 0 {
		out = append(out, fmt.Sprintf("The page is too long for all appointments: %d are not shown.", left))
	}
	return out
}

// zonesWith lists time zones to choose from, one or some for each offset, and the one
// that is shown.
func zonesWith(shown string) []string {
	zones := []string{
		"Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "America/Anchorage", "America/Argentina/Buenos_Aires",
		"America/Bogota", "America/Caracas", "America/Chicago", "America/Denver", "America/Halifax", "America/Los_Angeles",
		"America/Mexico_City", "America/New_York", "America/Phoenix", "America/Santiago", "America/Sao_Paulo", "America/St_Johns", "America/Toronto",
		"Asia/Dhaka", "Asia/Dubai", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Karachi", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Seoul",
		"Asia/Shanghai", "Asia/Singapore", "Asia/Tashkent", "Asia/Tehran", "Asia/Tokyo", "Asia/Yangon", "Atlantic/Azores", "Australia/Adelaide",
		"Australia/Brisbane", "Australia/Perth", "Australia/Sydney", "Europe/Athens", "Europe/Berlin", "Europe/Helsinki", "Europe/Istanbul",
		"Europe/Kyiv", "Europe/Lisbon", "Europe/London", "Europe/Madrid", "Europe/Moscow", "Europe/Paris", "Europe/Rome", "Europe/Stockholm",
		"Europe/Vienna", "Europe/Warsaw", "Europe/Zurich", "Pacific/Auckland", "Pacific/Honolulu", "UTC",
	}
	if shown != "" && !slices.Contains(zones, shown) {
		zones = append(zones, shown)
		slices.Sort(zones)
	}
	return zones
}
