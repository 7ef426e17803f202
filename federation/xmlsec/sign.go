package xmlsec

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"io"
	"slices"
)

// maxReferences bounds the references of one signature.
const maxReferences = 8

// minSecretBytes is the length of the shortest secret that an HMAC is made with. The
// proof keys of delegation tokens have 24 or 32 bytes.
const minSecretBytes = 16

// Signer makes signatures: with an RSA key, or with a secret. It has the one that
// Method is for.
type Signer struct {
	Key     crypto.Signer   // an RSA key of 1024 to 8192 bits
	Secret  []byte          // of HMACSHA1 and HMACSHA256, 16 bytes or more
	Method  SignatureMethod // RSASHA1, RSASHA256, HMACSHA1 or HMACSHA256
	Digest  DigestMethod    // empty: the digest that goes with Method
	KeyInfo Markup          // a ds:KeyInfo; the zero value for none
	Rand    io.Reader       // handed to Key; nil for the randomness of the system
}

// Sign returns a detached ds:Signature over the elements of root's document that have
// the given identifiers, in that order. Each is transformed by exclusive
// canonicalization only. The element declares its own namespaces and may be put
// anywhere into the document outside what it signs, by WithChild for one.
//
// A failure is an *Error of code ReferenceRefused, AlgorithmRefused, KeyRefused,
// Malformed for the KeyInfo, or SigningFailed.
func (s Signer) Sign(root *Element, ids ...string) ([]byte, error) {
	digest, err := s.check()
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 || len(ids) > maxReferences {
		return nil, failf(ReferenceRefused, "%d references, 1 to %d are allowed", len(ids), maxReferences)
	}
	content := appendMethods(make([]byte, 0, 512*(1+len(ids))), s.Method)
	for _, id := range ids {
		target, err := root.referent("#" + id)
		if err != nil {
			return nil, err
		}
		content = appendReference(content, id, detachedTransforms, digest, target.Canonical())
	}
	return s.appendSignature(nil, content)
}

// SignEnveloped returns an element with a ds:Signature over all of it as its last child.
// The element is handed over in exclusive canonical form, as Canonical writes it, and
// carries the identifier; the bytes are signed as they are, so that whoever made them
// need not have them parsed. What is not canonical gets a signature that does not hold.
//
// A failure is an *Error as those of Sign.
func (s Signer) SignEnveloped(canonical []byte, id string) ([]byte, error) {
	signature, err := s.EnvelopedSignature(canonical, id)
	if err != nil {
		return nil, err
	}
	end := bytes.LastIndex(canonical, []byte("</"))
	return slices.Concat(canonical[:end], signature, canonical[end:]), nil
}

// EnvelopedSignature is SignEnveloped for whoever puts the ds:Signature in by himself: as the
// last child of an element whose canonical form is the one handed over.
func (s Signer) EnvelopedSignature(canonical []byte, id string) ([]byte, error) {
	digest, err := s.check()
	if err != nil {
		return nil, err
	}
	if bytes.LastIndex(canonical, []byte("</")) < 0 || !carriesIdentifier(canonical, id) {
		return nil, failf(ReferenceRefused, "the element to sign has no end tag or not the identifier %.64q", id)
	}
	content := appendMethods(make([]byte, 0, 1024), s.Method)
	content = appendReference(content, id, envelopedTransforms, digest, canonical)
	return s.appendSignature(make([]byte, 0, len(content)+len(s.KeyInfo.text)+1024), content)
}

// carriesIdentifier reports whether the start tag that canonical begins with has an Id,
// ID or AssertionID of that value. There is no < in a canonical start tag but the first.
func carriesIdentifier(canonical []byte, id string) bool {
	if !isNCName(id) || len(canonical) == 0 {
		return false
	}
	tag, _, _ := bytes.Cut(canonical[1:], []byte("<"))
	return bytes.Contains(tag, []byte(`Id="`+id+`"`)) || bytes.Contains(tag, []byte(`ID="`+id+`"`))
}

