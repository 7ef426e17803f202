package xmlsec

// Namespaces that signatures and their places in a message are written in.
const (
	NamespaceSignature = "http://www.w3.org/2000/09/xmldsig#"
	NamespaceWSSE      = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
	NamespaceWSU       = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

	namespaceXML   = "http://www.w3.org/XML/1998/namespace"
	namespaceXMLNS = "http://www.w3.org/2000/xmlns/"
)

// resolve gives the element, which has its parent already, its namespaces and
// attributes, for both of which there is room, and enters its identifiers.
func (e *Element) resolve(raw []rawAttribute, attributes *room[Attribute], declarations *room[declaration]) error {
	e.scope = e.outerScope()
	others := len(raw) // that are no declarations
	for i := range raw {
		if raw[i].declares {
			others--
			if err := e.declare(&raw[i], declarations); err != nil {
				return err
			}
		}
	}
	var declared bool
	if e.Name.Space, declared = e.Namespace(e.Prefix); !declared {
		return e.malformed("the prefix %s is not declared", e.Prefix)
	}
	if others == 0 {
		return nil
	}
	e.Attributes = attributes.take(others)
	others = 0
	for i := range raw {
		if raw[i].declares {
			continue
		}
		if err := e.setAttribute(&e.Attributes[others], &raw[i]); err != nil {
			return err
		}
		others++
	}
	return e.checkAttributes()
}

// setAttribute makes an attribute of the element of what was read.
func (e *Element) setAttribute(a *Attribute, r *rawAttribute) error {
	a.Name.Local, a.Prefix, a.Value = r.local, r.prefix, r.value
	if r.prefix != "" { // the default namespace is not that of attributes
		var declared bool
		if a.Name.Space, declared = e.Namespace(r.prefix); !declared {
			return malformedAt(r.offset, "the prefix %s is not declared", r.prefix)
		}
	}
	if isIdentifier(a.Name) {
		return e.enterIdentifier(a.Value, r.offset)
	}
	return nil
}

// checkAttributes refuses two attributes of one expanded name.
func (e *Element) checkAttributes() error {
	const few = 16 // that are compared with each other faster than they are put into a map
	if len(e.Attributes) > few {
		seen := make(map[Name]bool, len(e.Attributes))
		for _, a := range e.Attributes {
			if seen[a.Name] {
				return e.malformed("the attribute %s is there twice", a.Name.Local)
			}
			seen[a.Name] = true
		}
		return nil
	}
	for i, a := range e.Attributes {
		for _, b := range e.Attributes[:i] {
			if a.Name == b.Name {
				return e.malformed("the attribute %s is there twice", a.Name.Local)
			}
		}
	}
	return nil
}

// declare adds a declaration to those of the element.
func (e *Element) declare(r *rawAttribute, declarations *room[declaration]) error {
	d := binding{uri: r.value}
	if r.prefix != "" {
		d.prefix = r.local
	}
	if fault := d.fault(); fault != "" {
		return malformedAt(r.offset, "the declaration of prefix %q %s", d.prefix, fault)
	}
	for other := e.scope; other != e.outerScope(); other = other.outer { // of which there are few, see maxDeclarations
		if other.prefix == d.prefix {
			return malformedAt(r.offset, "the prefix %q is declared twice", d.prefix)
		}
	}
	if !e.bind(d, declarations) {
		return failf(TooLarge, "more than %d namespace declarations in scope", maxDeclarations)
	}
	return nil
}

// bind adds a declaration, unless there are too many.
func (e *Element) bind(b binding, declarations *room[declaration]) bool {
	inScope := 1
	if e.scope != nil {
		inScope += e.scope.inScope
	}
	bound := &declarations.take(1)[0]
	*bound = declaration{binding: b, outer: e.scope, inScope: inScope}
	e.scope = bound
	return inScope <= maxDeclarations
}

// outerScope is the scope of the element around.
func (e *Element) outerScope() *declaration {
	if e.Parent == nil {
		return nil
	}
	return e.Parent.scope
}

// fault says what Namespaces in XML 1.0 §3 and canonicalization have against a
// declaration, "" for nothing.
func (d binding) fault() string {
	switch {
	case len(d.uri) > maxNamespaceBytes:
		return "names a namespace that is too long"
	case d.prefix == "xmlns", d.uri == namespaceXMLNS:
		return "touches the reserved xmlns"
	case (d.prefix == "xml") != (d.uri == namespaceXML):
		return "touches the reserved xml"
	case d.prefix != "" && d.uri == "":
		return "undoes a prefix"
	case d.uri != "" && !isAbsoluteURI(d.uri):
		return "names a relative namespace" // Canonical XML 1.0 §1.3 has no form for it
	}
	return ""
}

// Namespace returns what a prefix stands for at this element; the empty prefix is the
// default namespace. Readers need it for prefixes in content, as that of a fault code.
func (e *Element) Namespace(prefix string) (uri string, declared bool) {
	if prefix == "xml" {
		return namespaceXML, true
	}
	for d := e.scope; d != nil; d = d.outer {
		if d.prefix == prefix {
			return d.uri, true
		}
	}
	return "", prefix == ""
}

// enterIdentifier makes the element findable by an identifier. Two elements with
// one identifier are how a signed element is swapped for another.
func (e *Element) enterIdentifier(id string, offset int) error {
	if _, taken := e.document.ids[id]; taken {
		return malformedAt(offset, "the identifier %.64q is there twice", id)
	}
	if e.document.ids == nil {
		e.document.ids = map[string]*Element{}
	}
	e.document.ids[id] = e
	return nil
}

func isIdentifier(n Name) bool {
	switch n.Local {
	case "Id":
		return n.Space == "" || n.Space == NamespaceWSU
	case "ID", "AssertionID":
		return n.Space == ""
	}
	return false
}
