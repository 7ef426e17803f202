package broker

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"exfed/federation/xmlsec"
)

// The length of proof keys, in bytes: what an HMAC takes at least, and more than anybody sends.
const (
	minProofKey = 16
	maxProofKey = 64
)

// lifetimeLayout writes xs:dateTime as the assertion does, so that the two are equal.
const lifetimeLayout = "2006-01-02T15:04:05.000Z"

// RequestSecurityTokenResponse is the answer to a RequestSecurityToken (WS-Trust February
// 2005 section 5.2). ProofKey is secret.
type RequestSecurityTokenResponse struct {
	AppliesTo   string // application URI of the organization the token is for, as a URI; empty when not said
	Created     time.Time
	Expires     time.Time
	Encrypted   []byte // the xenc:EncryptedData as it came or is to go out
	AssertionID string // of the assertion within; "" when not said
	ProofKey    []byte
}

// Marshal returns the child of the SOAP body. The encrypted token is put in byte for byte.
func (r RequestSecurityTokenResponse) Marshal() []byte {
	const around = 2 << 10 // more than what is written here besides
	var w writer
	w.Grow(len(r.Encrypted) + around)
	w.WriteString(`<t:RequestSecurityTokenResponse xmlns:t="` + NamespaceTrust + `" xmlns:wsp="` + namespacePolicy +
		`" xmlns:a="` + NamespaceAddressing + `" xmlns:wsu="` + xmlsec.NamespaceWSU + `">`)
	w.leaf("t:TokenType", tokenTypeSAML11)
	w.appliesTo(r.AppliesTo)
	w.open("t:Lifetime", "")
	w.leaf("wsu:Created", r.Created.UTC().Format(lifetimeLayout))
	w.leaf("wsu:Expires", r.Expires.UTC().Format(lifetimeLayout))
	w.close("t:Lifetime")
	w.open("t:RequestedSecurityToken", "")
	w.Write(r.Encrypted)
	w.close("t:RequestedSecurityToken")
	reference := xmlsec.AssertionReference(r.AssertionID).String()
	w.holding("t:RequestedAttachedReference", reference)
	w.holding("t:RequestedUnattachedReference", reference)
	w.open("t:RequestedProofToken", "")
	w.leaf("t:BinarySecret", base64.StdEncoding.EncodeToString(r.ProofKey))
	w.close("t:RequestedProofToken")
	w.close("t:RequestSecurityTokenResponse")
	return w.Bytes()
}

// holding writes an element around XML that was made elsewhere.
func (w *writer) holding(name, content string) {
	w.open(name, "")
	w.WriteString(content)
	w.close(name)
}

// ParseRequestSecurityTokenResponse reads the child of the SOAP body, a response or a
// collection of one. Token, lifetime and proof key are required, AppliesTo is not.
func ParseRequestSecurityTokenResponse(body *xmlsec.Element) (RequestSecurityTokenResponse, error) {
	if body.Name == trustName("RequestSecurityTokenResponseCollection") {
		only, err := onlyBelow(body, trustName("RequestSecurityTokenResponse"))
		if err != nil {
			return RequestSecurityTokenResponse{}, err
		}
		body = only
	}
	if body.Name != trustName("RequestSecurityTokenResponse") {
		return RequestSecurityTokenResponse{}, fmt.Errorf("%s is no answer with a token", body.Name)
	}
	var r RequestSecurityTokenResponse
	for _, read := range []func(*xmlsec.Element) error{r.readToken, r.readLifetime, r.readProofKey, r.readAudience, r.readReference} {
		if err := read(body); err != nil {
			return RequestSecurityTokenResponse{}, err
		}
	}
	return r, nil
}

// readToken keeps the encrypted token as it stands in the answer, unless it needs
// prefixes that are declared around it.
func (r *RequestSecurityTokenResponse) readToken(body *xmlsec.Element) error {
	encrypted, err := onlyBelow(body, trustName("RequestedSecurityToken"), xmlsec.Name{Space: xmlsec.NamespaceEncryption, Local: "EncryptedData"})
	if err != nil {
		return err
	}
	r.Encrypted = encrypted.Source()
	if _, err := xmlsec.Parse(r.Encrypted, xmlsec.Limits{}); err != nil {
		r.Encrypted = encrypted.Canonical()
	}
	return nil
}

func (r *RequestSecurityTokenResponse) readLifetime(body *xmlsec.Element) (err error) {
	if r.Created, err = readInstant(body, "Created"); err != nil {
		return err
	}
	if r.Expires, err = readInstant(body, "Expires"); err != nil {
		return err
	}
	if !r.Created.Before(r.Expires) {
		return fmt.Errorf("the token would never be valid")
	}
	return nil
}

func readInstant(body *xmlsec.Element, local string) (time.Time, error) {
	text, err := onlyText(body, trustName("Lifetime"), xmlsec.Name{Space: xmlsec.NamespaceWSU, Local: local})
	if err != nil {
		return time.Time{}, err
	}
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is no time", local)
	}
	return instant.UTC(), nil
}

// readProofKey says nothing about a key that it refuses.
func (r *RequestSecurityTokenResponse) readProofKey(body *xmlsec.Element) error {
	text, err := onlyText(body, trustName("RequestedProofToken"), trustName("BinarySecret"))
	if err != nil {
		return err
	}
	key, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil || len(key) < minProofKey || len(key) > maxProofKey {
		return fmt.Errorf("the proof key is not %d to %d bytes in Base64", minProofKey, maxProofKey)
	}
	r.ProofKey = key
	return nil
}

func (r *RequestSecurityTokenResponse) readAudience(body *xmlsec.Element) error {
	holder, err := body.Optional(namespacePolicy, "AppliesTo")
	if err != nil || holder == nil {
		return err
	}
	r.AppliesTo, err = readAppliesTo(body)
	return err
}

// readReference reads the identifier of the assertion where the answer says it.
func (r *RequestSecurityTokenResponse) readReference(body *xmlsec.Element) error {
	holder, err := body.Optional(NamespaceTrust, "RequestedAttachedReference")
	if err != nil || holder == nil {
		return err
	}
	for _, identifier := range below(holder, xmlsec.NamespaceWSSE, "KeyIdentifier") {
		r.AssertionID = strings.TrimSpace(identifier.Text())
	}
	return nil
}
