package xmlsec

import (
	"bytes"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/x509"
	"math"
)

// Verified is a signature that holds, and what it covers.
type Verified struct {
	Certificate *x509.Certificate // the one the KeySelector returned, never one of the message; nil for an HMAC
	Method      SignatureMethod
	KeyInfo     KeyInfo // what the sender says about the key
	Value       []byte  // the octets of the signature value: one signed content and key has exactly one
	References  []VerifiedReference
}

// VerifiedReference is one element that a signature covers.
type VerifiedReference struct {
	ID      string
	Digest  DigestMethod
	Source  *Element // the element in the document, by which a caller tells where it stood
	Element *Element // Canonical parsed afresh: the root of a document of its own

	canonical string
}

// Canonical returns the octets whose digest matched.
func (r VerifiedReference) Canonical() []byte { return []byte(r.canonical) }

// Of returns the verified form of an element of the document. It is found by
// identity, not by name or identifier: an element that looks the same in another
// place is not covered.
func (v *Verified) Of(source *Element) (verified *Element, covered bool) {
	for _, r := range v.References {
		if source != nil && r.Source == source {
			return r.Element, true
		}
	}
	return nil, false
}

// Verify checks a detached ds:Signature element of a parsed document, made with an RSA
// key, and everything it refers to within that document. The caller names the
// signature: which one counts is a matter of the message format. What may be relied on
// afterwards is the content of Verified, and nothing else of the document.
//
// A failure is an *Error; see Error.Public for what the sender may learn.
func Verify(signature *Element, allowed Algorithms, selectKey KeySelector) (*Verified, error) {
	parsed, err := readSignature(signature, &policy{Algorithms: allowed})
	if err != nil {
		return nil, err
	}
	return parsed.verify(selectKey)
}

// VerifyEnveloped checks the one ds:Signature that is a child of the element and must
// cover that element, without the signature itself, and nothing else. It is made with
// an RSA key. What may be relied on is Verified.References[0].Element.
//
// A failure is an *Error as those of Verify.
func VerifyEnveloped(e *Element, allowed Algorithms, selectKey KeySelector) (*Verified, error) {
	signature, err := e.Only(NamespaceSignature, "Signature")
	if err != nil {
		return nil, err
	}
	parsed, err := readSignature(signature, &policy{Algorithms: allowed, enveloped: true})
	if err != nil {
		return nil, err
	}
	if len(parsed.references) != 1 || parsed.references[0].target != e {
		return nil, failf(ReferenceRefused, "the signature is over something else than the element it stands in")
	}
	return parsed.verify(selectKey)
}

// VerifyHMAC is Verify for a signature that was made with a shared secret. Verified has
// no certificate. An RSA signature is refused, as Verify refuses an HMAC: neither kind of
// key can be taken for the other.
func VerifyHMAC(signature *Element, allowed Algorithms, selectSecret SecretSelector) (*Verified, error) {
	parsed, err := readSignature(signature, &policy{Algorithms: allowed, hmac: true})
	if err != nil {
		return nil, err
	}
	secret, err := selectSecret(parsed.keyInfo)
	if err != nil || secret == nil {
		return nil, &Error{Code: KeyUnknown, Offset: -1, Detail: "no known secret made the signature", Err: err}
	}
	if err := parsed.checkMAC(secret); err != nil {
		return nil, err
	}
	return parsed.checkReferences(nil)
}

// verify checks the signature before the digests: nothing of any size is computed for
// somebody whose key is not known.
func (s *signature) verify(selectKey KeySelector) (*Verified, error) {
	certificate, err := s.selectCertificate(selectKey)
	if err != nil {
		return nil, err
	}
	if err := s.checkValue(certificate); err != nil {
		return nil, err
	}
	return s.checkReferences(certificate)
}

func (s *signature) checkReferences(certificate *x509.Certificate) (*Verified, error) {
	verified := &Verified{Certificate: certificate, Method: s.method, Value: s.value, KeyInfo: s.keyInfo}
	verified.References = make([]VerifiedReference, 0, len(s.references))
	for _, r := range s.references {
		checked, err := s.check(r)
		if err != nil {
			return nil, err
		}
		verified.References = append(verified.References, checked)
	}
	return verified, nil
}

func (s *signature) selectCertificate(selectKey KeySelector) (*x509.Certificate, error) {
	certificate, err := selectKey(s.keyInfo)
	if err != nil || certificate == nil {
		return nil, &Error{Code: KeyUnknown, Offset: -1, Detail: "no known certificate made the signature", Err: err}
	}
	return certificate, nil
}

// checkValue checks the signature value over SignedInfo in canonical form.
func (s *signature) checkValue(certificate *x509.Certificate) error {
	key, ok := certificate.PublicKey.(*rsa.PublicKey)
	if !ok {
		return failf(KeyRefused, "the key of the certificate is not an RSA key")
	}
	if err := checkKey(key); err != nil {
		return err
	}
	hash := s.method.hash()
	digest := hash.New()
	digest.Write(s.canonical(s.signedInfo, nil, s.inclusive))
	if err := rsa.VerifyPKCS1v15(key, hash, digest.Sum(nil), s.value); err != nil {
		return &Error{Code: SignatureMismatch, Offset: -1, Detail: "the signature value does not match", Err: err}
	}
	return nil
}

// checkMAC compares the HMAC over SignedInfo in canonical form, all of it and in
// constant time.
func (s *signature) checkMAC(secret []byte) error {
	if err := checkSecret(secret); err != nil {
		return err
	}
	mac := hmac.New(s.method.hash().New, secret)
	mac.Write(s.canonical(s.signedInfo, nil, s.inclusive))
	if !hmac.Equal(mac.Sum(nil), s.value) {
		return failf(SignatureMismatch, "the HMAC does not match")
	}
	return nil
}

// canonical returns an element in canonical form, which is good until the next call.
func (s *signature) canonical(e, omit *Element, inclusive []string) []byte {
	if size := e.canonicalSize(omit); size > cap(s.room) {
		s.room = make([]byte, 0, size)
	}
	s.room = e.appendCanonical(s.room[:0], omit, inclusive)
	return s.room
}

// check compares the digest and parses what it was taken over.
func (s *signature) check(r reference) (VerifiedReference, error) {
	canonical := s.canonical(r.target, r.omit, r.inclusive)
	if most := max(DefaultBytes, maxCanonicalGrowth*len(r.target.document.source)); len(canonical) > most {
		return VerifiedReference{}, failf(TooLarge, "the element %q has %d bytes in canonical form, %d are allowed", r.id, len(canonical), most)
	}
	if !bytes.Equal(r.method.digest(canonical), r.digest) {
		return VerifiedReference{}, failf(DigestMismatch, "the element %q is not what was signed", r.id)
	}
	limits := Limits{ // it comes from a document within its limits, of which the characters were checked
		Bytes: math.MaxInt, Nodes: math.MaxInt, Depth: r.target.document.limits.Depth,
	}
	verified := string(canonical)
	element, err := parse(verified, limits)
	if err != nil {
		return VerifiedReference{}, err
	}
	return VerifiedReference{ID: r.id, Digest: r.method, Source: r.target, Element: element, canonical: verified}, nil
}
