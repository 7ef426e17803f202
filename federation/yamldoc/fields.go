package yamldoc

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// An edit of an object compares three trees: the text as it stands, the value it had
// (was) and the value it is to have (now). A field is touched only if was and now
// differ; how the text spells it does not matter. The functions here return false
// when the text is of a form that cannot be edited field by field: the caller then
// writes the whole anew.

// editMapping edits the fields of a mapping.
func (l *lines) editMapping(text, was, now *yaml.Node) ([]splice, bool) {
	if equal(was, now) {
		return nil, true
	}
	if text.Kind != yaml.MappingNode || text.Style&yaml.FlowStyle != 0 || len(text.Content) == 0 || len(now.Content) == 0 {
		return nil, false
	}
	removed, ok := l.removeFields(text, was, now)
	if !ok {
		return nil, false
	}
	splices := removed
	anchor := -1 // the field of the text behind which a new one goes
	for i := 0; i < len(now.Content); i += 2 {
		key, value := now.Content[i], now.Content[i+1]
		before := fieldOf(was, key.Value)
		if at := fieldIndex(text, key.Value); at >= 0 {
			anchor = at
			changed, ok := l.editField(text.Content[at], text.Content[at+1], before, value)
			if !ok {
				return nil, false
			}
			splices = append(splices, changed...)
			continue
		}
		if before != nil && equal(before, value) {
			continue
		}
		added, ok := l.insertField(text, anchor, key, value)
		if !ok {
			return nil, false
		}
		splices = append(splices, added)
	}
	return splices, true
}

func fieldIndex(mapping *yaml.Node, field string) int {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == field {
			return i
		}
	}
	return -1
}

// removeFields takes away the fields that had a value and have none now. The comments
// around them stay.
func (l *lines) removeFields(text, was, now *yaml.Node) ([]splice, bool) {
	var splices []splice
	for i := 0; i < len(text.Content); i += 2 {
		key := text.Content[i]
		if fieldOf(was, key.Value) == nil || fieldOf(now, key.Value) != nil {
			continue
		}
		if !l.beginsLine(key) { // behind a dash, which must stay
			return nil, false
		}
		splices = append(splices, splice{from: key.Line - 1, to: l.end(text.Content[i+1]).line + 1})
	}
	return splices, true
}

// beginsLine reports whether nothing but indentation is before the node.
func (l *lines) beginsLine(n *yaml.Node) bool {
	at := l.start(n)
	return strings.Trim(l.text[at.line][:at.offset], " ") == ""
}

// insertField puts a field behind the one at anchor, or first.
func (l *lines) insertField(text *yaml.Node, anchor int, key, value *yaml.Node) (splice, bool) {
	added, err := fieldLines(key, value)
	if err != nil {
		return splice{}, false
	}
	added = indent(added, text.Column-1)
	if anchor < 0 && l.beginsLine(text.Content[0]) {
		at := text.Content[0].Line - 1
		return splice{at, at, added}, true
	}
	at := l.after(text.Content[max(anchor, 0)+1], text.Column-1)
	return splice{at, at, added}, true
}

// editField changes the value of a field that the text has.
func (l *lines) editField(key, text, was, now *yaml.Node) ([]splice, bool) {
	if was != nil && equal(was, now) {
		return nil, true
	}
	if now.Kind == yaml.ScalarNode && text.Kind == yaml.ScalarNode {
		if s, ok := l.editScalar(key, text, now); ok {
			return []splice{s}, true
		}
	}
	if now.Kind == yaml.MappingNode {
		if splices, ok := l.editMapping(text, orEmpty(was), now); ok {
			return splices, true
		}
	}
	if now.Kind == yaml.SequenceNode && was != nil {
		if splices, ok := l.editList(text, was, now); ok {
			return splices, true
		}
	}
	return l.rewriteField(key, text, now)
}

func orEmpty(n *yaml.Node) *yaml.Node {
	if n == nil {
		return mapping()
	}
	return n
}

