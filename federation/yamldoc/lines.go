package yamldoc

import (
	"bytes"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

const byteOrderMark = "\ufeff"

// lines is a document cut at its line breaks. Lines are counted from 0 here; nodes
// count theirs from 1.
type lines struct {
	text     []string // without line breaks
	breaks   []string // the line break after each; the last line may lack one
	mark     string   // the byte order mark, or ""
	newBreak string   // the line break new lines get: the one of the first line
}

// splitLines cuts data at its line breaks.
func splitLines(data []byte) *lines {
	rest := string(data)
	l := &lines{newBreak: "\n"}
	if after, ok := strings.CutPrefix(rest, byteOrderMark); ok {
		l.mark, rest = byteOrderMark, after
	}
	n := strings.Count(rest, "\n") + 1
	l.text, l.breaks = make([]string, 0, n), make([]string, 0, n)
	for rest != "" {
		line, after, found := strings.Cut(rest, "\n")
		ending := ""
		if found {
			ending = "\n"
		}
		if found && strings.HasSuffix(line, "\r") {
			line, ending = line[:len(line)-1], "\r\n"
		}
		l.text, l.breaks, rest = append(l.text, line), append(l.breaks, ending), after
	}
	if len(l.breaks) > 0 && l.breaks[0] != "" {
		l.newBreak = l.breaks[0]
	}
	return l
}

// A splice replaces the lines from..to, to not included, by others.
type splice struct {
	from, to int
	text     []string
}

// with returns the document with the splices made. They may not overlap; those at
// the same place are made in the order given. A document that ended without a line
// break still does.
func (l *lines) with(splices []splice) []byte {
	slices.SortStableFunc(splices, func(a, b splice) int {
		if a.from == b.from { // what is inserted belongs to the lines above
			return min(a.to-a.from, 1) - min(b.to-b.from, 1)
		}
		return a.from - b.from
	})
	var out bytes.Buffer
	out.WriteString(l.mark)
	at := 0
	keep := func(to int) {
		for ; at < to; at++ {
			out.WriteString(l.text[at])
			if l.breaks[at] == "" && len(splices) > 0 {
				out.WriteString(l.newBreak)
			} else {
				out.WriteString(l.breaks[at])
			}
		}
	}
	for _, s := range splices {
		keep(s.from)
		for _, line := range s.text {
			out.WriteString(line)
			out.WriteString(l.newBreak)
		}
		at = max(at, s.to)
	}
	keep(len(l.text))
	if n := len(l.breaks); n > 0 && l.breaks[n-1] == "" {
		return bytes.TrimSuffix(bytes.TrimSuffix(out.Bytes(), []byte("\n")), []byte("\r"))
	}
	return out.Bytes()
}

// A place is a point in the text: a line and an offset in it, in bytes.
type place struct{ line, offset int }

// start returns where a node begins.
func (l *lines) start(n *yaml.Node) place {
	line := l.text[n.Line-1]
	if n.Column-1 <= len(line) && isASCII(line[:n.Column-1]) {
		return place{n.Line - 1, n.Column - 1}
	}
	column := 1
	for offset := range line {
		if column == n.Column {
			return place{n.Line - 1, offset}
		}
		column++
	}
	return place{n.Line - 1, len(line)}
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isBlank reports whether a line holds nothing.
func (l *lines) isBlank(line int) bool { return strings.Trim(l.text[line], " \t") == "" }

// isComment reports whether a line holds a comment only.
func (l *lines) isComment(line int) bool {
	return strings.HasPrefix(strings.TrimLeft(l.text[line], " \t"), "#")
}

// indent returns by how many columns a line is indented.
func (l *lines) indent(line int) int {
	return len(l.text[line]) - len(strings.TrimLeft(l.text[line], " "))
}

// isExplicitKey reports whether the key is written in the form `? key`.
func (l *lines) isExplicitKey(key *yaml.Node) bool {
	at := l.start(key)
	return strings.HasSuffix(strings.TrimRight(l.text[at.line][:at.offset], " \t"), "?")
}
