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

// authority issues the lab's TLS certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	issued      int64
}

// newAuthority makes a certificate authority and writes its certificate to the file, for
// clients to trust.
func newAuthority(now time.Time, path string) (*authority, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "exfed lab authority"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(labLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return &authority{certificate: template, key: key, issued: 1}, os.WriteFile(path, text, 0o600)
}

// issue makes the TLS certificate of a server with those names.
func (a *authority) issue(names []string) (tls.Certificate, error) {
	a.issued++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.issued), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: a.certificate.NotBefore, NotAfter: a.certificate.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
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
