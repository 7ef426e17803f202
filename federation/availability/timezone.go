package availability

import (
	"slices"
	"time"
)

// TimeZone is the way in which requests and answers say how local time goes
// ([MS-OXWAVLS] SerializableTimeZone). The zero value is UTC.
type TimeZone struct {
	Bias     int // minutes added to local time to get UTC: 480 is eight hours west of Greenwich
	Standard TimeZoneTime
	Daylight TimeZoneTime
}

// TimeZoneTime says when a kind of time begins, and how it differs from the zone's Bias
// ([MS-OXWAVLS] SerializableTimeZoneTime). With Month 0, in either of the two, standard
// time is in force all the year.
type TimeZoneTime struct {
	Bias      int           // minutes, added to the zone's Bias
	Time      time.Duration // from midnight, on the clock as it goes until then
	DayOrder  int           // which DayOfWeek of the month: 1 to 4, 5 for the last; with Year, the day of the month
	Month     time.Month    // 0 for no change
	DayOfWeek time.Weekday
	Year      int // of a change that happens once; 0 for every year
}

// In returns t with the zone's offset at that instant, so that formatting it gives local time.
func (z TimeZone) In(t time.Time) time.Time {
	return t.In(time.FixedZone("", -60*z.biasAt(t)))
}

// Instant returns the instant at which clocks in the zone show what wall shows in UTC. Of
// two, when the clock was set back, it is the first. When the clock was set forward past
// it, it is as long after the change as wall is past the beginning of the gap.
func (z TimeZone) Instant(wall time.Time) time.Time {
	first, second := z.instants(wall)
	return slices.MinFunc([]time.Time{first, second}, time.Time.Compare)
}

// instants returns the two readings of a local time, equal where there is but one.
func (z TimeZone) instants(wall time.Time) (standard, daylight time.Time) {
	biases := [2]int{z.Bias + z.Standard.Bias, z.Bias + z.Daylight.Bias}
	var readings []time.Time
	for _, bias := range biases {
		if t := wall.Add(minutes(bias)); z.biasAt(t) == bias {
			readings = append(readings, t)
		}
	}
	switch len(readings) {
	case 0: // clocks are set forward by making the bias smaller
		t := wall.Add(minutes(max(biases[0], biases[1])))
		return t, t
	case 1:
		return readings[0], readings[0]
	}
	return readings[0], readings[1]
}

// instantAfter is Instant for the end of something: of two readings, the first that is not
// before its start.
func (z TimeZone) instantAfter(start, wall time.Time) time.Time {
	first, second := z.instants(wall)
	if second.Before(first) {
		first, second = second, first
	}
	if first.Before(start) {
		return second
	}
	return first
}

// zoneChange is an instant at which the clocks are changed.
type zoneChange struct {
	at   time.Time
	bias int // from then on
}

// biasAt returns what is added to local time at an instant to get UTC, in minutes.
func (z TimeZone) biasAt(t time.Time) int {
	return z.biasAmong(z.changes(t.UTC().Year()), t)
}

// biasAmong is biasAt given the changes of the year of the instant in UTC.
func (z TimeZone) biasAmong(changes []zoneChange, t time.Time) int {
	standard, daylight := z.Bias+z.Standard.Bias, z.Bias+z.Daylight.Bias
	if len(changes) == 0 {
		return standard
	}
	bias := standard + daylight - changes[0].bias // before the first it was the other one
	for _, change := range changes {
		if !change.at.After(t) {
			bias = change.bias
		}
	}
	return bias
}

// changes returns the changes of the year, and of the years around it, in their order.
func (z TimeZone) changes(year int) []zoneChange {
	if z.Standard.Month == 0 || z.Daylight.Month == 0 {
		return nil
	}
	standard, daylight := z.Bias+z.Standard.Bias, z.Bias+z.Daylight.Bias
	var changes []zoneChange
	for _, wall := range z.Standard.around(year) {
		changes = append(changes, zoneChange{at: wall.Add(minutes(daylight)), bias: standard})
	}
	for _, wall := range z.Daylight.around(year) {
		changes = append(changes, zoneChange{at: wall.Add(minutes(standard)), bias: daylight})
	}
	slices.SortStableFunc(changes, func(a, b zoneChange) int { return a.at.Compare(b.at) })
	return changes
}

// around returns when, on the clock as it goes until then, the change comes in the year
// and in the years around it, or in its own one year.
func (t TimeZoneTime) around(year int) []time.Time {
	if t.Year != 0 {
		return []time.Time{time.Date(t.Year, t.Month, t.DayOrder, 0, 0, 0, 0, time.UTC).Add(t.Time)}
	}
	return []time.Time{t.in(year - 1), t.in(year), t.in(year + 1)}
}

// in returns when the change comes in a year.
func (t TimeZoneTime) in(year int) time.Time {
	first := time.Date(year, t.Month, 1, 0, 0, 0, 0, time.UTC)
	day := 1 + (int(t.DayOfWeek-first.Weekday())+7)%7 + 7*(t.DayOrder-1)
	if date := first.AddDate(0, 0, day-1); date.Month() == t.Month {
		return date.Add(t.Time)
	}
	return first.AddDate(0, 0, day-8).Add(t.Time) // there is no fifth one
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// zoneClock is the clock on the wall in a zone. It remembers the changes of the year that it
// came by last: the times of one message are of one year nearly always.
type zoneClock struct {
	zone    TimeZone
	year    int // 0 for none
	changes []zoneChange
}

// wall returns what the clock shows at an instant, as if it hung in Greenwich.
func (c *zoneClock) wall(t time.Time) time.Time {
	t = t.UTC()
	if year := t.Year(); year != c.year {
		c.year, c.changes = year, c.zone.changes(year)
	}
	return t.Add(-minutes(c.zone.biasAmong(c.changes, t)))
}
