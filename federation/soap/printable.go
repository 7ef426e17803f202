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

// printable returns remote text without anything that acts on a terminal: control
// characters, escape sequences, marks that change the direction of writing. White
// space becomes single blanks. What is longer than max characters is cut.
func printable(text string, max int) string {
	var out strings.Builder
	count, blank := 0, false
	for _, r := range text {
		if unicode.IsSpace(r) {
			blank = count > 0
			continue
		}
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			continue
		}
		if blank && count < max {
			out.WriteByte(' ')
			count++
		}
		blank = false
		if count >= max {
			break
		}
		out.WriteRune(r)
		count++
	}
	return strings.TrimRight(out.String(), " ")
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
	return printable(html.UnescapeString(string(rest)), maxTitle)
}

// cutAt cuts original behind the place where mark begins in lower.
func cutAt(lower, original []byte, mark string) (before, after []byte, found bool) {
	at := bytes.Index(lower, []byte(mark))
	if at < 0 {
		return original, nil, false
	}
	return original[:at], original[at+len(mark):], true
}
