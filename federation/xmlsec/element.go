package xmlsec

import (
	"slices"
	"strings"
)

// Name is an expanded XML name. Space is empty for a name in no namespace.
type Name struct {
	Space, Local string
}

func (n Name) String() string {
	if n.Space == "" {
		return n.Local
	}
	return "{" + n.Space + "}" + n.Local
}

// Attribute is an attribute that is not a namespace declaration. Its value is
// normalized as XML 1.0 §3.3.3 says for CDATA attributes.
type Attribute struct {
	Name   Name
	Prefix string // as written
	Value  string
}

// Element is an element of a parsed document. Two pointers are equal exactly when
// they mean the same place of the same document.
type Element struct {
	Name       Name
	Prefix     string // as written, empty for none
	Attributes []Attribute
	Parent     *Element // nil for the root

	children   []node
	scope      *declaration // the innermost that counts here, its own first; nil for none
	document   *document
	start, end int // of the whole element in document.source
	contentEnd int // where the end tag starts, end when there is none (<a/>)
}

// node is a child: an element, or the text between two elements. Comments are not
// kept, and text on both sides of one, or in CDATA sections, is one node: what
// canonicalization signs and what a reader reads is the same string.
type node struct {
	element *Element
	text    string
}

// binding is what xmlns:prefix="uri" says; the prefix is empty for xmlns="uri".
type binding struct {
	prefix, uri string
}

// declaration is a binding with those that it adds to.
type declaration struct {
	binding
	outer   *declaration // of the same element or of one around it; nil for none
	inScope int          // how many there are, itself included
}

// document is what the elements of one parse share.
type document struct {
	source string
	limits Limits
	plain  bool // canonical form writes no text and no value other than as it is read
	ids    map[string]*Element
}

// Is reports whether the element has the given expanded name.
func (e *Element) Is(space, local string) bool {
	return e.Name.Space == space && e.Name.Local == local
}

// Attribute returns the value of the attribute of that expanded name; attributes
// without a prefix are in no namespace.
func (e *Element) Attribute(space, local string) (value string, present bool) {
	for _, a := range e.Attributes {
		if a.Name.Space == space && a.Name.Local == local {
			return a.Value, true
		}
	}
	return "", false
}

// Elements returns the child elements in document order.
func (e *Element) Elements() []*Element {
	all := make([]*Element, 0, len(e.children))
	for _, n := range e.children {
		if n.element != nil {
			all = append(all, n.element)
		}
	}
	return all
}

// Named returns the child elements of that expanded name in document order.
func (e *Element) Named(space, local string) []*Element {
	var named []*Element
	for _, n := range e.children {
		if n.element != nil && n.element.Is(space, local) {
			named = append(named, n.element)
		}
	}
	return named
}

// Optional returns the only child element of that expanded name, nil when there is
// none. More than one is an *Error of code Malformed.
func (e *Element) Optional(space, local string) (*Element, error) {
	var found *Element
	count := 0
	for _, n := range e.children {
		if n.element != nil && n.element.Is(space, local) {
			found = n.element
			count++
		}
	}
	if count > 1 {
		return nil, e.malformed("%s has %d children %s, at most one is allowed", e.Name.Local, count, local)
	}
	return found, nil
}

// Only returns the only child element of that expanded name. None, or more than
// one, is an *Error of code Malformed.
func (e *Element) Only(space, local string) (*Element, error) {
	child, err := e.Optional(space, local)
	if err == nil && child == nil {
		return nil, e.malformed("%s has no child %s", e.Name.Local, local)
	}
	return child, err
}

// Text returns the character data of the element itself, CDATA sections and text on
// both sides of a comment joined, that of its children left out.
func (e *Element) Text() string {
	if len(e.children) == 1 {
		return e.children[0].text
	}
	var text strings.Builder
	for _, n := range e.children {
		text.WriteString(n.text)
	}
	return text.String()
}

// Value returns the text of an element that must hold nothing else: a child element
// is an *Error of code Malformed.
func (e *Element) Value() (string, error) {
	for _, n := range e.children {
		if n.element != nil {
			return "", e.malformed("%s holds the element %s where text belongs", e.Name.Local, n.element.Name.Local)
		}
	}
	return e.Text(), nil
}

// Root returns the root of the element's document.
func (e *Element) Root() *Element {
	for e.Parent != nil {
		e = e.Parent
	}
	return e
}

// ByID returns the element of the whole document that carries the identifier (in
// wsu:Id, or in Id, ID or AssertionID without a namespace), nil when there is none.
// Parse has seen to it that there is no second one.
func (e *Element) ByID(id string) *Element { return e.document.ids[id] }

// Source returns the bytes of the element as they stand in the document. They are
// not a document of their own where a prefix is declared further out.
func (e *Element) Source() []byte {
	return []byte(e.document.source[e.start:e.end])
}

// Contains reports whether a piece of text is anywhere in Source.
func (e *Element) Contains(text string) bool {
	return strings.Contains(e.document.source[e.start:e.end], text)
}

// WithChild returns the document the element is part of with raw put in as the
// element's last child. All other bytes stay what they were, so that what was
// signed before still is.
func (e *Element) WithChild(raw []byte) []byte {
	source := e.document.source
	if e.contentEnd < e.end { // has an end tag
		return slices.Concat([]byte(source[:e.contentEnd]), raw, []byte(source[e.contentEnd:]))
	}
	return slices.Concat([]byte(source[:e.end-len("/>")]+">"), raw, []byte("</"+e.qualified()+">"+source[e.end:]))
}

// qualified returns the prefix and the local name as written.
func (e *Element) qualified() string {
	name := e.document.source[e.start+len("<"):]
	if e.Prefix == "" {
		return name[:len(e.Name.Local)]
	}
	return name[:len(e.Prefix)+len(":")+len(e.Name.Local)]
}

func (e *Element) malformed(format string, args ...any) *Error {
	fault := failf(Malformed, format, args...)
	fault.Offset = e.start
	return fault
}
