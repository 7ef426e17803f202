package availability

import "time"

// TimeZoneFor returns the zone in which to ask about a window so that local times are those
// of the location, at every instant from start to end. There the location's changes become
// rules for every year.
//
// Some locations cannot be put that way: their offset is not in whole minutes, or they
// changed their rules within the window. For them it is UTC: the zone is for request and
// answer alike, so that nothing but the looks of the message depends on it.
func TimeZoneFor(location *time.Location, start, end time.Time) TimeZone {
	changes := changesAround(location, start, end)
	for i := 1; i < len(changes); i++ {
		if zone, ok := zoneOfChanges(changes[i-1], changes[i]); ok && zone.agrees(location, changes, start, end) {
			return zone
		}
	}
	_, offset := start.In(location).Zone()
	if zone := (TimeZone{Bias: -offset / 60}); zone.agrees(location, changes, start, end) {
		return zone
	}
	return TimeZone{}
}

// locationChange is an instant at which the offset of a location changes, in seconds east.
type locationChange struct {
	at            time.Time
	before, after int
}

// changesAround returns the changes within the window, the last before it and the first
// after it.
func changesAround(location *time.Location, start, end time.Time) []locationChange {
	var changes []locationChange
	next, _ := start.In(location).ZoneBounds()
	if next.IsZero() {
		next = boundAfter(start.In(location))
	}
	for ; !next.IsZero(); next = boundAfter(next) {
		_, before := next.Add(-time.Nanosecond).Zone()
		_, after := next.Zone()
		if before != after {
			changes = append(changes, locationChange{next, before, after})
		}
		if next.After(end) {
			break
		}
	}
	return changes
}

// boundAfter returns when what holds at an instant ends, the zero time for never. On the last
// day of a leap year the bound of rules that go on for ever is the beginning of that day and
// so not after the instant; a day later it is the one that is meant.
func boundAfter(t time.Time) time.Time {
	for at := t; ; at = at.Add(24 * time.Hour) {
		if _, bound := at.ZoneBounds(); bound.IsZero() || bound.After(t) {
			return bound
		}
	}
}

// zoneOfChanges makes rules of two changes, one forth and one back.
func zoneOfChanges(a, b locationChange) (TimeZone, bool) {
	if a.after < a.before { // whatever the law calls it, standard time is the one further west
		a, b = b, a
	}
	if a.before >= a.after || a.before != b.after || a.after != b.before {
		return TimeZone{}, false
	}
	zone := TimeZone{Bias: -a.before / 60, Standard: ruleOf(b), Daylight: ruleOf(a)}
	zone.Daylight.Bias = (a.before - a.after) / 60
	return zone, true
}

// ruleOf says of a change on which weekday of the month it comes.
func ruleOf(c locationChange) TimeZoneTime {
	wall := c.at.UTC().Add(time.Duration(c.before) * time.Second)
	midnight := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
	rule := TimeZoneTime{Time: wall.Sub(midnight), DayOrder: (wall.Day() + 6) / 7, Month: wall.Month(), DayOfWeek: wall.Weekday()}
	if midnight.AddDate(0, 0, 7).Month() != rule.Month {
		rule.DayOrder = 5
	}
	return rule
}

// agrees reports whether zone and location have the same offset from start to end. Both
// change at known instants only, so that these are all that have to be looked at.
func (z TimeZone) agrees(location *time.Location, changes []locationChange, start, end time.Time) bool {
	instants := []time.Time{start, end}
	for _, c := range changes {
		instants = append(instants, c.at, c.at.Add(-time.Nanosecond))
	}
	for year := start.UTC().Year(); year <= end.UTC().Year(); year++ {
		for _, c := range z.changes(year) {
			instants = append(instants, c.at, c.at.Add(-time.Nanosecond))
		}
	}
	for _, t := range instants {
		if t.Before(start) || t.After(end) {
			continue
		}
		_, offset := t.In(location).Zone()
		if offset != -60*z.biasAt(t) {
			return false
		}
	}
	return true
}
