package xmlsec

import (
	"encoding/base64"
	"slices"
	"strings"
)

// structure reads the children of an element of a signature or an encryption one after another.
// Anything that is not asked for is refused: a part that a verifier skips is a place
// to hide something in.
type structure struct {
	parent *Element
	rest   []node // not taken yet; the texts between them are white space
}

// structureOf begins reading e, which may have the given attributes, in no
// namespace, and no text besides white space.
func structureOf(e *Element, attributes ...string) (structure, error) {
	for _, a := range e.Attributes {
		if a.Name.Space != "" || !slices.Contains(attributes, a.Name.Local) {
			return structure{}, e.malformed("%s has an attribute %s", e.Name.Local, a.Name)
		}
	}
	for _, n := range e.children {
		if strings.Trim(n.text, whiteSpace) != "" {
			return structure{}, e.malformed("%s holds text", e.Name.Local)
		}
	}
	return structure{parent: e, rest: e.children}, nil
}

// take returns the next child, which must be the ds: element of that name.
func (s *structure) take(local string) (*Element, error) {
	return s.takeFrom(NamespaceSignature, local)
}

// takeFrom returns the next child, which must have that name.
func (s *structure) takeFrom(space, local string) (*Element, error) {
	if child := s.takeIf(space, local); child != nil {
		return child, nil
	}
	return nil, s.parent.malformed("%s lacks %s, or has it in another place", s.parent.Name.Local, local)
}

// takeIf returns the next child when it has that name, else nil.
func (s *structure) takeIf(space, local string) *Element {
	child := s.next()
	if child == nil || !child.Is(space, local) {
		return nil
	}
	s.rest = s.rest[1:]
	return child
}

// next returns the child that comes next, nil for none.
func (s *structure) next() *Element {
	for len(s.rest) > 0 && s.rest[0].element == nil {
		s.rest = s.rest[1:]
	}
	if len(s.rest) == 0 {
		return nil
	}
	return s.rest[0].element
}

// end refuses children that nobody took.
func (s *structure) end() error {
	if child := s.next(); child != nil {
		return child.malformed("%s has a child %s there", s.parent.Name.Local, child.Name)
	}
	return nil
}

// readBase64 returns the octets of an element that holds base64 and nothing else.
// White space is left out; the rest must be the one encoding of those octets.
func readBase64(e *Element) ([]byte, error) {
	value, err := e.Value()
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(value, whiteSpace) {
		value = strings.Join(strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(whiteSpace, r) }), "")
	}
	octets, err := base64.StdEncoding.Strict().DecodeString(value)
	if err != nil || len(octets) == 0 {
		return nil, &Error{Code: Malformed, Offset: e.start, Detail: e.Name.Local + " is not base64", Err: err}
	}
	return octets, nil
}

// referent returns the one element of the document that "#id" names.
func (e *Element) referent(uri string) (*Element, error) {
	id, sameDocument := strings.CutPrefix(uri, "#")
	if !sameDocument || !isNCName(id) {
		return nil, failf(ReferenceRefused, "the reference %.64q is not of the form #id", uri)
	}
	target := e.ByID(id)
	if target == nil {
		return nil, failf(ReferenceRefused, "no element has the identifier %.64q", id)
	}
	return target, nil
}
