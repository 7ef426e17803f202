package calendar

import (
	"cmp"
	"slices"
)

// series is a recurring event with all that is said about its instances.
//
// Instances are told apart by a key: their Unix time if the series is at home in a zone,
// else the time on the wall. It is what RECURRENCE-ID and EXDATE name.
type series struct {
	master   *item
	dates    []candidate // RDATE, ascending
	without  []int64     // keys of instances that are cancelled or stand for themselves, ascending
	noDay    []int64     // days without instances, for EXDATE values that are days, ascending
	futures  []future    // changes to instances and all that follow, ascending
	longest  int64       // seconds an instance may last
	shift    int64       // seconds an instance may be moved by, either way
	lastWall wall        // at which one may begin
}

// candidate is an instance before anything was excepted or changed.
type candidate struct {
	key    int64
	length *length // of a PERIOD in RDATE, else nil
}

// future is a change to the instance with a key and to all after it (RANGE=THISANDFUTURE).
type future struct {
	key   int64
	shift wall // how far the start is moved
	item  *item
}

// newSeries puts an event and those that take the place of its instances together.
func newSeries(master *item, overrides []*item) *series {
	s := &series{master: master, longest: master.length.upperBound(), lastWall: master.start.at}
	for _, r := range master.rules {
		s.lastWall = max(s.lastWall, r.until)
	}
	for _, d := range master.dates {
		s.dates = append(s.dates, candidate{s.keyOf(d.moment), d.length})
		s.lastWall = max(s.lastWall, d.inZoneOf(master.start))
		if d.length != nil {
			s.longest = max(s.longest, d.length.upperBound())
		}
	}
	for _, m := range master.without {
		s.except(m)
	}
	for _, it := range overrides {
		s.override(it)
	}
	s.sort()
	return s
}

func (s *series) sort() {
	slices.SortStableFunc(s.dates, func(a, b candidate) int { return cmp.Compare(a.key, b.key) })
	slices.Sort(s.without)
	slices.Sort(s.noDay)
	slices.SortStableFunc(s.futures, func(a, b future) int { return cmp.Compare(a.key, b.key) })
}

func (s *series) zoned() bool { return s.master.start.kind == zonedMoment }

// keyOf is the key of the instance that a moment names, in whatever way it is written.
func (s *series) keyOf(m moment) int64 {
	switch {
	case s.zoned() && m.kind == zonedMoment:
		return m.instant()
	case s.zoned():
		return moment{zonedMoment, m.at, s.master.start.zone}.instant()
	case s.master.start.kind == dateMoment:
		return int64(m.at.midnight())
	}
	return int64(m.at)
}

// except takes an instance out. A day, where instances have times, takes out all that
// begin on it: EXDATE is written so against the letter of the RFC.
func (s *series) except(m moment) {
	if m.kind == dateMoment && s.master.start.kind != dateMoment {
		s.noDay = append(s.noDay, int64(m.at))
		return
	}
	s.without = append(s.without, s.keyOf(m))
}

// override takes note of an event that stands for an instance. It is shown by itself,
// so that it is also found where it was moved to.
func (s *series) override(it *item) {
	if it.andFuture {
		shift := it.start.inZoneOf(s.master.start) - it.recurrenceID.inZoneOf(s.master.start)
		s.futures = append(s.futures, future{s.keyOf(*it.recurrenceID), shift, it})
		s.longest = max(s.longest, it.length.upperBound())
		s.shift = max(s.shift, int64(max(shift, -shift)))
		return
	}
	s.except(*it.recurrenceID)
}

func (s *series) excepted(key int64, at wall) bool {
	if _, found := slices.BinarySearch(s.without, key); found {
		return true
	}
	if len(s.noDay) == 0 {
		return false
	}
	_, found := slices.BinarySearch(s.noDay, int64(at.midnight()))
	return found
}

// futureOf returns the change that applies to an instance, nil if none does.
func (s *series) futureOf(key int64) *future {
	i, found := slices.BinarySearchFunc(s.futures, key, func(f future, key int64) int { return cmp.Compare(f.key, key) })
	switch {
	case found:
		return &s.futures[i]
	case i > 0:
		return &s.futures[i-1]
	}
	return nil
}
