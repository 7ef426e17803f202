package yamldoc

import (
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

// Apply returns the document with the edits made.
func (d *Document) Apply(edits []Edit) (*Document, error) {
	out := []string{"version: 1"}
	for _, known := range d.layout.Sections {
		s := d.sections[known.key]
		items := map[string]*yaml.Node{}
		var order []string
		if s != nil {
			for i, item := range s.items {
				k := ""
				if s.isList() {
					k = fold(s.keys[i])
				}
				items[k] = item
				order = append(order, k)
			}
		}
		for _, e := range edits {
			if e.Section != known.key {
				continue
			}
			k := fold(e.Key)
			if !known.isList() {
				k = ""
			}
			if e.Object == nil {
				delete(items, k)
				continue
			}
			n, err := encode(e.Object)
			if err != nil {
				return nil, err
			}
			if items[k] == nil {
				order = append(order, k)
			}
			items[k] = n
		}
		var list []*yaml.Node
		for _, k := range order {
			if items[k] != nil {
				list = append(list, items[k])
			}
		}
		if len(list) == 0 {
			continue
		}
		value := list[0]
		if known.isList() {
			value = &yaml.Node{Kind: yaml.SequenceNode, Content: list}
		}
		key, _ := encode(known.key)
		lines, err := fieldLines(key, value)
		if err != nil {
			return nil, err
		}
		out = append(out, lines...)
	}
	return Parse([]byte(strings.Join(out, "\n")+"\n"), d.layout)
}
