package yamldoc

import "gopkg.in/yaml.v3"

// list is a list in block style in the text.
type list struct {
	*lines
	node *yaml.Node
	dash int // the column of the dashes, counted from 0
}

func (l *lines) list(n *yaml.Node) list { return list{l, n, n.Column - 1} }

// first returns the line of an item's dash, which may stand above its content.
func (l list) first(i int) int {
	line := l.node.Content[i].Line - 1
	for line > l.node.Line-1 && !(l.indent(line) == l.dash && l.text[line][l.dash:] != "" && l.text[line][l.dash] == '-') {
		line--
	}
	return line
}

// width returns how far right of the dash the content of the items stands.
func (l list) width() int {
	for i, item := range l.node.Content {
		if l.first(i) == item.Line-1 && item.Column-1 > l.dash {
			return item.Column - 1 - l.dash
		}
	}
	return indentation
}

// after returns the line after an item.
func (l list) after(i int) int { return l.lines.after(l.node.Content[i], l.dash) }

// after returns the line after a node: after its content and the comments that follow
// and are indented deeper than the column it belongs to. Such comments are what people
// make of a field they switch off.
func (l *lines) after(n *yaml.Node, column int) int {
	after := l.end(n).line + 1
	for line := after; line < len(l.text); line++ {
		switch {
		case l.isBlank(line):
		case l.isComment(line) && l.indent(line) > column:
			after = line + 1
		default:
			return after
		}
	}
	return after
}

// head returns the first line of an item with the comment directly above it.
func (l list) head(i int) int {
	top := 0
	if i > 0 {
		top = l.end(l.node.Content[i-1]).line + 1
	}
	line := l.first(i)
	for line > top && l.isComment(line-1) && l.indent(line-1) <= l.dash {
		line--
	}
	return line
}

// insert puts a new item behind the item at i, or before the first one if i is -1.
func (l list) insert(i int, item *yaml.Node) (splice, error) {
	at := 0
	if i < 0 {
		at = l.head(0)
	} else {
		at = l.after(i)
	}
	text, err := itemLines(item, l.width())
	if err != nil {
		return splice{}, err
	}
	return splice{at, at, indent(text, l.dash)}, nil
}

// rewrite writes an item anew.
func (l list) rewrite(i int, item *yaml.Node) (splice, error) {
	text, err := itemLines(item, l.width())
	if err != nil {
		return splice{}, err
	}
	end := l.end(l.node.Content[i])
	text = indent(text, l.dash)
	if comment := l.tail(end); comment != "" && l.node.Content[i].Style&yaml.FlowStyle != 0 {
		text[0] += comment
	}
	return splice{l.first(i), end.line + 1, text}, nil
}

// remove takes an item away, together with the comments that belong to it.
func (l list) remove(i int) splice { return splice{from: l.head(i), to: l.after(i)} }
