package certificate_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
)

// word is a passphrase for a KeyStore.
func word(passphrase string) func() (string, error) {
	return func() (string, error) { return passphrase, nil }
}

// TestEncryptedKeyFiles saves, reads and refuses encrypted key files, and has openssl read one.
func TestEncryptedKeyFiles(t *testing.T) {
	t.Parallel()
	pair := aPair(t)
	thumbprint := certificate.Thumbprint(pair.Certificate)
	store := &certificate.KeyStore{Dir: filepath.Join(t.TempDir(), "keys"), Passphrase: word(password)}
	if err := store.Save(pair); err != nil {
		t.Fatal(err)
	}
	file := read(t, filepath.Join(store.Dir, thumbprint+".pem"))
	if !bytes.HasPrefix(file, []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----")) || bytes.Contains(file, []byte("BEGIN PRIVATE")) {
		t.Errorf("the file is\n%s", file)
	}
	if err := store.Save(pair); err != nil {
		t.Errorf("saving the same key again: %v", err)
	}
	want := shown{Certificate: pair.Certificate.Raw, Key: show(bundleOf(pair)).Key}
	load := func(store *certificate.KeyStore) (shown, error) {
		got, err := store.Load(thumbprint)
		if err != nil {
			return shown{}, err
		}
		return show(bundleOf(got)), nil
	}
	if got, err := load(store); err != nil || cmp.Diff(want, got, compareInts()) != "" {
		t.Errorf("%v, %s", err, cmp.Diff(want, got, compareInts()))
	}
	broken := errors.New("no terminal")
	for name, c := range map[string]struct {
		passphrase func() (string, error)
		code       certificate.Code
		says       string
	}{
		"none":     {nil, certificate.KeyEncrypted, "is encrypted, and no passphrase was given"},
		"empty":    {word(""), certificate.KeyEncrypted, "is encrypted, and no passphrase was given"},
		"another":  {word("other"), certificate.WrongPassphrase, "is encrypted with another passphrase"},
		"not here": {func() (string, error) { return "", broken }, certificate.KeyEncrypted, "its passphrase cannot be had: no terminal"},
	} {
		_, err := load(&certificate.KeyStore{Dir: store.Dir, Passphrase: c.passphrase})
		if !certificate.IsCode(err, c.code) || !strings.Contains(err.Error(), "key file "+store.Dir) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %s with %q", name, err, c.code, c.says)
		}
	}
	refusing := &certificate.KeyStore{Dir: filepath.Join(t.TempDir(), "none"), Passphrase: func() (string, error) { return "", broken }}
	if err := refusing.Save(pair); !certificate.IsCode(err, certificate.KeyNotWritten) || !errors.Is(err, broken) {
		t.Errorf("saving without the passphrase: %v", err)
	}
	if left := names(t, refusing.Dir); left != nil {
		t.Errorf("it left %q", left)
	}
	openssl, dir := peer(t, "openssl"), t.TempDir()
	write(t, filepath.Join(dir, "password"), []byte(password+"\n"))
	out := run(t, dir, openssl, "pkey", "-in", filepath.Join(store.Dir, thumbprint+".pem"), "-passin", "file:password")
	if got, err := certificate.ReadBundle(append([]byte(out), file[bytes.Index(file, []byte("-----BEGIN CERT")):]...), ""); err != nil || show(got).Key.Cmp(want.Key) != 0 {
		t.Errorf("openssl reads another key: %v", err)
	}
}

