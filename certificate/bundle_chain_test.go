package certificate_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync"
	"testing"
	"time"

	"exfed/certificate"
)

// friendlyName is the name in the tests' bundles. Java lowers the case of names, so it has none.
const friendlyName = "federation grün 2026"

// aBundle returns a leaf with its key and the two authorities above it, for all tests.
func aBundle(t testing.TB) certificate.Bundle {
	t.Helper()
	b, err := oneBundle()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var oneBundle = sync.OnceValues(func() (certificate.Bundle, error) {
	root, err := issue(nil, "Root CA", true)
	if err != nil {
		return certificate.Bundle{}, err
	}
	middle, err := issue(&root, "Issuing CA", true)
	if err != nil {
		return certificate.Bundle{}, err
	}
	leaf, err := issue(&middle, "mail.contoso.com", false)
	return certificate.Bundle{Certificate: leaf.Certificate, Key: leaf.Key, FriendlyName: friendlyName,
		Chain: []*x509.Certificate{middle.Certificate, root.Certificate}}, err
})

// issue makes a key and has the issuer sign its certificate; without one it signs itself.
func issue(issuer *certificate.Pair, name string, authority bool) (certificate.Pair, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return certificate.Pair{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(name))), Subject: pkix.Name{CommonName: name},
		NotBefore: moment(), NotAfter: moment().Add(30 * 365 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, BasicConstraintsValid: true,
	}
	if authority {
		template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign
	}
	parent, signer := template, crypto.Signer(key)
	if issuer != nil {
		parent, signer = issuer.Certificate, issuer.Key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return certificate.Pair{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return certificate.Pair{Certificate: cert, Key: key}, err
}

// shown is a bundle as values that can be compared.
type shown struct {
	Name        string
	Key         *big.Int // the private exponent, nil without a key
	Certificate []byte
	Chain       [][]byte
}

func show(b certificate.Bundle) shown {
	s := shown{Name: b.FriendlyName, Certificate: b.Certificate.Raw}
	if key, ok := b.Key.(*rsa.PrivateKey); ok {
		s.Key = key.D
	}
	for _, cert := range b.Chain {
		s.Chain = append(s.Chain, cert.Raw)
	}
	return s
}
