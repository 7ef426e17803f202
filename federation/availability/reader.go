package availability

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// maxText bounds each text that is read, in bytes: subjects and locations have 255
// characters at most.
const maxText = 4096

// reader reads elements of the schema and keeps the first fault it finds; what it returns
// after one means nothing.
type reader struct {
	strict bool // refuse what the schema does not have, and another order
	err    error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// parts returns the children of e that the schema names, each at its place and nil where
// there is none. The names are in the namespace of types, with "m:" or "e:" before them in
// that of messages or errors; those that end in "?" may be left out.
func (r *reader) parts(e *xmlsec.Element, names ...string) []*xmlsec.Element {
	found := make([]*xmlsec.Element, len(names))
	if e == nil {
		return found
	}
	last := -1
	for _, child := range e.Elements() {
		i := slices.IndexFunc(names, func(name string) bool { return schemaName(name) == child.Name })
		switch {
		case i < 0 && !r.strict:
			continue
		case i < 0:
			r.fail("%s holds the element %s, which has no place there", e.Name.Local, printable(child.Name.Local))
			return found
		case found[i] != nil:
			r.fail("%s holds %s twice", e.Name.Local, child.Name.Local)
		case i < last && r.strict:
			r.fail("%s holds %s in the wrong place", e.Name.Local, child.Name.Local)
		}
		found[i], last = child, i
	}
	for i, name := range names {
		if found[i] == nil && !strings.HasSuffix(name, "?") {
			r.fail("%s holds no %s", e.Name.Local, name)
		}
	}
	if r.strict && strings.TrimSpace(e.Text()) != "" {
		r.fail("%s holds text", e.Name.Local)
	}
	return found
}

// list returns the children of e, all of which have that name.
func (r *reader) list(e *xmlsec.Element, name string) []*xmlsec.Element {
	if e == nil {
		return nil
	}
	elements := e.Elements()
	for _, child := range elements {
		if child.Name != schemaName(name) {
			r.fail("%s holds the element %s", e.Name.Local, printable(child.Name.Local))
		}
	}
	return elements
}

func schemaName(name string) xmlsec.Name {
	name = strings.TrimSuffix(name, "?")
	if local, ok := strings.CutPrefix(name, "m:"); ok {
		return xmlsec.Name{Space: NamespaceMessages, Local: local}
	}
	if local, ok := strings.CutPrefix(name, "e:"); ok {
		return xmlsec.Name{Space: NamespaceErrors, Local: local}
	}
	return xmlsec.Name{Space: NamespaceTypes, Local: name}
}

// text returns the text of an element, "" for none.
func (r *reader) text(e *xmlsec.Element) string {
	if e == nil {
		return ""
	}
	text, err := e.Value()
	if err != nil {
		r.fail("%w", err)
	}
	if len(text) > maxText {
		r.fail("%s is longer than %d bytes", e.Name.Local, maxText)
		return ""
	}
	return text
}

// remark returns text for people, printable and cut off rather than refused; "" for none.
func remark(e *xmlsec.Element) string {
	if e == nil {
		return ""
	}
	return soap.Printable(e.Text(), maxText)
}

// token is text whose white space around means nothing.
func (r *reader) token(e *xmlsec.Element) string { return strings.TrimSpace(r.text(e)) }

// integer returns the number in an element, 0 for none.
func (r *reader) integer(e *xmlsec.Element, low, high int) int {
	if e == nil {
		return 0
	}
	n, err := strconv.Atoi(r.token(e))
	if err != nil || n < low || n > high {
		r.fail("%s is %q, not a number from %d to %d", e.Name.Local, printable(r.token(e)), low, high)
	}
	return n
}

// boolean returns the xs:boolean in an element, false for none.
func (r *reader) boolean(e *xmlsec.Element) bool {
	switch text := r.token(e); text {
	case "true", "1":
		return true
	case "false", "0":
	default:
		if e != nil {
			r.fail("%s is %q, neither true nor false", e.Name.Local, printable(text))
		}
	}
	return false
}

// choice returns the text of an element, which is one of those, "" for no element.
func (r *reader) choice(e *xmlsec.Element, choices []string) string {
	text := r.token(e)
	if e != nil && !slices.Contains(choices, text) {
		r.fail("%s is %q, not one of %s", e.Name.Local, printable(text), strings.Join(choices, ", "))
	}
	return text
}

// choices returns the words of an xs:list, each one of those.
func (r *reader) choices(e *xmlsec.Element, allowed []string) []string {
	words := strings.Fields(r.text(e))
	for _, word := range words {
		if !slices.Contains(allowed, word) {
			r.fail("%s has %q, not one of %s", e.Name.Local, printable(word), strings.Join(allowed, ", "))
		}
	}
	return words
}

// instant returns the time in an element, which is local to a zone unless it says its
// offset itself; the zero time for no element.
func (r *reader) instant(e *xmlsec.Element, toInstant func(wall time.Time) time.Time) time.Time {
	if e == nil {
		return time.Time{}
	}
	text := r.token(e)
	if !isDateTime(text) {
		r.fail("%s is %q, not a time", e.Name.Local, printable(text))
		return time.Time{}
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.UTC()
	}
	wall, err := time.Parse(localLayout, text)
	if err != nil {
		r.fail("%s is %q, not a time", e.Name.Local, printable(text))
		return time.Time{}
	}
	return toInstant(wall).UTC()
}

// printable makes remote text fit for an error.
func printable(text string) string { return soap.Printable(text, 80) }
