// Package goxmldsig compares the verification of a signed assertion with that of
// github.com/russellhaering/goxmldsig. It is a module of its own, so that exfed does not
// depend on what it is compared with.
package goxmldsig

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// BenchmarkVerify verifies a delegation token by turns and reports the median of the
// ratios, pair by pair, of the time goxmldsig takes to the time exfed takes, and what
// each allocates. Both go from the bytes of the document to the element that is verified,
// and both know the issuer's certificate beforehand.
//
//	cd federation/xmlsec/testdata/goxmldsig && go test -bench Verify -benchtime 3000x
func BenchmarkVerify(b *testing.B) {
	pair := newPair(b)
	issued := issue(b, pair)
	plain := signedAgain(b, issued, pair, xmlsec.Markup{})
	b.Run("without KeyInfo", func(b *testing.B) { compare(b, pair.Certificate, plain, plain) })
	embedded := signedAgain(b, issued, pair, xmlsec.X509DataKeyInfo(pair.Certificate))
	b.Run("with the certificate", func(b *testing.B) { compare(b, pair.Certificate, embedded, embedded) })
	// goxmldsig refuses the KeyInfo that tokens have, and gets the token without it.
	b.Run("as issued", func(b *testing.B) { compare(b, pair.Certificate, issued, plain) })
}

func compare(b *testing.B, certificate *x509.Certificate, forUs, forThem []byte) {
	context := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{certificate}})
	context.IdAttribute = "AssertionID"
	allowed := xmlsec.ModernAlgorithms()
	known := func(xmlsec.KeyInfo) (*x509.Certificate, error) { return certificate, nil }
	ours := func() {
		root, err := xmlsec.Parse(forUs, xmlsec.Limits{})
		if err == nil {
			_, err = xmlsec.VerifyEnveloped(root, allowed, known)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	theirs := func() {
		document := etree.NewDocument()
		err := document.ReadFromBytes(forThem)
		if err == nil {
			_, err = context.Validate(document.Root())
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	var ratios []float64
	for b.Loop() {
		start := time.Now()
		ours()
		middle := time.Now()
		theirs()
		ratios = append(ratios, float64(time.Since(middle))/float64(middle.Sub(start)))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "x-goxmldsig")
	b.ReportMetric(testing.AllocsPerRun(100, ours), "allocs")
	b.ReportMetric(testing.AllocsPerRun(100, theirs), "allocs-goxmldsig")
	b.ReportMetric(0, "ns/op")
}

func newPair(b *testing.B) certificate.Pair {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Broker"}, SubjectKeyId: []byte("of twenty octets all"),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		b.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		b.Fatal(err)
	}
	return certificate.Pair{Certificate: parsed, Key: key}
}

// issue returns the signed assertion of a token before it is encrypted.
func issue(b *testing.B, pair certificate.Pair) []byte {
	issuer := token.Issuer{URI: "urn:federation:broker.example", Pair: pair, Profile: federation.Modern}
	now := time.Now()
	signed, err := issuer.Sign(token.Token{
		AssertionID: "uuid-1", Issuer: issuer.URI, IssueInstant: now, NotBefore: now, NotOnOrAfter: now.Add(time.Hour),
		Audience: "http://FYDIBOHF25SPDLT.fabrikam.com", NameIdentifier: "Zm9vYmFyYmF6@FYDIBOHF25SPDLT.contoso.com",
		EmailAddress: "sales@contoso.com", RequestorDomain: "FYDIBOHF25SPDLT.contoso.com",
		Action: token.SharingCalendarFreeBusy, ThirdPartyRequested: "True", ProofKey: make([]byte, 32),
	})
	if err != nil {
		b.Fatal(err)
	}
	return signed
}

// signedAgain signs the assertion once more, with another KeyInfo.
func signedAgain(b *testing.B, assertion []byte, pair certificate.Pair, keyInfo xmlsec.Markup) []byte {
	root, err := xmlsec.Parse(assertion, xmlsec.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	signature, err := root.Only(xmlsec.NamespaceSignature, "Signature")
	if err != nil {
		b.Fatal(err)
	}
	signer := xmlsec.Signer{Key: pair.Key, Method: xmlsec.RSASHA256, KeyInfo: keyInfo}
	signed, err := signer.SignEnveloped(root.CanonicalWithout(signature), "uuid-1")
	if err != nil {
		b.Fatal(err)
	}
	return signed
}
