package psargs

import (
	"fmt"
	"strings"
	"time"
)

// ParseDateTime reads a date and time: RFC 3339 with or without its offset, with a blank in
// place of the T, without seconds, or the date alone, which is its midnight; or as PowerShell
// takes it whatever the machine's language, month/day/year with a clock of 24 or 12 hours.
// Without an offset it is a time in zone. A fraction of a second is cut. The error is a *[UsageError] with [InvalidTime].
func ParseDateTime(text string, zone *time.Location) (time.Time, error) {
	folded := strings.Replace(strings.ToUpper(text), "T", " ", 1)
	for _, layout := range dateTimeLayouts() {
		if t, err := time.ParseInLocation(layout, folded, zone); err == nil {
			return t.Truncate(time.Second), nil
		}
	}
	return time.Time{}, &UsageError{
		ID:  InvalidTime,
		Msg: fmt.Sprintf("%s is no date and time", quote(text)),
		Hints: []string{
			"write 2027-02-03, 2027-02-03T10:00, 2027-02-03T10:00:00+01:00 or, month first, 2/3/2027 10:00 AM",
		},
	}
}

func dateTimeLayouts() []string {
	var layouts []string
	for _, date := range []string{"2006-01-02", "1/2/2006"} {
		layouts = append(layouts, date)
		for _, clock := range []string{"15:04", "15:04:05", "3:04 PM", "3:04PM", "3:04:05 PM", "3:04:05PM"} {
			layouts = append(layouts, date+" "+clock)
		}
	}
	return append(layouts, "2006-01-02 15:04Z07:00", "2006-01-02 15:04:05Z07:00")
}
