package soap

import (
	"fmt"
	"slices"
	"strings"

	"exfed/federation/xmlsec"
)

// Message is a SOAP message that was read. Nothing in it has been verified.
type Message struct {
	Version Version
	Root    *xmlsec.Element
	Header  *xmlsec.Element // nil when there is none
	Body    *xmlsec.Element
	Payload *xmlsec.Element // the only child of Body
}

// ParseMessage reads a message of that version with exactly one child in its body.
// Header blocks marked mustUnderstand whose name is not among the understood ones are
// refused, whatever actor they are meant for. A failure is a *MessageError.
func ParseMessage(v Version, data []byte, limits xmlsec.Limits, understood ...xmlsec.Name) (*Message, error) {
	m, err := readMessage(v, data, limits)
	if err != nil {
		return nil, err
	}
	if err := m.checkUnderstood(understood); err != nil {
		return nil, err
	}
	return m, nil
}

func readMessage(v Version, data []byte, limits xmlsec.Limits) (*Message, error) {
	root, err := xmlsec.Parse(data, limits)
	if err != nil {
		return nil, messageFault(Malformed, "not acceptable XML", err)
	}
	if root.Name.Local == "Envelope" && root.Name.Space != v.Namespace() {
		return nil, messageFault(VersionMismatch, fmt.Sprintf("an envelope of %q", root.Name.Space), nil)
	}
	if root.Name.Local != "Envelope" {
		return nil, messageFault(Malformed, "not a SOAP envelope but "+root.Name.String(), nil)
	}
	m := &Message{Version: v, Root: root}
	return m, m.readParts()
}

// readParts finds an optional Header and one Body, in that order and nothing else.
func (m *Message) readParts() error {
	parts := m.Root.Elements()
	if len(parts) > 0 && parts[0].Is(m.Version.Namespace(), "Header") {
		m.Header, parts = parts[0], parts[1:]
	}
	if len(parts) != 1 || !parts[0].Is(m.Version.Namespace(), "Body") {
		return messageFault(Malformed, "an envelope holds at most one Header, then one Body", nil)
	}
	m.Body = parts[0]
	for _, e := range []*xmlsec.Element{m.Root, m.Header, m.Body} {
		if e != nil && strings.Trim(e.Text(), " \t\r\n") != "" {
			return messageFault(Malformed, "text in "+e.Name.Local, nil)
		}
	}
	var err error
	m.Payload, err = payloadOf(m.Body)
	return err
}

// payloadOf returns the only child of a body.
func payloadOf(body *xmlsec.Element) (*xmlsec.Element, error) {
	children := body.Elements()
	if len(children) != 1 {
		return nil, messageFault(Malformed, fmt.Sprintf("a body with %d elements, 1 is expected", len(children)), nil)
	}
	return children[0], nil
}

func (m *Message) checkUnderstood(understood []xmlsec.Name) error {
	for _, block := range m.Blocks() {
		mandatory, err := m.isMandatory(block)
		if err != nil {
			return err
		}
		if mandatory && !slices.Contains(understood, block.Name) {
			return messageFault(NotUnderstood, "the mandatory header block "+block.Name.String(), nil)
		}
	}
	return nil
}

func (m *Message) isMandatory(block *xmlsec.Element) (bool, error) {
	value, present := block.Attribute(m.Version.Namespace(), "mustUnderstand")
	switch {
	case !present, value == "0", value == "false":
		return false, nil
	case value == "1", value == "true":
		return true, nil
	}
	return false, messageFault(Malformed, "mustUnderstand is neither true nor false", nil)
}

// Blocks returns the header blocks in their order.
func (m *Message) Blocks() []*xmlsec.Element {
	if m.Header == nil {
		return nil
	}
	return m.Header.Elements()
}

// Block returns the only header block of that name, nil when there is none. Several
// are a *MessageError: two readers could choose differently among them.
func (m *Message) Block(name xmlsec.Name) (*xmlsec.Element, error) {
	if m.Header == nil {
		return nil, nil
	}
	block, err := m.Header.Optional(name.Space, name.Local)
	if err != nil {
		return nil, messageFault(Malformed, "header blocks", err)
	}
	return block, nil
}
