package policy

import "strings"

// Lengths of domains and their labels, in characters (RFC 1035 section 2.3.4).
const (
	maxDomain = 253
	maxLabel  = 63
)

// isCanonicalDomain reports whether the text is an SMTP domain as it is stored: at least
// two labels of a-z, 0-9 and inner hyphens (RFC 5890 section 2.3.1), no trailing dot.
func isCanonicalDomain(text string) bool {
	labels := strings.Split(text, ".")
	if len(text) > maxDomain || len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if !isCanonicalLabel(label) {
			return false
		}
	}
	return true
}

func isCanonicalLabel(label string) bool {
	if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for _, c := range []byte(label) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
