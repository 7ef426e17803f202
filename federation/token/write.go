package token

import (
	"encoding/base64"
	"time"
	"unicode/utf8"

	"exfed/federation"
	"exfed/federation/xmlsec"
)

// instantLayout writes xs:dateTime with milliseconds, in UTC.
const instantLayout = "2006-01-02T15:04:05.000Z"

// maxText bounds each text of an assertion, in bytes.
const maxText = 1024

const assertionEnd = "</saml:Assertion>"

// sizes of proof keys in bytes: what an HMAC takes at least, and more than anything needs.
const (
	minProofKey = 16
	maxProofKey = 64
)

// checkWritable refuses what would make an assertion that no reader accepts.
func (a assertion) checkWritable() error {
	for _, text := range []string{a.id, a.issuer, a.audience, a.nameIdentifier} {
		if !Writable(text) {
			return federation.Errorf(federation.Invalid, "TokenClaim", object, "%.80q cannot stand in one", text)
		}
	}
	for _, attribute := range a.attributes {
		if !Writable(attribute.Namespace) || !Writable(attribute.Name) || !Writable(attribute.Value) {
			return federation.Errorf(federation.Invalid, "TokenClaim", object, "%s %.80q cannot stand in one", attribute.Name, attribute.Value)
		}
	}
	if a.proofKey != nil && (len(a.proofKey) < minProofKey || len(a.proofKey) > maxProofKey) {
		return federation.Errorf(federation.Invalid, "TokenClaim", object, "a proof key of %d bytes cannot stand in one", len(a.proofKey))
	}
	if !a.notBefore.Before(a.notOnOrAfter) {
		return federation.Errorf(federation.Invalid, "TokenClaim", object, "it would never be valid")
	}
	return nil
}

// Writable reports whether a text can stand in an assertion: it is UTF-8 without control
// characters, of at most 1024 bytes, and there is some of it. Line ends and tabs are control
// characters too: readers normalize them differently.
func Writable(text string) bool {
	if text == "" || len(text) > maxText || !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if r < 0x20 || r >= 0x7F && r <= 0x9F || r == 0xFFFE || r == 0xFFFF {
			return false
		}
	}
	return true
}

// order is the order of attributes in the two start tags in which token issuers do not
// write them in canonical order.
type order int

const (
	canonical order = iota // Exclusive XML Canonicalization: what is signed
	asIssued               // what the Microsoft gateway sends: a reader of text may look for it
)

// signed returns the assertion with the signature that signer makes. What is signed is
// the canonical form; what goes out has its attributes in the order token issuers write.
func (a assertion) signed(signer xmlsec.Signer) ([]byte, error) {
	if err := a.checkWritable(); err != nil {
		return nil, err
	}
	form := a.append(make([]byte, 0, a.size()+signatureSize), canonical)
	signature, err := signer.EnvelopedSignature(form, a.id)
	if err != nil {
		return nil, err
	}
	out := a.append(form[:0], asIssued) // which is of the same length
	out = append(out[:len(out)-len(assertionEnd)], signature...)
	return append(out, assertionEnd...), nil
}

// signatureSize is the length of a signature by a key of 2048 bits, or a little more.
const signatureSize = 2560

// size is the length of the assertion without a signature, or a little more.
func (a assertion) size() int {
	const tags = 1536
	return tags + len(a.audience) + 2*len(a.nameIdentifier) + 256*len(a.attributes)
}

// append writes the assertion without a signature. There is no white space between
// elements.
func (a assertion) append(out []byte, in order) []byte {
	out = a.appendStart(out, in)
	out = appendInstant(append(out, `<saml:Conditions NotBefore="`...), a.notBefore)
	out = appendInstant(append(out, `" NotOnOrAfter="`...), a.notOnOrAfter)
	out = append(out, `"><saml:AudienceRestrictionCondition><saml:Audience>`...)
	out = xmlsec.AppendText(out, a.audience)
	out = append(out, `</saml:Audience></saml:AudienceRestrictionCondition></saml:Conditions>`...)
	out = a.appendAuthentication(out, in)
	out = append(out, `<saml:AttributeStatement><saml:Subject>`...)
	out = a.appendName(out)
	out = append(out, `</saml:Subject>`...)
	for _, attribute := range a.attributes {
		out = xmlsec.AppendValue(append(out, `<saml:Attribute AttributeName="`...), attribute.Name)
		out = xmlsec.AppendValue(append(out, `" AttributeNamespace="`...), attribute.Namespace)
		out = xmlsec.AppendText(append(out, `"><saml:AttributeValue>`...), attribute.Value)
		out = append(out, `</saml:AttributeValue></saml:Attribute>`...)
	}
	out = append(out, `</saml:AttributeStatement>`...)
	return append(out, assertionEnd...)
}

func (a assertion) appendStart(out []byte, in order) []byte {
	const declaration, versions = ` xmlns:saml="` + Namespace + `"`, ` MajorVersion="1" MinorVersion="1"`
	out = append(out, `<saml:Assertion`...)
	if in == canonical {
		out = append(append(append(out, declaration+` AssertionID="`...), a.id...), '"')
		out = append(appendInstant(append(out, ` IssueInstant="`...), a.issueInstant), '"')
		out = append(xmlsec.AppendValue(append(out, ` Issuer="`...), a.issuer), '"')
		return append(out, versions+`>`...)
	}
	out = append(append(append(out, versions+` AssertionID="`...), a.id...), '"')
	out = append(xmlsec.AppendValue(append(out, ` Issuer="`...), a.issuer), '"')
	out = append(appendInstant(append(out, ` IssueInstant="`...), a.issueInstant), '"')
	return append(out, declaration+`>`...)
}

func (a assertion) appendAuthentication(out []byte, in order) []byte {
	const method = ` AuthenticationMethod="` + byPassword + `"`
	out = append(out, `<saml:AuthenticationStatement`...)
	if in == asIssued {
		out = append(out, method...)
	}
	out = append(appendInstant(append(out, ` AuthenticationInstant="`...), a.issueInstant), '"')
	if in == canonical {
		out = append(out, method...)
	}
	out = a.appendName(append(out, `><saml:Subject>`...))
	if a.proofKey != nil {
		out = append(out, `<saml:SubjectConfirmation><saml:ConfirmationMethod>`+holderOfKey+`</saml:ConfirmationMethod><KeyInfo xmlns="`+
			xmlsec.NamespaceSignature+`"><trust:BinarySecret xmlns:trust="`+namespaceTrust+`">`...)
		out = base64.StdEncoding.AppendEncode(out, a.proofKey)
		out = append(out, `</trust:BinarySecret></KeyInfo></saml:SubjectConfirmation>`...)
	}
	return append(out, `</saml:Subject></saml:AuthenticationStatement>`...)
}

func (a assertion) appendName(out []byte) []byte {
	out = append(out, `<saml:NameIdentifier Format="`+formatUPN+`">`...)
	out = xmlsec.AppendText(out, a.nameIdentifier)
	return append(out, `</saml:NameIdentifier>`...)
}

func appendInstant(out []byte, t time.Time) []byte { return t.UTC().AppendFormat(out, instantLayout) }
