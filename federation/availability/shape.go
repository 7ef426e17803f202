package availability

import "strings"

// A shape is what digits and signs of a time there must be: 0 stands for a digit, everything
// else for itself. time.Parse alone takes more than XML Schema has.

// isDateTime reports whether the text has the form of an xs:dateTime of a four-digit year, in
// at most nanoseconds, with or without an offset (XML Schema part 2 section 3.2.7).
func isDateTime(text string) bool {
	rest, ok := cutShape(text, "0000-00-00T00:00:00")
	if !ok {
		return false
	}
	if rest, ok = cutFraction(rest); !ok || rest == "" || rest == "Z" {
		return ok
	}
	if rest[0] != '+' && rest[0] != '-' {
		return false
	}
	rest, ok = cutShape(rest[1:], "00:00")
	return ok && rest == ""
}

// isDayTime reports whether the text has the form of an xs:time without an offset.
func isDayTime(text string) bool {
	rest, ok := cutShape(text, "00:00:00")
	if ok {
		rest, ok = cutFraction(rest)
	}
	return ok && rest == ""
}

// cutShape returns what stands behind the shape, and whether the text begins with it.
func cutShape(text, shape string) (rest string, ok bool) {
	if len(text) < len(shape) {
		return text, false
	}
	for i := range len(shape) {
		if shape[i] == '0' && isDigit(text[i]) || shape[i] != '0' && shape[i] == text[i] {
			continue
		}
		return text, false
	}
	return text[len(shape):], true
}

// cutFraction returns what stands behind a fraction of a second, if there is one.
func cutFraction(text string) (rest string, ok bool) {
	digits, pointed := strings.CutPrefix(text, ".")
	if !pointed {
		return text, true
	}
	n := 0
	for n < len(digits) && isDigit(digits[n]) {
		n++
	}
	return digits[n:], n >= 1 && n <= 9
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
