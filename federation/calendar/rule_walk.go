package calendar

import (
	"context"
	"errors"
	"slices"
	"time"
)

// errTooCostly says that an expansion used up its steps.
var errTooCostly = errors.New("takes too many steps to expand")

// stepsBetweenLooks is how many steps are taken before it is looked whether anybody still
// waits: some tens of microseconds.
const stepsBetweenLooks = 4096

// budget is how many steps are left. A step is a day or period looked at, or a time
// made: what time and memory grow with. None are left when the context has ended.
type budget struct {
	left   int
	ctx    context.Context
	looked int // steps since
}

func (b *budget) spend(steps int) bool {
	b.left -= steps
	if b.looked += steps; b.looked >= stepsBetweenLooks && b.left >= 0 {
		if b.looked = 0; b.ctx.Err() != nil {
			b.left = -1
		}
	}
	return b.left >= 0
}

// walker goes through the instances of a rule in ascending order.
type walker struct {
	*rule
	last   wall // no instance after it is wanted
	budget *budget
	yield  func(wall) bool // false to stop
	days   []wall          // of one period, room used again
	set    []wall          // of one period, BYSETPOS applied, room used again
}

// walk yields the instances from first to last, none before DTSTART. DTSTART itself is
// among them only if the rule says so.
func (r *rule) walk(first, last wall, budget *budget, yield func(wall) bool) error {
	from, last := max(first, r.start), min(last, r.until, wallOf(lastYear+1, time.January, 1)-1)
	w := walker{rule: r, budget: budget, last: last, yield: func(at wall) bool {
		return at < from || at <= last && yield(at)
	}}
	goOn := w.step(from)
	for goOn() {
	}
	if budget.left < 0 {
		return errTooCostly
	}
	return nil
}

// step returns a function that goes through one period each time it is called, the one
// that holds from first, and returns false behind the last one.
func (w *walker) step(from wall) func() bool {
	switch w.frequency {
	case yearly:
		return w.years(from)
	case monthly:
		return w.monthsFrom(from)
	case weekly:
		first := w.start.midnight() - wall((int64(w.start.weekday())-int64(w.weekStart)+7)%7)*secondsPerDay
		return w.stretches(from, first, secondsPerWeek)
	case daily:
		return w.stretches(from, w.start.midnight(), secondsPerDay)
	}
	return w.moments(from)
}

// skip returns the ordinal of the last period that begins at or before from, of those
// that begin with first and come every distance.
func skip(from, first wall, distance int64) int64 {
	return max(0, quotient(int64(from-first), distance))
}

func (w *walker) years(from wall) func() bool {
	first := int64(w.start.civil().year)
	year := first + max(0, quotient(int64(from.civil().year)-first, w.interval))*w.interval
	lastOne := int64(w.last.civil().year)
	return func() bool {
		if year > lastOne {
			return false
		}
		w.days = w.days[:0]
		for month := time.January; month <= time.December; month++ {
			if w.months == 0 || w.months>>month&1 != 0 {
				w.month(int(year), month)
			}
		}
		year += w.interval
		return w.spendDay() && w.emit()
	}
}

func (w *walker) monthsFrom(from wall) func() bool {
	ordinal := func(c civil) int64 { return int64(c.year)*12 + int64(c.month) - 1 }
	first := ordinal(w.start.civil())
	next := first + max(0, quotient(ordinal(from.civil())-first, w.interval))*w.interval
	lastOne := ordinal(w.last.civil())
	return func() bool {
		if next > lastOne {
			return false
		}
		month := time.Month(next%12 + 1)
		w.days = w.days[:0]
		if w.months == 0 || w.months>>month&1 != 0 {
			w.month(int(next/12), month)
		}
		next += w.interval
		return w.spendDay() && w.emit()
	}
}

// month adds the days of a month that the rule has.
func (w *walker) month(year int, month time.Month) {
	day, first := wallOf(year, month, 1), wallOf(year, time.January, 1)
	count := daysIn(year, month)
	if !w.budget.spend(count) {
		return
	}
	for i := range count {
		if w.hasDay(day, civil{year, month, i + 1}, first) {
			w.days = append(w.days, day)
		}
		day += secondsPerDay
	}
}

// stretches goes through weeks or days.
func (w *walker) stretches(from, first wall, length int64) func() bool {
	distance := length * w.interval
	next := first + wall(skip(from, first, distance)*distance)
	return func() bool {
		if next > w.last {
			return false
		}
		w.days = w.days[:0]
		for day := next; day < next+wall(length) && w.spendDay(); day += secondsPerDay {
			if w.has(day) {
				w.days = append(w.days, day)
			}
		}
		next += wall(distance)
		return w.emit()
	}
}

func (w *walker) has(day wall) bool {
	c := day.civil()
	return w.hasDay(day, c, wallOf(c.year, time.January, 1))
}

func (w *walker) spendDay() bool { return w.budget.spend(1) }

// moments goes through hours, minutes or seconds. Where the rule leaves out a day, an
// hour or a minute as a whole it goes to the next one at once.
func (w *walker) moments(from wall) func() bool {
	unit := w.frequency.unit()
	first, distance := w.start-wall(remainder(int64(w.start), unit)), unit*w.interval
	next := first + wall(skip(from, first, distance)*distance)
	day, dayFits := wall(never), false
	return func() bool {
		if next > w.last || !w.spendDay() {
			return false
		}
		if midnight := next.midnight(); midnight != day {
			day, dayFits = midnight, w.has(midnight)
		}
		if left := w.leftOut(next, dayFits); left > 0 {
			resume := next - wall(remainder(int64(next), left)) + wall(left)
			next += wall(-quotient(-int64(resume-next), distance) * distance)
			return true
		}
		w.days = append(w.days[:0], next)
		next += wall(distance)
		return w.emit()
	}
}

// leftOut returns the length of the day, hour, minute or second around a moment that the
// rule leaves out, 0 if the moment is in it.
func (w *walker) leftOut(at wall, dayFits bool) int64 {
	ofDay := remainder(int64(at), secondsPerDay)
	switch {
	case !dayFits:
		return secondsPerDay
	case w.hours != 0 && w.hours>>(ofDay/3600)&1 == 0:
		return 3600
	case w.frequency > hourly && w.minutes != 0 && w.minutes>>(ofDay/60%60)&1 == 0:
		return 60
	case w.frequency > minutely && w.seconds != 0 && w.seconds>>(ofDay%60)&1 == 0:
		return 1
	}
	return 0
}

// emit yields the instances of a period, whose days are collected.
func (w *walker) emit() bool {
	times := w.times.count()
	if len(w.positions) > 0 {
		return w.emitPositions(times)
	}
	for _, day := range w.days {
		for i := range times {
			if !w.spendDay() || !w.yield(day+w.times.at(i)) {
				return false
			}
		}
	}
	return true
}

// emitPositions yields those that BYSETPOS picks.
func (w *walker) emitPositions(times int) bool {
	w.set = w.set[:0]
	total := len(w.days) * times
	for _, position := range w.positions {
		i := position - 1
		if position < 0 {
			i = total + position
		}
		if w.spendDay() && i >= 0 && i < total {
			w.set = append(w.set, w.days[i/times]+w.times.at(i%times))
		}
	}
	slices.Sort(w.set)
	for _, at := range slices.Compact(w.set) {
		if !w.yield(at) {
			return false
		}
	}
	return w.budget.left >= 0
}
