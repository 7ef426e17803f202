package cmd

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
)

// certificateStage is an organization with a pending request, and files to import into it.
type certificateStage struct {
	organization, pair, signed string
}

// newCertificateStage makes the files: pair.pem has a certificate with its key, signed.pem the
// certificate of the request.
func newCertificateStage(t *testing.T) certificateStage {
	t.Helper()
	root := t.TempDir()
	s := certificateStage{filepath.Join(root, "organization"), filepath.Join(root, "pair.pem"), filepath.Join(root, "signed.pem")}
	if err := os.Mkdir(s.organization, 0o700); err != nil {
		t.Fatal(err)
	}
	request := must(t, s.organization, nil, "new-exchangecertificate", "-GenerateRequest", "-DomainName", "mail.contoso.com", "-PrivateKeyExportable", "true").stdout
	block, _ := pem.Decode([]byte(request))
	parsed, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: now, NotAfter: now.Add(time.Hour)}
	own, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, parsed.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(path string, blocks ...*pem.Block) {
		var out bytes.Buffer
		for _, b := range blocks {
			out.Write(pem.EncodeToMemory(b))
		}
		if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(s.pair, &pem.Block{Type: "PRIVATE KEY", Bytes: der}, &pem.Block{Type: "CERTIFICATE", Bytes: own})
	write(s.signed, &pem.Block{Type: "CERTIFICATE", Bytes: signed})
	return s
}

// TestCertificatesSurvive kills each cmdlet before each of its steps, and fails the step with a
// full disk: never is there a certificate without its key, or a key that does not open, and run
// again it comes to the same end.
func TestCertificatesSurvive(t *testing.T) {
	t.Parallel()
	stage := newCertificateStage(t)
	cases := []struct {
		name   string
		again  int // exit code when it is run once more after its end
		least  int // steps
		passes []string
		args   []string
	}{
		{"import", 6, 8, []string{""}, []string{"import-exchangecertificate", "-FileName", stage.pair, "-Quiet"}},
		{"complete", 6, 10, []string{""}, []string{"import-exchangecertificate", "-FileName", stage.signed, "-Quiet"}},
		{"protect", 0, 5, []string{"", "new"}, []string{"protect-exchangecertificate", "-NewPassphrase", "new", "-Quiet"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			countFile := filepath.Join(t.TempDir(), "points")
			folder := stage.fresh(t)
			must(t, folder, []string{checkpointCountVariable + "=" + countFile}, c.args...)
			points := strings.Fields(string(readIfThere(t, countFile)))
			last := c.passes[len(c.passes)-1:]
			want := sound(t, folder, "undisturbed", last)
			if len(points) < c.least {
				t.Errorf("%d steps, at least %d are expected: %v", len(points), c.least, points)
			}
			for n, point := range points {
				for _, fate := range []string{"kill", "enospc"} {
					what := fmt.Sprintf("%s at %d, %s", fate, n+1, point)
					folder := stage.fresh(t)
					exfed(t, folder, []string{fmt.Sprintf("%s=%d:%s", checkpointVariable, n+1, fate)}, c.args...)
					sound(t, folder, what, c.passes)
					if again := exfed(t, folder, nil, c.args...); again.code != 0 && again.code != c.again {
						t.Errorf("%s: run again, exit code %d\n%s", what, again.code, again.stderr)
					}
					if diff := cmp.Diff(want, sound(t, folder, what, last)); diff != "" {
						t.Errorf("%s: run again, not what an undisturbed run leaves (-want +got):\n%s", what, diff)
					}
				}
			}
		})
	}
}

func (s certificateStage) fresh(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "organization")
	copyFolder(t, s.organization, folder)
	return folder
}

// sound wants a state that can be read, with a key for each certificate that opens with one of
// the passphrases, and returns the thumbprints of the certificates.
func sound(t *testing.T, folder, what string, passes []string) []string {
	t.Helper()
	listed := exfed(t, folder, nil, "get-exchangecertificate", "-Output", "name")
	if listed.code != 0 {
		t.Fatalf("%s: the certificates cannot be listed\n%s", what, listed.stderr)
	}
	prints := strings.Fields(listed.stdout)
	for _, print := range prints {
		opened := slices.ContainsFunc(passes, func(passphrase string) bool {
			store := &certificate.KeyStore{Dir: filepath.Join(folder, "keys"), Passphrase: func() (string, error) { return passphrase, nil }}
			return opens(store, print) == nil
		})
		if !opened {
			t.Errorf("%s: the key of %s does not open", what, print)
		}
	}
	return prints
}
