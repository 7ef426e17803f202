package render

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ValueError reports a record that breaks the rules of [Field]: a fault of the program,
// never of its user.
type ValueError struct {
	Property string // the path to the field, with dots
	Reason   string
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("property %q cannot be shown: %s", e.Property, e.Reason)
}

// check refuses a record with a badly named field or a value outside the closed set.
func check(record Record, path string) error {
	seen := make(map[string]bool, len(record.Fields))
	for _, field := range record.Fields {
		at := path + field.Name
		name := strings.ToLower(field.Name)
		if !validName(name) {
			return &ValueError{at, "its name is not a word of letters and digits"}
		}
		if seen[name] {
			return &ValueError{at, "it is there twice"}
		}
		seen[name] = true
		if err := checkValue(field.Value, at); err != nil {
			return err
		}
	}
	return nil
}

func checkValue(value any, at string) error {
	switch value := value.(type) {
	case nil, string, bool, int, int64, time.Time, time.Duration, []string:
		return nil
	case Record:
		return check(value, at+".")
	case []Record:
		for _, record := range value {
			if err := check(record, at+"."); err != nil {
				return err
			}
		}
		return nil
	default:
		return &ValueError{at, fmt.Sprintf("its type %T is not one that is shown", value)}
	}
}

// validName reports whether a field may have this name, given in lower case. Names are
// written bare as YAML keys, where some words would become Booleans or null.
func validName(name string) bool {
	switch name {
	case "", "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return name[0] > '9'
}

// plain reduces a value of the closed set to what JSON and YAML know: nil, string, bool,
// int64, []any and Record.
func plain(value any) any {
	switch value := value.(type) {
	case int:
		return int64(value)
	case time.Time:
		if value.IsZero() {
			return nil
		}
		return value.UTC().Format(time.RFC3339)
	case time.Duration:
		return durationText(value)
	case []string:
		return plainList(value)
	case []Record:
		return plainList(value)
	case []any:
		return plainList(value)
	default:
		return value
	}
}

func plainList[T any](values []T) []any {
	list := make([]any, len(values))
	for i, value := range values {
		list[i] = plain(value)
	}
	return list
}

// durationText is the constant form of a .NET TimeSpan, [-][d.]hh:mm:ss[.fffffff], in which
// Exchange shows lengths of time and takes them back. Below 100 ns it is cut.
func durationText(d time.Duration) string {
	const day = 24 * time.Hour
	sign, rest := "", uint64(d)
	if d < 0 {
		sign, rest = "-", -rest // also right for the least Duration, whose negation does not fit in one
	}
	days, rest := rest/uint64(day), rest%uint64(day)
	hours, rest := rest/uint64(time.Hour), rest%uint64(time.Hour)
	minutes, rest := rest/uint64(time.Minute), rest%uint64(time.Minute)
	seconds, rest := rest/uint64(time.Second), rest%uint64(time.Second)

	text := fmt.Sprintf("%02d:%02d:%02d", hours, minutes, seconds)
	if days > 0 {
		text = fmt.Sprintf("%d.%s", days, text)
	}
	if ticks := rest / 100; ticks > 0 {
		text += fmt.Sprintf(".%07d", ticks)
	}
	return sign + text
}

// display is a value as PowerShell's formatting shows it: True and False, {a, b} for a list
// however long, @{Name=value; ...} for an object. It is one line, made safe by [Clean].
func display(value any) string {
	switch value := plain(value).(type) {
	case string:
		return Clean(value)
	case bool:
		return boolText(value)
	case int64:
		return strconv.FormatInt(value, 10)
	case []any:
		texts := make([]string, len(value))
		for i, item := range value {
			texts[i] = display(item)
		}
		return "{" + strings.Join(texts, ", ") + "}"
	case Record:
		texts := make([]string, len(value.Fields))
		for i, field := range value.Fields {
			texts[i] = field.Name + "=" + display(field.Value)
		}
		return "@{" + strings.Join(texts, "; ") + "}"
	default:
		return ""
	}
}

func boolText(value bool) string {
	if value {
		return "True"
	}
	return "False"
}
