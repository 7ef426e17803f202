package yamldoc

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// An Edit changes one object of a document.
type Edit struct {
	Section string
	Key     string // of the object as it stands in the document; a new object's own key
	Object  any    // the object to write, a struct with yaml tags; nil deletes
	New     bool   // the object is added, even if another one of this key is edited too
}

// change is an edit of an object worked out.
type change struct {
	Edit
	key  string     // the key the object will have
	item int        // its position in the section; -1 if it is new
	was  *yaml.Node // its value, nil if it is new
	now  *yaml.Node // the value it is to have, nil if it is deleted
}

// Apply returns the document with the edits made. Only lines of the fields that
// change are touched. A new object goes behind the last one with a smaller key if the
// section is sorted, else to the end; a section is added before its first object and
// taken away with its last. The outcome is parsed and compared with what was asked
// for; if it is not that, the error names the object.
func (d *Document) Apply(edits []Edit) (*Document, error) {
	bySection := map[string][]change{}
	for _, edit := range edits {
		c, err := d.prepare(edit)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", edit.Section, edit.Key, err)
		}
		if !equal(c.was, c.now) {
			bySection[edit.Section] = append(bySection[edit.Section], c)
		}
	}
	var splices []splice
	for _, known := range d.layout.Sections {
		made, err := d.editSection(known, bySection[known.key])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", known.key, err)
		}
		splices = append(splices, made...)
	}
	if len(splices) == 0 {
		return d, nil
	}
	after, err := Parse(d.lines.with(splices), d.layout)
	if err != nil {
		return nil, fmt.Errorf("the edited text would not be readable: %w", err)
	}
	return after, d.verify(after, bySection)
}

// prepare works out what an edit means for the document.
func (d *Document) prepare(edit Edit) (change, error) {
	known, ok := d.layout.section(edit.Section)
	if !ok {
		return change{}, fmt.Errorf("there is no such section")
	}
	c := change{Edit: edit, key: edit.Key, item: -1}
	switch s := d.sections[edit.Section]; {
	case edit.New || s == nil:
	case known.isList():
		c.item = d.Index(edit.Section, edit.Key)
	case len(s.items) > 0:
		c.item = 0
	}
	var err error
	if c.item >= 0 {
		if c.was, err = d.value(edit.Section, c.item, known.object); err != nil {
			return change{}, err
		}
	}
	if edit.Object == nil {
		return c, nil
	}
	if c.now, err = encode(edit.Object); err != nil {
		return change{}, err
	}
	if known.isList() {
		c.key = fieldOf(c.now, known.itemKey).Value
	}
	return c, nil
}

// value decodes an object and encodes it again: its value, free of how it is written.
func (d *Document) value(section string, item int, object reflect.Type) (*yaml.Node, error) {
	into := reflect.New(object)
	if err := d.Decode(section, item, into.Interface()); err != nil {
		return nil, err
	}
	return encode(into.Interface())
}

func (d *Document) editSection(known Section, changes []change) ([]splice, error) {
	s := d.sections[known.key]
	switch {
	case len(changes) == 0:
		return nil, nil
	case s == nil:
		return d.addSection(known, changes)
	case len(s.items)+growth(changes) == 0:
		return d.removeSection(s), nil
	case !s.isList():
		return d.editMappingSection(s, changes[0].was, changes[0].now)
	case s.value.Kind != yaml.SequenceNode || s.value.Style&yaml.FlowStyle != 0:
		return d.rewriteListSection(s, changes)
	}
	return d.editListSection(s, changes)
}

// growth is by how many objects a section grows.
func growth(changes []change) int {
	n := 0
	for _, c := range changes {
		if c.item < 0 && c.now != nil {
			n++
		}
		if c.item >= 0 && c.now == nil {
			n--
		}
	}
	return n
}

// added returns the new objects in the order of their keys.
func added(changes []change) []change {
	var found []change
	for _, c := range changes {
		if c.item < 0 && c.now != nil {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b change) int { return strings.Compare(fold(a.key), fold(b.key)) })
	return found
}

