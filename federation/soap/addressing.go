package soap

import (
	"crypto/rand"
	"fmt"
	"io"
	"strings"

	"exfed/federation/xmlsec"
)

// AnonymousAddress is the wsa:Address that means: answer the way the request came.
const AnonymousAddress = "http://www.w3.org/2005/08/addressing/anonymous"

// Addressing is what the header blocks of WS-Addressing 1.0 say about a message. An
// empty field stands for a block that is not there.
type Addressing struct {
	To        string
	Action    string
	MessageID string // an absolute URI, see NewMessageID
	ReplyTo   string // the wsa:Address in it
	RelatesTo string // the MessageID of the request, in an answer
}

// ToName returns the name of the header block that says where a message goes, which is
// the one that token services want signed.
func ToName() xmlsec.Name { return addressingName("To") }

// AddressingNames returns the names of the header blocks that Message.Addressing reads,
// for the understood ones of ParseMessage.
func AddressingNames() []xmlsec.Name {
	return []xmlsec.Name{
		ToName(), addressingName("Action"), addressingName("MessageID"), addressingName("ReplyTo"), addressingName("RelatesTo"),
	}
}

func addressingName(local string) xmlsec.Name {
	return xmlsec.Name{Space: NamespaceAddressing, Local: local}
}

// NewMessageID returns a urn:uuid of version 4. random is nil for the randomness of the
// system.
func NewMessageID(random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	var id [16]byte
	if _, err := io.ReadFull(random, id[:]); err != nil {
		return "", fmt.Errorf("a random message identifier: %w", err)
	}
	id[6], id[8] = id[6]&0x0F|0x40, id[8]&0x3F|0x80 // RFC 9562 §5.4
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]), nil
}

// Blocks returns the header blocks in the order in which the clients of token services
// send them. To and Action must be understood, and To is to be signed.
func (a Addressing) Blocks(v Version) []Block {
	var blocks []Block
	add := func(local, value, mandatory string, signed bool) {
		if value != "" {
			blocks = append(blocks, Block{Signed: signed, XML: []byte(`<a:` + local + ` xmlns:a="` + NamespaceAddressing + `"` + mandatory + `>` +
				value + `</a:` + local + `>`)})
		}
	}
	add("To", xmlsec.Escape(a.To), v.mandatory(), true)
	add("Action", xmlsec.Escape(a.Action), v.mandatory(), false)
	add("MessageID", xmlsec.Escape(a.MessageID), "", false)
	if a.ReplyTo != "" {
		add("ReplyTo", `<a:Address>`+xmlsec.Escape(a.ReplyTo)+`</a:Address>`, "", false)
	}
	add("RelatesTo", xmlsec.Escape(a.RelatesTo), "", false)
	return blocks
}

// Addressing reads the header blocks of WS-Addressing. Nothing in them has been
// verified. A block that is there twice, or does not hold one text, is a *MessageError.
func (m *Message) Addressing() (Addressing, error) {
	var a Addressing
	for _, field := range []struct {
		local string
		value *string
	}{{"To", &a.To}, {"Action", &a.Action}, {"MessageID", &a.MessageID}, {"ReplyTo", &a.ReplyTo}, {"RelatesTo", &a.RelatesTo}} {
		block, err := m.Block(addressingName(field.local))
		if err == nil && block != nil && field.local == "ReplyTo" {
			block, err = block.Only(NamespaceAddressing, "Address")
		}
		if err == nil && block != nil {
			*field.value, err = block.Value()
		}
		if err != nil {
			return Addressing{}, messageFault(Malformed, "wsa:"+field.local, err)
		}
		*field.value = strings.TrimSpace(*field.value)
	}
	return a, nil
}
