package cmd

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// certifyCommand makes a certificate authority and a TLS certificate for a host:
// certify HOST leaves ca.pem, tls.pem and tls.key.
func certifyCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(writeTLS(ts.Getenv("WORK"), args[0]))
}

// writeTLS writes ca.pem, tls.pem and tls.key into a folder, the certificate for hosts.
func writeTLS(folder string, hosts ...string) error {
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: hosts[0]}, DNSNames: hosts,
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	authorityDER, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return err
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, authority, leafKey.Public(), authorityKey)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name, kind string
		der        []byte
	}{{"ca.pem", "CERTIFICATE", authorityDER}, {"tls.pem", "CERTIFICATE", leafDER}, {"tls.key", "PRIVATE KEY", keyDER}} {
		text := pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.der})
		if err := os.WriteFile(filepath.Join(folder, file.name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// adoptCommand puts a certificate and its key, made by another program, into the state
// file and the key folder, as somebody restoring a backup by hand would:
// adopt VARIABLE CERTIFICATE KEY. The variable gets the thumbprint.
func adoptCommand(ts *testscript.TestScript, _ bool, args []string) {
	block, _ := pem.Decode([]byte(ts.ReadFile(args[1])))
	if block == nil {
		ts.Fatalf("%s holds no PEM", args[1])
	}
	thumbprint := fmt.Sprintf("%X", sha1.Sum(block.Bytes))
	keys := filepath.Join(filepath.Dir(stateOf(ts)), "keys")
	ts.Check(os.MkdirAll(keys, 0o700))
	text := ts.ReadFile(args[2]) + ts.ReadFile(args[1])
	ts.Check(os.WriteFile(filepath.Join(keys, thumbprint+".pem"), []byte(text), 0o600))
	entry := fmt.Sprintf(`certificates:
  - thumbprint: %s
    privateKeyExportable: true
    whenCreated: 2026-01-01T00:00:00Z
    certificate: %s
`, thumbprint, base64.StdEncoding.EncodeToString(block.Bytes))
	state, err := os.ReadFile(stateOf(ts))
	if err != nil {
		state = []byte("version: 1\n")
	}
	document := string(state)
	if strings.Contains(document, "certificates:\n") {
		document = strings.Replace(document, "certificates:\n", entry, 1)
	} else {
		document += entry
	}
	ts.Check(os.WriteFile(stateOf(ts), []byte(document), 0o600))
	ts.Setenv(args[0], thumbprint)
}
