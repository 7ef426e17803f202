package publish

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes one line of text from outside, fit to be shown within a page once it is
// escaped: at most limit characters, valid UTF-8, blanks in place of line breaks and tabs.
// Left out is what nobody sees and what would steer the text around it: control characters,
// overrides and isolates of the writing direction, noncharacters, tags. The marks that
// Arabic, Hebrew, Persian and Indic texts are written with stay.
func clean(text string, limit int) string {
	return cut(text, limit, false)
}

// cleanLines is clean for a text of several lines.
func cleanLines(text string, limit int) string {
	return strings.TrimSpace(cut(text, limit, true))
}

// cut looks at no more of the text than it keeps, and at some blanks and hidden characters
// in between: four for each that is kept.
func cut(text string, limit int, lines bool) string {
	rest := ""
	if most := 4 * utf8.UTFMax * (limit + 1); len(text) > most {
		text, rest = strings.ToValidUTF8(text[:most], ""), "…"
	}
	var out strings.Builder
	kept, blank := 0, false
	for _, r := range text { // a byte that is no UTF-8 is U+FFFD
		switch {
		case lines && r == '\n':
			blank = false
		case unicode.IsSpace(r):
			blank = true
			continue
		case hidden(r):
			continue
		}
		if kept >= limit {
			rest = "…"
			break
		}
		if blank && kept > 0 {
			out.WriteByte(' ')
		}
		blank = false
		out.WriteRune(r)
		kept++
	}
	return out.String() + rest
}

// hidden reports whether a character is left out.
func hidden(r rune) bool {
	if r < utf8.RuneSelf { // most are, and the tables are slow
		return r < ' ' || r == 0x7f
	}
	const (
		nonJoiner, joiner, leftToRight, rightToLeft, arabicLetter = '\u200c', '\u200d', '\u200e', '\u200f', '\u061c'
	)
	switch r {
	case nonJoiner, joiner, leftToRight, rightToLeft, arabicLetter:
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point)
}