// TestNewKeyWithAnotherPassphrase has new keys refused that would be encrypted with a passphrase
// that opens none of those beside them.
func TestNewKeyWithAnotherPassphrase(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	with := func(passphrase string) *certificate.KeyStore {
		return &certificate.KeyStore{Dir: dir, Passphrase: word(passphrase)}
	}
	save := func(passphrase string) (string, error) {
		pair := newPair(t, certificate.Request{Subject: "CN=Federation"})
		return certificate.Thumbprint(pair.Certificate), with(passphrase).Save(pair)
	}
	var kept []string
	for _, passphrase := range []string{"", "one", "one"} { // plain files agree with every passphrase
		thumbprint, err := save(passphrase)
		if err != nil {
			t.Fatalf("%q: %v", passphrase, err)
		}
		kept = append(kept, thumbprint)
	}
	if thumbprint, err := save("slip"); !certificate.IsCode(err, certificate.WrongPassphrase) || !strings.Contains(err.Error(), "key folder "+dir) || with("").Has(thumbprint) {
		t.Errorf("a slip of the finger: %v, the key is kept: %v", err, with("").Has(thumbprint))
	}
	had := &certificate.Error{Code: certificate.WrongPassphrase, Object: "key file x", Reason: "is encrypted with another passphrase"}
	typed := &certificate.KeyStore{Dir: dir, Passphrase: func() (string, error) { return "", had }}
	if err := typed.Save(aPair(t)); err != error(had) {
		t.Errorf("saving with one that was tried already: %v", err)
	}
	want := "key file " + filepath.Join(dir, kept[1]+".pem") + ": is encrypted with another passphrase"
	if _, err := typed.Load(kept[1]); err == nil || err.Error() != want {
		t.Errorf("loading with one that was tried already:\n%v, want\n%s", err, want)
	}
	// Half of a change: both passphrases are in use.
	if err := with("one").Protect(kept[2], "two"); err != nil {
		t.Fatal(err)
	}
	for _, passphrase := range []string{"one", "two"} {
		if _, err := save(passphrase); err != nil {
			t.Errorf("%q, which some files have: %v", passphrase, err)
		}
	}
}

func bundleOf(pair certificate.Pair) certificate.Bundle {
	return certificate.Bundle{Certificate: pair.Certificate, Key: pair.Key}
}

// TestProtect changes the passphrase of a key file, takes it off, and is stopped at every step.
func TestProtect(t *testing.T) {
	t.Parallel()
	pair := aPair(t)
	plain, path := savedPair(t, pair)
	thumbprint := certificate.Thumbprint(pair.Certificate)
	with := func(passphrase string) *certificate.KeyStore {
		return &certificate.KeyStore{Dir: plain.Dir, Passphrase: word(passphrase)}
	}
	before := read(t, path)
	steps := []string{"key-create", "key-write", "key-sync", "key-replace"}
	full := errors.New("no space left on device")
	for _, step := range steps {
		seen := false
		stopped := &certificate.KeyStore{Dir: plain.Dir, Checkpoint: func(at string) error {
			if at == step {
				seen = true
				return full
			}
			return nil
		}}
		if err := stopped.Protect(thumbprint, "one"); !seen || !certificate.IsCode(err, certificate.KeyNotWritten) || !errors.Is(err, full) {
			t.Errorf("stopped at %s: %v", step, err)
		}
		if !bytes.Equal(before, read(t, path)) || len(names(t, plain.Dir)) != 1 {
			t.Errorf("stopped at %s, left %q", step, names(t, plain.Dir))
		}
	}
	// From nothing to one, again, to two, and to nothing.
	for _, c := range []struct{ from, to string }{{"", "one"}, {"one", "one"}, {"one", "two"}, {"two", ""}, {"", ""}} {
		if err := with(c.from).Protect(thumbprint, c.to); err != nil {
			t.Fatalf("%q to %q: %v", c.from, c.to, err)
		}
		got, err := with(c.to).Load(thumbprint)
		if err != nil || !bytes.Equal(got.Certificate.Raw, pair.Certificate.Raw) || show(bundleOf(got)).Key.Cmp(show(bundleOf(pair)).Key) != 0 {
			t.Errorf("%q to %q: %v", c.from, c.to, err)
		}
		encrypted := strings.Contains(string(read(t, path)), "ENCRYPTED")
		if info, err := os.Stat(path); encrypted != (c.to != "") || err != nil || info.Mode().Perm()&0o077 != 0 || len(names(t, plain.Dir)) != 1 {
			t.Errorf("%q to %q: encrypted %v, %v, %q", c.from, c.to, encrypted, err, names(t, plain.Dir))
		}
	}
	if !bytes.Equal(before, read(t, path)) {
		t.Error("the file is not what it was at first")
	}
	if err := with("x").Protect(strings.Repeat("0", 40), "y"); !certificate.IsNotFound(err) {
		t.Errorf("a key that is not there: %v", err)
	}
}

