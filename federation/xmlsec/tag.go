package xmlsec

import (
	"bytes"
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
	if p.depth++; p.depth > p.document.limits.Depth {
		return failf(TooLarge, "elements nested deeper than %d", p.document.limits.Depth)
	}
	e := &Element{Parent: p.open, document: p.document, start: p.pos}
	p.pos++
	var err error
	if e.Prefix, e.Name.Local, err = p.qualifiedName(); err != nil {
		return err
	}
	attributes, empty, err := p.attributes()
	if err != nil {
		return err
	}
	if err := e.resolve(attributes); err != nil {
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
		p.open.children = append(p.open.children, node{element: e})
	}
	p.open = e
}

// attributes reads up to and including the end of a start tag; empty means "/>".
func (p *parser) attributes() (all []rawAttribute, empty bool, err error) {
	if err := p.count(1); err != nil {
		return nil, false, err
	}
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
		a, err := p.attribute()
		if err != nil {
			return nil, false, err
		}
		all = append(all, a)
		if err := p.count(1); err != nil {
			return nil, false, err
		}
	}
}

func (p *parser) attribute() (a rawAttribute, err error) {
	a.offset = p.pos
	if a.prefix, a.local, err = p.qualifiedName(); err != nil {
		return a, err
	}
	p.skipSpace()
	if !p.at("=") {
		return a, p.malformed("the attribute %s has no value", a.local)
	}
	p.pos++
	p.skipSpace()
	if !p.at(`"`) && !p.at(`'`) {
		return a, p.malformed("the value of the attribute %s is not quoted", a.local)
	}
	quote := p.source[p.pos]
	p.pos++
	end := bytes.IndexByte(p.source[p.pos:], quote)
	if end < 0 {
		return a, p.malformed("the value of the attribute %s does not end", a.local)
	}
	raw := p.source[p.pos : p.pos+end]
	if bytes.IndexByte(raw, '<') >= 0 {
		return a, p.malformed("< in the value of the attribute %s", a.local)
	}
	a.value, err = decodeText(raw, p.pos, inAttribute)
	p.pos += end + 1
	return a, err
}

// qualifiedName reads a name with at most one colon.
func (p *parser) qualifiedName() (prefix, local string, err error) {
	start := p.pos
	for p.pos < len(p.source) {
		r, size := utf8.DecodeRune(p.source[p.pos:])
		if r != ':' && !isNamePart(r) {
			break
		}
		p.pos += size
	}
	name := string(p.source[start:p.pos])
	prefix, local, prefixed := strings.Cut(name, ":")
	if !prefixed {
		prefix, local = "", name
	}
	if prefixed && !isNCName(prefix) || !isNCName(local) {
		return "", "", malformedAt(start, "not a name: %.40q", name)
	}
	return prefix, local, nil
}
