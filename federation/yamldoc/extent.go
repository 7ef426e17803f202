package yamldoc

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// end returns where the text of a node ends: the place after its last character.
// The module tells only where nodes begin.
func (l *lines) end(n *yaml.Node) place {
	at := l.start(n)
	switch {
	case n.Style&yaml.FlowStyle != 0:
		return l.flowEnd(n)
	case n.Kind != yaml.ScalarNode && len(n.Content) > 0:
		return l.end(n.Content[len(n.Content)-1])
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return l.quoteEnd(at, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		return l.quoteEnd(at, '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return l.blockScalarEnd(n, at)
	}
	return l.match(at, n.Value)
}

// quoteEnd finds the closing quote.
func (l *lines) quoteEnd(at place, quote byte) place {
	at.offset++
	for ; at.line < len(l.text); at = (place{at.line + 1, 0}) {
		text := l.text[at.line]
		for ; at.offset < len(text); at.offset++ {
			switch doubled := at.offset+1 < len(text) && text[at.offset+1] == '\''; {
			case quote == '"' && text[at.offset] == '\\', quote == '\'' && text[at.offset] == quote && doubled:
				at.offset++
			case text[at.offset] == quote:
				return place{at.line, at.offset + 1}
			}
		}
	}
	return at
}

// blockScalarEnd finds the end of a literal or folded text. With the indicator `+`
// the blank lines after it belong to it.
func (l *lines) blockScalarEnd(n *yaml.Node, at place) place {
	header, _, _ := strings.Cut(l.text[at.line][at.offset:], "#")
	end := place{at.line, len(l.text[at.line])}
	if strings.Trim(n.Value, spaces) != "" {
		end = l.match(place{at.line + 1, 0}, n.Value)
		end.offset = len(l.text[end.line])
	}
	if strings.Contains(header, "+") {
		for end.line+1 < len(l.text) && l.isBlank(end.line+1) {
			end = place{end.line + 1, len(l.text[end.line+1])}
		}
	}
	return end
}

const spaces = " \t\r\n"

// match follows a value through the text, whose line breaks and indentation differ,
// and returns the place after the last character.
func (l *lines) match(at place, value string) place {
	end := at
	for i := range len(value) {
		if strings.IndexByte(spaces, value[i]) >= 0 {
			continue
		}
		at = l.skip(at, spaces)
		if at.line >= len(l.text) {
			return end
		}
		at.offset++
		end = at
	}
	return end
}

// skip moves to the next character that is none of those given, across line breaks.
func (l *lines) skip(at place, set string) place {
	for at.line < len(l.text) {
		text := l.text[at.line]
		for at.offset < len(text) && strings.IndexByte(set, text[at.offset]) >= 0 {
			at.offset++
		}
		if at.offset < len(text) {
			return at
		}
		at = place{at.line + 1, 0}
	}
	return at
}

// flowEnd finds the closing bracket of a list or mapping in flow style.
func (l *lines) flowEnd(n *yaml.Node) place {
	at := l.start(n)
	at.offset++
	if len(n.Content) > 0 {
		at = l.end(n.Content[len(n.Content)-1])
	}
	closing := byte(']')
	if n.Kind == yaml.MappingNode {
		closing = '}'
	}
	for {
		at = l.skip(at, spaces+",:?")
		switch {
		case at.line >= len(l.text):
			return at
		case l.text[at.line][at.offset] == closing:
			return place{at.line, at.offset + 1}
		case l.text[at.line][at.offset] == '#':
			at = place{at.line + 1, 0}
		default: // a pair without braces within a list ends where its value does
			return at
		}
	}
}

// tail returns the comment that follows on the same line, with the blanks before it.
func (l *lines) tail(at place) string {
	rest := l.text[at.line][at.offset:]
	if strings.HasPrefix(strings.TrimLeft(rest, " \t"), "#") {
		return rest
	}
	return ""
}
