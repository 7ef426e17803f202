package broker

import (
	"strings"
	"unicode"
)

// maxFaultText bounds remote text in an error, in characters.
const maxFaultText = 1000

// Sanitize makes remote text fit for a terminal, a log line and an error: white space
// of any kind becomes one space, control, format (bidirectional ones among them) and
// unassigned characters and invalid UTF-8 become "?", and what passes limit characters
// is cut off with an ellipsis.
func Sanitize(text string, limit int) string {
	var b strings.Builder
	count, space := 0, false
	for _, r := range text {
		if unicode.IsSpace(r) {
			space = count > 0
			continue
		}
		if count >= limit {
			b.WriteString("…")
			break
		}
		if space {
			b.WriteByte(' ')
			count++
			space = false
		}
		if !unicode.IsGraphic(r) || r == unicode.ReplacementChar {
			r = '?'
		}
		b.WriteRune(r)
		count++
	}
	return b.String()
}
