package soap

import (
	"time"

	"exfed/federation/xmlsec"
)

// TokenBlock returns the Security header by which a user of another organization identifies
// himself: the encrypted token as it was issued, byte for byte, and before it, unless
// created is zero, a Timestamp in whole seconds. The token is a bearer token: nothing is
// signed with its key, and TLS protects it ("IssuedTokenOverTransport", keyType BearerKey,
// in the bindings Exchange Server ships).
//
// Autodiscover demands the Timestamp, Exchange Web Services take none.
func TokenBlock(v Version, token []byte, created time.Time) Block {
	header := `<o:Security xmlns:o="` + xmlsec.NamespaceWSSE + `" xmlns:u="` + xmlsec.NamespaceWSU + `"` + v.mandatory() + `>`
	if !created.IsZero() {
		created = created.UTC().Truncate(time.Second)
		header += `<u:Timestamp u:Id="_0"><u:Created>` + created.Format(time.RFC3339) + `</u:Created>` +
			`<u:Expires>` + created.Add(timestampLife).Format(time.RFC3339) + `</u:Expires></u:Timestamp>`
	}
	return Block{XML: []byte(header + string(token) + `</o:Security>`)}
}

// Token returns the one encrypted token of the message's one Security header. A Timestamp
// before it, which nothing vouches for, must be fresh at now all the same; a Signature with
// the key of the token may be there and is not looked at. Anything else is refused, as is a
// message without a token: a *MessageError for which SecurityFailed is true.
func (m *Message) Token(now time.Time) (*xmlsec.Element, error) {
	security, err := m.Block(SecurityName())
	if err != nil {
		return nil, messageFault(Unsigned, "more than one Security header", err)
	}
	if security == nil {
		return nil, messageFault(Unsigned, "no Security header", nil)
	}
	parts := security.Elements()
	if len(parts) > 0 && parts[0].Is(xmlsec.NamespaceWSU, "Timestamp") {
		if err := checkUnsignedTimes(parts[0], now); err != nil {
			return nil, err
		}
		parts = parts[1:]
	}
	if len(parts) == 2 && parts[1].Is(xmlsec.NamespaceSignature, "Signature") {
		parts = parts[:1]
	}
	if len(parts) != 1 || !parts[0].Is(xmlsec.NamespaceEncryption, "EncryptedData") {
		return nil, messageFault(Unsigned, "the Security header is not one encrypted token, after a Timestamp or not", nil)
	}
	return parts[0], nil
}

func checkUnsignedTimes(timestamp *xmlsec.Element, now time.Time) error {
	created, err := readTime(timestamp, "Created")
	if err != nil {
		return err
	}
	expires, err := readTime(timestamp, "Expires")
	if err != nil {
		return err
	}
	return checkTimes(created, expires, now, DefaultSkew)
}
