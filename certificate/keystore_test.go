package certificate_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
)

// savedPair saves a pair in a new store and returns the path of its file.
func savedPair(t *testing.T, pair certificate.Pair) (*certificate.KeyStore, string) {
	t.Helper()
	store := &certificate.KeyStore{Dir: filepath.Join(t.TempDir(), "it's here", "keys [1]")}
	if err := store.Save(pair); err != nil {
		t.Fatal(err)
	}
	return store, filepath.Join(store.Dir, certificate.Thumbprint(pair.Certificate)+".pem")
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestSaveLoadDelete(t *testing.T) {
	t.Parallel()
	pair := aPair(t)
	store, path := savedPair(t, pair)
	thumbprint := certificate.Thumbprint(pair.Certificate)
	if diff := cmp.Diff([]string{thumbprint + ".pem"}, names(t, store.Dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{path: 0o600, store.Dir: 0o700} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v, want mode %o", path, info, err, want)
			}
		}
	}
	got, err := store.Load(strings.ToLower(thumbprint))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Certificate.Raw, pair.Certificate.Raw) || !pair.Key.(*rsa.PrivateKey).Equal(got.Key) {
		t.Error("another pair came back")
	}
	before, _ := os.Stat(path)
	if err := store.Save(pair); err != nil {
		t.Errorf("saving the same key again: %v", err)
	}
	if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) {
		t.Error("saving the same key again touched the file")
	}
	if list, err := store.List(); err != nil || !cmp.Equal(list, []string{thumbprint}) {
		t.Errorf("List = %v, %v", list, err)
	}
	if !store.Has(thumbprint) || store.Has(strings.Repeat("0", 40)) || store.Has("../x") {
		t.Error("Has is wrong")
	}
	for range 2 {
		if err := store.Delete(thumbprint); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Load(thumbprint); !certificate.IsNotFound(err) {
		t.Errorf("Load of a deleted key: %v", err)
	}
	if list, err := store.List(); err != nil || len(list) != 0 {
		t.Errorf("List = %v, %v", list, err)
	}
}

func TestEmptyStore(t *testing.T) {
	t.Parallel()
	store := &certificate.KeyStore{Dir: filepath.Join(t.TempDir(), "none")}
	if list, err := store.List(); err != nil || list != nil {
		t.Errorf("List = %v, %v", list, err)
	}
	if err := store.Delete(strings.Repeat("0", 40)); err != nil {
		t.Errorf("Delete: %v", err)
	}
	for _, thumbprint := range []string{"", "../../etc/passwd", strings.Repeat("0", 39)} {
		if _, err := store.Load(thumbprint); !certificate.IsCode(err, certificate.InvalidThumbprint) {
			t.Errorf("Load(%q): %v", thumbprint, err)
		}
		if err := store.Delete(thumbprint); !certificate.IsCode(err, certificate.InvalidThumbprint) {
			t.Errorf("Delete(%q): %v", thumbprint, err)
		}
	}
}

// TestLoadRefuses damages a key file in every way it must notice.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	pair, other := aPair(t), newPair(t, certificate.Request{Subject: "CN=other", KeySize: 1024})
	_, otherPath := savedPair(t, other)
	otherFile, err := os.ReadFile(otherPath)
	if err != nil {
		t.Fatal(err)
	}
	blocks := func(file []byte) (key, cert []byte) {
		first, rest := pem.Decode(file)
		return pem.EncodeToMemory(first), rest
	}
	otherKey, otherCertificate := blocks(otherFile)
	cases := []struct {
		name   string
		damage func(path string, file []byte) error
		code   certificate.Code
		reason string
	}{
		{"another pair", func(p string, _ []byte) error { return os.WriteFile(p, otherFile, 0o600) },
			certificate.KeyMismatch, "it holds the certificate with thumbprint " + certificate.Thumbprint(other.Certificate)},
		{"another key", func(p string, f []byte) error {
			_, cert := blocks(f)
			return os.WriteFile(p, append(otherKey[:len(otherKey):len(otherKey)], cert...), 0o600)
		}, certificate.KeyMismatch, "does not belong to its certificate"},
		{"empty", func(p string, _ []byte) error { return os.Truncate(p, 0) }, certificate.KeyDamaged, "no PRIVATE KEY block"},
		{"cut", func(p string, f []byte) error { return os.Truncate(p, int64(len(f)-40)) }, certificate.KeyDamaged, "no CERTIFICATE block"},
		{"two certificates", func(p string, f []byte) error { return os.WriteFile(p, append(f, otherCertificate...), 0o600) },
			certificate.KeyDamaged, `"CERTIFICATE" block too many`},
		{"garbage in the key", func(p string, f []byte) error {
			_, cert := blocks(f)
			bad := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})
			return os.WriteFile(p, append(bad, cert...), 0o600)
		}, certificate.KeyDamaged, "asn1"},
		{"too large", func(p string, f []byte) error {
			return os.WriteFile(p, append(f, bytes.Repeat([]byte("\n"), 64<<10)...), 0o600)
		}, certificate.KeyDamaged, "is larger than 65536 bytes"},
		{"a folder", func(p string, _ []byte) error { return errors.Join(os.Remove(p), os.Mkdir(p, 0o700)) },
			certificate.KeyDamaged, "is not a file"},
		{"a link to nowhere", func(p string, _ []byte) error { return errors.Join(os.Remove(p), os.Symlink(p+"x", p)) },
			certificate.KeyNotFound, "not found"},
	}
	for _, c := range cases {
		store, path := savedPair(t, pair)
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.damage(path, file); err != nil {
			t.Fatal(err)
		}
		_, err = store.Load(certificate.Thumbprint(pair.Certificate))
		if !certificate.IsCode(err, c.code) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %s with %q", c.name, err, c.code, c.reason)
		}
	}
	if len(cases) < 9 {
		t.Errorf("%d cases only", len(cases))
	}
}

