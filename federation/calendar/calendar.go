package calendar

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"time"

	"exfed/federation"
)

// Calendar is what was read of somebody's time. It does not change and may be used by
// several goroutines at once.
type Calendar struct {
	limits  Limits
	singles []single // ascending by start
	reach   []int64  // of each single the latest end of it and all before it
	series  []*series
	skipped []Skipped
	count   int // of those skipped
	covers  *window
	bytes   int // of the text
}

// single is an event that happens once. Its times are Unix time, or on the wall for one
// that floats.
type single struct {
	start, end int64
	item       *item
}

// window is the stretch of time that a source was asked for.
type window struct{ from, to time.Time }

// Parse reads a stream of iCalendar objects (RFC 5545). A component that cannot be
// understood is left out, see Skipped; a stream that is no calendar, was cut off, or is
// beyond the limits is an error.
func Parse(data []byte, limits Limits) (*Calendar, error) {
	limits = limits.withDefaults()
	if len(data) > limits.Bytes {
		return nil, tooLarge("has more than %d bytes", limits.Bytes)
	}
	objects, err := readObjects(data, limits)
	if err != nil {
		return nil, err
	}
	return build(objects, nil, len(data), limits)
}

// Skipped returns the first hundred components that were left out.
func (c *Calendar) Skipped() []Skipped { return slices.Clone(c.skipped) }

// Bytes returns the length of the text that the calendar was read from.
func (c *Calendar) Bytes() int { return c.bytes }

// SkippedCount returns how many components were left out.
func (c *Calendar) SkippedCount() int { return c.count }

// Events returns what overlaps the time from from to to, to not included: events,
// instances of series and busy periods, each as long as it is and not cut to the window,
// ordered by start, end and UID. What has no length overlaps if it begins in the window.
// Days and times without a zone are read in floating, UTC if it is nil.
//
// A window that the source was not asked for, more events than Limits.Events and
// recurrences that take more than Limits.Steps are errors: what is missing would look
// free. When the context ends meanwhile the error is CalendarInterrupted, some thousand
// steps later at the latest.
func (c *Calendar) Events(ctx context.Context, from, to time.Time, floating *time.Location) ([]Event, error) {
	if floating == nil {
		floating = time.UTC
	}
	if err := c.judgeWindow(from, to); err != nil {
		return nil, err
	}
	e := &expansion{
		from: from.Unix(), to: to.Unix(), floating: clock{zone: locationZone{floating}}, location: floating,
		clocks: map[zone]*clock{}, limits: c.limits, budget: budget{left: c.limits.Steps, ctx: ctx},
	}
	if to.Nanosecond() > 0 {
		e.to++ // a window is never made narrower
	}
	if err := c.collect(e); err != nil {
		return nil, err
	}
	slices.SortFunc(e.events, compareEvents)
	return e.events, nil
}

func (c *Calendar) judgeWindow(from, to time.Time) error {
	switch {
	case !from.Before(to) || from.Year() < 1 || to.Year() > lastYear:
		return federation.Errorf(federation.Invalid, "InvalidCalendarWindow", "time window",
			"from %s to %s is not one", from.Format(time.RFC3339), to.Format(time.RFC3339))
	case c.covers != nil && (from.Before(c.covers.from) || to.After(c.covers.to)):
		return federation.Errorf(federation.Unavailable, "CalendarWindowNotCovered", "time window",
			"from %s to %s is outside of what was asked of the calendar server, from %s to %s; widen that",
			from.Format(time.RFC3339), to.Format(time.RFC3339), c.covers.from.Format(time.RFC3339), c.covers.to.Format(time.RFC3339))
	}
	return nil
}

// collect looks at the singles that may overlap, and at every series.
func (c *Calendar) collect(e *expansion) error {
	first := sort.Search(len(c.reach), func(i int) bool { return c.reach[i] >= e.from-widestOffset })
	for _, s := range c.singles[first:] {
		if s.start > e.to+widestOffset {
			break
		}
		if s.end < e.from-widestOffset {
			continue
		}
		if err := e.single(s); err != nil {
			return err
		}
	}
	for _, s := range c.series {
		if err := e.series(s); err != nil {
			return err
		}
	}
	return nil
}

func compareEvents(a, b Event) int {
	return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), cmp.Compare(a.UID, b.UID), cmp.Compare(a.Subject, b.Subject))
}
