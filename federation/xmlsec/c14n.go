package xmlsec

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
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
	c := canonicalizer{apex: e, omit: omit}
	for _, prefix := range inclusive {
		if prefix == "#default" {
			prefix = ""
		}
		c.inclusive = append(c.inclusive, prefix)
	}
	const furtherOut = 256 // declarations of elements around come on top of what is there
	c.out.Grow(e.end - e.start + furtherOut)
	c.element(e)
	return c.out.Bytes()
}

type canonicalizer struct {
	out       bytes.Buffer
	apex      *Element // where the canonical form begins
	omit      *Element
	inclusive []string
	rendered  []declaration // those of the elements around, innermost last
	prefixes  []string      // of one element; the next one uses the room again
	sorted    []Attribute   // the same
}

func (c *canonicalizer) element(e *Element) {
	outer := len(c.rendered)
	c.out.WriteByte('<')
	c.out.WriteString(e.qualified)
	c.declarations(e)
	c.attributes(e)
	c.out.WriteByte('>')
	for _, n := range e.children {
		switch {
		case n.element == nil:
			c.text(n.text)
		case n.element != c.omit:
			c.element(n.element)
		}
	}
	c.out.WriteString("</")
	c.out.WriteString(e.qualified)
	c.out.WriteByte('>')
	c.rendered = c.rendered[:outer]
}

// declarations writes the namespace declarations that the element needs and no
// element around it has written, sorted by prefix.
func (c *canonicalizer) declarations(e *Element) {
	prefixes := append(append(c.prefixes[:0], e.Prefix), c.mayInclude(e)...)
	for _, a := range e.Attributes {
		if a.Prefix != "" {
			prefixes = append(prefixes, a.Prefix)
		}
	}
	c.prefixes = prefixes
	slices.Sort(prefixes)
	for _, prefix := range slices.Compact(prefixes) {
		uri, declared := e.Namespace(prefix)
		if prefix == "xml" || !declared || uri == c.inForce(prefix) {
			continue
		}
		c.rendered = append(c.rendered, declaration{prefix, uri})
		c.out.WriteString(" xmlns")
		if prefix != "" {
			c.out.WriteByte(':')
			c.out.WriteString(prefix)
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
	for _, d := range e.declarations {
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
	c.sorted = append(c.sorted[:0], e.Attributes...)
	slices.SortFunc(c.sorted, func(a, b Attribute) int {
		return cmp.Or(cmp.Compare(a.Name.Space, b.Name.Space), cmp.Compare(a.Name.Local, b.Name.Local))
	})
	for _, a := range c.sorted {
		c.out.WriteByte(' ')
		if a.Prefix != "" {
			c.out.WriteString(a.Prefix)
			c.out.WriteByte(':')
		}
		c.out.WriteString(a.Name.Local)
		c.value(a.Value)
	}
}

func (c *canonicalizer) value(s string) {
	c.out.WriteString(`="`)
	c.escaped(s, "&<\"\t\n\r")
	c.out.WriteByte('"')
}

func (c *canonicalizer) text(s string) { c.escaped(s, "&<>\r") }

// escaped writes text in which the special characters are references.
func (c *canonicalizer) escaped(s, special string) {
	for {
		next := strings.IndexAny(s, special)
		if next < 0 {
			c.out.WriteString(s)
			return
		}
		c.out.WriteString(s[:next])
		c.out.WriteString(characterReference(s[next]))
		s = s[next+1:]
	}
}

// characterReference is how canonical XML writes a character that it does not write as
// it is (Canonical XML 1.0 §2.3).
func characterReference(b byte) string {
	switch b {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '"':
		return "&quot;"
	case '\t':
		return "&#x9;"
	case '\n':
		return "&#xA;"
	}
	return "&#xD;"
}
