package certificate

import (
	"crypto/x509"
	"encoding/asn1"
)

// signedData is SignedData of PKCS #7 as far as its certificates (RFC 5652 section 5.1).
type signedData struct {
	Version          int
	DigestAlgorithms asn1.RawValue
	Content          asn1.RawValue
	Certificates     asn1.RawValue `asn1:"optional,tag:0"` // [0] IMPLICIT SET OF
	CRLs             asn1.RawValue `asn1:"optional,tag:1"`
	Signers          asn1.RawValue
}

// readPKCS7 reads the certificates of a .p7b file. What else it holds is not looked at: such
// a file is signed by nobody.
func readPKCS7(der []byte) (contents, error) {
	var outer contentInfo
	if err := unmarshal(der, &outer); err != nil {
		return contents{}, unreadable("is not whole", err)
	}
	if id := outer.ContentType.String(); id != oidSignedData {
		return contents{}, &Error{Code: BundleUnsupported, Object: "the file", Reason: "is PKCS #7 of the kind " + id + ", which holds no certificates"}
	}
	inner, err := explicit(outer.Content)
	if err != nil {
		return contents{}, unreadable("is not whole", err)
	}
	var data signedData
	if err := unmarshal(inner, &data); err != nil {
		return contents{}, unreadable("is not whole", err)
	}
	list, err := x509.ParseCertificates(data.Certificates.Bytes)
	if err != nil {
		return contents{}, unreadable("a certificate in it cannot be read", err)
	}
	var c contents
	for _, cert := range list {
		if err := c.addCertificates([]foundCertificate{{certificate: cert}}); err != nil {
			return contents{}, err
		}
	}
	return c, nil
}
