package calendar

import (
	"math"
	"time"
)

// wall is what a clock on the wall shows: seconds since it showed 1970-01-01 00:00:00,
// in whatever place it hangs.
type wall int64

const (
	secondsPerDay  = 24 * 60 * 60
	secondsPerWeek = 7 * secondsPerDay
	// widestOffset is more than clocks anywhere differ from UTC, and than a change of
	// theirs makes.
	widestOffset = 26 * 60 * 60
	lastYear     = 9999 // that four digits can write

	never  = math.MinInt64 // before everything
	always = math.MaxInt64 // after everything
)

// civil is a day by its names.
type civil struct {
	year  int
	month time.Month
	day   int
}

func wallOf(year int, month time.Month, day int) wall {
	return wall(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix())
}

func (w wall) civil() civil {
	year, month, day := time.Unix(int64(w), 0).UTC().Date()
	return civil{year, month, day}
}

// midnight returns the beginning of the day.
func (w wall) midnight() wall { return w - wall(remainder(int64(w), secondsPerDay)) }

// weekday relies on 1970-01-01 having been a Thursday.
func (w wall) weekday() time.Weekday {
	return time.Weekday(remainder(quotient(int64(w), secondsPerDay)+int64(time.Thursday), 7))
}

// quotient divides and rounds down, remainder is what is left then; both want b > 0.
func quotient(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func remainder(a, b int64) int64 { return a - quotient(a, b)*b }

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func daysInYear(year int) int {
	if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 366
	}
	return 365
}
