package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/cmd/terminal"
)

// TestProtectLooksAgain has another process, which does not know of the passphrase yet, save a
// key while the first is about to be replaced.
func TestProtectLooksAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	keys := &certificate.KeyStore{Dir: filepath.Join(folder, "keys")}
	save := func(subject string) string {
		pair, err := certificate.NewSelfSigned(certificate.Request{Subject: subject, KeySize: 1024}, rand.Reader, time.Now())
		if err == nil {
			err = keys.Save(pair)
		}
		if err != nil {
			t.Fatal(err)
		}
		return certificate.Thumbprint(pair.Certificate)
	}
	prints := []string{save("CN=first")}
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), Process{
		Args: []string{"protect-exchangecertificate", "-NewPassphrase", "env:NEW", "-Config", statePathIn(folder), "-Output", "name"},
		Streams: terminal.Streams{Out: &stdout, Err: &stderr, Getenv: func(name string) string {
			return map[string]string{"NEW": "a passphrase"}[name]
		}},
		Now: time.Now, Rand: rand.Reader, Wait: func(context.Context, time.Duration) error { return nil },
		Checkpoint: func(step string) error {
			if step == "key-replace" && len(prints) == 1 {
				prints = append(prints, save("CN=second"))
			}
			return nil
		},
	})
	if code != 0 || len(prints) != 2 {
		t.Fatalf("exit code %d, %d keys\n%s", code, len(prints), &stderr)
	}
	if want := prints[0] + "\n" + prints[1] + "\n"; stdout.String() != want {
		t.Errorf("shown:\n%swant:\n%s", &stdout, want)
	}
	encrypted, err := keys.Encrypted()
	slices.Sort(prints)
	if diff := cmp.Diff(prints, encrypted); err != nil || diff != "" {
		t.Errorf("encrypted, %v (-want +got):\n%s", err, diff)
	}
}