// editScalar changes a value within its line and leaves the rest of the line alone.
func (l *lines) editScalar(key, text, now *yaml.Node) (splice, bool) {
	start, end := l.start(text), l.end(text)
	if start.line != end.line || start.line != key.Line-1 || text.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return splice{}, false
	}
	value, err := scalarText(now, text.Style)
	if err != nil {
		return splice{}, false
	}
	line := l.text[start.line]
	if start == end { // nothing was there, not even a blank
		value = " " + value
	}
	return splice{start.line, start.line + 1, []string{line[:start.offset] + value + line[end.offset:]}}, true
}

// rewriteField writes a field anew, from its key on.
func (l *lines) rewriteField(key, text, now *yaml.Node) ([]splice, bool) {
	written, err := fieldLines(key, now)
	if err != nil {
		return nil, false
	}
	start, end := l.start(key), l.end(text)
	margin := strings.Repeat(" ", key.Column-1)
	for i := range written {
		written[i] = margin + written[i]
	}
	written[0] = l.text[start.line][:start.offset] + written[0][len(margin):]
	written[0] += l.fieldComment(key, text)
	return []splice{{start.line, end.line + 1, written}}, true
}

// fieldComment returns the comment at the end of a field's line, with the blanks
// before it: that of the key if the value stands below it.
func (l *lines) fieldComment(key, text *yaml.Node) string {
	switch at := l.end(key); {
	case text.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return ""
	case text.Line == key.Line:
		return l.tail(l.end(text))
	default:
		rest := l.text[at.line][at.offset:]
		return l.tail(place{at.line, at.offset + strings.IndexByte(rest, ':') + 1})
	}
}

// editList changes the items of a list that differ. Items are told apart by their
// value or, if they are mappings, by their first field.
func (l *lines) editList(text, was, now *yaml.Node) ([]splice, bool) {
	if text.Kind != yaml.SequenceNode || text.Style&yaml.FlowStyle != 0 || len(text.Content) != len(was.Content) {
		return nil, false
	}
	old, ok := names(was)
	current, ok2 := names(now)
	if !ok || !ok2 || !sameOrder(old, current) {
		return nil, false
	}
	items := l.list(text)
	var splices []splice
	for i, item := range was.Content {
		if _, ok := current[name(item)]; !ok {
			splices = append(splices, items.remove(i))
		}
	}
	behind := -1
	for _, item := range now.Content {
		i, ok := old[name(item)]
		if !ok {
			added, err := items.insert(behind, item)
			if err != nil {
				return nil, false
			}
			splices = append(splices, added)
			continue
		}
		behind = i
		changed, err := items.edit(i, was.Content[i], item)
		if err != nil {
			return nil, false
		}
		splices = append(splices, changed...)
	}
	return splices, true
}

// edit changes one item, field by field if that is possible.
func (l list) edit(i int, was, now *yaml.Node) ([]splice, error) {
	if equal(was, now) {
		return nil, nil
	}
	if splices, ok := l.editMapping(l.node.Content[i], was, now); ok {
		return splices, nil
	}
	whole, err := l.rewrite(i, now)
	return []splice{whole}, err
}

// names maps the names of the items to their positions; false if two have the same.
func names(n *yaml.Node) (map[string]int, bool) {
	found := make(map[string]int, len(n.Content))
	for i, item := range n.Content {
		found[name(item)] = i
	}
	return found, len(found) == len(n.Content)
}

func name(item *yaml.Node) string {
	if item.Kind != yaml.ScalarNode && len(item.Content) > 1 {
		return item.Content[1].Value
	}
	return item.Value
}

// sameOrder reports whether the items that both have come in the same order, and
// there are any.
func sameOrder(old, now map[string]int) bool {
	common := make([]int, len(old))
	n := 0
	for name, i := range old {
		common[i] = -1
		if j, ok := now[name]; ok {
			common[i] = j
			n++
		}
	}
	last := -1
	for _, j := range common {
		if j >= 0 && j < last {
			return false
		}
		last = max(last, j)
	}
	return n > 0
}
