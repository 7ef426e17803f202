package autodiscover

import (
	"fmt"
	"slices"
	"strings"

	"exfed/federation/xmlsec"
)

// reader reads members of elements and keeps the first thing that is wrong. A nil element,
// one that is not there or is nil by its attribute, has no members.
type reader struct{ err error }

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// inner returns the only element that a message holds everything in.
func (r *reader) inner(payload *xmlsec.Element, name string, names ...string) *xmlsec.Element {
	if payload == nil || payload.Name.Space != Namespace || !slices.Contains(names, payload.Name.Local) {
		r.fail("the body does not hold %s", names[0])
		return nil
	}
	return r.required(payload, name)
}

// member returns the only member of that name, nil when there is none or it is nil.
func (r *reader) member(parent *xmlsec.Element, name string) *xmlsec.Element {
	if parent == nil || r.err != nil {
		return nil
	}
	e, err := parent.Optional(Namespace, name)
	if err != nil {
		r.err = err
		return nil
	}
	if e == nil || r.isNil(e) {
		return nil
	}
	return e
}

func (r *reader) required(parent *xmlsec.Element, name string) *xmlsec.Element {
	e := r.member(parent, name)
	if e == nil {
		r.fail("there is no %s", name)
	}
	return e
}

// isNil reports whether an element is nil (XML Schema part 1 section 2.6.2). Such a one
// holds nothing.
func (r *reader) isNil(e *xmlsec.Element) bool {
	value, present := e.Attribute(namespaceXI, "nil")
	switch value = strings.TrimSpace(value); {
	case !present, value == "false", value == "0":
		return false
	case value != "true" && value != "1":
		r.fail("%s is neither nil nor not", e.Name.Local)
	case len(e.Elements()) > 0 || e.Text() != "":
		r.fail("%s is nil and holds something", e.Name.Local)
	}
	return true
}

// text returns the text of a member without the white space around it, "" when there is none.
func (r *reader) text(parent *xmlsec.Element, name string, most int) string {
	e := r.member(parent, name)
	if e == nil {
		return ""
	}
	return r.value(e, most)
}

func (r *reader) value(e *xmlsec.Element, most int) string {
	text, err := e.Value()
	if err != nil {
		r.fail("%w", err)
		return ""
	}
	if text = strings.TrimSpace(text); len(text) > most {
		r.fail("%s is longer than %d bytes", e.Name.Local, most)
		return ""
	}
	return text
}

// flag reads an xs:boolean; one that is not there is false.
func (r *reader) flag(parent *xmlsec.Element, name string) bool {
	switch r.text(parent, name, maxName) {
	case "true", "1":
		return true
	case "false", "0", "":
		return false
	}
	r.fail("%s is neither true nor false", name)
	return false
}

// code reads an ErrorCode; one that is not there is NoError (it is optional in the schema).
func (r *reader) code(parent *xmlsec.Element) ErrorCode {
	text := r.text(parent, "ErrorCode", maxName)
	if text == "" {
		return NoError
	}
	for _, c := range []byte(text) {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') || len(text) > 64 {
			r.fail("ErrorCode is no name of one")
			return ""
		}
	}
	return ErrorCode(text)
}

// items returns the elements of that name in a list, which holds nothing else.
func (r *reader) items(list *xmlsec.Element, name string, most int) []*xmlsec.Element {
	if list == nil || r.err != nil {
		return nil
	}
	items := list.Elements()
	if len(items) > most {
		r.fail("%s holds %d elements, more than %d", list.Name.Local, len(items), most)
		return nil
	}
	for _, item := range items {
		if !item.Is(Namespace, name) {
			r.fail("%s holds the element %s", list.Name.Local, item.Name.Local)
			return nil
		}
	}
	return items
}

// texts reads a list of texts. Empty ones are left out.
func (r *reader) texts(list *xmlsec.Element, name string, most, longest int) []string {
	var texts []string
	for _, item := range r.items(list, name, most) {
		if r.isNil(item) {
			continue
		}
		if text := r.value(item, longest); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// only refuses a request that asks for more than is known here.
func (r *reader) only(parent *xmlsec.Element, names ...string) {
	if parent == nil {
		return
	}
	for _, e := range parent.Elements() {
		if e.Name.Space != Namespace || !slices.Contains(names, e.Name.Local) {
			r.fail("%s holds the element %s", parent.Name.Local, e.Name.Local)
		}
	}
}

// refused wraps what is wrong with a message.
func (r *reader) refused(o Operation, what string) error {
	if r.err == nil {
		return nil
	}
	return fmt.Errorf("%s of %s: %w", what, o, r.err)
}
