package xmlsec

import (
	"crypto"
	_ "crypto/sha1" // SHA-1 is what Exchange signs with; the policy decides whether it counts
	_ "crypto/sha256"
	"slices"
)

// SignatureMethod is the URI of a signature algorithm.
type SignatureMethod string

// The signature algorithms: RSASSA-PKCS1-v1_5 (RFC 8017 §8.2), made with a private key
// and checked by Verify, and HMAC (RFC 2104) at its full length, made with a shared
// secret and checked by VerifyHMAC.
const (
	RSASHA1    SignatureMethod = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
	RSASHA256  SignatureMethod = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	HMACSHA1   SignatureMethod = "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
	HMACSHA256 SignatureMethod = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
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

// EnvelopedSignature is the URI of the transform that leaves the signature itself out of
// the element it stands in (XML Signature §6.6.4).
const EnvelopedSignature = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"

// Algorithms is the policy of a verification or a decryption: the algorithms that
// count. The zero value allows nothing.
type Algorithms struct {
	Signature        []SignatureMethod
	Digest           []DigestMethod // of signatures; what OAEP hashes with is no matter of collisions
	Canonicalization []string
	Transform        []string // of detached signatures; enveloped ones have EnvelopedSignature before it
	Encryption       []EncryptionMethod
	KeyEncryption    []KeyEncryptionMethod
}

// ModernAlgorithms allows RSA-SHA256 and HMAC-SHA256 over SHA-256 digests and exclusive
// canonicalization; AES-256 in CBC and GCM mode, its key encrypted by RSA-OAEP or wrapped
// by AES-256. CBC is among them because what is encrypted here is signed within.
func ModernAlgorithms() Algorithms {
	return Algorithms{
		Signature:        []SignatureMethod{RSASHA256, HMACSHA256},
		Digest:           []DigestMethod{SHA256},
		Canonicalization: []string{ExclusiveC14N},
		Transform:        []string{ExclusiveC14N},
		Encryption:       []EncryptionMethod{AES256CBC, AES256GCM},
		KeyEncryption:    []KeyEncryptionMethod{RSAOAEP, WrapAES256},
	}
}

// ExchangeAlgorithms allows what ModernAlgorithms does, and what Exchange speaks on the
// wire, which is the algorithm suite TripleDes of WS-SecurityPolicy: RSA-SHA1,
// HMAC-SHA1, SHA-1 digests, three-key Triple DES for content and for wrapping keys.
//
// AES-128 and AES-192 are in neither set. A caller that has to read them names them.
func ExchangeAlgorithms() Algorithms {
	allowed := ModernAlgorithms()
	allowed.Signature = append(allowed.Signature, RSASHA1, HMACSHA1)
	allowed.Digest = append(allowed.Digest, SHA1)
	allowed.Encryption = append(allowed.Encryption, TripleDESCBC)
	allowed.KeyEncryption = append(allowed.KeyEncryption, WrapTripleDES)
	return allowed
}

// policy is what one kind of verification accepts.
type policy struct {
	Algorithms
	hmac      bool // the signature is made with a secret, never with an RSA key
	enveloped bool // the signature stands in the one element that it signs
}

// checkSignature keeps the two kinds of keys apart, whatever both are allowed for: a
// public key that is taken for an HMAC secret is one that everybody knows.
func (p *policy) checkSignature(method SignatureMethod) error {
	if !slices.Contains(p.Signature, method) || method.hash() == 0 || method.isHMAC() != p.hmac {
		return failf(AlgorithmRefused, "signature algorithm %q is not allowed", method)
	}
	return nil
}

func (a *Algorithms) checkDigest(method DigestMethod) error {
	if !slices.Contains(a.Digest, method) || method.hash() == 0 {
		return failf(AlgorithmRefused, "digest algorithm %q is not allowed", method)
	}
	return nil
}

func (a *Algorithms) checkCanonicalization(uri string) error {
	if !slices.Contains(a.Canonicalization, uri) || uri != ExclusiveC14N {
		return failf(AlgorithmRefused, "canonicalization %q is not allowed", uri)
	}
	return nil
}

func (a *Algorithms) checkTransform(uri string) error {
	if !slices.Contains(a.Transform, uri) || uri != ExclusiveC14N {
		return failf(AlgorithmRefused, "transform %q is not allowed", uri)
	}
	return nil
}

func checkEnveloped(uri string) error {
	if uri != EnvelopedSignature {
		return failf(AlgorithmRefused, "transform %q stands where the signature is to be left out", uri)
	}
	return nil
}

// hash returns the hash a method signs over, 0 for a method that is not known here
// whatever a policy may say.
func (m SignatureMethod) hash() crypto.Hash {
	switch m {
	case RSASHA1, HMACSHA1:
		return crypto.SHA1
	case RSASHA256, HMACSHA256:
		return crypto.SHA256
	}
	return 0
}

func (m SignatureMethod) isHMAC() bool { return m == HMACSHA1 || m == HMACSHA256 }

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
