package xmlsec

import "strings"

// rawAttribute is an attribute before its prefix means anything.
type rawAttribute struct {
	prefix, local, value string
	offset               int
	declares             bool // a namespace
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
	empty, err := p.attributes()
	if err != nil {
		return err
	}
	if err := e.resolve(p.raw, &p.attributed, &p.declared); err != nil {
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

// attributes reads into raw up to and including the end of a start tag; empty means "/>".
func (p *parser) attributes() (empty bool, err error) {
	p.raw = p.raw[:0]
	if err := p.count(); err != nil {
		return false, err
	}
	for {
		spaced := p.skipSpace()
		switch {
		case p.sees('>'):
			p.pos++
			return false, nil
		case p.at("/>"):
			p.pos += len("/>")
			return true, nil
		case !spaced:
			return false, p.malformed("a start tag that does not end")
		}
		if err := p.attribute(); err != nil {
			return false, err
		}
		if err := p.count(); err != nil {
			return false, err
		}
	}
}

func (p *parser) attribute() (err error) {
	a := rawAttribute{offset: p.pos}
	if a.prefix, a.local, err = p.qualifiedName(); err != nil {
		return err
	}
	p.skipSpace()
	if !p.sees('=') {
		return p.malformed("the attribute %s has no value", a.local)
	}
	p.pos++
	p.skipSpace()
	if !p.sees('"') && !p.sees('\'') {
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
	if a.value, err = p.decode(raw, inAttribute); err != nil {
		return err
	}
	p.pos += end + 1
	a.declares = a.prefix == "xmlns" || a.prefix == "" && a.local == "xmlns"
	p.raw = append(p.raw, a)
	return nil
}

// qualifiedName reads a name with at most one colon.
func (p *parser) qualifiedName() (prefix, local string, err error) {
	rest := p.source[p.pos:]
	end := nameLength(rest)
	local = rest[:end]
	if end > 0 && end < len(rest) && rest[end] == ':' {
		prefix, local = local, rest[end+1:]
		local = local[:nameLength(local)]
		end += 1 + len(local)
	}
	if local == "" || end < len(rest) && rest[end] == ':' {
		return "", "", p.malformed("not a name: %.40q", untilMarkup(rest))
	}
	p.pos += end
	return prefix, local, nil
}

// untilMarkup returns what stands before anything that no name can hold.
func untilMarkup(s string) string {
	if end := strings.IndexAny(s, "<>/='\""+whiteSpace); end >= 0 {
		return s[:end]
	}
	return s
}
