package xmlsec

import (
	"strconv"
	"strings"
)

// place says which of the two rules for white space applies to a piece of text.
type place int

const (
	inContent   place = iota // line ends become one line feed (XML 1.0 §2.11)
	inAttribute              // and then every white space a blank (§3.3.3)
)

// decodeText resolves references and normalizes white space. What a character
// reference stands for is kept as it is: that is the difference between a raw tab in
// an attribute, which is a blank, and &#9;.
func decodeText(raw string, offset int, where place) (string, error) {
	if strings.IndexByte(raw, '&') < 0 {
		return normalize(raw, where), nil
	}
	var text strings.Builder
	text.Grow(len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '&' {
			next := strings.IndexByte(raw[i:], '&')
			if next < 0 {
				next = len(raw) - i
			}
			text.WriteString(normalize(raw[i:i+next], where))
			i += next
			continue
		}
		end := strings.IndexByte(raw[i:min(len(raw), i+maxReferenceBytes)], ';')
		if end < 0 {
			return "", malformedAt(offset+i, "an ampersand that starts no reference")
		}
		r, ok := resolveReference(raw[i+1 : i+end])
		if !ok {
			return "", malformedAt(offset+i, "a reference to something other than a character or amp, lt, gt, quot, apos")
		}
		text.WriteRune(r)
		i += end + 1
	}
	return text.String(), nil
}

// maxReferenceBytes is more than any reference needs that has no leading zeros to
// speak of.
const maxReferenceBytes = 32

func resolveReference(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, numeric := strings.CutPrefix(name, "#")
	base := 10
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	value, err := strconv.ParseUint(digits, base, 32)
	if !numeric || err != nil || value > 0x10FFFF || !isChar(rune(value)) {
		return 0, false
	}
	return rune(value), true
}

func normalize(s string, where place) string {
	s = normalizeLineEnds(s)
	if where == inAttribute && (strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\t') >= 0) {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\t", " "), "\n", " ")
	}
	return s
}

func normalizeLineEnds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
