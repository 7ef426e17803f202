package certificate_test

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
)

// compareInts has cmp compare numbers by value.
func compareInts() cmp.Option {
	return cmp.Comparer(func(a, b *big.Int) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 })
}

// pemFiles writes the bundle's key, certificate and chain as a person would have them for
// openssl, without any code under test.
func pemFiles(t testing.TB, b certificate.Bundle) (dir string) {
	t.Helper()
	dir = t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(b.Key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	write(t, filepath.Join(dir, "cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.Certificate.Raw}))
	var chain []byte
	for _, cert := range b.Chain {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
	}
	write(t, filepath.Join(dir, "chain.pem"), chain)
	return dir
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// password has what makes trouble: a letter and a sign beyond ASCII, a blank, a dollar.
const password = "pä €$ß w"

// opensslPFX has openssl write the bundle.
func opensslPFX(t testing.TB, b certificate.Bundle, password string, args ...string) []byte {
	t.Helper()
	dir := pemFiles(t, b)
	write(t, filepath.Join(dir, "password"), []byte(password+"\n"))
	args = append([]string{"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-certfile", "chain.pem",
		"-name", b.FriendlyName, "-passout", "file:password", "-out", "out.p12"}, args...)
	run(t, dir, peer(t, "openssl"), args...)
	return read(t, filepath.Join(dir, "out.p12"))
}

// TestReadOpenSSL reads what openssl writes.
func TestReadOpenSSL(t *testing.T) {
	t.Parallel()
	b := aBundle(t)
	cases := []struct {
		name string
		args []string
	}{
		{"modern", nil},
		{"legacy, RC2 and 3DES", []string{"-legacy"}},
		{"3DES", []string{"-legacy", "-descert"}},
		{"RC2 also for the key", []string{"-legacy", "-keypbe", "PBE-SHA1-RC2-128", "-certpbe", "PBE-SHA1-RC2-128"}},
		{"AES-128 and SHA-512", []string{"-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC", "-macalg", "sha512"}},
		{"3DES by PBES2", []string{"-keypbe", "DES-EDE3-CBC", "-certpbe", "DES-EDE3-CBC", "-macalg", "sha384"}},
		{"certificates in the open", []string{"-certpbe", "NONE"}},
		{"key in the open", []string{"-keypbe", "NONE"}},
		{"one iteration", []string{"-noiter"}},
		{"Windows, with its attributes", []string{"-CSP", "Microsoft Enhanced RSA and AES Cryptographic Provider", "-LMK"}},
	}
	for _, c := range cases {
		for _, password := range []string{password, ""} {
			got, err := certificate.ReadBundle(opensslPFX(t, b, password, c.args...), password)
			if err != nil {
				t.Errorf("%s, password %q: %v", c.name, password, err)
				continue
			}
			if diff := cmp.Diff(show(b), show(got), compareInts()); diff != "" {
				t.Errorf("%s, password %q (-want +got):\n%s", c.name, password, diff)
			}
		}
	}
	if len(cases) < 10 {
		t.Errorf("%d cases only", len(cases))
	}
}

// TestOpenSSLReads has openssl read what we write.
func TestOpenSSLReads(t *testing.T) {
	t.Parallel()
	b := aBundle(t)
	for _, legacy := range []bool{false, true} {
		for _, password := range []string{password, ""} {
			data, err := certificate.EncodePKCS12(b, password, legacy, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			got := opensslRead(t, data, password)
			if diff := cmp.Diff(sorted(show(b)), got, compareInts()); diff != "" {
				t.Errorf("legacy %v, password %q (-want +got):\n%s", legacy, password, diff)
			}
		}
	}
}
