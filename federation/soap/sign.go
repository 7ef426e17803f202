package soap

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"exfed/federation/xmlsec"
)

// timestampLife is how long a message says it is good for.
const timestampLife = 5 * time.Minute

// Signing adds a WS-Security header to messages: a wsu:Timestamp and a signature
// over the header blocks marked Signed, the Timestamp and the body.
type Signing struct {
	Signer         xmlsec.Signer
	Now            func() time.Time // nil for the system's clock
	Rand           io.Reader        // for identifiers; nil for the randomness of the system
	MustUnderstand bool             // whether the header is marked so

	// NumberedIDs has the identifiers "_0" for the Timestamp, "_1" and so on for the signed
	// header blocks, then the body, as clients of token services write them. Two equal
	// messages of one second then have one signature, so whoever looks for replays needs
	// something else in the message to tell them by.
	NumberedIDs  bool
	UnsignedBody bool // leave the body out: the transport protects it
}

// Sign returns the signed message. The Security header comes last and holds the
// Timestamp, then the Signature. Identifiers are random unless they are to be numbered,
// so that two equal requests in one second have different signatures and the second is no
// replay.
//
// A part that is not one element is a *MessageError; a failure to sign is an
// *xmlsec.Error.
func (s Signing) Sign(e Envelope) ([]byte, error) {
	name, err := s.identifiers()
	if err != nil {
		return nil, err
	}
	var ids []string
	timestamp := name("timestamp", 0)
	blocks := make([]Block, 0, len(e.Headers)+1)
	for i, block := range e.Headers {
		if block.Signed {
			var id string
			if block.XML, id, err = identify(block.XML, name("block", len(ids)+1)); err != nil {
				return nil, messageFault(Malformed, fmt.Sprintf("header block %d", i+1), err)
			}
			ids = append(ids, id)
		}
		blocks = append(blocks, block)
	}
	body := ""
	if !s.UnsignedBody {
		body = name("body", len(ids)+1)
	}
	ids = append(ids, timestamp)
	if body != "" {
		ids = append(ids, body)
	}
	blocks = append(blocks, Block{XML: s.header(e.Version, timestamp)})
	unsigned, err := Envelope{Version: e.Version, Headers: blocks, Body: e.Body}.write(body)
	if err != nil {
		return nil, err
	}
	return s.place(e.Version, unsigned, ids)
}

// identifiers returns what makes the identifiers of one message.
func (s Signing) identifiers() (func(part string, number int) string, error) {
	if s.NumberedIDs {
		return func(_ string, number int) string { return fmt.Sprintf("_%d", number) }, nil
	}
	salt, err := s.salt()
	return func(part string, number int) string { return fmt.Sprintf("%s%d-%s", part, number, salt) }, err
}

// place puts the signature into the Security header of the message.
func (s Signing) place(v Version, unsigned []byte, ids []string) ([]byte, error) {
	message, err := readMessage(v, unsigned, sendLimits(len(unsigned)))
	if err != nil {
		return nil, err
	}
	security, err := message.Block(SecurityName())
	if err != nil {
		return nil, err
	}
	signature, err := s.Signer.Sign(message.Root, ids...)
	if err != nil {
		return nil, err
	}
	return security.WithChild(signature), nil
}

// header returns the Security header with its Timestamp, in whole seconds.
func (s Signing) header(v Version, id string) []byte {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	created := now().UTC().Truncate(time.Second)
	mandatory := ""
	if s.MustUnderstand {
		mandatory = v.mandatory()
	}
	return []byte(`<o:Security xmlns:o="` + xmlsec.NamespaceWSSE + `" xmlns:u="` + xmlsec.NamespaceWSU + `"` + mandatory + `>` +
		`<u:Timestamp u:Id="` + id + `"><u:Created>` + created.Format(time.RFC3339) + `</u:Created>` +
		`<u:Expires>` + created.Add(timestampLife).Format(time.RFC3339) + `</u:Expires></u:Timestamp></o:Security>`)
}

func (s Signing) salt() (string, error) {
	random := s.Rand
	if random == nil {
		random = rand.Reader
	}
	var salt [16]byte
	if _, err := io.ReadFull(random, salt[:]); err != nil {
		return "", fmt.Errorf("random identifiers: %w", err)
	}
	return hex.EncodeToString(salt[:]), nil
}

// identify returns the block with a wsu:Id, the one it has or the given one, and the
// identifier. The prefix is one that no block is likely to use for something else;
// if it does, the block does not parse any more and is refused.
func identify(block []byte, id string) (identified []byte, used string, err error) {
	root, err := xmlsec.Parse(block, sendLimits(len(block)))
	if err != nil {
		return nil, "", err
	}
	if own, present := root.Attribute(xmlsec.NamespaceWSU, "Id"); present {
		return block, own, nil
	}
	source := root.Source()
	name := len("<") + len(root.Name.Local)
	if root.Prefix != "" {
		name += len(root.Prefix) + len(":")
	}
	attribute := ` xmlns:wsuid="` + xmlsec.NamespaceWSU + `" wsuid:Id="` + id + `"`
	return append(append(source[:name:name], attribute...), source[name:]...), id, nil
}

// sendLimits are for what this side made: only its depth is in doubt.
func sendLimits(size int) xmlsec.Limits {
	return xmlsec.Limits{Bytes: size, Nodes: size}
}
