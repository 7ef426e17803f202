package token

import (
	"strings"

	"exfed/federation"
)

// The longest address and local part (RFC 5321 §4.5.3.1), in bytes.
const (
	maxAddress   = 254
	maxLocalPart = 64
)

// AddressDomain returns the domain of an SMTP address that a token may carry: a
// Dot-string before the @ and a domain behind it (RFC 5321 §4.1.2), all of it ASCII. A
// quoted local part is refused, since it is where two readers find two domains.
//
// A failure is a *federation.Error of kind Invalid.
func AddressDomain(address string) (federation.Domain, error) {
	local, domain, found := strings.Cut(address, "@")
	if !found || len(address) > maxAddress || len(local) > maxLocalPart || !isDotString(local) || !isASCII(domain) {
		return "", federation.Errorf(federation.Invalid, "InvalidSmtpAddress", "address", "%.300q is not an SMTP address", address)
	}
	return federation.ParseDomain(domain)
}

func isDotString(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !isAtomText(r) }) {
			return false
		}
	}
	return true
}

// isAtomText is atext of RFC 5322 §3.2.3.
func isAtomText(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
		r < 0x80 && strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7F })
}
