package certificate

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"unicode/utf16"
)

// The structures of PKCS #12 (RFC 7292 section 4 and appendix D).
type (
	pfx struct {
		Version  int
		AuthSafe contentInfo
		MAC      macData `asn1:"optional"`
	}
	contentInfo struct {
		ContentType asn1.ObjectIdentifier
		Content     asn1.RawValue `asn1:"optional"` // [0] EXPLICIT
	}
	encryptedData struct {
		Version int
		Info    encryptedContentInfo
	}
	encryptedContentInfo struct {
		ContentType asn1.ObjectIdentifier
		Algorithm   pkix.AlgorithmIdentifier
		Content     asn1.RawValue `asn1:"optional"` // [0] IMPLICIT OCTET STRING
	}
	safeBag struct {
		ID         asn1.ObjectIdentifier
		Value      asn1.RawValue  // [0] EXPLICIT
		Attributes []bagAttribute `asn1:"set,optional"`
	}
	bagAttribute struct {
		ID     asn1.ObjectIdentifier
		Values []asn1.RawValue `asn1:"set"`
	}
	certificateBag struct {
		ID    asn1.ObjectIdentifier
		Value asn1.RawValue // [0] EXPLICIT OCTET STRING
	}
	encryptedKey struct { // EncryptedPrivateKeyInfo, RFC 5958
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	macData struct {
		MAC        digestInfo
		Salt       []byte
		Iterations int `asn1:"optional,default:1"`
	}
	digestInfo struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	pbmac1Params struct { // RFC 8018 appendix A.5
		KeyDerivation pkix.AlgorithmIdentifier
		MAC           pkix.AlgorithmIdentifier
	}
)

// explicit returns the value in [0] EXPLICIT.
func explicit(value asn1.RawValue) ([]byte, error) {
	if value.Class != asn1.ClassContextSpecific || value.Tag != 0 || !value.IsCompound {
		return nil, errBER
	}
	return value.Bytes, nil
}

// octets returns the octets of an OCTET STRING in [0] EXPLICIT.
func octets(value asn1.RawValue) ([]byte, error) {
	der, err := explicit(value)
	if err != nil {
		return nil, err
	}
	return octetsOf(der)
}

// value returns the first value of an attribute, nil without one.
func (b safeBag) value(id string) *asn1.RawValue {
	for _, a := range b.Attributes {
		if a.ID.String() == id && len(a.Values) > 0 {
			return &a.Values[0]
		}
	}
	return nil
}

func (b safeBag) localKeyID() string {
	value := b.value(oidLocalKeyID)
	if value == nil {
		return ""
	}
	return string(value.Bytes)
}

// friendlyName reads the name, a BMPString (RFC 2985 section 5.5.1), of 256 characters at most.
func (b safeBag) friendlyName() string {
	value := b.value(oidFriendlyName)
	if value == nil || value.Tag != asn1.TagBMPString {
		return ""
	}
	var units []uint16
	for i := 0; i+1 < len(value.Bytes); i += 2 {
		units = append(units, binary.BigEndian.Uint16(value.Bytes[i:]))
	}
	return cut(string(utf16.Decode(units)))
}

// cut shortens a friendly name to what is kept of it.
func cut(name string) string {
	runes := []rune(name)
	return string(runes[:min(len(runes), maxFriendlyName)])
}
