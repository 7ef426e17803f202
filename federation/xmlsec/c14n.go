package xmlsec

import (
	"bytes"
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
	c := canonicalizer{apex: e, omit: omit}
	for _, prefix := range inclusive {
		if prefix == "#default" {
			prefix = ""
		}
		c.inclusive = append(c.inclusive, prefix)
	}
	c.element(e)
	return c.out.Bytes()
}

type canonicalizer struct {
	out       bytes.Buffer
	apex      *Element // where the canonical form begins
	omit      *Element
	inclusive []string
	rendered  []declaration // those of the elements around, innermost last
}

func (c *canonicalizer) element(e *Element) {
	outer := len(c.rendered)
	name := qualified(e.Prefix, e.Name.Local)
	c.out.WriteString("<" + name)
	c.declarations(e)
	c.attributes(e)
	c.out.WriteString(">")
	for _, n := range e.children {
		switch {
		case n.element == nil:
			c.text(n.text)
		case n.element != c.omit:
			c.element(n.element)
		}
	}
	c.out.WriteString("</" + name + ">")
	c.rendered = c.rendered[:outer]
}

// declarations writes the namespace declarations that the element needs and no
// element around it has written, sorted by prefix.
func (c *canonicalizer) declarations(e *Element) {
	prefixes := append([]string{e.Prefix}, c.mayInclude(e)...)
	for _, a := range e.Attributes {
		if a.Prefix != "" {
			prefixes = append(prefixes, a.Prefix)
		}
	}
	slices.Sort(prefixes)
	for _, prefix := range slices.Compact(prefixes) {
		uri, declared := e.Namespace(prefix)
		if prefix == "xml" || !declared || uri == c.inForce(prefix) {
			continue
		}
		c.rendered = append(c.rendered, declaration{prefix, uri})
		c.out.WriteString(" xmlns")
		if prefix != "" {
			c.out.WriteString(":" + prefix)
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
	sorted := slices.Clone(e.Attributes)
	slices.SortFunc(sorted, func(a, b Attribute) int {
		return cmp.Or(cmp.Compare(a.Name.Space, b.Name.Space), cmp.Compare(a.Name.Local, b.Name.Local))
	})
	for _, a := range sorted {
		c.out.WriteString(" " + qualified(a.Prefix, a.Name.Local))
		c.value(a.Value)
	}
}

func (c *canonicalizer) value(s string) {
	c.out.WriteString(`="`)
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '&':
			c.out.WriteString("&amp;")
		case '<':
			c.out.WriteString("&lt;")
		case '"':
			c.out.WriteString("&quot;")
		case '\t':
			c.out.WriteString("&#x9;")
		case '\n':
			c.out.WriteString("&#xA;")
		case '\r':
			c.out.WriteString("&#xD;")
		default:
			c.out.WriteByte(s[i])
		}
	}
	c.out.WriteString(`"`)
}

func (c *canonicalizer) text(s string) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '&':
			c.out.WriteString("&amp;")
		case '<':
			c.out.WriteString("&lt;")
		case '>':
			c.out.WriteString("&gt;")
		case '\r':
			c.out.WriteString("&#xD;")
		default:
			c.out.WriteByte(s[i])
		}
	}
}
