package federation

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Domain is an SMTP domain: lower case, A-labels, no trailing dot, no wildcard.
type Domain string

// AccountNamespacePrefix is what Exchange puts before the primary domain to form the
// account namespace, which is also the organization's application URI.
const AccountNamespacePrefix = "FYDIBOHF25SPDLT."

// MaxFederatedDomain is the longest domain that can be federated, in characters.
const MaxFederatedDomain = 32

// maxDomainText bounds what is read as a domain, in bytes, with room for names that shrink:
// turning international names into A-labels takes quadratic time.
const maxDomainText = 1000

// AccountNamespace returns the account namespace of the primary domain d.
func (d Domain) AccountNamespace() string { return AccountNamespacePrefix + string(d) }

// PrimaryDomain returns the domain of an account namespace, or "" if it is none.
func PrimaryDomain(namespace string) Domain {
	n := len(AccountNamespacePrefix)
	if len(namespace) <= n || !strings.EqualFold(namespace[:n], AccountNamespacePrefix) {
		return ""
	}
	return Domain(strings.ToLower(namespace[n:]))
}

// ParseDomain reads a domain as people type it. International names become A-labels
// (RFC 5891) and letters lower case; everything else must be right already.
func ParseDomain(text string) (Domain, error) {
	if isPlainDomain(text) {
		return Domain(text), nil
	}
	invalid := func(format string, args ...any) error {
		return Errorf(Invalid, "InvalidDomain", "domain "+quote(text), format, args...)
	}
	switch {
	case len(text) > maxDomainText:
		return "", invalid("is %d bytes long; no domain has more than %d", len(text), maxDomainText)
	case text == "":
		return "", invalid("is empty")
	case strings.ContainsAny(text, "*"):
		return "", invalid("a wildcard cannot stand here; name one domain")
	case strings.HasSuffix(text, "."):
		return "", invalid("ends in a dot; write %.80q", strings.TrimRight(text, "."))
	case strings.ContainsAny(text, "@/: \t\r\n"), !utf8.ValidString(text):
		return "", invalid("is not a domain name; it holds a character no domain has")
	}
	ascii, err := domainProfile().ToASCII(text)
	if err != nil {
		return "", invalid("is not a domain name: %.120s", err) // it quotes a label
	}
	ascii = strings.ToLower(ascii)
	if !strings.Contains(ascii, ".") {
		return "", invalid("has one label only; an SMTP domain has at least two")
	}
	if strings.Contains(ascii, "_") {
		return "", invalid("an underscore cannot stand in an SMTP domain")
	}
	return Domain(ascii), nil
}

// isPlainDomain reports whether text is a domain as it is kept, in the form that nearly all
// have: lower-case letters and digits of ASCII, with single hyphens between them, in two labels
// or more. It takes no more than ParseDomain does without it, which takes long.
func isPlainDomain(text string) bool {
	const maxLabel, maxName = 63, 253
	if len(text) > maxName || !strings.Contains(text, ".") {
		return false
	}
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || len(label) > maxLabel || !isPlainLabel(label) {
			return false
		}
	}
	return true
}

func isPlainLabel(label string) bool {
	before := byte('-')
	for i := range len(label) {
		b := label[i]
		if b == '-' && before == '-' || b != '-' && (b < 'a' || b > 'z') && (b < '0' || b > '9') {
			return false
		}
		before = b
	}
	return before != '-'
}

// ParseFederatedDomain is ParseDomain with the limit for domains that are to be federated.
func ParseFederatedDomain(text string) (Domain, error) {
	d, err := ParseDomain(text)
	if err != nil {
		return "", err
	}
	if len(d) > MaxFederatedDomain {
		return "", Errorf(Invalid, "FederatedDomainTooLong", "domain "+quote(string(d)),
			"%d characters, at most %d can be federated", len(d), MaxFederatedDomain)
	}
	return d, nil
}

func domainProfile() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true), idna.StrictDomainName(true))
}

// quote writes a name into an error: what may have come from outside is cut off, and what
// acts on a terminal is escaped.
func quote(s string) string { return fmt.Sprintf("%.80q", s) }
