package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const maxRuleBytes = 8 << 10 // with every number that BYYEARDAY can have it takes 4 KiB

// parseRule reads the value of RRULE for an event that begins at start.
func parseRule(value string, start moment) (rule, error) {
	if len(value) > maxRuleBytes {
		return rule{}, fmt.Errorf("RRULE has %d bytes, more than %d", len(value), maxRuleBytes)
	}
	r := rule{frequency: -1, interval: 1, weekStart: time.Monday, until: always, untilUTC: always}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(strings.ToUpper(strings.TrimSpace(value)), ";") {
		if part == "" {
			continue
		}
		name, text, ok := strings.Cut(part, "=")
		if !ok || seen[name] {
			return rule{}, fmt.Errorf("RRULE part %.40q is repeated or has no value", part)
		}
		seen[name] = true
		if err := r.part(name, text, start); err != nil {
			return rule{}, err
		}
	}
	if err := r.judge(); err != nil {
		return rule{}, err
	}
	r.complete(start.at)
	return r, nil
}

func (r *rule) part(name, text string, start moment) error {
	ok := true
	switch name {
	case "FREQ":
		i := slices.Index([]string{"YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"}, text)
		r.frequency, ok = frequency(i), i >= 0
	case "INTERVAL":
		r.interval, ok = positive(text)
	case "COUNT":
		r.count, ok = positive(text)
	case "UNTIL":
		ok = r.parseUntil(text, start)
	case "WKST":
		r.weekStart, ok = parseWeekday(text)
	case "BYDAY":
		ok = r.parseWeekdays(text)
	default:
		ok = r.list(name, text)
	}
	if !ok {
		return fmt.Errorf("RRULE %s=%.40q is not one", name, text)
	}
	return nil
}

// list reads the parts that are lists of numbers. Parts nobody knows are an error: a
// rule understood by half yields days that nobody meant.
func (r *rule) list(name, text string) bool {
	switch name {
	case "BYSECOND":
		return bitsOf(text, &r.seconds, 0, 60) && r.mendLeapSecond()
	case "BYMINUTE":
		return bitsOf(text, &r.minutes, 0, 59)
	case "BYHOUR":
		return bitsOf(text, &r.hours, 0, 23)
	case "BYMONTH":
		return bitsOf(text, &r.months, 1, 12)
	case "BYMONTHDAY":
		return ordinalsOf(text, &r.monthDays, 31)
	case "BYYEARDAY":
		return ordinalsOf(text, &r.yearDays, 366)
	case "BYWEEKNO":
		return ordinalsOf(text, &r.weeks, 53)
	case "BYSETPOS":
		return numbers(text, -366, 366, func(n int) {
			if !slices.Contains(r.positions, n) {
				r.positions = append(r.positions, n)
			}
		})
	}
	return false
}

// mendLeapSecond makes second 60 the one before, as in a DATE-TIME.
func (r *rule) mendLeapSecond() bool {
	r.seconds = r.seconds&(1<<60-1) | r.seconds>>60&1<<59
	return true
}

// judge refuses the combinations that RFC 5545 rules out.
func (r *rule) judge() error {
	switch {
	case r.frequency < 0:
		return errors.New("RRULE has no FREQ")
	case !r.weeks.empty() && r.frequency != yearly:
		return errors.New("RRULE has BYWEEKNO and is not YEARLY")
	case !r.yearDays.empty() && r.frequency >= monthly && r.frequency <= daily:
		return errors.New("RRULE has BYYEARDAY and is MONTHLY, WEEKLY or DAILY")
	case !r.monthDays.empty() && r.frequency == weekly:
		return errors.New("RRULE has BYMONTHDAY and is WEEKLY")
	case r.nthWeekdays != nil && (r.frequency > monthly || !r.weeks.empty()):
		return errors.New("RRULE counts weekdays and is neither MONTHLY nor YEARLY, or has BYWEEKNO")
	}
	return nil
}

// parseUntil reads UNTIL in the three shapes it comes in. A day, against the letter of
// the RFC given for an event with a time as well, includes the whole day.
func (r *rule) parseUntil(text string, start moment) bool {
	if at, ok := parseDate(text); ok && len(text) == len("20060102") {
		r.until = at + secondsPerDay - 1
		return true
	}
	digits, utc := strings.CutSuffix(text, "Z")
	at, ok := parseDateTime(digits)
	switch {
	case !ok:
	case utc && start.kind == zonedMoment:
		r.untilUTC = int64(at)
		r.until = at + widestOffset // instances that pass are held against untilUTC
	case start.kind == dateMoment:
		r.until = at.midnight()
	default:
		r.until = at
	}
	return ok
}

func (r *rule) parseWeekdays(text string) bool {
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		cut := max(0, len(word)-2)
		day, ok := parseWeekday(word[cut:])
		if !ok {
			return false
		}
		if cut == 0 {
			r.weekdays |= 1 << day
			continue
		}
		if r.nthWeekdays == nil {
			r.nthWeekdays = new([7]ordinals)
		}
		if !ordinalsOf(word[:cut], &r.nthWeekdays[day], 53) {
			return false
		}
	}
	return true
}

func parseWeekday(text string) (time.Weekday, bool) {
	i := slices.Index([]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}, strings.TrimSpace(text))
	return time.Weekday(i), i >= 0
}

// positive reads a number of at most ten digits, so that no product of it overflows.
func positive(text string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return n, err == nil && n > 0 && n < 1e10
}

// numbers reads a list of numbers between two bounds. Zero is none where negative ones
// are allowed.
func numbers(text string, lowest, highest int, take func(int)) bool {
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < lowest || n > highest || n == 0 && lowest < 0 {
			return false
		}
		take(n)
	}
	return true
}

func bitsOf(text string, set *uint64, lowest, highest int) bool {
	return numbers(text, lowest, highest, func(n int) { *set |= 1 << n })
}

func ordinalsOf(text string, set *ordinals, highest int) bool {
	return numbers(text, -highest, highest, set.add)
}
