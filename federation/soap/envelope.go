package soap

import (
	"bytes"
	"fmt"

	"exfed/federation/xmlsec"
)

// SecurityName returns the name of the WS-Security header block.
func SecurityName() xmlsec.Name {
	return xmlsec.Name{Space: xmlsec.NamespaceWSSE, Local: "Security"}
}

// Block is a header block to send.
type Block struct {
	XML    []byte // one element that declares its own prefixes
	Signed bool   // whether Signing covers it
}

// Envelope is a message to send. The parts are put into it byte for byte, so that
// what was signed or encrypted elsewhere stays intact.
type Envelope struct {
	Version Version
	Headers []Block
	Body    []byte // the one child of s:Body, an element that declares its own prefixes; empty for none
	// Written says that Headers and Body come from code that escapes whatever it was given, and so
	// are not read again to see whether they are well-formed: of a large answer that takes a third
	// of the time.
	Written bool
}

// Bytes returns the message in UTF-8. A part that is not one well-formed element is
// a *MessageError.
func (e Envelope) Bytes() ([]byte, error) { return e.write("") }

// write returns the message; bodyID becomes the wsu:Id of the body if there is one.
func (e Envelope) write(bodyID string) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(e.size())
	out.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n" +
		`<s:Envelope xmlns:s="` + e.Version.Namespace() + `" xmlns:u="` + xmlsec.NamespaceWSU + `">`)
	if len(e.Headers) > 0 {
		out.WriteString(`<s:Header>`)
		for i, block := range e.Headers {
			if err := e.checkPart(block.XML); err != nil {
				return nil, messageFault(Malformed, fmt.Sprintf("header block %d", i+1), err)
			}
			out.Write(block.XML)
		}
		out.WriteString(`</s:Header>`)
	}
	if bodyID == "" {
		out.WriteString(`<s:Body>`)
	} else {
		out.WriteString(`<s:Body u:Id="` + bodyID + `">`)
	}
	if len(e.Body) > 0 {
		if err := e.checkPart(e.Body); err != nil {
			return nil, messageFault(Malformed, "the body", err)
		}
		out.Write(e.Body)
	}
	out.WriteString(`</s:Body></s:Envelope>`)
	return out.Bytes(), nil
}

// size is the length of the message, or a little more.
func (e Envelope) size() int {
	const around = 512
	size := around + len(e.Body)
	for _, block := range e.Headers {
		size += len(block.XML)
	}
	return size
}

// checkPart sees to it that a part is one element on its own, so that no text in it
// can close what is around it.
func (e Envelope) checkPart(part []byte) error {
	if e.Written {
		return nil
	}
	if bytes.HasPrefix(part, []byte("<?")) || bytes.HasPrefix(part, []byte("\uFEFF")) {
		return fmt.Errorf("a part of a message has no XML declaration and no byte order mark")
	}
	_, err := xmlsec.Parse(part, sendLimits(len(part)))
	return err
}