// TestPendingRequest keeps a request until its certificate comes.
func TestPendingRequest(t *testing.T) {
	t.Parallel()
	made, err := certificate.NewRequest(certificate.Request{Subject: "CN=x", KeySize: 1024}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, passphrase := range []string{"", "one"} {
		store := &certificate.KeyStore{Dir: filepath.Join(t.TempDir(), "keys"), Passphrase: word(passphrase)}
		if err := store.SaveRequest(made); err != nil {
			t.Fatal(err)
		}
		thumbprint := certificate.RequestThumbprint(made.Request)
		if list, err := store.List(); err != nil || !cmp.Equal(list, []string{thumbprint}) {
			t.Errorf("List = %v, %v", list, err)
		}
		got, err := store.LoadRequest(thumbprint)
		if err != nil || !bytes.Equal(got.Request.Raw, made.Request.Raw) || !got.Key.(*rsa.PrivateKey).Equal(made.Key) {
			t.Errorf("%v", err)
		}
		if _, err := store.Load(thumbprint); !certificate.IsCode(err, certificate.KeyPending) {
			t.Errorf("Load of a request: %v", err)
		}
		if err := store.Protect(thumbprint, "two"); err != nil {
			t.Error(err)
		}
		store.Passphrase = word("two")
		if _, err := store.LoadRequest(thumbprint); err != nil {
			t.Errorf("protected: %v", err)
		}
		if err := store.Delete(thumbprint); err != nil || store.Has(thumbprint) {
			t.Errorf("Delete: %v", err)
		}
	}
	pair := aPair(t)
	store, _ := savedPair(t, pair)
	if _, err := store.LoadRequest(certificate.Thumbprint(pair.Certificate)); !certificate.IsCode(err, certificate.KeyMismatch) {
		t.Errorf("LoadRequest of a certificate: %v", err)
	}
	if err := store.SaveRequest(certificate.Requested{Request: made.Request, Key: pair.Key}); !certificate.IsCode(err, certificate.KeyMismatch) {
		t.Errorf("SaveRequest with another key: %v", err)
	}
}

// TestPassphraseOfNewKeys: a new key is not encrypted with a passphrase that opens no other,
// which may be a slip; it is with one that opens some, as in the middle of a change.
func TestPassphraseOfNewKeys(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	with := func(passphrase string) *certificate.KeyStore {
		return &certificate.KeyStore{Dir: dir, Passphrase: word(passphrase)}
	}
	first, second := anotherPair(t, "first.example"), anotherPair(t, "second.example")
	for _, step := range []error{with("").Save(first), with(password).Save(second)} {
		if step != nil {
			t.Fatal(step)
		}
	}
	request, err := certificate.NewRequest(certificate.Request{DNSNames: []string{"request.example"}}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	before := names(t, dir)
	for what, err := range map[string]error{
		"a pair":    with("slip").Save(anotherPair(t, "third.example")),
		"a request": with("slip").SaveRequest(request),
	} {
		if !certificate.IsCode(err, certificate.WrongPassphrase) || !strings.Contains(err.Error(), "its keys are encrypted with another passphrase") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if diff := cmp.Diff(before, names(t, dir)); diff != "" {
		t.Error(diff)
	}
	if err := with("").Protect(certificate.Thumbprint(first.Certificate), "new"); err != nil {
		t.Fatal(err)
	}
	for _, passphrase := range []string{password, "new"} {
		if err := with(passphrase).Save(anotherPair(t, "fourth.example")); err != nil {
			t.Errorf("with %q: %v", passphrase, err)
		}
	}
}

func anotherPair(t *testing.T, name string) certificate.Pair {
	t.Helper()
	pair, err := certificate.NewSelfSigned(certificate.Request{DNSNames: []string{name}}, rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return pair
}
