package xmlsec

import (
	"strings"
	"unicode/utf8"
)

// rawAttribute is an attribute before its prefix means anything.
type rawAttribute struct {
	prefix, local, value string
	offset               int
}

func (p *parser) startTag() error {
	if p.open == nil && p.root != nil {
		return p.malformed("a second root element")
	}
	if p.open != nil {
		if err := p.flush(); err != nil {
			return err
		}
	}
	if len(p.begun) >= p.document.limits.Depth {
		return failf(TooLarge, "elements nested deeper than %d", p.document.limits.Depth)
	}
	e := &p.elements.take(1)[0]
	e.Parent, e.document, e.start = p.open, p.document, p.pos
	p.pos++
	var err error
	if e.Prefix, e.Name.Local, err = p.qualifiedName(); err != nil {
		return err
	}
	attributes, empty, err := p.attributes()
	if err != nil {
		return err
	}
	if err := e.resolve(attributes, &p.attributed, &p.declared); err != nil {
		return err
	}
	p.attach(e)
	if empty {
		e.contentEnd = p.pos
		p.close(e)
	}
	return nil
}

// attach makes e the child of the open element and the open element itself.
func (p *parser) attach(e *Element) {
	if p.open == nil {
		p.root = e
	} else {
		p.pending = append(p.pending, node{element: e})
	}
	p.open, p.begun = e, append(p.begun, len(p.pending))
}

// attributes reads up to and including the end of a start tag; empty means "/>".
func (p *parser) attributes() (all []rawAttribute, empty bool, err error) {
	if err := p.count(1); err != nil {
		return nil, false, err
	}
	all = p.raw[:0]
	defer func() { p.raw = all }() // the next tag uses the room again
	for {
		spaced := p.skipSpace()
		switch {
		case p.at(">"):
			p.pos++
			return all, false, nil
		case p.at("/>"):
			p.pos += len("/>")
			return all, true, nil
		case !spaced:
			return nil, false, p.malformed("a start tag that does not end")
		}
		all = append(all, rawAttribute{})
		if err := p.attribute(&all[len(all)-1]); err != nil {
			return nil, false, err
		}
		if err := p.count(1); err != nil {
			return nil, false, err
		}
	}
}

func (p *parser) attribute(a *rawAttribute) (err error) {
	a.offset = p.pos
	if a.prefix, a.local, err = p.qualifiedName(); err != nil {
		return err
	}
	p.skipSpace()
	if !p.at("=") {
		return p.malformed("the attribute %s has no value", a.local)
	}
	p.pos++
	p.skipSpace()
	if !p.at(`"`) && !p.at(`'`) {
		return p.malformed("the value of the attribute %s is not quoted", a.local)
	}
	quote := p.source[p.pos]
	p.pos++
	end := strings.IndexByte(p.source[p.pos:], quote)
	if end < 0 {
		return p.malformed("the value of the attribute %s does not end", a.local)
	}
	raw := p.source[p.pos : p.pos+end]
	if strings.IndexByte(raw, '<') >= 0 {
		return p.malformed("< in the value of the attribute %s", a.local)
	}
	a.value, err = decodeText(raw, p.pos, inAttribute)
	p.pos += end + 1
	return err
}

// qualifiedName reads a name with at most one colon.
func (p *parser) qualifiedName() (prefix, local string, err error) {
	start, colon := p.pos, -1
	plain := true // ASCII, and one colon at most
	source, pos := p.source, p.pos
	for pos < len(source) {
		b := source[pos]
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(source[pos:])
			if !isNamePart(r) {
				break
			}
			pos += size
			plain = false
			continue
		}
		if b == ':' {
			plain = plain && colon < 0
			if colon < 0 {
				colon = pos
			}
		} else if !isASCIINamePart(b) {
			break
		}
		pos++
	}
	p.pos = pos
	name := source[start:pos]
	local = name
	if colon >= 0 {
		prefix, local = source[start:colon], source[colon+1:pos]
	}
	if colon >= 0 && !isName(prefix, plain) || !isName(local, plain) {
		return "", "", malformedAt(start, "not a name: %.40q", name)
	}
	return prefix, local, nil
}

// isName reports whether s, of which each character may be in a name or is a colon, is a
// name without a colon. In a plain one only the first character is left to look at.
func isName(s string, plain bool) bool {
	if !plain {
		return isNCName(s)
	}
	return s != "" && isNameStart(rune(s[0]))
}
