package xmlsec_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"exfed/federation/xmlsec"
)

// party is somebody with a key and a certificate.
type party struct {
	key         crypto.Signer
	certificate *x509.Certificate
}

func newParty(t testing.TB) party {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return certify(t, key)
}

func newECDSAParty(t testing.TB) party {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return certify(t, key)
}

func certify(t testing.TB, key crypto.Signer) party {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(4711),
		Subject:      pkix.Name{CommonName: "Federation"},
		SubjectKeyId: []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return party{key, certificate}
}

// signer signs with the certificate in KeyInfo.
func (p party) signer(method xmlsec.SignatureMethod) xmlsec.Signer {
	return xmlsec.Signer{Key: p.key, Method: method, KeyInfo: xmlsec.X509DataKeyInfo(p.certificate)}
}

// selects accepts this party and nobody else.
func (p party) selects(info xmlsec.KeyInfo) (*x509.Certificate, error) {
	for _, c := range info.Certificates {
		if c.Equal(p.certificate) {
			return p.certificate, nil
		}
	}
	return nil, errors.New("somebody else")
}

// files writes the certificate and the key in PEM form.
func (p party) files(t testing.TB) (certificate, key string) {
	t.Helper()
	folder := t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for name, block := range map[string]*pem.Block{
		certificate: {Type: "CERTIFICATE", Bytes: p.certificate.Raw},
		key:         {Type: "PRIVATE KEY", Bytes: der},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificate, key
}

// write puts data into a file of its own.
func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// modulus returns a number of so many bits.
func modulus(bits uint) *big.Int {
	return new(big.Int).SetBit(big.NewInt(1), int(bits)-1, 1)
}

// liar is a key that signs something else.
type liar struct{ crypto.Signer }

func (l liar) Sign(random io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	other := make([]byte, len(digest))
	return l.Signer.Sign(random, other, options)
}
