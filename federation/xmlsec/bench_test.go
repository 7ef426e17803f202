package xmlsec_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"testing"

	"exfed/federation/xmlsec"
)

// BenchmarkIssue compares signing and encrypting a token to the RSA signature alone,
// which is what it costs at least.
func BenchmarkIssue(b *testing.B) {
	issuer, target := newParty(b), newParty(b)
	signer := issuer.named(b, xmlsec.RSASHA256)
	recipient, err := xmlsec.SubjectKeyReference(target.certificate)
	if err != nil {
		b.Fatal(err)
	}
	encrypter := xmlsec.Encrypter{
		Method: xmlsec.AES256CBC, Public: target.certificate.PublicKey.(*rsa.PublicKey), Recipient: recipient, ID: "Assertion0",
	}
	digest := sha256.Sum256([]byte(assertion))
	b.Run("raw RSA", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := rsa.SignPKCS1v15(rand.Reader, issuer.key.(*rsa.PrivateKey), crypto.SHA256, digest[:]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("token", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			token, err := signer.SignEnveloped([]byte(assertion), "uuid-1")
			if err != nil {
				b.Fatal(err)
			}
			if _, err := encrypter.Encrypt(token); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkVerify parses and verifies a token, as somebody does who decrypted it.
func BenchmarkVerify(b *testing.B) {
	issuer := newParty(b)
	token := signedAssertion(b, issuer, xmlsec.RSASHA256)
	allowed := xmlsec.ModernAlgorithms()
	selects := func(xmlsec.KeyInfo) (*x509.Certificate, error) { return issuer.certificate, nil }
	b.ReportAllocs()
	for b.Loop() {
		root, err := xmlsec.Parse(token, xmlsec.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := xmlsec.VerifyEnveloped(root, allowed, selects); err != nil {
			b.Fatal(err)
		}
	}
}
