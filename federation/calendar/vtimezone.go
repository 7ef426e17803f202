package calendar

import (
	"cmp"
	"errors"
	"slices"
	"sort"
	"time"
)

// The years for which VTIMEZONE definitions are worked out. Before and after them the
// first and the last offset hold.
const (
	firstZoneYear = 1970
	lastZoneYear  = 2100
)

const (
	maxObservances = 500
	maxTransitions = 5000
)

// change is the moment from which a zone has another offset.
type change struct {
	at            int64 // Unix time
	before, after int64 // offsets
}

// tableZone is a zone worked out from a VTIMEZONE definition, its changes ascending and
// a day or more apart.
type tableZone struct{ changes []change }

func (t *tableZone) period(at int64) (from, to, offset int64) {
	z := t.changes
	i := sort.Search(len(z), func(i int) bool { return z[i].at > at })
	from, to = never, always
	if i < len(z) {
		to, offset = z[i].at, z[i].before
	}
	if i > 0 {
		from, offset = z[i-1].at, z[i-1].after
	}
	return from, to, offset
}

// zone works out a VTIMEZONE component (RFC 5545 section 3.6.5).
func (c *component) zone(budget *budget) (zone, error) {
	if len(c.children) == 0 || len(c.children) > maxObservances {
		return nil, errors.New("VTIMEZONE has no observances, or too many")
	}
	var changes []change
	for _, observance := range c.children {
		more, err := observance.changes(budget)
		if err != nil {
			return nil, err
		}
		if changes = append(changes, more...); len(changes) > maxTransitions {
			return nil, errors.New("VTIMEZONE changes too often")
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	return &tableZone{settled(changes)}, nil
}

// settled drops a change that another one follows within a day: clocks nowhere do that,
// and finding a time would take long where they did.
func settled(changes []change) []change {
	var out []change
	for _, c := range changes {
		if n := len(out); n > 0 && c.at-out[n-1].at < secondsPerDay {
			c.before = out[n-1].before
			out = out[:n-1]
		}
		out = append(out, c)
	}
	// The last word on an offset is what the change after it says it changes from.
	for i := 1; i < len(out); i++ {
		out[i].before = out[i-1].after
	}
	return out
}

// changes lists the onsets of a STANDARD or DAYLIGHT component. They are given in the
// offset that held before.
func (c *component) changes(budget *budget) ([]change, error) {
	before, ok1 := parseOffset(c.first("TZOFFSETFROM").value)
	after, ok2 := parseOffset(c.first("TZOFFSETTO").value)
	at, ok3 := parseDateTime(c.first("DTSTART").value)
	if !ok1 || !ok2 || !ok3 {
		return nil, errors.New("an observance of VTIMEZONE lacks TZOFFSETFROM, TZOFFSETTO or a local DTSTART")
	}
	own := newZones(nil, map[string]zone{}, budget)
	start := moment{zonedMoment, at, fixedZone(before)}
	onsets := []wall{at}
	for _, p := range c.props["RDATE"] {
		dates, err := own.dates(p, maxTransitions)
		if err != nil {
			return nil, err
		}
		for _, d := range dates {
			onsets = append(onsets, d.inZoneOf(start))
		}
	}
	for _, p := range c.props["RRULE"] {
		more, err := ruleOnsets(p.value, start, budget)
		if err != nil {
			return nil, err
		}
		onsets = append(onsets, more...)
	}
	var out []change
	for _, onset := range onsets {
		out = append(out, change{int64(onset) - before, before, after})
	}
	return out, nil
}

func ruleOnsets(value string, start moment, budget *budget) ([]wall, error) {
	r, err := parseRule(value, start)
	if err != nil {
		return nil, err
	}
	if err := r.settleCount(budget); err != nil {
		return nil, err
	}
	var onsets []wall
	first, last := wallOf(firstZoneYear, time.January, 1), wallOf(lastZoneYear, time.January, 1)
	err = r.walk(first, last, budget, func(at wall) bool {
		if onset := (moment{start.kind, at, start.zone}); onset.instant() > r.untilUTC {
			return false
		}
		onsets = append(onsets, at)
		return len(onsets) <= maxTransitions
	})
	return onsets, err
}

// settleCount turns COUNT into the end it stands for, so that no later expansion has to
// begin at DTSTART. DTSTART counts, whether the rule has it or not (RFC 5545 section
// 3.3.10). A series that lasts longer than anybody asks about gets no end.
func (r *rule) settleCount(budget *budget) error {
	if r.count == 0 {
		return nil
	}
	left, until := r.count-1, r.start
	horizon := wallOf(lastCountedYear, time.January, 1)
	err := r.walk(r.start+1, horizon, budget, func(at wall) bool {
		if left == 0 {
			return false
		}
		left, until = left-1, at
		return true
	})
	if left == 0 || r.until < horizon {
		r.until = min(r.until, until)
	}
	r.count = 0
	return err
}

const lastCountedYear = 2200
