package certificate

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"
)

// Request says what a new self-signed certificate is to hold.
type Request struct {
	// Subject is a distinguished name in text, "C=US,O=Contoso,CN=mail.contoso.com", as
	// ParseName reads it, with a common name. Empty: the first of DNSNames is the common name.
	Subject string
	// DNSNames become the subject alternative names, after the common name if that is a
	// host name. Letters, digits and hyphens; a first label of "*" is allowed.
	DNSNames []string
	// KeySize is the length of the RSA modulus in bits: 1024, 2048 or 4096; 0 is 2048.
	// New-ExchangeCertificate takes 1024, a federation certificate needs 2048.
	KeySize int
	// SubjectKeyIdentifier is the identifier in hex, 2 to 64 bytes, usually the 32 digits
	// of a GUID. Empty: 16 random bytes.
	SubjectKeyIdentifier string
	// Valid is how long the certificate is to be valid, up to 100 years; 0 is five years. A
	// request to an authority does not say it: that is the authority's to decide.
	Valid time.Duration
}

const (
	defaultKeySize = 2048
	// validYears is how long Exchange's self-signed certificates are valid.
	validYears = 5
	// maxValid keeps the end of the validity within the years a certificate can hold.
	maxValid = 100 * 365 * 24 * time.Hour
	// clockSkew is how far the beginning of the validity lies in the past: the difference
	// between two clocks that a broker tolerates, so that a new certificate can be used at
	// once at a broker whose clock is behind.
	clockSkew = 5 * time.Minute
	// maxDNSNames and maxDNSName bound what goes into one certificate.
	maxDNSNames, maxDNSName = 256, 253
)

// NewSelfSigned makes an RSA key and a certificate signed with it (RSA and SHA-256) for
// client and server authentication, valid from five minutes before now to five years after
// it. The serial number and a missing subject key identifier come from rand; the key does
// not, since the standard library draws it from the system.
func NewSelfSigned(request Request, rand io.Reader, now time.Time) (Pair, error) {
	size, err := request.keySize()
	if err != nil {
		return Pair{}, err
	}
	template, err := template(request, rand, now)
	if err != nil {
		return Pair{}, err
	}
	key, err := rsa.GenerateKey(rand, size)
	if err != nil {
		return Pair{}, notMade(err)
	}
	der, err := x509.CreateCertificate(rand, template, template, key.Public(), key)
	if err != nil {
		return Pair{}, notMade(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return Pair{}, notMade(err)
	}
	return Pair{Certificate: cert, Key: key}, nil
}

// keySize returns the length of the key in bits.
func (r Request) keySize() (int, error) {
	if r.KeySize == 0 {
		return defaultKeySize, nil
	}
	if !slices.Contains(KeySizes(), r.KeySize) {
		return 0, &Error{Code: InvalidKeySize, Object: fmt.Sprintf("key size %d", r.KeySize), Reason: "is none of 1024, 2048, 4096"}
	}
	return r.KeySize, nil
}

// end returns when a certificate of now runs out.
func (r Request) end(now time.Time) (time.Time, error) {
	switch {
	case r.Valid == 0:
		return now.AddDate(validYears, 0, 0), nil
	case r.Valid < 0 || r.Valid > maxValid:
		return time.Time{}, &Error{Code: InvalidValidity, Object: "validity " + r.Valid.String(), Reason: "is not between nothing and 100 years"}
	}
	return now.Add(r.Valid), nil
}

// KeySizes returns the lengths of key in bits that NewSelfSigned makes.
func KeySizes() []int { return []int{1024, 2048, 4096} }

func notMade(err error) error {
	return &Error{Code: NotMade, Object: "the new certificate", Reason: "cannot be made", Err: err}
}

// template is the certificate before it has a key and a signature. It is no authority, and
// it names no authority key: there is no other certificate to look for.
func template(request Request, rand io.Reader, now time.Time) (*x509.Certificate, error) {
	subject, names, err := namesOf(request)
	if err != nil {
		return nil, err
	}
	identifier, err := subjectKeyID(request.SubjectKeyIdentifier, rand)
	if err != nil {
		return nil, err
	}
	serial, err := serialNumber(rand)
	if err != nil {
		return nil, err
	}
	now = now.UTC().Truncate(time.Second) // certificates hold whole seconds
	end, err := request.end(now)
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber:          serial,
		RawSubject:            subject,
		DNSNames:              names,
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              end,
		SubjectKeyId:          identifier,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		SignatureAlgorithm:    x509.SHA256WithRSA,
	}, nil
}

// serialNumber returns 16 random bytes as a number, positive and always of one length
// (RFC 5280 section 4.1.2.2).
func serialNumber(rand io.Reader) (*big.Int, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return nil, notMade(err)
	}
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b[:]), nil
}

func subjectKeyID(text string, rand io.Reader) ([]byte, error) {
	if text == "" {
		b := make([]byte, 16)
		if _, err := io.ReadFull(rand, b); err != nil {
			return nil, notMade(err)
		}
		return b, nil
	}
	invalid := func(reason string) error {
		return &Error{Code: InvalidIdentifier, Object: fmt.Sprintf("subject key identifier %.140q", text), Reason: reason}
	}
	b, err := hex.DecodeString(text)
	switch {
	case err != nil && strings.Contains(text, "-"):
		return nil, invalid("is not hex digits; write the GUID without hyphens and braces")
	case err != nil:
		return nil, invalid("is not an even number of hex digits")
	case len(b) < 2 || len(b) > 64:
		return nil, invalid(fmt.Sprintf("has %d hex digits, 4 to 128 are allowed and 32 are usual", len(text)))
	}
	return b, nil
}

// namesOf returns the encoded subject and the subject alternative names of a request.
func namesOf(request Request) (subject []byte, names []string, err error) {
	for _, name := range request.DNSNames {
		if !isHostName(name) {
			return nil, nil, &Error{Code: InvalidName, Object: fmt.Sprintf("host name %.80q", name),
				Reason: "is not letters, digits and hyphens between dots, 253 characters at most"}
		}
	}
	text := request.Subject
	if text == "" && len(request.DNSNames) > 0 {
		text = "CN=" + request.DNSNames[0]
	}
	name, err := ParseName(text)
	if err != nil {
		return nil, nil, err
	}
	common := commonName(name)
	if common == "" {
		return nil, nil, &Error{Code: InvalidSubject, Object: fmt.Sprintf("distinguished name %.80q", text), Reason: "has no common name (CN)"}
	}
	names = request.DNSNames
	if isHostName(common) {
		names = append([]string{common}, names...)
	}
	if names = unique(names); len(names) > maxDNSNames {
		return nil, nil, &Error{Code: InvalidName, Object: fmt.Sprintf("%d host names", len(names)), Reason: fmt.Sprintf("at most %d fit in a certificate", maxDNSNames)}
	}
	subject, err = encodeName(name)
	if err != nil {
		return nil, nil, notMade(err)
	}
	return subject, names, nil
}

// unique returns the names in order, each once, whatever its case.
func unique(names []string) []string {
	var out []string
	for _, name := range names {
		if !slices.ContainsFunc(out, func(other string) bool { return strings.EqualFold(other, name) }) {
			out = append(out, name)
		}
	}
	return out
}

// isHostName reports whether text can be a DNS name in a certificate: labels of letters,
// digits and hyphens, at first perhaps "*" before a dot.
func isHostName(text string) bool {
	if len(text) > maxDNSName {
		return false
	}
	for _, label := range strings.Split(strings.TrimPrefix(text, "*."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.IndexFunc(label, notLDH) >= 0 {
			return false
		}
	}
	return true
}

func notLDH(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-')
}
