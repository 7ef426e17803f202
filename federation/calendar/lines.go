package calendar

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// property is a content line (RFC 5545 section 3.1): NAME;PARAMETERS:VALUE.
type property struct {
	name   string // in capitals
	params string // as written, without the first semicolon
	value  string // as written
}

// lineReader cuts a stream into content lines, folded ones joined.
type lineReader struct {
	rest   []byte
	joined []byte // room for a folded line, used again
}

// newLineReader skips the byte order mark that some programs begin a file with.
func newLineReader(data []byte) *lineReader {
	return &lineReader{rest: bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))}
}

// next returns the next line without its end, false behind the last one. It is valid
// until the next call.
func (r *lineReader) next() ([]byte, bool) {
	if len(r.rest) == 0 {
		return nil, false
	}
	line := r.physical()
	if !r.continues() {
		return line, true
	}
	r.joined = append(r.joined[:0], line...)
	for r.continues() {
		r.joined = append(r.joined, r.physical()[1:]...)
	}
	return r.joined, true
}

// physical takes one line off the stream. CRLF and LF both end one.
func (r *lineReader) physical() []byte {
	line, rest, _ := bytes.Cut(r.rest, []byte{'\n'})
	r.rest = rest
	return bytes.TrimSuffix(line, []byte{'\r'})
}

// continues reports whether the next line is the rest of the last one.
func (r *lineReader) continues() bool {
	return len(r.rest) > 0 && (r.rest[0] == ' ' || r.rest[0] == '\t')
}

// splitLine finds the name, parameters and value of a line, false if it is none.
func splitLine(line []byte) (name, params, value []byte, ok bool) {
	quoted := false
	nameEnd := -1
	for i, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';' && nameEnd < 0:
			nameEnd = i
		case c == ':' && nameEnd < 0:
			return line[:i], nil, line[i+1:], i > 0
		case c == ':':
			return line[:nameEnd], line[nameEnd+1 : i], line[i+1:], nameEnd > 0
		}
	}
	return nil, nil, nil, false
}

// param returns the first value of a parameter, quotes taken off, "" if it is not given.
func (p property) param(name string) string {
	rest := p.params
	for rest != "" {
		var one string
		one, rest = cutUnquoted(rest, ';')
		if key, value, ok := strings.Cut(one, "="); ok && strings.EqualFold(strings.TrimSpace(key), name) {
			first, _ := cutUnquoted(value, ',')
			return strings.Trim(strings.TrimSpace(first), `"`)
		}
	}
	return ""
}

// cutUnquoted cuts at the first separator that is not between quotes.
func cutUnquoted(text string, separator byte) (before, after string) {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == separator && !quoted:
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

// unescape reads a TEXT value (RFC 5545 section 3.3.11), at most limit bytes of it, and
// makes it valid UTF-8 without control characters but tab and line feed.
func unescape(value string, limit int) string {
	var b strings.Builder
	for i := 0; i < len(value); {
		r, size := utf8.DecodeRuneInString(value[i:])
		i += size
		if r == '\\' && i < len(value) {
			r, size = utf8.DecodeRuneInString(value[i:])
			i += size
			if r == 'n' || r == 'N' {
				r = '\n'
			}
		}
		if r < ' ' && r != '\t' && r != '\n' || r >= 0x7F && r < 0xA0 {
			r = ' '
		}
		if b.Len()+utf8.RuneLen(r) > limit {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}
