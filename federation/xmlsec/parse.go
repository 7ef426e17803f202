package xmlsec

import (
	"bytes"
	"strings"
)

// Parse reads a whole XML 1.0 document with namespaces, in UTF-8, and returns its
// root element. Besides what is not well-formed it refuses a document type,
// processing instructions, entity references other than the five of XML and
// character references, undeclared prefixes, relative namespace names, more than 64
// namespace declarations in scope of an element, and two equal identifiers (wsu:Id, Id,
// ID, AssertionID). Comments are dropped.
//
// A failure is an *Error of code Malformed or TooLarge.
func Parse(data []byte, limits Limits) (*Element, error) {
	limits = limits.orDefaults()
	if len(data) > limits.Bytes {
		return nil, failf(TooLarge, "%d bytes, %d are allowed", len(data), limits.Bytes)
	}
	p := &parser{document: &document{source: bytes.Clone(data), limits: limits, ids: map[string]*Element{}}}
	p.source = p.document.source
	if err := checkCharacters(p.source); err != nil {
		return nil, err
	}
	p.skipDeclaration()
	for p.pos < len(p.source) {
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	switch {
	case p.open != nil:
		return nil, p.open.malformed("%s is not closed", p.open.Name.Local)
	case p.root == nil:
		return nil, p.malformed("no root element")
	}
	return p.root, nil
}

// parser walks through the source; open is the element whose content it is in.
type parser struct {
	source   []byte
	pos      int
	document *document
	root     *Element
	open     *Element
	depth    int
	nodes    int
	text     strings.Builder // since the last tag
}

func (p *parser) malformed(format string, args ...any) *Error {
	return malformedAt(p.pos, format, args...)
}

func (p *parser) at(token string) bool {
	return bytes.HasPrefix(p.source[p.pos:], []byte(token))
}

func (p *parser) skipDeclaration() {
	if p.at("\uFEFF") {
		p.pos += len("\uFEFF")
	}
	p.pos += xmlDeclaration(string(p.source[p.pos:min(len(p.source), p.pos+256)]))
}

// next reads one piece of markup or text.
func (p *parser) next() error {
	switch {
	case p.source[p.pos] != '<':
		return p.characters()
	case p.at("<!--"):
		return p.comment()
	case p.at("<![CDATA["):
		return p.cdata()
	case p.at("<!"):
		return p.malformed("document types are not allowed")
	case p.at("<?"):
		return p.malformed("processing instructions and XML declarations other than version 1.0 in UTF-8 are not allowed")
	case p.at("</"):
		return p.endTag()
	}
	return p.startTag()
}

func (p *parser) characters() error {
	raw := p.source[p.pos:]
	if i := bytes.IndexByte(raw, '<'); i >= 0 {
		raw = raw[:i]
	}
	if p.open == nil {
		if len(bytes.Trim(raw, " \t\r\n")) > 0 {
			return p.malformed("text outside the root element")
		}
		p.pos += len(raw)
		return nil
	}
	if bytes.Contains(raw, []byte("]]>")) {
		return p.malformed("]]> in text")
	}
	text, err := decodeText(raw, p.pos, inContent)
	if err != nil {
		return err
	}
	p.text.WriteString(text)
	p.pos += len(raw)
	return nil
}

func (p *parser) comment() error {
	body := p.source[p.pos+len("<!--"):]
	end := bytes.Index(body, []byte("--"))
	if end < 0 || !bytes.HasPrefix(body[end:], []byte("-->")) {
		return p.malformed("a comment that is not closed or holds --")
	}
	p.pos += len("<!--") + end + len("-->")
	return nil
}

func (p *parser) cdata() error {
	if p.open == nil {
		return p.malformed("a CDATA section outside the root element")
	}
	body := p.source[p.pos+len("<![CDATA["):]
	end := bytes.Index(body, []byte("]]>"))
	if end < 0 {
		return p.malformed("a CDATA section that is not closed")
	}
	p.text.WriteString(normalizeLineEnds(string(body[:end])))
	p.pos += len("<![CDATA[") + end + len("]]>")
	return nil
}

// flush makes a text node of the characters read since the last tag.
func (p *parser) flush() error {
	if p.text.Len() == 0 {
		return nil
	}
	p.open.children = append(p.open.children, node{text: p.text.String()})
	p.text.Reset()
	return p.count(1)
}

func (p *parser) count(nodes int) error {
	if p.nodes += nodes; p.nodes > p.document.limits.Nodes {
		return failf(TooLarge, "more than %d elements, attributes and texts", p.document.limits.Nodes)
	}
	return nil
}

func (p *parser) endTag() error {
	if p.open == nil {
		return p.malformed("an end tag without a start tag")
	}
	if err := p.flush(); err != nil {
		return err
	}
	start := p.pos
	p.pos += len("</")
	name := qualified(p.open.Prefix, p.open.Name.Local)
	if !p.at(name) {
		return p.malformed("the end tag does not belong to %s", name)
	}
	p.pos += len(name)
	p.skipSpace()
	if !p.at(">") {
		return p.malformed("the end tag does not belong to %s", name)
	}
	p.pos++
	p.open.contentEnd = start
	p.close(p.open)
	return nil
}

// close ends the element at the present position.
func (p *parser) close(e *Element) {
	e.end = p.pos
	p.open = e.Parent
	p.depth--
}

func (p *parser) skipSpace() (skipped bool) {
	for p.pos < len(p.source) && isSpace(p.source[p.pos]) {
		p.pos++
		skipped = true
	}
	return skipped
}
