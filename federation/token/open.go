package token

import (
	"crypto"
	"crypto/x509"
	"errors"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/xmlsec"
)

// Verifier opens tokens and other assertions in the name of whom they are for.
type Verifier struct {
	Profile      federation.SecurityProfile
	Keys         []certificate.Pair  // the organization's own: current, previous, next
	Certificates []*x509.Certificate // the issuer's: current, previous
	AllowPlain   bool                // a token may come as an assertion in the clear
}

// Opened is a token whose signature holds. What it claims is what the issuer wrote, which
// does not yet make it a token to accept.
type Opened struct {
	Token      Token
	Signature  Signature
	Encryption *Encryption // nil for an assertion in the clear
}

// Signature says how a token is signed.
type Signature struct {
	Method      xmlsec.SignatureMethod
	Digest      xmlsec.DigestMethod
	Certificate *x509.Certificate // one of Verifier.Certificates
	KeyInfo     xmlsec.KeyInfo    // what the token says about the key
}

// Encryption says how a token is encrypted.
type Encryption struct {
	Method      xmlsec.EncryptionMethod
	KeyMethod   xmlsec.KeyEncryptionMethod
	Certificate *x509.Certificate // of the one of Verifier.Keys
	KeyInfo     xmlsec.KeyInfo    // what the token says about the key
}

// decrypt returns the assertion.
func (v Verifier) decrypt(e *xmlsec.Element, allowed xmlsec.Algorithms) (*xmlsec.Element, *Encryption, error) {
	if !e.Is(xmlsec.NamespaceEncryption, "EncryptedData") {
		if v.AllowPlain {
			return e, nil, nil
		}
		return nil, nil, federation.Errorf(federation.Untrusted, ReasonNotEncrypted, object, "%s is not encrypted", e.Name)
	}
	var own *x509.Certificate
	decrypted, err := xmlsec.Decrypt(e, allowed, func(info xmlsec.KeyInfo) (crypto.Decrypter, error) {
		for _, pair := range v.Keys {
			if key, ok := pair.Key.(crypto.Decrypter); ok && names(info, pair.Certificate) {
				own = pair.Certificate
				return key, nil
			}
		}
		return nil, errors.New("it is encrypted to " + KeyName(info) + ", which the organization does not have")
	})
	if err != nil {
		return nil, nil, untrusted(err, ReasonNotDecrypted, ReasonKeyUnknown)
	}
	return decrypted.Element, &Encryption{
		Method: decrypted.Method, KeyMethod: decrypted.KeyMethod, Certificate: own, KeyInfo: decrypted.KeyInfo,
	}, nil
}

// verify verifies the signature of an assertion, which covers all of it.
func (v Verifier) verify(e *xmlsec.Element, allowed xmlsec.Algorithms, now time.Time) (*xmlsec.Verified, error) {
	verified, err := xmlsec.VerifyEnveloped(e, allowed, v.signer)
	if err != nil {
		return nil, untrusted(err, ReasonNotSigned, ReasonSignerUnknown)
	}
	if err := checkValidity(verified.Certificate, now); err != nil {
		return nil, err
	}
	return verified, nil
}

func signatureOf(verified *xmlsec.Verified) Signature {
	return Signature{
		Method: verified.Method, Digest: verified.References[0].Digest,
		Certificate: verified.Certificate, KeyInfo: verified.KeyInfo,
	}
}

func (v Verifier) signer(info xmlsec.KeyInfo) (*x509.Certificate, error) {
	for _, c := range v.Certificates {
		if names(info, c) {
			return c, nil
		}
	}
	return nil, errors.New("it is signed with " + KeyName(info) + ", which the issuer is not known to have")
}

// checkValidity refuses a certificate of the issuer that nobody took out of the list
// after its time.
func checkValidity(c *x509.Certificate, now time.Time) error {
	if certificate.StatusAt(c, now) == certificate.Valid {
		return nil
	}
	return federation.Errorf(federation.Untrusted, ReasonSignerExpired, object, "the issuer's certificate is valid from %s to %s, it is %s",
		instant(c.NotBefore), instant(c.NotAfter), instant(now))
}

// untrusted gives a failure of XML security its reason.
func untrusted(err error, broken, unknown string) *federation.Error {
	reason := broken
	var fault *xmlsec.Error
	if errors.As(err, &fault) {
		switch fault.Code {
		case xmlsec.AlgorithmRefused:
			reason = ReasonAlgorithm
		case xmlsec.KeyUnknown:
			reason = unknown
		}
	}
	return &federation.Error{Kind: federation.Untrusted, ID: reason, Object: object, Reason: "it is not accepted", Err: err}
}
