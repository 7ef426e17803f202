package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns text with every character that could steer a terminal, forge a line or
// hide what is written made visible: line breaks and tabs as \n, \r and \t, bytes that are
// not UTF-8 as \xHH, and the others as \u{HEX}. What it returns is one line, safe in
// messages and logs. Backslashes of the text itself stay single, so that Windows paths
// remain readable; the result is for people and cannot be turned back.
func Clean(text string) string {
	return escape(text, visible)
}

// cleanCell is Clean for CSV, whose quoted cells may hold line breaks and tabs.
func cleanCell(text string) string {
	return escape(text, func(r rune) string {
		if r == '\n' || r == '\t' {
			return string(r)
		}
		return visible(r)
	})
}

// escape returns text with each hostile character replaced by what write makes of it, and
// each byte that is not UTF-8 by \xHH.
func escape(text string, write func(rune) string) string {
	var out strings.Builder
	for i, size := 0, 0; i < len(text); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02X`, text[i])
		case hostile(r):
			out.WriteString(write(r))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

func visible(r rune) string {
	switch r {
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	return fmt.Sprintf(`\u{%X}`, r)
}

// hostile reports whether r is a control character (C0, DEL, C1), a line or paragraph
// separator, a noncharacter, or an invisible format character: bidirectional overrides and
// isolates, zero width spaces, tags. The two joiners are let through: Persian, Indic scripts and emoji
// cannot be written without them, and they move nothing.
func hostile(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	if r == zeroWidthNonJoiner || r == zeroWidthJoiner {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point)
}
