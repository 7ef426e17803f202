package calendar

import (
	"errors"
	"fmt"
	"strings"
)

// dates reads a list of days, times or periods: RDATE, EXDATE or FREEBUSY.
func (z *zones) dates(p property, limit int) ([]occurrence, error) {
	if n := strings.Count(p.value, ",") + 1; n > limit {
		return nil, fmt.Errorf("%s has too many values", p.name)
	}
	var out []occurrence
	for value := range strings.SplitSeq(p.value, ",") {
		if strings.TrimSpace(value) == "" {
			continue
		}
		one, err := z.occurrence(p, value)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// occurrence reads a DATE, DATE-TIME or PERIOD (RFC 5545 section 3.3.9).
func (z *zones) occurrence(p property, value string) (occurrence, error) {
	first, second, isPeriod := strings.Cut(value, "/")
	start, err := z.moment(p, first)
	if err != nil || !isPeriod {
		return occurrence{moment: start}, err
	}
	if duration, ok := parseDuration(second); ok {
		return occurrence{start, &duration}, nil
	}
	end, err := z.moment(p, second)
	if err != nil {
		return occurrence{}, err
	}
	duration, err := between(start, end)
	return occurrence{start, &duration}, err
}

// inZoneOf returns what the clock on the wall shows at m where other is at home.
func (m moment) inZoneOf(other moment) wall {
	if m.kind != zonedMoment || other.kind != zonedMoment {
		return m.at
	}
	c := clock{zone: other.zone}
	return c.shows(m.instant())
}

// busyPeriods reads a VFREEBUSY component (RFC 5545 section 3.6.4).
func (r *itemReader) busyPeriods(c *component) ([]*item, error) {
	if c.fault != "" {
		return nil, errors.New(c.fault)
	}
	var out []*item
	for _, p := range c.props["FREEBUSY"] {
		periods, err := r.zones.dates(p, r.limits.Dates-len(out))
		if err != nil {
			return nil, err
		}
		event := Event{UID: unescape(c.first("UID").value, r.limits.Text), BusyType: freeBusyType(p.param("FBTYPE"))}
		for _, period := range periods {
			if period.length == nil || period.kind == dateMoment {
				return nil, errors.New("FREEBUSY has a value that is no period")
			}
			out = append(out, &item{event: event, start: period.moment, length: *period.length})
		}
	}
	return out, nil
}

// freeBusyType reads FBTYPE (RFC 5545 section 3.2.9), whose unknown values mean busy.
func freeBusyType(text string) BusyType {
	switch strings.ToUpper(text) {
	case "FREE":
		return Free
	case "BUSY-TENTATIVE":
		return Tentative
	case "BUSY-UNAVAILABLE":
		return OOF
	}
	return Busy
}
