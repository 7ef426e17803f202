package xmlsec

import (
	"crypto/x509"
	"math/big"
	"strings"
)

// Value types of a wsse:KeyIdentifier and a wsse:BinarySecurityToken (WS-Security
// X.509 Certificate Token Profile 1.0 and 1.1, SAML Token Profile 1.0).
const (
	x509Profile  = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0"
	typeSKI      = x509Profile + "#X509SubjectKeyIdentifier"
	typeX509v3   = x509Profile + "#X509v3"
	typeSHA1     = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1"
	typeSAML     = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID"
	base64Binary = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
)

// maxCertificates bounds the certificates of one KeyInfo.
const maxCertificates = 8

// KeyInfo is what a signature says about the key that made it, or an encrypted key about
// the one it is encrypted to. It is a hint from the sender: nothing in it has been checked.
type KeyInfo struct {
	Certificates         []*x509.Certificate // of X509Data, or of the BinarySecurityToken referred to
	SubjectKeyIdentifier []byte
	Thumbprint           []byte // SHA-1 of the certificate
	IssuerSerials        []IssuerSerial
	AssertionID          string // of the SAML assertion that holds the key
}

// IssuerSerial names a certificate by its issuer, as the sender wrote it, and its
// serial number.
type IssuerSerial struct {
	Issuer string
	Serial *big.Int
}

// KeySelector returns the certificate whose key the signature must have been made
// with. It answers whether the sender is known, and thus is the only source of trust
// in a verification. An error becomes the cause of an *Error of code KeyUnknown.
type KeySelector func(KeyInfo) (*x509.Certificate, error)

// readKeyInfo reads the forms of key information that name an X.509 certificate.
// Others are left out: the selector then has nothing to go by.
func readKeyInfo(e *Element) (KeyInfo, error) {
	var info KeyInfo
	for _, child := range e.Elements() {
		var err error
		switch child.Name {
		case Name{NamespaceSignature, "X509Data"}:
			err = info.readX509Data(child)
		case Name{NamespaceWSSE, "SecurityTokenReference"}:
			err = info.readTokenReference(child)
		}
		if err != nil {
			return KeyInfo{}, err
		}
	}
	return info, nil
}

func (k *KeyInfo) readX509Data(e *Element) error {
	for _, child := range e.Elements() {
		var err error
		switch child.Name {
		case Name{NamespaceSignature, "X509Certificate"}:
			err = k.addCertificate(child)
		case Name{NamespaceSignature, "X509SKI"}:
			k.SubjectKeyIdentifier, err = readBase64(child)
		case Name{NamespaceSignature, "X509IssuerSerial"}:
			err = k.addIssuerSerial(child)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (k *KeyInfo) addCertificate(e *Element) error {
	if len(k.Certificates) == maxCertificates {
		return failf(TooLarge, "more than %d certificates in one KeyInfo", maxCertificates)
	}
	der, err := readBase64(e)
	if err != nil {
		return err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return &Error{Code: Malformed, Offset: e.start, Detail: "not a certificate", Err: err}
	}
	k.Certificates = append(k.Certificates, certificate)
	return nil
}

func (k *KeyInfo) addIssuerSerial(e *Element) error {
	if len(k.IssuerSerials) == maxCertificates {
		return failf(TooLarge, "more than %d issuer names in one KeyInfo", maxCertificates)
	}
	name, err := onlyValue(e, "X509IssuerName")
	if err != nil {
		return err
	}
	number, err := onlyValue(e, "X509SerialNumber")
	if err != nil {
		return err
	}
	const maxDigits = 60 // RFC 5280 §4.1.2.2: 20 octets
	serial, ok := new(big.Int), len(number) <= maxDigits
	if ok {
		serial, ok = serial.SetString(number, 10)
	}
	if !ok {
		return e.malformed("not a serial number")
	}
	k.IssuerSerials = append(k.IssuerSerials, IssuerSerial{Issuer: name, Serial: serial})
	return nil
}

func onlyValue(e *Element, local string) (string, error) {
	child, err := e.Only(NamespaceSignature, local)
	if err != nil {
		return "", err
	}
	value, err := child.Value()
	return strings.TrimSpace(value), err
}

func (k *KeyInfo) readTokenReference(e *Element) error {
	for _, child := range e.Elements() {
		var err error
		switch child.Name {
		case Name{NamespaceWSSE, "KeyIdentifier"}:
			err = k.readKeyIdentifier(child)
		case Name{NamespaceWSSE, "Reference"}:
			err = k.readToken(child)
		case Name{NamespaceSignature, "X509Data"}:
			err = k.readX509Data(child)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (k *KeyInfo) readKeyIdentifier(e *Element) (err error) {
	switch valueType, _ := e.Attribute("", "ValueType"); valueType {
	case typeSKI:
		k.SubjectKeyIdentifier, err = readBase64(e)
	case typeSHA1:
		k.Thumbprint, err = readBase64(e)
	case typeSAML:
		k.AssertionID, err = e.Value()
	}
	return err
}

// readToken follows a wsse:Reference to a BinarySecurityToken of the same document.
func (k *KeyInfo) readToken(e *Element) error {
	uri, _ := e.Attribute("", "URI")
	token, err := e.referent(uri)
	if err != nil {
		return err
	}
	if !token.Is(NamespaceWSSE, "BinarySecurityToken") {
		return failf(ReferenceRefused, "the key reference %q names no BinarySecurityToken", uri)
	}
	if valueType, _ := token.Attribute("", "ValueType"); valueType != typeX509v3 {
		return failf(AlgorithmRefused, "the security token %q is no X.509 certificate", uri)
	}
	return k.addCertificate(token)
}
