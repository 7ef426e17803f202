package cmd

import (
	"bytes"
	"crypto/rand"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/cmd/terminal"
)

// TestProtectLooksAgain has other processes, which do not know of the passphrase yet, save one key
// and delete another while the first is about to be replaced.
func TestProtectLooksAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	keys := &certificate.KeyStore{Dir: filepath.Join(folder, "keys")}
	save := func() string {
		pair, err := certificate.NewSelfSigned(certificate.Request{Subject: "CN=any", KeySize: 1024}, rand.Reader, time.Now())
		if err == nil {
			err = keys.Save(pair)
		}
		if err != nil {
			t.Fatal(err)
		}
		return certificate.Thumbprint(pair.Certificate)
	}
	prints := []string{save(), save()}
	slices.Sort(prints)
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), Process{
		Args:    []string{"protect-exchangecertificate", "-NewPassphrase", "env:NEW", "-Config", statePathIn(folder), "-Output", "name"},
		Streams: terminal.Streams{Out: &stdout, Err: &stderr, Getenv: func(name string) string { return map[string]string{"NEW": "a passphrase"}[name] }},
		Now:     time.Now, Rand: rand.Reader,
		Checkpoint: func(step string) error {
			if step != "key-replace" || len(prints) != 2 {
				return nil
			}
			deleted := prints[1]
			prints = []string{prints[0], save(), deleted}
			return keys.Delete(deleted)
		},
	})
	if code != 0 || len(prints) != 3 {
		t.Fatalf("exit code %d, %d keys\n%s", code, len(prints), &stderr)
	}
	if want := prints[0] + "\n" + prints[1] + "\n"; stdout.String() != want {
		t.Errorf("shown:\n%swant:\n%s", &stdout, want)
	}
	encrypted, err := keys.Encrypted()
	want := prints[:2]
	slices.Sort(want)
	if diff := cmp.Diff(want, encrypted); err != nil || diff != "" {
		t.Errorf("encrypted, %v (-want +got):\n%s", err, diff)
	}
}

// TestOpenAllPassesOverWhatIsGone: a key was deleted after it was listed.
func TestOpenAllPassesOverWhatIsGone(t *testing.T) {
	t.Parallel()
	keys := &certificate.KeyStore{Dir: t.TempDir()}
	if err := openAll(keys, []string{strings.Repeat("A", 40)}, "a passphrase"); err != nil {
		t.Error(err)
	}
}
