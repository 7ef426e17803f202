package certificate

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strings"
)

// thumbprintDigits is the length of a SHA-1 hash in hex digits.
const thumbprintDigits = 2 * sha1.Size

// Thumbprint returns the SHA-1 hash of the certificate's DER encoding in 40 upper-case
// hex digits. It names a certificate as Exchange does; nothing rests on its strength.
func Thumbprint(cert *x509.Certificate) string {
	sum := sha1.Sum(cert.Raw)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// ParseThumbprint reads a thumbprint as people type and paste it: in either case, with
// blanks or colons between the digits, and with the invisible marks that the certificate
// dialog of Windows copies along. It returns 40 upper-case hex digits.
func ParseThumbprint(text string) (string, error) {
	invalid := func(format string, args ...any) (string, error) {
		return "", &Error{Code: InvalidThumbprint, Object: fmt.Sprintf("thumbprint %.60q", text), Reason: fmt.Sprintf(format, args...)}
	}
	var digits strings.Builder
	for _, r := range text {
		switch {
		case strings.ContainsRune(" :\t\u00a0\u200b\u200e\u200f\ufeff", r):
		case r >= '0' && r <= '9', r >= 'a' && r <= 'f', r >= 'A' && r <= 'F':
			digits.WriteRune(r)
		default:
			return invalid("%q is not a hex digit", r)
		}
	}
	switch n := digits.Len(); {
	case n == 0:
		return invalid("is empty")
	case n != thumbprintDigits:
		return invalid("has %d hex digits, a thumbprint has %d", n, thumbprintDigits)
	}
	return strings.ToUpper(digits.String()), nil
}
