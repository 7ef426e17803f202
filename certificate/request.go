package certificate

import (
	"io"
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
	KeySize int
	// SubjectKeyIdentifier is the identifier in hex, 2 to 64 bytes, usually the 32 digits
	// of a GUID. Empty: 16 random bytes.
	SubjectKeyIdentifier string
}

// NewSelfSigned makes an RSA key and a self-signed certificate.
func NewSelfSigned(request Request, rand io.Reader, now time.Time) (Pair, error) {
	return Pair{}, &Error{Code: NotMade, Object: "the certificate", Reason: "cannot be made"}
}