func TestSaveNeverReplaces(t *testing.T) {
	t.Parallel()
	pair := aPair(t)
	store, path := savedPair(t, pair)
	if err := os.WriteFile(path, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Save(pair); !certificate.IsCode(err, certificate.KeyExists) {
		t.Errorf("Save over another file: %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "something else" {
		t.Errorf("the file is now %q, %v", got, err)
	}
	if got := names(t, store.Dir); len(got) != 1 {
		t.Errorf("files left: %v", got)
	}
	mixed := certificate.Pair{Certificate: pair.Certificate, Key: newPair(t, certificate.Request{Subject: "CN=b", KeySize: 1024}).Key}
	if err := store.Save(mixed); !certificate.IsCode(err, certificate.KeyMismatch) {
		t.Errorf("Save of a key that does not belong: %v", err)
	}
}

// TestManySaveAtOnce has many savers of the same and of other keys in one folder.
func TestManySaveAtOnce(t *testing.T) {
	t.Parallel()
	pairs := []certificate.Pair{aPair(t)}
	for range 3 {
		pairs = append(pairs, newPair(t, certificate.Request{Subject: "CN=a", KeySize: 1024}))
	}
	store := &certificate.KeyStore{Dir: filepath.Join(t.TempDir(), "keys")}
	var group sync.WaitGroup
	for i := range 32 {
		group.Go(func() {
			if err := store.Save(pairs[i%len(pairs)]); err != nil {
				t.Errorf("saver %d: %v", i, err)
			}
		})
	}
	group.Wait()
	if list, err := store.List(); err != nil || len(list) != len(pairs) || len(names(t, store.Dir)) != len(pairs) {
		t.Errorf("List = %v, %v, want %d keys and no other file", list, err, len(pairs))
	}
}

// TestSaveFailsAtEachStep makes each step fail as a full disk does: nothing may be left
// under the key's name, and the next Save works.
func TestSaveFailsAtEachStep(t *testing.T) {
	t.Parallel()
	pair := aPair(t)
	for n := 1; ; n++ {
		steps, failed := 0, ""
		store := &certificate.KeyStore{Dir: filepath.Join(t.TempDir(), "keys")}
		store.Checkpoint = func(step string) error {
			if steps++; steps == n {
				failed = step
				return syscall.ENOSPC
			}
			return nil
		}
		err := store.Save(pair)
		if steps < n {
			if n < 8 {
				t.Fatalf("%d steps only", n-1)
			}
			return
		}
		list, _ := store.List()
		switch {
		case failed == "key-discard": // the key is there by then; its second name goes later
			if err != nil || len(list) != 1 {
				t.Errorf("%s failed: %v, keys %v", failed, err, list)
			}
		case !certificate.IsCode(err, certificate.KeyNotWritten) || !errors.Is(err, syscall.ENOSPC):
			t.Errorf("%s failed: %v", failed, err)
		case len(names(t, store.Dir)) != 0:
			t.Errorf("%s failed, left: %v", failed, names(t, store.Dir))
		}
		store.Checkpoint = nil
		if err := store.Save(pair); err != nil {
			t.Errorf("after %s failed, the next Save: %v", failed, err)
		}
	}
}

const (
	saverDir  = "EXFED_TEST_SAVER_DIR"
	saverStep = "EXFED_TEST_SAVER_STEP"
)

// saveAndDie saves a key and kills its own process before the step it was told.
func saveAndDie() int {
	pair, err := certificate.NewSelfSigned(certificate.Request{Subject: "CN=a", KeySize: 1024}, rand.Reader, moment())
	if err != nil {
		return 2
	}
	store := &certificate.KeyStore{Dir: os.Getenv(saverDir)}
	steps := 0
	store.Checkpoint = func(string) error {
		if steps++; fmt.Sprint(steps) == os.Getenv(saverStep) {
			self, _ := os.FindProcess(os.Getpid())
			_ = self.Kill()
			select {}
		}
		return nil
	}
	if err := store.Save(pair); err != nil {
		return 3
	}
	return 0
}

// TestSaverKilledAtEachStep kills a process before each step: every key file there is can
// be loaded, and what else it left is cleared away by a later Save.
func TestSaverKilledAtEachStep(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	kills := 0
	for ; ; kills++ {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), saverDir+"="+dir, fmt.Sprintf("%s=%d", saverStep, kills+1))
		if out, err := cmd.CombinedOutput(); err == nil {
			break
		} else if cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("saver %d: %v\n%s", kills+1, err, out)
		}
	}
	// The folder is made once, so the later savers have fewer steps than the first.
	if kills < 6 {
		t.Fatalf("%d kills only", kills)
	}
	store := &certificate.KeyStore{Dir: dir}
	list, err := store.List()
	if err != nil || len(list) < 2 {
		t.Fatalf("List = %v, %v", list, err)
	}
	for _, thumbprint := range list {
		if _, err := store.Load(thumbprint); err != nil {
			t.Errorf("a killed saver left: %v", err)
		}
	}
	left := len(names(t, dir)) - len(list)
	if left < 2 {
		t.Fatalf("%d files left by the killed only; the test kills nothing", left)
	}
	ageAndSave(t, store, dir)
	if got := names(t, dir); len(got) != len(list)+1 {
		t.Errorf("not cleared away: %v", got)
	}
}

// ageAndSave makes the files in dir an hour old and saves another key.
func ageAndSave(t *testing.T, store *certificate.KeyStore, dir string) {
	t.Helper()
	old := time.Now().Add(-time.Hour)
	for _, name := range names(t, dir) {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Save(aPair(t)); err != nil {
		t.Fatal(err)
	}
}