// check sees to it that there is one key, that it is of the kind Method is for, and
// returns the digest algorithm.
func (s Signer) check() (DigestMethod, error) {
	digest := s.Digest
	if digest == "" {
		digest = s.Method.digest()
	}
	if s.Method.hash() == 0 || digest.hash() == 0 {
		return "", failf(AlgorithmRefused, "no such signature or digest algorithm: %q, %q", s.Method, digest)
	}
	if s.Method.isHMAC() != (s.Secret != nil) || s.Method.isHMAC() == (s.Key != nil) {
		return "", failf(KeyRefused, "%q takes another kind of key", s.Method)
	}
	if s.KeyInfo != (Markup{}) && s.KeyInfo.name != nameKeyInfo() {
		return "", failf(Malformed, "%s is no KeyInfo", s.KeyInfo.name)
	}
	if s.Method.isHMAC() {
		return digest, checkSecret(s.Secret)
	}
	public, ok := s.Key.Public().(*rsa.PublicKey)
	if !ok {
		return "", failf(KeyRefused, "the key is not an RSA key")
	}
	return digest, checkKey(public)
}

// appendSignature appends a signature over a SignedInfo of that content.
func (s Signer) appendSignature(out, content []byte) ([]byte, error) {
	value, err := s.value(content)
	if err != nil {
		return nil, err
	}
	out = append(out, `<Signature xmlns="`+NamespaceSignature+`"><SignedInfo>`...)
	out = append(out, content...)
	out = append(out, `</SignedInfo><SignatureValue>`...)
	out = base64.StdEncoding.AppendEncode(out, value)
	out = append(out, `</SignatureValue>`...)
	out = append(out, s.KeyInfo.text...)
	return append(out, `</Signature>`...), nil
}

// value returns the signature value over a SignedInfo of that content. What stands
// around the content in canonical form is known, so nothing has to be parsed.
func (s Signer) value(content []byte) ([]byte, error) {
	hash := s.Method.hash()
	digest := hash.New()
	if s.Method.isHMAC() {
		digest = hmac.New(hash.New, s.Secret)
	}
	io.WriteString(digest, `<SignedInfo xmlns="`+NamespaceSignature+`">`)
	digest.Write(content)
	io.WriteString(digest, `</SignedInfo>`)
	sum := digest.Sum(nil)
	if s.Method.isHMAC() {
		return sum, nil
	}
	random := s.Rand
	if random == nil {
		random = rand.Reader
	}
	value, err := s.Key.Sign(random, sum, hash)
	if err == nil {
		err = s.confirm(sum, value)
	}
	if err != nil {
		return nil, &Error{Code: SigningFailed, Offset: -1, Detail: "the private key did not sign", Err: err}
	}
	return value, nil
}

// confirm checks the outcome, so that a broken key store is noticed here and not by the
// other side. A key in memory is left out: crypto/rsa checks its own outcome.
func (s Signer) confirm(sum, value []byte) error {
	if _, inMemory := s.Key.(*rsa.PrivateKey); inMemory {
		return nil
	}
	return rsa.VerifyPKCS1v15(s.Key.Public().(*rsa.PublicKey), s.Method.hash(), sum, value)
}

// The Transforms elements that signatures are made with, in canonical form.
const (
	detachedTransforms  = `<Transforms><Transform Algorithm="` + ExclusiveC14N + `"></Transform></Transforms>`
	envelopedTransforms = `<Transforms><Transform Algorithm="` + EnvelopedSignature + `"></Transform>` +
		`<Transform Algorithm="` + ExclusiveC14N + `"></Transform></Transforms>`
)

// appendMethods appends the beginning of the content of a SignedInfo, canonical as it is.
func appendMethods(content []byte, method SignatureMethod) []byte {
	content = append(content, `<CanonicalizationMethod Algorithm="`+ExclusiveC14N+`"></CanonicalizationMethod><SignatureMethod Algorithm="`...)
	content = append(content, method...)
	return append(content, `"></SignatureMethod>`...)
}

// appendReference appends a Reference to an element of that canonical form. An
// identifier is a name, so nothing in it needs to be escaped.
func appendReference(content []byte, id, transforms string, digest DigestMethod, canonical []byte) []byte {
	content = append(append(append(content, `<Reference URI="#`...), id...), `">`...)
	content = append(append(content, transforms...), `<DigestMethod Algorithm="`...)
	content = append(append(content, digest...), `"></DigestMethod><DigestValue>`...)
	content = base64.StdEncoding.AppendEncode(content, digest.digest(canonical))
	return append(content, `</DigestValue></Reference>`...)
}

// digest returns the digest algorithm that goes with a signature algorithm.
func (m SignatureMethod) digest() DigestMethod {
	switch m.hash() {
	case crypto.SHA1:
		return SHA1
	case crypto.SHA256:
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

func checkSecret(secret []byte) error {
	if len(secret) < minSecretBytes {
		return failf(KeyRefused, "a secret of %d bytes, %d or more are needed", len(secret), minSecretBytes)
	}
	return nil
}
