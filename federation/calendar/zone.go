package calendar

import "time"

// zone is a place's history of offsets from UTC.
type zone interface {
	// period returns the stretch of time around an instant in which one offset holds:
	// from, inclusive, to, exclusive, and the offset, all in seconds, Unix time. never
	// and always stand for no bound. A stretch may be shorter than the offset lasts.
	period(at int64) (from, to, offset int64)
}

// locationZone is a zone of the IANA database.
type locationZone struct{ location *time.Location }

func (z locationZone) period(at int64) (from, to, offset int64) {
	t := time.Unix(at, 0).In(z.location)
	_, seconds := t.Zone()
	from, to = never, always
	start, end := t.ZoneBounds()
	if !start.IsZero() {
		from = start.Unix()
	}
	if !end.IsZero() {
		// On the last day of a leap year the bound of rules that go on for ever is the
		// beginning of that day, and so not after the instant.
		to = max(end.Unix(), at+1)
	}
	return from, to, int64(seconds)
}

// fixedZone is an offset that never changes.
type fixedZone int64

func (z fixedZone) period(int64) (from, to, offset int64) { return never, always, int64(z) }

// clock converts between a zone and UTC. It remembers the last period it came by, which
// is the one asked for next nearly always.
type clock struct {
	zone             zone
	known            bool
	from, to, offset int64
}

// instant returns when a clock on the wall shows w: the first time if it does so twice,
// and when it is shown not at all, by the offset that held before the clocks went
// forward (RFC 5545 section 3.3.5).
func (c *clock) instant(w wall) int64 {
	if u := int64(w) - c.offset; c.known && u >= max(c.from, never+2*widestOffset)+2*widestOffset && u < c.to {
		return u
	}
	at := int64(w) - widestOffset
	c.look(at)
	for {
		before := c.offset
		u := int64(w) - before
		if u < c.to {
			return u
		}
		c.look(c.to)
		if int64(w)-c.offset < c.from {
			return u
		}
	}
}

// shows returns what the clock on the wall shows at an instant.
func (c *clock) shows(at int64) wall {
	if !c.known || at < c.from || at >= c.to {
		c.look(at)
	}
	return wall(at + c.offset)
}

func (c *clock) look(at int64) {
	c.from, c.to, c.offset = c.zone.period(at)
	c.known = true
}
