package soap

import (
	"bytes"
	"html"
	"strings"
	"unicode"
)

const (
	maxFaultText = 500 // characters of a remote text in an error
	maxTitle     = 80
	maxPageHead  = 16 << 10 // bytes of a page in which its title is looked for
)

// Printable makes remote text fit for a terminal, a log line and an error: white space
// of any kind becomes one space, control, format (bidirectional ones among them) and
// unassigned characters and invalid UTF-8 become "?", and what passes limit characters
// is cut off with an ellipsis.
func Printable(text string, limit int) string {
	if isPrintable(text) && len(text) <= limit {
		return text
	}
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

// isPrintable reports whether text is nothing but visible ASCII.
func isPrintable(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x7F {
			return false
		}
	}
	return true
}

// pageTitle returns the title of an HTML page for a person to recognize it by, ""
// when there is none.
func pageTitle(page []byte) string {
	head := page[:min(len(page), maxPageHead)]
	lower := bytes.ToLower(head)
	if len(lower) != len(head) { // some letter changed its length: offsets would not agree
		lower = head
	}
	_, rest, ok := cutAt(lower, head, "<title")
	if !ok {
		return ""
	}
	end := bytes.IndexByte(rest, '>')
	if end < 0 {
		return ""
	}
	rest = rest[end+1:]
	if end := bytes.IndexByte(rest, '<'); end >= 0 {
		rest = rest[:end]
	}
	return Printable(html.UnescapeString(string(rest)), maxTitle)
}

// cutAt cuts original behind the place where mark begins in lower.
func cutAt(lower, original []byte, mark string) (before, after []byte, found bool) {
	at := bytes.Index(lower, []byte(mark))
	if at < 0 {
		return original, nil, false
	}
	return original[:at], original[at+len(mark):], true
}
