package yamldoc

import (
	"fmt"
	"reflect"
	"strings"
)

// Layout is what a kind of document may hold. Every document begins with a version;
// the sections come and go with their objects.
type Layout struct {
	Version  int       // the newest version that is understood, at least 1
	Header   string    // comment lines of a new document, each ending in a line feed
	Sections []Section // in the order they are written
}

// A Section describes one top-level key of a document. Make it with Mapping or List.
type Section struct {
	key     string
	itemKey string       // lists: the field that names an item
	object  reflect.Type // of the mapping or of each item
}

// Mapping is a section that holds one object of type T.
func Mapping[T any](key string) Section {
	return Section{key: key, object: reflect.TypeFor[T]()}
}

// List is a section that holds objects of type T, told apart by the string field
// itemKey without regard to case.
func List[T any](key, itemKey string) Section {
	return Section{key: key, itemKey: itemKey, object: reflect.TypeFor[T]()}
}

func (s Section) isList() bool { return s.itemKey != "" }

func (l Layout) section(key string) (Section, bool) {
	for _, s := range l.Sections {
		if s.key == key {
			return s, true
		}
	}
	return Section{}, false
}

// names lists the keys a document may have, for messages.
func (l Layout) names() string {
	names := []string{versionKey}
	for _, s := range l.Sections {
		names = append(names, s.key)
	}
	return strings.Join(names, ", ")
}

// New returns a document without objects.
func New(layout Layout) (*Document, error) {
	return Parse(fmt.Appendf(nil, "%s%s: %d\n", layout.Header, versionKey, layout.Version), layout)
}
