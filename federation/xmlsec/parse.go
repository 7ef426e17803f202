package xmlsec

import (
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
	source := string(data)
	if err := checkCharacters(source); err != nil {
		return nil, err
	}
	return parse(source, limits)
}

// parse parses what consists of characters that XML allows.
func parse(source string, limits Limits) (*Element, error) {
	p := &parser{source: source, document: &document{source: source, limits: limits}, maxNodes: limits.Nodes}
	p.expect(strings.Count(source, "<")/2 + 1) // the other half are end tags
	p.skipDeclaration()
	p.skipSpace()
	p.lookAhead()
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
	source   string
	pos      int
	document *document
	root     *Element
	open     *Element
	nodes    int
	maxNodes int
	verbatim [2]bool        // of each place: its texts are what stands in the source
	text     string         // since the last tag, as far as the first comment or CDATA section
	pieces   []string       // and what came after that
	raw      []rawAttribute // of the start tag that is being read
	begun    []int          // where in pending the children of each open element begin
	pending  []node         // the children so far of all open elements, innermost last

	few struct { // where raw, pending and begun are as long as they are short
		raw     [8]rawAttribute
		pending [32]node
		begun   [16]int
	}
	elements   room[Element]
	children   room[node]
	attributed room[Attribute]
	declared   room[declaration]
}

// expect makes ready for so many elements. There may be more of them.
func (p *parser) expect(elements int) {
	p.elements.expected, p.children.expected, p.attributed.expected, p.declared.expected = elements, 2*elements, elements/2, elements/4
	p.raw, p.pending, p.begun = p.few.raw[:0], p.few.pending[:0], p.few.begun[:0]
}

func (p *parser) malformed(format string, args ...any) *Error {
	return malformedAt(p.pos, format, args...)
}

func (p *parser) at(token string) bool {
	return strings.HasPrefix(p.source[p.pos:], token)
}

// sees is at for one byte.
func (p *parser) sees(b byte) bool {
	return p.pos < len(p.source) && p.source[p.pos] == b
}

// lookAhead finds out what most documents lack, so that it is looked for once and not in each
// piece.
func (p *parser) lookAhead() {
	lacks := func(b byte) bool { return strings.IndexByte(p.source[p.pos:], b) < 0 }
	p.verbatim[inContent] = lacks('&') && lacks('\r')
	p.verbatim[inAttribute] = p.verbatim[inContent] && lacks('\n') && lacks('\t')
	p.document.plain = p.verbatim[inContent] && lacks('\'')
}

// decode is decodeText for a piece of the source that begins at the present position.
func (p *parser) decode(raw string, where place) (string, error) {
	if p.verbatim[where] {
		return raw, nil
	}
	return decodeText(raw, p.pos, where)
}

func (p *parser) skipDeclaration() {
	if p.at("\uFEFF") {
		p.pos += len("\uFEFF")
	}
	p.pos += xmlDeclaration(p.source[p.pos:min(len(p.source), p.pos+256)])
}

// next reads one piece of markup or text.
func (p *parser) next() error {
	if p.source[p.pos] != '<' {
		return p.characters()
	}
	if p.pos+1 < len(p.source) && p.source[p.pos+1] != '!' && p.source[p.pos+1] != '?' && p.source[p.pos+1] != '/' {
		return p.startTag()
	}
	switch {
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
	if i := strings.IndexByte(raw, '<'); i >= 0 {
		raw = raw[:i]
	}
	if p.open == nil {
		if strings.Trim(raw, whiteSpace) != "" {
			return p.malformed("text outside the root element")
		}
		p.pos += len(raw)
		return nil
	}
	if strings.IndexByte(raw, '>') >= 0 {
		if strings.Contains(raw, "]]>") {
			return p.malformed("]]> in text")
		}
		p.document.plain = false
	}
	text, err := p.decode(raw, inContent)
	if err != nil {
		return err
	}
	p.addText(text)
	p.pos += len(raw)
	return nil
}

func (p *parser) comment() error {
	body := p.source[p.pos+len("<!--"):]
	end := strings.Index(body, "--")
	if end < 0 || !strings.HasPrefix(body[end:], "-->") {
		return p.malformed("a comment that is not closed or holds --")
	}
	p.pos += len("<!--") + end + len("-->")
	return nil
}

func (p *parser) cdata() error {
	if p.open == nil {
		return p.malformed("a CDATA section outside the root element")
	}
	p.document.plain = false
	body := p.source[p.pos+len("<![CDATA["):]
	end := strings.Index(body, "]]>")
	if end < 0 {
		return p.malformed("a CDATA section that is not closed")
	}
	p.addText(normalizeLineEnds(body[:end]))
	p.pos += len("<![CDATA[") + end + len("]]>")
	return nil
}

// flush makes a text node of the characters read since the last tag, if any.
func (p *parser) flush() error {
	if p.text == "" && len(p.pieces) == 0 {
		return nil
	}
	return p.addNode()
}

func (p *parser) addNode() error {
	text := p.text
	if len(p.pieces) > 0 {
		text += strings.Join(p.pieces, "")
	}
	p.pending = append(p.pending, node{text: text})
	p.text, p.pieces = "", nil
	return p.count()
}

// addText keeps text until the next tag. There is mostly one piece, a part of the source
// that need not be copied.
func (p *parser) addText(text string) {
	if p.text == "" {
		p.text = text
	} else {
		p.pieces = append(p.pieces, text)
	}
}

// count counts one more element, attribute or text.
func (p *parser) count() error {
	if p.nodes++; p.nodes > p.maxNodes {
		return p.tooMany()
	}
	return nil
}

func (p *parser) tooMany() error {
	return failf(TooLarge, "more than %d elements, attributes and texts", p.maxNodes)
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
	name := p.open.qualified()
	if !p.at(name) {
		return p.malformed("the end tag does not belong to %s", name)
	}
	p.pos += len(name)
	p.skipSpace()
	if !p.sees('>') {
		return p.malformed("the end tag does not belong to %s", name)
	}
	p.pos++
	p.open.contentEnd = start
	p.close(p.open)
	return nil
}

// close ends the element at the present position.
func (p *parser) close(e *Element) {
	last := len(p.begun) - 1
	children := p.pending[p.begun[last]:]
	e.children = p.children.take(len(children))
	copy(e.children, children)
	p.pending, p.begun = p.pending[:p.begun[last]], p.begun[:last]
	e.end = p.pos
	p.open = e.Parent
}

func (p *parser) skipSpace() (skipped bool) {
	for p.pos < len(p.source) && isSpace(p.source[p.pos]) {
		p.pos++
		skipped = true
	}
	return skipped
}
