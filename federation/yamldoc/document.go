package yamldoc

import (
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// MaxSize is the largest document that is read, in bytes.
const MaxSize = 64 << 20

// Document is a parsed document. It never changes: Apply returns another one.
type Document struct {
	data     []byte
	lines    *lines
	version  *yaml.Node
	layout   Layout
	sections map[string]*section
}

// section is one top-level key of the document at hand.
type section struct {
	Section
	name  *yaml.Node   // the key; its place is where the section begins
	value *yaml.Node   // what follows the key
	items []*yaml.Node // the objects: of a mapping section at most one
	keys  []string     // of a list: the key of each item
	index map[string]int
}

// Parse reads a document of the given layout. The error is a *VersionError if the
// document is of a newer version, otherwise of type Faults.
func Parse(data []byte, layout Layout) (*Document, error) {
	if len(data) > MaxSize {
		return nil, Faults{{Message: fmt.Sprintf("is %d bytes long, at most %d are read", len(data), MaxSize)}}
	}
	if faults := checkBytes(data); len(faults) > 0 {
		return nil, faults
	}
	root, err := parseOne(data)
	if err != nil {
		return nil, err
	}
	d := &Document{data: data, lines: splitLines(data), layout: layout, sections: make(map[string]*section, len(layout.Sections))}
	if err := checkVersion(root, layout.Version); err != nil {
		return nil, err
	}
	d.version = fieldOf(root, versionKey)
	faults := checkTree(root, d.lines)
	if len(faults) == 0 {
		faults = d.addSections(root)
	}
	if err := faults.errorOrNil(); err != nil {
		return nil, err
	}
	return d, nil
}

// Bytes returns the document as it is written. The caller must not change it.
func (d *Document) Bytes() []byte { return d.data }

// Has reports whether the document has the section.
func (d *Document) Has(section string) bool { return d.sections[section] != nil }

// Keys returns the keys of the objects of a list section in the order of the document.
func (d *Document) Keys(section string) []string {
	if s := d.sections[section]; s != nil {
		return append([]string(nil), s.keys...)
	}
	return nil
}

// Len returns the number of objects in a section.
func (d *Document) Len(section string) int {
	if s := d.sections[section]; s != nil {
		return len(s.items)
	}
	return 0
}

// Index returns the position of an object in a list section, or -1. No object is
// decoded for it.
func (d *Document) Index(section, key string) int {
	if s := d.sections[section]; s != nil {
		if i, ok := s.index[fold(key)]; ok {
			return i
		}
	}
	return -1
}

// Decode decodes the object at a position of a section (0 for a mapping)
// into the variable that into points to. The error is of type Faults.
func (d *Document) Decode(section string, position int, into any) error {
	s := d.sections[section]
	return decode(s.items[position], s.path(position), into)
}

// Fault makes a fault about the object at a position of a section, or about a field
// of it such as "domains[0].domain", with its place in the document.
func (d *Document) Fault(section string, position int, field, message string) Fault {
	s := d.sections[section]
	if s == nil || position >= len(s.items) {
		return Fault{Path: section, Message: message}
	}
	path := s.path(position)
	if field != "" {
		path += "." + field
	}
	return faultAt(follow(s.items[position], field), path, message)
}

// path names an object: "federationTrusts[0] (Contoso)".
func (s *section) path(position int) string {
	if !s.isList() {
		return s.key
	}
	if position < len(s.keys) {
		return fmt.Sprintf("%s[%d] (%s)", s.key, position, s.keys[position])
	}
	return fmt.Sprintf("%s[%d]", s.key, position)
}

func fold(key string) string { return strings.ToLower(key) }

// fieldOf returns the value of a field of a mapping, nil if there is none.
func fieldOf(mapping *yaml.Node, field string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == field {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// follow walks down a path such as "domains[0].domain" as far as it leads.
func follow(n *yaml.Node, path string) *yaml.Node {
	for _, step := range strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' }) {
		next := fieldOf(n, step)
		if i, err := strconv.Atoi(step); err == nil && n.Kind == yaml.SequenceNode && i >= 0 && i < len(n.Content) {
			next = n.Content[i]
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}