func (d *Document) editListSection(s *section, changes []change) ([]splice, error) {
	items := d.lines.list(s.value)
	var splices []splice
	for _, c := range changes {
		switch {
		case c.item >= 0 && c.now == nil:
			splices = append(splices, items.remove(c.item))
		case c.item >= 0:
			edited, err := items.edit(c.item, c.was, c.now)
			if err != nil {
				return nil, err
			}
			splices = append(splices, edited...)
		}
	}
	for _, c := range added(changes) {
		inserted, err := items.insert(position(s.keys, c.key)-1, c.now)
		if err != nil {
			return nil, err
		}
		splices = append(splices, inserted)
	}
	return splices, nil
}

// position returns where a new key goes in a list: to its place if the list is sorted,
// else to the end.
func position(keys []string, key string) int {
	compare := func(a, b string) int { return strings.Compare(fold(a), fold(b)) }
	if !slices.IsSortedFunc(keys, compare) {
		return len(keys)
	}
	at, _ := slices.BinarySearchFunc(keys, key, compare)
	return at
}

// editMappingSection edits the one object of a section.
func (d *Document) editMappingSection(s *section, was, now *yaml.Node) ([]splice, error) {
	if was != nil {
		if splices, ok := d.lines.editMapping(s.value, was, now); ok {
			return splices, nil
		}
	}
	splices, ok := d.lines.rewriteField(s.name, s.value, now)
	if !ok {
		return nil, fmt.Errorf("cannot be written")
	}
	return splices, nil
}

// rewriteListSection writes a section anew that stands in brackets or is empty.
func (d *Document) rewriteListSection(s *section, changes []change) ([]splice, error) {
	all := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	byItem := map[int]change{}
	for _, c := range changes {
		if c.item >= 0 {
			byItem[c.item] = c
		}
	}
	var keys []string
	for i := range s.items {
		c, ok := byItem[i]
		if !ok {
			value, err := d.value(s.key, i, s.object)
			if err != nil {
				return nil, err
			}
			c.now = value
		}
		if c.now != nil {
			all.Content, keys = append(all.Content, c.now), append(keys, s.keys[i])
		}
	}
	for _, c := range added(changes) {
		at := position(keys, c.key)
		all.Content, keys = slices.Insert(all.Content, at, c.now), slices.Insert(keys, at, c.key)
	}
	splices, ok := d.lines.rewriteField(s.name, s.value, all)
	if !ok {
		return nil, fmt.Errorf("cannot be written")
	}
	return splices, nil
}

// addSection writes a section the document does not have, behind the nearest one
// that comes before it in the layout.
func (d *Document) addSection(known Section, changes []change) ([]splice, error) {
	var value *yaml.Node
	if known.isList() {
		value = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, c := range added(changes) {
			value.Content = append(value.Content, c.now)
		}
	} else {
		value = changes[0].now
	}
	if value == nil || len(value.Content) == 0 {
		return nil, nil
	}
	text, err := fieldLines(scalar("!!str", known.key), value)
	if err != nil {
		return nil, err
	}
	behind := d.version
	for _, s := range d.layout.Sections {
		if s.key == known.key {
			break
		}
		if existing := d.sections[s.key]; existing != nil {
			behind = existing.value
		}
	}
	at := d.lines.after(behind, 0)
	return []splice{{at, at, text}}, nil
}

// removeSection takes away the key and the objects of a section. Comments that belong
// to none of them stay.
func (d *Document) removeSection(s *section) []splice {
	line := s.name.Line - 1
	if !s.isList() || s.value.Style&yaml.FlowStyle != 0 {
		return []splice{{from: line, to: d.lines.after(s.value, 0)}}
	}
	items := d.lines.list(s.value)
	splices := []splice{{from: line, to: line + 1}}
	for i := range s.items {
		splices = append(splices, items.remove(i))
	}
	return splices
}
