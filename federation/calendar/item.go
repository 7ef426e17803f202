package calendar

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// item is a VEVENT component that was understood, or a period of a VFREEBUSY component.
type item struct {
	event        Event // all but the times
	key          string
	start        moment
	length       length
	recurrenceID *moment // the instance it takes the place of
	andFuture    bool    // and of all after that
	cancelled    bool
	sequence     int64
	stamp        string // of the last change, in an order that can be compared
	rules        []rule
	dates        []occurrence // RDATE
	without      []moment     // EXDATE
}

// occurrence is a value of RDATE; length is that of a PERIOD.
type occurrence struct {
	moment
	length *length
}

// itemReader understands components.
type itemReader struct {
	zones  *zones
	limits Limits
}

func (r *itemReader) event(c *component) (*item, error) {
	if c.fault != "" {
		return nil, errors.New(c.fault)
	}
	if !c.has("DTSTART") {
		return nil, errors.New("has no DTSTART")
	}
	it := &item{
		event:     r.describe(c),
		key:       c.first("UID").value,
		cancelled: strings.EqualFold(strings.TrimSpace(c.first("STATUS").value), "CANCELLED"),
		stamp:     c.first("LAST-MODIFIED").value + " " + c.first("DTSTAMP").value,
	}
	it.sequence, _ = strconv.ParseInt(strings.TrimSpace(c.first("SEQUENCE").value), 10, 64)
	for _, step := range []func(*component, *item) error{r.times, r.recurrenceID, r.recurrence} {
		if err := step(c, it); err != nil {
			return nil, err
		}
	}
	return it, nil
}

// describe reads what does not depend on time.
func (r *itemReader) describe(c *component) Event {
	class := strings.ToUpper(strings.TrimSpace(c.first("CLASS").value))
	return Event{
		UID:      unescape(c.first("UID").value, r.limits.Text),
		Subject:  unescape(c.first("SUMMARY").value, r.limits.Text),
		Location: unescape(c.first("LOCATION").value, r.limits.Text),
		Body:     unescape(c.first("DESCRIPTION").value, r.limits.Body),
		BusyType: busyTypeOf(c),
		Private:  class != "" && class != "PUBLIC", // what is not known is as PRIVATE (RFC 5545 section 3.8.1.3)
		Meeting:  c.has("ORGANIZER") || c.has("ATTENDEE"),
		Reminder: c.has("VALARM"),
	}
}

// busyTypeOf asks Exchange's own property ([MS-OXCICAL] section 2.1.3.1.1.20.31) first,
// which says more than TRANSP and STATUS can.
func busyTypeOf(c *component) BusyType {
	switch strings.ToUpper(strings.TrimSpace(c.first("X-MICROSOFT-CDO-BUSYSTATUS").value)) {
	case "FREE":
		return Free
	case "TENTATIVE":
		return Tentative
	case "BUSY":
		return Busy
	case "OOF":
		return OOF
	case "WORKINGELSEWHERE":
		return WorkingElsewhere
	}
	switch {
	case strings.EqualFold(strings.TrimSpace(c.first("TRANSP").value), "TRANSPARENT"):
		return Free
	case strings.EqualFold(strings.TrimSpace(c.first("STATUS").value), "TENTATIVE"):
		return Tentative
	}
	return Busy
}

// times reads DTSTART and how long it takes (RFC 5545 section 3.6.1).
func (r *itemReader) times(c *component, it *item) error {
	var err error
	property := c.first("DTSTART")
	if it.start, err = r.zones.moment(property, property.value); err != nil {
		return err
	}
	it.event.AllDay = it.start.kind == dateMoment
	switch {
	case c.has("DTEND"):
		property := c.first("DTEND")
		end, err := r.zones.moment(property, property.value)
		if err != nil {
			return err
		}
		it.length, err = between(it.start, end)
		return err
	case c.has("DURATION"):
		return it.lasts(c.first("DURATION"))
	case it.event.AllDay:
		it.length = length{days: 1}
	}
	return nil
}

func (it *item) lasts(p property) error {
	var ok bool
	it.length, ok = parseDuration(p.value)
	if !ok {
		return badValue(p, "is not a positive duration", p.value)
	}
	if it.event.AllDay {
		it.length = wholeDays(it.length.upperBound())
	}
	return nil
}

// wholeDays is at least one: some programs end a day on the day it began.
func wholeDays(seconds int64) length {
	return length{days: max(1, (seconds+secondsPerDay-1)/secondsPerDay)}
}

// between is the exact length between two moments, by the stopwatch, which is what DTEND
// gives every instance of a series. An end that lacks a zone has that of the start.
func between(start, end moment) (length, error) {
	var seconds int64
	switch {
	case (start.kind == dateMoment) != (end.kind == dateMoment):
		return length{}, errors.New("DTSTART is a day and DTEND a time, or the other way round")
	case start.kind == zonedMoment:
		if end.kind == floatingMoment {
			end.kind, end.zone = zonedMoment, start.zone
		}
		seconds = end.instant() - start.instant()
	default:
		seconds = int64(end.at - start.at)
	}
	switch {
	case seconds < 0:
		return length{}, errors.New("DTEND is before DTSTART")
	case start.kind == dateMoment:
		return wholeDays(seconds), nil
	}
	return length{seconds: seconds}, nil
}

func (r *itemReader) recurrenceID(c *component, it *item) error {
	if !c.has("RECURRENCE-ID") {
		return nil
	}
	property := c.first("RECURRENCE-ID")
	id, err := r.zones.moment(property, property.value)
	if err != nil {
		return err
	}
	it.recurrenceID = &id
	it.andFuture = strings.EqualFold(property.param("RANGE"), "THISANDFUTURE")
	it.event.Recurring, it.event.Exception = true, true
	return nil
}

// recurrence reads RRULE, RDATE and EXDATE. What takes the place of an instance does not
// recur by itself.
func (r *itemReader) recurrence(c *component, it *item) error {
	if it.recurrenceID != nil {
		return nil
	}
	if len(c.props["RRULE"]) > maxRules {
		return fmt.Errorf("has more than %d RRULEs", maxRules)
	}
	for _, p := range c.props["RRULE"] {
		rule, err := parseRule(p.value, it.start)
		if err == nil {
			err = rule.settleCount(r.zones.budget)
		}
		if err != nil {
			return err
		}
		it.rules = append(it.rules, rule)
	}
	var err error
	if it.dates, err = r.allDates(c.props["RDATE"]); err != nil {
		return err
	}
	without, err := r.allDates(c.props["EXDATE"])
	for _, o := range without {
		it.without = append(it.without, o.moment)
	}
	it.event.Recurring = len(it.rules)+len(it.dates) > 0
	return err
}

const maxRules = 8

func (r *itemReader) allDates(properties []property) ([]occurrence, error) {
	var out []occurrence
	for _, p := range properties {
		some, err := r.zones.dates(p, r.limits.Dates-len(out))
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}
