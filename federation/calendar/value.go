package calendar

import (
	"fmt"
	"strings"
	"time"
)

// momentKind is what a DATE or DATE-TIME value is relative to.
type momentKind int

const (
	dateMoment     momentKind = iota // a day
	floatingMoment                   // a time on the wall, wherever one is
	zonedMoment                      // a time in a zone, or UTC
)

// moment is a DATE or DATE-TIME value (RFC 5545 sections 3.3.4 and 3.3.5).
type moment struct {
	kind momentKind
	at   wall
	zone zone // of a zoned one
}

// instant returns the Unix time of a zoned moment.
func (m moment) instant() int64 {
	c := clock{zone: m.zone}
	return c.instant(m.at)
}

// moment reads the value of a property, its zone found by TZID.
func (z *zones) moment(p property, value string) (moment, error) {
	value = strings.TrimSpace(value)
	if len(value) == len("20060102") {
		at, ok := parseDate(value)
		if !ok {
			return moment{}, badValue(p, "is not a date", value)
		}
		return moment{kind: dateMoment, at: at}, nil
	}
	digits, utc := strings.CutSuffix(value, "Z")
	at, ok := parseDateTime(digits)
	switch tzid := p.param("TZID"); {
	case !ok:
		return moment{}, badValue(p, "is not a date and time", value)
	case utc:
		return moment{zonedMoment, at, fixedZone(0)}, nil
	case tzid == "":
		return moment{kind: floatingMoment, at: at}, nil
	default:
		found, err := z.find(tzid)
		if err != nil {
			return moment{}, fmt.Errorf("%s: %w", p.name, err)
		}
		return moment{zonedMoment, at, found}, nil
	}
}

func badValue(p property, what, value string) error {
	return fmt.Errorf("%s %.40q %s", p.name, value, what)
}

func parseDate(text string) (wall, bool) {
	year, ok1 := digits(text, 0, 4)
	month, ok2 := digits(text, 4, 6)
	day, ok3 := digits(text, 6, 8)
	if !ok1 || !ok2 || !ok3 || year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, time.Month(month)) {
		return 0, false
	}
	return wallOf(year, time.Month(month), day), true
}

// parseDateTime reads 20060102T150405. Second 60 is the one before, as the RFC has it
// for clocks that know no leap seconds.
func parseDateTime(text string) (wall, bool) {
	if len(text) != len("20060102T150405") || text[8] != 'T' {
		return 0, false
	}
	date, ok0 := parseDate(text[:8])
	hour, ok1 := digits(text, 9, 11)
	minute, ok2 := digits(text, 11, 13)
	second, ok3 := digits(text, 13, 15)
	if !ok0 || !ok1 || !ok2 || !ok3 || hour > 23 || minute > 59 || second > 60 {
		return 0, false
	}
	return date + wall(hour*3600+minute*60+min(second, 59)), true
}

// digits reads a number of fixed width.
func digits(text string, from, to int) (int, bool) {
	if len(text) < to {
		return 0, false
	}
	n := 0
	for _, c := range []byte(text[from:to]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// length is how long something takes: days by the calendar, which are shorter or longer
// where clocks change, and then seconds by the stopwatch (RFC 5545 section 3.3.6).
type length struct{ days, seconds int64 }

func (l length) upperBound() int64 { return l.days*secondsPerDay + l.seconds }

// parseDuration reads a DURATION that is not negative.
func parseDuration(text string) (length, bool) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(text)), "+"), "P")
	if !ok || rest == "" {
		return length{}, false
	}
	var sum length
	inTime := false
	for rest != "" {
		if rest[0] == 'T' && !inTime && len(rest) > 1 {
			inTime, rest = true, rest[1:]
		}
		width := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, ok := digits(rest, 0, width)
		if !ok || width == 0 || width > 9 || width == len(rest) {
			return length{}, false
		}
		if !sum.add(int64(n), rest[width], inTime) {
			return length{}, false
		}
		rest = rest[width+1:]
	}
	return sum, sum.upperBound() <= lastYear*366*secondsPerDay
}

func (l *length) add(n int64, unit byte, inTime bool) bool {
	switch {
	case unit == 'W' && !inTime:
		l.days += 7 * n
	case unit == 'D' && !inTime:
		l.days += n
	case unit == 'H' && inTime:
		l.seconds += n * 3600
	case unit == 'M' && inTime:
		l.seconds += n * 60
	case unit == 'S' && inTime:
		l.seconds += n
	default:
		return false
	}
	return true
}

// parseOffset reads a UTC-OFFSET (RFC 5545 section 3.3.14), seconds east of UTC.
func parseOffset(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	if len(text) != len("+0100") && len(text) != len("+010000") {
		return 0, false
	}
	hours, ok1 := digits(text, 1, 3)
	minutes, ok2 := digits(text, 3, 5)
	seconds, ok3 := 0, true
	if len(text) > len("+0100") {
		seconds, ok3 = digits(text, 5, 7)
	}
	if !ok1 || !ok2 || !ok3 || hours > 23 || minutes > 59 || seconds > 59 {
		return 0, false
	}
	sum := int64(hours*3600 + minutes*60 + seconds)
	switch text[0] {
	case '+':
		return sum, true
	case '-':
		return -sum, true
	}
	return 0, false
}
