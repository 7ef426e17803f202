package soap

import (
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"exfed/federation/xmlsec"
)

// DefaultSkew is how far the sender's clock may be off.
const DefaultSkew = 5 * time.Minute

// Verification checks the WS-Security header of messages.
type Verification struct {
	Algorithms xmlsec.Algorithms
	SelectKey  xmlsec.KeySelector
	Now        func() time.Time // nil for the system's clock
	Skew       time.Duration    // 0 for DefaultSkew
	Covered    []xmlsec.Name    // header blocks that must be signed when they are present
	Required   []xmlsec.Name    // header blocks that must be present and signed

	// UnsignedBody allows a body that is not signed, as clients of token services send
	// it. Sender.Payload is nil then, and the body is whatever the transport vouches for.
	UnsignedBody bool
}

// Sender is who signed a message, and what of it was signed. Nothing else of the
// message may be relied on.
type Sender struct {
	Certificate *x509.Certificate // the one the KeySelector returned
	Method      xmlsec.SignatureMethod
	Payload     *xmlsec.Element // the only child of the body; nil when it is not signed
	KeyInfo     xmlsec.KeyInfo  // what the message says about the key
	Created     time.Time
	Expires     time.Time

	// ReplayKey is the same for two messages exactly when they carry the same
	// signature. A message of that key is to be refused until ReplayUntil, from when
	// on it is stale anyway.
	ReplayKey   [sha256.Size]byte
	ReplayUntil time.Time

	blocks map[xmlsec.Name]*xmlsec.Element
}

// Block returns the signed header block of that name, one of Verification.Covered or
// Required; nil when the message has none.
func (s *Sender) Block(name xmlsec.Name) *xmlsec.Element { return s.blocks[name] }

// Verify demands one Security header that holds one Timestamp, then one Signature, and
// perhaps a BinarySecurityToken before or behind it. The Signature covers this very
// Timestamp, the body of this envelope unless it may be unsigned, and each header block
// named in Covered and Required; it may cover more. Created must be less
// than Skew away from the clock on either side, exactly Skew being refused as the real
// service does, and Expires must not be before Created. A message that expired less
// than Skew ago thus passes: the sender's clock may be slow.
//
// A failure is a *MessageError for which SecurityFailed is true, or of code
// Malformed. It looks for no replay: that takes a memory, see Sender.ReplayKey.
func (v Verification) Verify(m *Message) (*Sender, error) {
	timestamp, signature, err := securityParts(m)
	if err != nil {
		return nil, err
	}
	verified, err := xmlsec.Verify(signature, v.Algorithms, v.SelectKey)
	if err != nil {
		return nil, messageFault(Untrusted, "the signature is not accepted", err)
	}
	sender := &Sender{
		Certificate: verified.Certificate, Method: verified.Method, KeyInfo: verified.KeyInfo,
		ReplayKey: sha256.Sum256(verified.Value), blocks: map[xmlsec.Name]*xmlsec.Element{},
	}
	if err := v.readTimes(sender, verified, timestamp); err != nil {
		return nil, err
	}
	if err := v.readBlocks(sender, verified, m); err != nil {
		return nil, err
	}
	body, err := covered(verified, m.Body)
	if err != nil && v.UnsignedBody {
		return sender, nil
	}
	if err != nil {
		return nil, err
	}
	if sender.Payload, err = payloadOf(body); err != nil {
		return nil, err
	}
	return sender, nil
}

// securityParts finds the two parts of the Security header that count, and refuses
// any other: a second signature or timestamp is an attempt to have one checked and
// the other used.
func securityParts(m *Message) (timestamp, signature *xmlsec.Element, err error) {
	security, err := m.Block(SecurityName())
	if err != nil {
		return nil, nil, messageFault(Unsigned, "more than one Security header", err)
	}
	if security == nil {
		return nil, nil, messageFault(Unsigned, "no Security header", nil)
	}
	parts := security.Elements()
	if token := slices.IndexFunc(parts, isBinaryToken); token > 0 {
		parts = slices.Delete(parts, token, token+1)
	}
	if len(parts) != 2 || !parts[0].Is(xmlsec.NamespaceWSU, "Timestamp") ||
		!parts[1].Is(xmlsec.NamespaceSignature, "Signature") {
		return nil, nil, messageFault(Unsigned, "the Security header is not one Timestamp and one Signature", nil)
	}
	return parts[0], parts[1], nil
}

func isBinaryToken(e *xmlsec.Element) bool {
	return e.Is(xmlsec.NamespaceWSSE, "BinarySecurityToken")
}

// covered returns the signed form of an element of the message.
func covered(verified *xmlsec.Verified, e *xmlsec.Element) (*xmlsec.Element, error) {
	signed, ok := verified.Of(e)
	if !ok {
		return nil, messageFault(NotCovered, "the signature does not cover "+e.Name.Local, nil)
	}
	return signed, nil
}

func (v Verification) readBlocks(sender *Sender, verified *xmlsec.Verified, m *Message) error {
	for _, name := range slices.Concat(v.Required, v.Covered) {
		block, err := m.Block(name)
		if err != nil {
			return err
		}
		if block == nil && slices.Contains(v.Required, name) {
			return messageFault(NotCovered, "no header block "+name.Local, nil)
		}
		if block == nil {
			continue
		}
		if sender.blocks[name], err = covered(verified, block); err != nil {
			return err
		}
	}
	return nil
}

func (v Verification) readTimes(sender *Sender, verified *xmlsec.Verified, timestamp *xmlsec.Element) error {
	signed, err := covered(verified, timestamp)
	if err != nil {
		return err
	}
	if sender.Created, err = readTime(signed, "Created"); err != nil {
		return err
	}
	if sender.Expires, err = readTime(signed, "Expires"); err != nil {
		return err
	}
	now, skew := time.Now, DefaultSkew
	if v.Now != nil {
		now = v.Now
	}
	if v.Skew != 0 {
		skew = v.Skew
	}
	sender.ReplayUntil = sender.Created.Add(skew)
	return checkTimes(sender.Created, sender.Expires, now(), skew)
}

// checkTimes needs to look at the clock for Created only: Expires is not before it, and
// so cannot be further in the past.
func checkTimes(created, expires, now time.Time, skew time.Duration) error {
	switch {
	case expires.Before(created):
		return messageFault(Stale, "the message expires before it was created", nil)
	case now.Sub(created).Abs() >= skew:
		return messageFault(Stale, fmt.Sprintf("created at %s, which is %s or more from the time here, %s",
			created.Format(time.RFC3339), skew, now.UTC().Format(time.RFC3339)), nil)
	}
	return nil
}

// readTime reads an xsd:dateTime with a time zone, in whole seconds or with a
// fraction.
func readTime(timestamp *xmlsec.Element, local string) (time.Time, error) {
	e, err := timestamp.Only(xmlsec.NamespaceWSU, local)
	if err != nil {
		return time.Time{}, messageFault(Unsigned, "the Timestamp", err)
	}
	text, err := e.Value()
	if err != nil {
		return time.Time{}, messageFault(Unsigned, "the Timestamp", err)
	}
	text = strings.TrimSpace(text)
	const longest = len("2030-01-01T00:00:00.000000000+00:00")
	if len(text) > longest {
		return time.Time{}, messageFault(Unsigned, local+" is no time", nil)
	}
	value, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, messageFault(Unsigned, local+" is no time", err)
	}
	return value.UTC(), nil
}
