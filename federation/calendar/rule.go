package calendar

import (
	"math/bits"
	"time"
)

type frequency int

const (
	yearly frequency = iota
	monthly
	weekly
	daily
	hourly
	minutely
	secondly
)

// unit returns the seconds of a period shorter than a day.
func (f frequency) unit() int64 {
	switch f {
	case hourly:
		return 3600
	case minutely:
		return 60
	}
	return 1
}

// ordinals is a set of numbers that count from the beginning or, negative, from the end:
// the days of a month or year, the weeks of a year.
type ordinals struct {
	fromStart, fromEnd [6]uint64 // a bit for each up to 366
	some               bool
}

func (s *ordinals) add(n int) {
	s.some = true
	if n > 0 {
		s.fromStart[n/64] |= 1 << (n % 64)
	} else {
		s.fromEnd[-n/64] |= 1 << (-n % 64)
	}
}

// has reports whether the n-th of count is in the set.
func (s *ordinals) has(n, count int) bool {
	back := count - n + 1
	return s.fromStart[n/64]>>(n%64)&1 != 0 || s.fromEnd[back/64]>>(back%64)&1 != 0
}

func (s *ordinals) empty() bool { return !s.some }

// rule is a recurrence rule (RFC 5545 section 3.3.10), what it leaves to DTSTART filled
// in. It knows no zone: what it yields is what clocks on the wall show.
type rule struct {
	frequency frequency
	interval  int64
	weekStart time.Weekday
	start     wall  // DTSTART
	count     int64 // of instances, DTSTART included; 0 for no bound
	until     wall  // at which the last one may begin
	untilUTC  int64 // the same where the rule gives it in UTC, else always

	// A day belongs to the rule if every set that is not empty has it. weekdays and
	// nthWeekdays are two halves of one set.
	months      uint64
	monthDays   ordinals
	yearDays    ordinals
	weeks       ordinals
	weekdays    uint64
	nthWeekdays *[7]ordinals // counted within the month, or the year where no month is named

	// Of a period shorter than a day these must have its hour, minute and second.
	hours, minutes, seconds uint64
	times                   clockTimes // of a day, or within a period shorter than that
	positions               []int      // BYSETPOS, ascending
}

// clockTimes are all combinations of some hours, minutes and seconds.
type clockTimes struct{ hours, minutes, seconds []uint8 }

func (t *clockTimes) count() int { return len(t.hours) * len(t.minutes) * len(t.seconds) }

// at returns the i-th in seconds.
func (t *clockTimes) at(i int) wall {
	second := t.seconds[i%len(t.seconds)]
	i /= len(t.seconds)
	minute := t.minutes[i%len(t.minutes)]
	hour := t.hours[i/len(t.minutes)]
	return wall(hour)*3600 + wall(minute)*60 + wall(second)
}

// members lists the bits that are set, in ascending order.
func members(set uint64) []uint8 {
	out := make([]uint8, 0, bits.OnesCount64(set))
	for ; set != 0; set &= set - 1 {
		out = append(out, uint8(bits.TrailingZeros64(set)))
	}
	return out
}

// complete fills in what the rule leaves to DTSTART.
func (r *rule) complete(start wall) {
	r.start = start
	r.completeDays(start)
	ofDay := remainder(int64(start), secondsPerDay)
	hours, minutes, seconds := r.hours, r.minutes, r.seconds
	if hours == 0 {
		hours = 1 << (ofDay / 3600)
	}
	if minutes == 0 {
		minutes = 1 << (ofDay / 60 % 60)
	}
	if seconds == 0 {
		seconds = 1 << (ofDay % 60)
	}
	// What the period fixes is not for the times within it to say.
	if r.frequency >= hourly {
		hours = 1
	}
	if r.frequency >= minutely {
		minutes = 1
	}
	if r.frequency >= secondly {
		seconds = 1
	}
	r.times = clockTimes{members(hours), members(minutes), members(seconds)}
}

// completeDays gives a rule that names no days those of DTSTART.
func (r *rule) completeDays(start wall) {
	namesDays := !r.monthDays.empty() || !r.yearDays.empty() || r.weekdays != 0 || r.nthWeekdays != nil
	if namesDays {
		return
	}
	day := start.civil()
	switch {
	case r.frequency == weekly, r.frequency == yearly && !r.weeks.empty():
		r.weekdays = 1 << start.weekday()
	case r.frequency == monthly:
		r.monthDays.add(day.day)
	case r.frequency == yearly:
		r.monthDays.add(day.day)
		if r.months == 0 {
			r.months = 1 << day.month
		}
	}
}

// hasDay reports whether a day belongs to the rule. first is the first day of its year.
func (r *rule) hasDay(day wall, c civil, first wall) bool {
	if r.months != 0 && r.months>>c.month&1 == 0 {
		return false
	}
	if !r.monthDays.empty() && !r.monthDays.has(c.day, daysIn(c.year, c.month)) {
		return false
	}
	ofYear := int(day-first)/secondsPerDay + 1
	if !r.yearDays.empty() && !r.yearDays.has(ofYear, daysInYear(c.year)) {
		return false
	}
	if !r.weeks.empty() && !r.weeks.has(r.week(day)) {
		return false
	}
	return r.hasWeekday(day, c, ofYear)
}

func (r *rule) hasWeekday(day wall, c civil, ofYear int) bool {
	if r.weekdays == 0 && r.nthWeekdays == nil {
		return true
	}
	weekday := day.weekday()
	if r.weekdays>>weekday&1 != 0 {
		return true
	}
	if r.nthWeekdays == nil || r.nthWeekdays[weekday].empty() {
		return false
	}
	n, count := c.day, daysIn(c.year, c.month)
	if r.frequency == yearly && r.months == 0 {
		n, count = ofYear, daysInYear(c.year)
	}
	// The n-th such weekday, of as many as there are with the ones to come.
	nth := (n-1)/7 + 1
	return r.nthWeekdays[weekday].has(nth, nth+(count-n)/7)
}

// week returns the number of the week a day is in, and how many its year has: weeks as
// ISO 8601 numbers them, but for the day they begin with (RFC 5545, BYWEEKNO).
func (r *rule) week(day wall) (number, count int) {
	year, number := r.weekOf(day)
	_, count = r.weekOf(wallOf(year, time.December, 28)) // which is always in the last one
	return number, count
}

// weekOf counts by the fourth day: the week belongs to the year which that is in.
func (r *rule) weekOf(day wall) (year, number int) {
	sinceStart := (int64(day.weekday()) - int64(r.weekStart) + 7) % 7
	fourth := day + wall(3-sinceStart)*secondsPerDay
	year = fourth.civil().year
	return year, int(fourth-wallOf(year, time.January, 1))/secondsPerWeek + 1
}
