package xmlsec

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"math"
)

// Verified is a signature that holds, and what it covers.
type Verified struct {
	Certificate *x509.Certificate // the one the KeySelector returned, never one of the message
	Method      SignatureMethod
	Value       []byte // the octets of the signature value: one signed content and key has exactly one
	References  []VerifiedReference
}

// VerifiedReference is one element that a signature covers.
type VerifiedReference struct {
	ID        string
	Digest    DigestMethod
	Source    *Element // the element in the document, by which a caller tells where it stood
	Canonical []byte   // the octets whose digest matched
	Element   *Element // Canonical parsed afresh: the root of a document of its own
}

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

// Verify checks a ds:Signature element of a parsed document and everything it
// refers to within that document. The caller names the signature: which one counts
// is a matter of the message format. What may be relied on afterwards is the content
// of Verified, and nothing else of the document.
//
// A failure is an *Error; see Error.Public for what the sender may learn.
func Verify(signature *Element, allowed Algorithms, selectKey KeySelector) (*Verified, error) {
	parsed, err := readSignature(signature, allowed)
	if err != nil {
		return nil, err
	}
	certificate, err := parsed.selectCertificate(selectKey)
	if err != nil {
		return nil, err
	}
	// The signature before the digests: nothing of any size is computed for
	// somebody whose key is not known.
	if err := parsed.checkValue(certificate); err != nil {
		return nil, err
	}
	verified := &Verified{Certificate: certificate, Method: parsed.method, Value: parsed.value}
	for _, r := range parsed.references {
		checked, err := r.check()
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
	digest.Write(s.signedInfo.Canonical(s.inclusive...))
	if err := rsa.VerifyPKCS1v15(key, hash, digest.Sum(nil), s.value); err != nil {
		return &Error{Code: SignatureMismatch, Offset: -1, Detail: "the signature value does not match", Err: err}
	}
	return nil
}

// check compares the digest and parses what it was taken over.
func (r reference) check() (VerifiedReference, error) {
	canonical := r.target.Canonical(r.inclusive...)
	if most := max(DefaultBytes, maxCanonicalGrowth*len(r.target.document.source)); len(canonical) > most {
		return VerifiedReference{}, failf(TooLarge, "the element %q has %d bytes in canonical form, %d are allowed", r.id, len(canonical), most)
	}
	if !bytes.Equal(r.method.digest(canonical), r.digest) {
		return VerifiedReference{}, failf(DigestMismatch, "the element %q is not what was signed", r.id)
	}
	limits := Limits{ // it comes from a document within its limits
		Bytes: math.MaxInt, Nodes: math.MaxInt, Depth: r.target.document.limits.Depth,
	}
	element, err := Parse(canonical, limits)
	if err != nil {
		return VerifiedReference{}, err
	}
	return VerifiedReference{
		ID: r.id, Digest: r.method, Source: r.target, Canonical: canonical, Element: element,
	}, nil
}
