package xmlsec

import (
	"cmp"
	"slices"
)

// Canonical returns the element in exclusive canonical form without comments
// (Exclusive XML Canonicalization 1.0), as part of its document: prefixes declared
// further out are declared where they are first used. The inclusive prefixes, with
// "#default" for the default namespace, are those of InclusiveNamespaces.
func (e *Element) Canonical(inclusive ...string) []byte {
	return e.CanonicalWithout(nil, inclusive...)
}

// CanonicalWithout is Canonical with one descendant left out, as if it were not in
// the document: what an enveloped signature signs.
func (e *Element) CanonicalWithout(omit *Element, inclusive ...string) []byte {
	return e.appendCanonical(make([]byte, 0, e.canonicalSize(omit)), omit, inclusive)
}

// canonicalSize is about the length of the canonical form, mostly a little more.
func (e *Element) canonicalSize(omit *Element) int {
	const furtherOut = 768 // declarations of elements around come on top of what is there, and again in each branch
	size := e.end - e.start + furtherOut
	if omit != nil {
		size -= omit.end - omit.start
	}
	return size
}

// appendCanonical is CanonicalWithout for whoever has room for the outcome.
func (e *Element) appendCanonical(out []byte, omit *Element, inclusive []string) []byte {
	c := &canonicalizer{out: out, apex: e, omit: omit, plain: e.document.plain}
	c.rendered, c.prefixes, c.sorted = c.few.rendered[:0], c.few.prefixes[:0], c.few.sorted[:0]
	for _, prefix := range inclusive {
		if prefix == "#default" {
			prefix = ""
		}
		c.inclusive = append(c.inclusive, prefix)
	}
	c.element(e)
	return c.out
}

type canonicalizer struct {
	out       []byte
	apex      *Element // where the canonical form begins
	omit      *Element
	plain     bool // that of the document
	inclusive []string
	rendered  []binding   // those of the elements around, innermost last
	prefixes  []string    // of one element; the next one uses the room again
	sorted    []Attribute // the same

	few struct { // where they are as long as they are short
		rendered [8]binding
		prefixes [4]string
		sorted   [4]Attribute
	}
}

func (c *canonicalizer) element(e *Element) {
	outer := len(c.rendered)
	name := e.qualified()
	c.out = append(append(c.out, '<'), name...)
	c.declarations(e)
	c.attributes(e)
	c.out = append(c.out, '>')
	for _, n := range e.children {
		switch {
		case n.element == nil:
			c.text(n.text)
		case n.element != c.omit:
			c.element(n.element)
		}
	}
	c.out = append(append(append(c.out, "</"...), name...), '>')
	c.rendered = c.rendered[:outer]
}

// declarations writes the namespace declarations that the element needs and no
// element around it has written, sorted by prefix.
func (c *canonicalizer) declarations(e *Element) {
	if e != c.apex && e.scope == e.Parent.scope && e.Prefix == e.Parent.Prefix && !e.hasPrefixedAttributes() {
		return // what it needs, the element around it has needed too
	}
	prefixes := append(append(c.prefixes[:0], e.Prefix), c.mayInclude(e)...)
	for _, a := range e.Attributes {
		if a.Prefix != "" {
			prefixes = append(prefixes, a.Prefix)
		}
	}
	c.prefixes = prefixes
	if len(prefixes) > 1 {
		slices.Sort(prefixes)
	}
	for _, prefix := range slices.Compact(prefixes) {
		uri, declared := e.Namespace(prefix)
		if prefix == "xml" || !declared || uri == c.inForce(prefix) {
			continue
		}
		c.rendered = append(c.rendered, binding{prefix, uri})
		c.out = append(c.out, " xmlns"...)
		if prefix != "" {
			c.out = append(append(c.out, ':'), prefix...)
		}
		c.value(uri)
	}
}

// mayInclude returns the inclusive prefixes that may have to be declared at e: all of
// them at the first element, and below it those whose meaning e changes. The others
// are in force already.
func (c *canonicalizer) mayInclude(e *Element) []string {
	if e == c.apex {
		return c.inclusive
	}
	var changed []string
	for d := e.scope; d != e.outerScope(); d = d.outer {
		if slices.Contains(c.inclusive, d.prefix) {
			changed = append(changed, d.prefix)
		}
	}
	return changed
}

// inForce returns what a prefix stands for in the output so far, "" for nothing.
func (c *canonicalizer) inForce(prefix string) string {
	for _, d := range slices.Backward(c.rendered) {
		if d.prefix == prefix {
			return d.uri
		}
	}
	return ""
}

// attributes writes the attributes sorted by namespace, then by local name.
func (c *canonicalizer) attributes(e *Element) {
	sorted := e.Attributes
	if len(sorted) > 1 && !slices.IsSortedFunc(sorted, compareAttributes) {
		sorted = append(c.sorted[:0], sorted...)
		c.sorted = sorted
		slices.SortFunc(sorted, compareAttributes)
	}
	for _, a := range sorted {
		c.out = append(c.out, ' ')
		if a.Prefix != "" {
			c.out = append(append(c.out, a.Prefix...), ':')
		}
		c.out = append(c.out, a.Name.Local...)
		c.value(a.Value)
	}
}

func compareAttributes(a, b Attribute) int {
	if a.Name.Space != b.Name.Space {
		return cmp.Compare(a.Name.Space, b.Name.Space)
	}
	return cmp.Compare(a.Name.Local, b.Name.Local)
}

func (e *Element) hasPrefixedAttributes() bool {
	for i := range e.Attributes {
		if e.Attributes[i].Prefix != "" {
			return true
		}
	}
	return false
}

func (c *canonicalizer) value(s string) {
	c.out = append(c.out, `="`...)
	if c.plain {
		c.out = append(c.out, s...)
	} else {
		c.out = AppendValue(c.out, s)
	}
	c.out = append(c.out, '"')
}

func (c *canonicalizer) text(s string) {
	if c.plain {
		c.out = append(c.out, s...)
	} else {
		c.out = AppendText(c.out, s)
	}
}
