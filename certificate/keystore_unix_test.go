//go:build unix

package certificate_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"exfed/certificate"
)

// TestLoadRefusesOpenFiles tries every permission bit, and runs the remedy.
func TestLoadRefusesOpenFiles(t *testing.T) {
	t.Parallel()
	pair := aPair(t)
	store, path := savedPair(t, pair)
	thumbprint := certificate.Thumbprint(pair.Certificate)
	refused := 0
	for bits := os.FileMode(1); bits <= 0o77; bits++ {
		if err := os.Chmod(path, 0o600|bits); err != nil {
			t.Fatal(err)
		}
		_, err := store.Load(thumbprint)
		if !certificate.IsCode(err, certificate.KeyTooOpen) {
			t.Fatalf("mode %o: %v", 0o600|bits, err)
		}
		refused++
		if bits < 0o77 {
			continue
		}
		_, command, ok := strings.Cut(err.Error(), "(run: ")
		if !ok {
			t.Fatalf("no command in %q", err)
		}
		if out, err := exec.Command("sh", "-c", strings.TrimSuffix(command, ")")).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
	if _, err := store.Load(thumbprint); err != nil || refused != 63 {
		t.Errorf("%d modes refused; after the remedy: %v", refused, err)
	}
}

// TestLoadRefusesForeignFiles gives the key file to another user, and runs the remedy.
func TestLoadRefusesForeignFiles(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	pair := aPair(t)
	store, path := savedPair(t, pair)
	if err := os.Chown(path, 65534, -1); err != nil {
		t.Fatal(err)
	}
	_, err := store.Load(certificate.Thumbprint(pair.Certificate))
	if !certificate.IsCode(err, certificate.KeyTooOpen) || !strings.Contains(err.Error(), "65534") {
		t.Fatalf("a file of user 65534: %v", err)
	}
	_, command, ok := strings.Cut(err.Error(), "(run: ")
	if !ok {
		t.Fatalf("no command in %q", err)
	}
	if out, err := exec.Command("sh", "-c", strings.TrimSuffix(command, ")")).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	if _, err := store.Load(certificate.Thumbprint(pair.Certificate)); err != nil {
		t.Errorf("after the remedy: %v", err)
	}
}

// TestLoadFollowsLinks: what a link leads to is what must be closed to others.
func TestLoadFollowsLinks(t *testing.T) {
	t.Parallel()
	pair := aPair(t)
	store, path := savedPair(t, pair)
	elsewhere := t.TempDir() + "/key.pem"
	if err := os.Rename(path, elsewhere); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, path); err != nil {
		t.Fatal(err)
	}
	thumbprint := certificate.Thumbprint(pair.Certificate)
	if _, err := store.Load(thumbprint); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(elsewhere, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Load(thumbprint); !certificate.IsCode(err, certificate.KeyTooOpen) {
		t.Errorf("a link to an open file: %v", err)
	}
}

// TestLoadDoesNotWait: a named pipe without a writer would block a reader for ever.
func TestLoadDoesNotWait(t *testing.T) {
	t.Parallel()
	pair := aPair(t)
	store, path := savedPair(t, pair)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Load(certificate.Thumbprint(pair.Certificate)); !certificate.IsCode(err, certificate.KeyDamaged) {
		t.Errorf("a named pipe: %v", err)
	}
}

// TestProtectFollowsLinks: a file in place of a link would leave the key that is linked to as it is.
func TestProtectFollowsLinks(t *testing.T) {
	t.Parallel()
	pair := aPair(t)
	store, path := savedPair(t, pair)
	elsewhere := filepath.Join(t.TempDir(), "elsewhere.pem")
	if err := errors.Join(os.Rename(path, elsewhere), os.Symlink(elsewhere, path)); err != nil {
		t.Fatal(err)
	}
	if err := store.Protect(certificate.Thumbprint(pair.Certificate), password); err != nil {
		t.Fatal(err)
	}
	if file := read(t, elsewhere); !bytes.HasPrefix(file, []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----")) {
		t.Errorf("the key that is linked to is\n%.40s", file)
	}
	if leads, err := os.Readlink(path); err != nil || leads != elsewhere {
		t.Errorf("the link leads to %q: %v", leads, err)
	}
	for _, folder := range []string{filepath.Dir(path), filepath.Dir(elsewhere)} {
		if left := names(t, folder); len(left) != 1 {
			t.Errorf("%s has %s", folder, left)
		}
	}
}
