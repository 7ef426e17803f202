package token

import (
	"bytes"
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strings"

	"exfed/certificate"
	"exfed/federation/xmlsec"
)

// names reports whether the key information of a message names the certificate: by
// subject key identifier, thumbprint, issuer and serial number, or by itself. Where it
// says several things, all must be true of the certificate; where it says nothing it
// names none.
func names(info xmlsec.KeyInfo, c *x509.Certificate) bool {
	said := false
	if len(info.SubjectKeyIdentifier) > 0 {
		if !bytes.Equal(info.SubjectKeyIdentifier, c.SubjectKeyId) {
			return false
		}
		said = true
	}
	if len(info.Thumbprint) > 0 {
		if thumbprint := sha1.Sum(c.Raw); !bytes.Equal(info.Thumbprint, thumbprint[:]) {
			return false
		}
		said = true
	}
	for _, sent := range info.Certificates {
		if !sent.Equal(c) {
			return false
		}
		said = true
	}
	for _, sent := range info.IssuerSerials {
		if !isIssuedAs(c, sent) {
			return false
		}
		said = true
	}
	return said
}

func isIssuedAs(c *x509.Certificate, sent xmlsec.IssuerSerial) bool {
	if sent.Serial == nil || c.SerialNumber.Cmp(sent.Serial) != 0 {
		return false
	}
	name, err := certificate.ParseName(sent.Issuer)
	return err == nil && certificate.FormatName(name) == certificate.Issuer(c)
}

// KeyName says which key the key information of a message names, for people.
func KeyName(info xmlsec.KeyInfo) string {
	var said []string
	if len(info.SubjectKeyIdentifier) > 0 {
		said = append(said, "subject key identifier "+strings.ToUpper(hex.EncodeToString(info.SubjectKeyIdentifier)))
	}
	if len(info.Thumbprint) > 0 {
		said = append(said, "thumbprint "+strings.ToUpper(hex.EncodeToString(info.Thumbprint)))
	}
	for _, c := range info.Certificates {
		said = append(said, "certificate with thumbprint "+certificate.Thumbprint(c))
	}
	for _, sent := range info.IssuerSerials {
		said = append(said, fmt.Sprintf("serial number %X of %.200q", sent.Serial, sent.Issuer))
	}
	if len(said) == 0 {
		return "no key by a name that is known here"
	}
	return strings.Join(said, ", ")
}
