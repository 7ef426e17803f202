package psargs

import "time"

// ParseBool reads true, $true, 1 and yes, or false, $false, 0 and no, in any case. The error
// is a *[UsageError] with [InvalidBoolean].
func ParseBool(text string) (bool, error) {
	switch fold(text) {
	case "true", "$true", "1", "yes":
		return true, nil
	case "false", "$false", "0", "no":
		return false, nil
	}
	return false, &UsageError{ID: InvalidBoolean, Msg: "not a Boolean", Hints: []string{"write true or false"}}
}

// ParseTimeSpan reads a Go duration (30s, 5m) or PowerShell's [d.]hh:mm[:ss[.fraction]]. The
// error is a *[UsageError] with [InvalidTimeSpan].
func ParseTimeSpan(text string) (time.Duration, error) { return time.ParseDuration(text) }

// IsNull reports whether text asks to clear a property: $null, null, or nothing, also when the
// nothing is in quotes.
func IsNull(text string) bool {
	switch fold(text) {
	case "$null", "null", "", `""`, "''":
		return true
	}
	return false
}

// MatchEnum returns the value of allowed that text means, in any case, spelled as in allowed.
// The error is a *[UsageError] with [InvalidEnum] that lists allowed.
func MatchEnum(text string, allowed []string) (string, error) {
	for _, value := range allowed {
		if fold(text) == fold(value) {
			return value, nil
		}
	}
	return "", &UsageError{ID: InvalidEnum, Msg: "not allowed", Hints: allowed}
}

// fold lowers ASCII letters only, so that bytes that are no UTF-8 stay what they are.
func fold(text string) string {
	b := []byte(text)
	for i, c := range b {
		b[i] = lowerByte(c)
	}
	return string(b)
}
