package token

import "strings"

// AudienceURI returns an application URI as tokens name it: a bare name, as
// organizations publish theirs, gets "http://" in front, everything else stays as it is.
func AudienceURI(applicationURI string) string {
	if applicationURI == "" || strings.ContainsRune(applicationURI, ':') {
		return applicationURI
	}
	return "http://" + applicationURI
}

// SameAudience reports whether two application URIs mean the same organization. Bare
// names are taken for URIs, scheme and host are compared without case, and a slash at the
// end is left out. Two empty ones do not match.
func SameAudience(a, b string) bool {
	return a != "" && NormalAudience(a) == NormalAudience(b)
}

// NormalAudience returns the form in which two application URIs that mean the same are
// equal.
func NormalAudience(applicationURI string) string {
	uri := AudienceURI(applicationURI)
	scheme, rest, hasHost := strings.Cut(uri, "://")
	if !hasHost {
		return uri // as urn:federation:MicrosoftOnline, which has case
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	return lowerASCII(scheme) + "://" + lowerASCII(rest[:end]) + strings.TrimSuffix(rest[end:], "/")
}

// lowerASCII leaves all other bytes alone: among them are letters whose lower case is an
// ASCII one.
func lowerASCII(s string) string {
	lower := []byte(s)
	for i, c := range lower {
		if c >= 'A' && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	return string(lower)
}
