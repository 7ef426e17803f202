package psargs

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// ParseTimeSpan reads a Go duration in any case (30s, 5m, 1h30m) or PowerShell's
// [d.]hh:mm[:ss[.fraction]], whose fraction has up to seven digits. Negative spans and bare
// numbers other than 0 are refused: of these PowerShell makes days or ticks, others seconds.
// The error is a *[UsageError] with [InvalidTimeSpan].
func ParseTimeSpan(text string) (time.Duration, error) {
	if span, err := time.ParseDuration(fold(text)); err == nil && span >= 0 {
		return span, nil
	}
	if span, ok := parseClock(text); ok {
		return span, nil
	}
	return 0, &UsageError{
		ID:    InvalidTimeSpan,
		Msg:   fmt.Sprintf("%s is no time span", quote(text)),
		Hints: []string{"write 30s, 5m, 1h30m or hours:minutes:seconds"},
	}
}

func parseClock(text string) (time.Duration, bool) {
	clock := regexp.MustCompile(`^(?:(\d{1,6})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$`)
	m := clock.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	var n [4]time.Duration
	for i := range n {
		v, _ := strconv.Atoi("0" + m[i+1]) // digits or nothing
		n[i] = time.Duration(v)
	}
	const mostDays = 106751 // what a time.Duration holds
	if n[0] >= mostDays || n[1] > 23 || n[2] > 59 || n[3] > 59 {
		return 0, false
	}
	fraction, _ := strconv.Atoi((m[5] + "000000000")[:9])
	return (n[0]*24+n[1])*time.Hour + n[2]*time.Minute + n[3]*time.Second + time.Duration(fraction), true
}
