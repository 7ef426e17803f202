package xmlsec

import (
	"crypto"
	_ "crypto/sha1" // SHA-1 is what Exchange signs with; the policy decides whether it counts
	_ "crypto/sha256"
	"slices"
)

// SignatureMethod is the URI of a signature algorithm.
type SignatureMethod string

// The signature algorithms, both RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
const (
	RSASHA1   SignatureMethod = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
	RSASHA256 SignatureMethod = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
)

// DigestMethod is the URI of a digest algorithm.
type DigestMethod string

// The digest algorithms.
const (
	SHA1   DigestMethod = "http://www.w3.org/2000/09/xmldsig#sha1"
	SHA256 DigestMethod = "http://www.w3.org/2001/04/xmlenc#sha256"
)

// ExclusiveC14N is the URI of exclusive canonicalization without comments, as
// canonicalization method and as transform.
const ExclusiveC14N = "http://www.w3.org/2001/10/xml-exc-c14n#"

// Algorithms is the policy of a verification: the algorithms that count. The zero
// value allows nothing.
type Algorithms struct {
	Signature        []SignatureMethod
	Digest           []DigestMethod
	Canonicalization []string
	Transform        []string
}

// ModernAlgorithms allows RSA-SHA256 over SHA-256 digests and exclusive
// canonicalization.
func ModernAlgorithms() Algorithms {
	return Algorithms{
		Signature:        []SignatureMethod{RSASHA256},
		Digest:           []DigestMethod{SHA256},
		Canonicalization: []string{ExclusiveC14N},
		Transform:        []string{ExclusiveC14N},
	}
}

// ExchangeAlgorithms allows what ModernAlgorithms does, and RSA-SHA1 and SHA-1,
// which is what Exchange speaks on the wire.
func ExchangeAlgorithms() Algorithms {
	allowed := ModernAlgorithms()
	allowed.Signature = append(allowed.Signature, RSASHA1)
	allowed.Digest = append(allowed.Digest, SHA1)
	return allowed
}

func (a Algorithms) checkSignature(method SignatureMethod) error {
	if !slices.Contains(a.Signature, method) || method.hash() == 0 {
		return failf(AlgorithmRefused, "signature algorithm %q is not allowed", method)
	}
	return nil
}

func (a Algorithms) checkDigest(method DigestMethod) error {
	if !slices.Contains(a.Digest, method) || method.hash() == 0 {
		return failf(AlgorithmRefused, "digest algorithm %q is not allowed", method)
	}
	return nil
}

func (a Algorithms) checkCanonicalization(uri string) error {
	if !slices.Contains(a.Canonicalization, uri) || uri != ExclusiveC14N {
		return failf(AlgorithmRefused, "canonicalization %q is not allowed", uri)
	}
	return nil
}

func (a Algorithms) checkTransform(uri string) error {
	if !slices.Contains(a.Transform, uri) || uri != ExclusiveC14N {
		return failf(AlgorithmRefused, "transform %q is not allowed", uri)
	}
	return nil
}

// hash returns the hash a method signs over, 0 for a method that is not known here
// whatever a policy may say.
func (m SignatureMethod) hash() crypto.Hash {
	switch m {
	case RSASHA1:
		return crypto.SHA1
	case RSASHA256:
		return crypto.SHA256
	}
	return 0
}

func (m DigestMethod) hash() crypto.Hash {
	switch m {
	case SHA1:
		return crypto.SHA1
	case SHA256:
		return crypto.SHA256
	}
	return 0
}

// digest returns the digest of data; the method must be a known one.
func (m DigestMethod) digest(data []byte) []byte {
	h := m.hash().New()
	h.Write(data)
	return h.Sum(nil)
}
