package xmlsec

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
)

// Markup is an element, written out, that declares its own prefixes. It is well-formed: it comes
// from this package, or from ParseMarkup.
type Markup struct {
	name Name
	text string
}

// ParseMarkup returns the element that is all of text. A failure is an *Error as those of Parse.
func ParseMarkup(text string) (Markup, error) {
	e, err := Parse([]byte(text), Limits{})
	if err != nil {
		return Markup{}, err
	}
	return Markup{e.Name, e.document.source[e.start:e.end]}, nil
}

func (m Markup) String() string { return m.text }

// X509DataKeyInfo returns a ds:KeyInfo that carries the certificate itself.
func X509DataKeyInfo(certificate *x509.Certificate) Markup {
	return keyInfo(`<X509Data><X509Certificate>` + base64.StdEncoding.EncodeToString(certificate.Raw) + `</X509Certificate></X509Data>`)
}

// IssuerSerialKeyInfo returns a ds:KeyInfo that names the certificate by its issuer, in
// the form of RFC 2253, and its serial number.
func IssuerSerialKeyInfo(certificate *x509.Certificate) Markup {
	return keyInfo(`<X509Data><X509IssuerSerial><X509IssuerName>` + Escape(certificate.Issuer.String()) +
		`</X509IssuerName><X509SerialNumber>` + certificate.SerialNumber.String() + `</X509SerialNumber></X509IssuerSerial></X509Data>`)
}

// SubjectKeyIdentifierKeyInfo returns a ds:KeyInfo that names the certificate by the
// subject key identifier it holds. A certificate without one is an *Error of code
// KeyRefused: a computed one need not be what the other side computes.
func SubjectKeyIdentifierKeyInfo(certificate *x509.Certificate) (Markup, error) {
	identifier, err := subjectKeyIdentifier(certificate)
	if err != nil {
		return Markup{}, err
	}
	return keyInfo(tokenReference(`<o:KeyIdentifier ValueType="` + typeSKI + `" EncodingType="` + base64Binary + `">` +
		identifier + `</o:KeyIdentifier>`)), nil
}

// ThumbprintKeyInfo returns a ds:KeyInfo that names the certificate by its SHA-1
// thumbprint (WS-Security 1.1).
func ThumbprintKeyInfo(certificate *x509.Certificate) Markup {
	thumbprint := sha1.Sum(certificate.Raw)
	return keyInfo(tokenReference(`<o:KeyIdentifier ValueType="` + typeSHA1 + `" EncodingType="` + base64Binary + `">` +
		base64.StdEncoding.EncodeToString(thumbprint[:]) + `</o:KeyIdentifier>`))
}

// TokenKeyInfo returns a ds:KeyInfo that refers to the BinarySecurityToken of that
// identifier in the same document.
func TokenKeyInfo(id string) Markup {
	return keyInfo(tokenReference(`<o:Reference URI="#` + Escape(id) + `" ValueType="` + typeX509v3 + `"></o:Reference>`))
}

// BinarySecurityToken returns the wsse:BinarySecurityToken that carries a certificate.
func BinarySecurityToken(certificate *x509.Certificate, id string) []byte {
	return []byte(`<o:BinarySecurityToken xmlns:o="` + NamespaceWSSE + `" xmlns:u="` + NamespaceWSU + `" u:Id="` + Escape(id) +
		`" ValueType="` + typeX509v3 + `" EncodingType="` + base64Binary + `">` +
		base64.StdEncoding.EncodeToString(certificate.Raw) + `</o:BinarySecurityToken>`)
}

// AssertionKeyInfo returns a ds:KeyInfo that names the key which a SAML assertion holds.
func AssertionKeyInfo(assertionID string) Markup {
	return keyInfo(AssertionReference(assertionID).text)
}

// AssertionReference returns the wsse:SecurityTokenReference to a SAML 1.1 assertion
// (SAML Token Profile 1.0 §3.4).
func AssertionReference(assertionID string) Markup {
	return Markup{
		Name{NamespaceWSSE, "SecurityTokenReference"},
		tokenReference(`<o:KeyIdentifier ValueType="` + typeSAML + `">` + Escape(assertionID) + `</o:KeyIdentifier>`),
	}
}

// SubjectKeyReference returns the wsse:SecurityTokenReference by which an Encrypter names
// its recipient, the attributes in the order in which token issuers write them there. A
// certificate without a subject key identifier is an *Error of code KeyRefused.
func SubjectKeyReference(certificate *x509.Certificate) (Markup, error) {
	identifier, err := subjectKeyIdentifier(certificate)
	if err != nil {
		return Markup{}, err
	}
	return Markup{
		Name{NamespaceWSSE, "SecurityTokenReference"},
		`<wsse:SecurityTokenReference xmlns:wsse="` + NamespaceWSSE + `">` +
			`<wsse:KeyIdentifier EncodingType="` + base64Binary + `" ValueType="` + typeSKI + `">` +
			identifier + `</wsse:KeyIdentifier></wsse:SecurityTokenReference>`,
	}, nil
}

func subjectKeyIdentifier(certificate *x509.Certificate) (string, error) {
	if len(certificate.SubjectKeyId) == 0 {
		return "", failf(KeyRefused, "the certificate has no subject key identifier")
	}
	return base64.StdEncoding.EncodeToString(certificate.SubjectKeyId), nil
}

func keyInfo(content string) Markup {
	return Markup{nameKeyInfo(), `<KeyInfo xmlns="` + NamespaceSignature + `">` + content + `</KeyInfo>`}
}

func nameKeyInfo() Name { return Name{NamespaceSignature, "KeyInfo"} }

func tokenReference(content string) string {
	return `<o:SecurityTokenReference xmlns:o="` + NamespaceWSSE + `">` + content + `</o:SecurityTokenReference>`
}
