package xmlsec

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"io"
	"strings"
)

// maxReferences bounds the references of one signature.
const maxReferences = 8

// Signer makes detached signatures: over elements of the document the signature is
// put into.
type Signer struct {
	Key     crypto.Signer   // an RSA key of 1024 to 8192 bits
	Method  SignatureMethod // RSASHA1 or RSASHA256
	Digest  DigestMethod    // empty: the digest that goes with Method
	KeyInfo []byte          // a whole ds:KeyInfo element that declares its own prefixes; empty for none
	Rand    io.Reader       // handed to Key; nil for the randomness of the system
}

// Sign returns a ds:Signature over the elements of root's document that have the
// given identifiers, in that order. Each is transformed by exclusive
// canonicalization only. The element declares its own namespaces and may be put
// anywhere into the document outside what it signs, by WithChild for one.
//
// A failure is an *Error of code ReferenceRefused, AlgorithmRefused, KeyRefused,
// Malformed for the KeyInfo, or SigningFailed.
func (s Signer) Sign(root *Element, ids ...string) ([]byte, error) {
	public, ok := s.Key.Public().(*rsa.PublicKey)
	if !ok {
		return nil, failf(KeyRefused, "the key is not an RSA key")
	}
	if err := checkKey(public); err != nil {
		return nil, err
	}
	unsigned, err := s.signatureElement(root, ids)
	if err != nil {
		return nil, err
	}
	value, err := s.value(unsigned, public)
	if err != nil {
		return nil, err
	}
	signatureValue := unsigned.Elements()[1]
	return signatureValue.WithChild([]byte(base64.StdEncoding.EncodeToString(value))), nil
}

// signatureElement returns the signature with an empty value.
func (s Signer) signatureElement(root *Element, ids []string) (*Element, error) {
	digest := s.Digest
	if digest == "" {
		digest = s.Method.digest()
	}
	if s.Method.hash() == 0 || digest.hash() == 0 {
		return nil, failf(AlgorithmRefused, "no such signature or digest algorithm: %q, %q", s.Method, digest)
	}
	if len(ids) == 0 || len(ids) > maxReferences {
		return nil, failf(ReferenceRefused, "%d references, 1 to %d are allowed", len(ids), maxReferences)
	}
	var text strings.Builder
	text.WriteString(`<Signature xmlns="` + NamespaceSignature + `"><SignedInfo>` +
		`<CanonicalizationMethod Algorithm="` + ExclusiveC14N + `"></CanonicalizationMethod>` +
		`<SignatureMethod Algorithm="` + string(s.Method) + `"></SignatureMethod>`)
	for _, id := range ids {
		target, err := root.referent("#" + id)
		if err != nil {
			return nil, err
		}
		text.WriteString(`<Reference URI="#` + id + `"><Transforms><Transform Algorithm="` + ExclusiveC14N + `"></Transform></Transforms>` +
			`<DigestMethod Algorithm="` + string(digest) + `"></DigestMethod><DigestValue>` +
			base64.StdEncoding.EncodeToString(digest.digest(target.Canonical())) + `</DigestValue></Reference>`)
	}
	text.WriteString(`</SignedInfo><SignatureValue></SignatureValue>` + string(s.KeyInfo) + `</Signature>`)
	return Parse([]byte(text.String()), Limits{})
}

// value signs the SignedInfo and checks the outcome, so that a broken key store is
// noticed here and not by the other side.
func (s Signer) value(signature *Element, public *rsa.PublicKey) ([]byte, error) {
	random := s.Rand
	if random == nil {
		random = rand.Reader
	}
	hash := s.Method.hash()
	digest := hash.New()
	digest.Write(signature.Elements()[0].Canonical())
	sum := digest.Sum(nil)
	value, err := s.Key.Sign(random, sum, hash)
	if err == nil {
		err = rsa.VerifyPKCS1v15(public, hash, sum, value)
	}
	if err != nil {
		return nil, &Error{Code: SigningFailed, Offset: -1, Detail: "the private key did not sign", Err: err}
	}
	return value, nil
}

// digest returns the digest algorithm that goes with a signature algorithm.
func (m SignatureMethod) digest() DigestMethod {
	switch m {
	case RSASHA1:
		return SHA1
	case RSASHA256:
		return SHA256
	}
	return ""
}

func checkKey(key *rsa.PublicKey) error {
	const minBits, maxBits = 1024, 8192
	if bits := key.N.BitLen(); bits < minBits || bits > maxBits {
		return failf(KeyRefused, "an RSA key of %d bits, %d to %d are allowed", bits, minBits, maxBits)
	}
	return nil
}
