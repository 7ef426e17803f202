package calendar

import (
	"cmp"
	"slices"
	"time"
)

// expansion collects the events of a stretch of time.
type expansion struct {
	from, to int64 // Unix time
	floating clock
	clocks   map[zone]*clock
	location *time.Location
	limits   Limits
	budget   budget
	events   []Event
	scratch  []candidate // room used again
}

// add takes an event whose first and last moments are known, if it overlaps.
func (e *expansion) add(event *Event, start, end int64) error {
	if start >= e.to || end <= e.from && (start != end || start < e.from) {
		return nil
	}
	if len(e.events) >= e.limits.Events {
		return tooManyEvents(e.limits.Events)
	}
	out := *event
	out.Start, out.End = time.Unix(start, 0).In(e.location), time.Unix(end, 0).In(e.location)
	e.events = append(e.events, out)
	return nil
}

// single adds an event that happens once.
func (e *expansion) single(s single) error {
	it, start := s.item, s.start
	if it.start.kind == zonedMoment && it.length.days == 0 {
		return e.add(&it.event, start, s.end)
	}
	c := e.clockOf(it.start)
	if it.start.kind != zonedMoment {
		start = c.instant(it.start.at)
	}
	return e.add(&it.event, start, endOf(c, start, it.start.at, it.length))
}

// clockOf returns the clock by which a moment is read.
func (e *expansion) clockOf(m moment) *clock {
	if m.kind != zonedMoment {
		return &e.floating
	}
	c, ok := e.clocks[m.zone]
	if !ok {
		c = &clock{zone: m.zone}
		e.clocks[m.zone] = c
	}
	return c
}

// endOf adds a length: days on the wall first, then seconds.
func endOf(c *clock, start int64, at wall, l length) int64 {
	if l.days != 0 {
		start = c.instant(at + wall(l.days*secondsPerDay))
	}
	return start + l.seconds
}

// series adds the instances of a series.
func (e *expansion) series(s *series) error {
	first := wall(e.from - widestOffset - s.longest - s.shift)
	last := wall(e.to + widestOffset + s.shift)
	if s.lastWall < first || s.master.start.at > last {
		return nil
	}
	c := e.clockOf(s.master.start)
	if err := e.candidates(s, c, first, last); err != nil {
		return err
	}
	for i, one := range e.scratch {
		if i > 0 && one.key == e.scratch[i-1].key {
			continue
		}
		at := wall(one.key)
		if s.zoned() {
			at = c.shows(one.key)
		}
		if err := e.instance(s, c, one, at); err != nil {
			return err
		}
	}
	return nil
}

// candidates collects the instances that begin from first to last, in ascending order.
func (e *expansion) candidates(s *series, c *clock, first, last wall) error {
	e.scratch = e.scratch[:0]
	keep := func(at wall) int64 {
		key := int64(at)
		if s.zoned() {
			key = c.instant(at)
		}
		e.scratch = append(e.scratch, candidate{key: key})
		return key
	}
	if start := s.master.start.at; start >= first {
		keep(start)
	}
	for i := range s.master.rules {
		rule := &s.master.rules[i]
		err := rule.walk(max(first, rule.start+1), last, &e.budget, func(at wall) bool {
			if keep(at) > rule.untilUTC {
				e.scratch = e.scratch[:len(e.scratch)-1]
			}
			return len(e.scratch) <= e.mostCandidates()
		})
		if err != nil || len(e.scratch) > e.mostCandidates() {
			return e.givenUp()
		}
	}
	if !e.budget.spend(len(s.dates)) {
		return e.givenUp()
	}
	e.scratch = append(e.scratch, s.dates...)
	if len(e.scratch) > 1 {
		// A PERIOD says more than a rule that has the same instance.
		slices.SortStableFunc(e.scratch, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(a.key, b.key), compareBool(a.length == nil, b.length == nil))
		})
	}
	return nil
}

// givenUp says why an expansion stopped.
func (e *expansion) givenUp() error {
	if e.budget.ctx.Err() != nil {
		return interrupted(e.budget.ctx)
	}
	return tooCostly(e.limits.Steps)
}

// mostCandidates bounds what one series may take of memory. Those collected are more
// than overlap the window: they reach as far around it as an instance is long.
func (e *expansion) mostCandidates() int { return 10 * e.limits.Events }

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// instance adds one instance, changed by what applies to it.
func (e *expansion) instance(s *series, c *clock, one candidate, at wall) error {
	if s.excepted(one.key, at) {
		return nil
	}
	it, start, duration := s.master, one.key, s.master.length
	if !s.zoned() {
		start = c.instant(at)
	}
	if one.length != nil {
		duration = *one.length
	}
	if f := s.futureOf(one.key); f != nil {
		if f.item.cancelled {
			return nil
		}
		it, duration = f.item, f.item.length
		at += f.shift
		start = c.instant(at)
	}
	return e.add(&it.event, start, endOf(c, start, at, duration))
}
