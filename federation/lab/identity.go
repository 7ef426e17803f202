package lab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// labLife is how long the lab's TLS certificates last. Its authority's key is forgotten
// at once, so nobody can use it for anything else.
const labLife = 30 * 24 * time.Hour

func (l *Lab) authorityPath() string { return filepath.Join(l.options.Dir, "ca.pem") }

// issueIdentity makes a certificate authority, writes its certificate for clients to
// trust, and returns the broker's TLS certificate.
func (l *Lab) issueIdentity() (tls.Certificate, error) {
	now := l.options.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "exfed lab authority"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(labLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	authorityDER, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authorityDER})
	if err := os.WriteFile(l.authorityPath(), text, 0o600); err != nil {
		return tls.Certificate{}, err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: brokerHost}, DNSNames: []string{brokerHost},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, authority, leafKey.Public(), authorityKey)
	return tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: leafKey}, err
}

// writeEnvironment leaves lab.env, for a shell to read.
func (l *Lab) writeEnvironment() error {
	environ := l.Environment()
	var names []string
	for name := range environ {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString("# What exfed's cmdlets need to reach this lab while it runs. Read it with: . ./lab.env\n")
	for _, name := range names {
		b.WriteString("export " + name + "='" + strings.ReplaceAll(environ[name], "'", `'\''`) + "'\n")
	}
	return os.WriteFile(l.EnvironmentPath(), []byte(b.String()), 0o600)
}

// EnvironmentPath is where the variables are written.
func (l *Lab) EnvironmentPath() string { return filepath.Join(l.options.Dir, "lab.env") }
