package certificate

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"strings"
	"time"
)

// Status says whether a certificate can be used, in Exchange's words.
type Status string

// The states that can be told from the certificate alone.
const (
	Valid       Status = "Valid"
	DateInvalid Status = "DateInvalid" // not yet valid, or no longer
)

// StatusAt returns the status of the certificate at a moment.
func StatusAt(cert *x509.Certificate, now time.Time) Status {
	if now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		return DateInvalid
	}
	return Valid
}

// IsSelfSigned reports whether the certificate is signed with its own key.
func IsSelfSigned(cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawIssuer, cert.RawSubject) &&
		cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
}

// PublicKeySize returns the length of the public key in bits, 0 for an unknown kind of key.
func PublicKeySize(cert *x509.Certificate) int {
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen()
	case *ecdsa.PublicKey:
		return key.Curve.Params().BitSize
	case ed25519.PublicKey:
		return 8 * len(key)
	}
	return 0
}

// SerialNumber returns the serial number in upper-case hex, two digits for each byte.
func SerialNumber(cert *x509.Certificate) string {
	return upperHex(cert.SerialNumber.Bytes())
}

// SubjectKeyIdentifier returns the subject key identifier in upper-case hex as it stands in
// the certificate, "" if there is none. It need not be a hash of the key.
func SubjectKeyIdentifier(cert *x509.Certificate) string { return upperHex(cert.SubjectKeyId) }

// Domains returns the host names of the certificate: the DNS names among its subject
// alternative names, or its common name if it has none.
func Domains(cert *x509.Certificate) []string {
	if len(cert.DNSNames) == 0 && isHostName(cert.Subject.CommonName) {
		return []string{cert.Subject.CommonName}
	}
	return cert.DNSNames
}

func upperHex(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }
