package certificate_test

import (
	"bytes"
	"crypto"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
)

// TestDamagedFiles changes every fifth octet, one after the other, of files that openssl wrote. What is
// changed is refused, unless nothing of the content depends on it, and never comes in part.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	b := aBundle(t)
	want := show(b)
	codes := map[certificate.Code]int{}
	flips := 0
	for _, args := range [][]string{{"-noiter", "-nomaciter"}, {"-noiter", "-nomaciter", "-legacy"}, {"-noiter", "-nomaciter", "-certpbe", "NONE"}} {
		file := opensslPFX(t, b, password, args...)
		for i := flips % 5; i < len(file); i += 5 {
			damaged := bytes.Clone(file)
			damaged[i] ^= 1 << (i % 8)
			flips++
			got, err := certificate.ReadBundle(damaged, password)
			if err == nil {
				if diff := cmp.Diff(want, show(got), compareInts()); diff != "" {
					t.Fatalf("%q, octet %d changed (-want +got):\n%s", args, i, diff)
				}
				continue
			}
			var e *certificate.Error
			if !errors.As(err, &e) || got.Certificate != nil || got.Key != nil {
				t.Fatalf("%q, octet %d changed: %+v, %v", args, i, got, err)
			}
			codes[e.Code]++
		}
	}
	refused := 0
	for _, n := range codes {
		refused += n
	}
	if flips < 1800 || refused < flips-20 || codes[certificate.BundleDamaged] < 300 || codes[certificate.WrongPassword] == 0 || codes[certificate.BundleUnreadable] == 0 {
		t.Errorf("of %d changes %d were refused: %v", flips, refused, codes)
	}
}

// TestDamagedIsNotWrongPassword tells a file that was changed from one with another password.
func TestDamagedIsNotWrongPassword(t *testing.T) {
	t.Parallel()
	file := opensslPFX(t, aBundle(t), password, "-certpbe", "NONE")
	// The names of certificates stand in the open in it.
	damaged := bytes.Replace(file, []byte("Issuing CA"), []byte("Issuing CB"), 1)
	if _, err := certificate.ReadBundle(damaged, password); !certificate.IsCode(err, certificate.BundleDamaged) {
		t.Errorf("changed: %v", err)
	}
	if _, err := certificate.ReadBundle(damaged, password+"x"); !certificate.IsCode(err, certificate.WrongPassword) {
		t.Errorf("changed, and another password: %v", err)
	}
}

// TestRealFiles reads the seeds of the fuzzing, each written by the program it is named after.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	seeds, err := filepath.Glob("testdata/bundles/*")
	if err != nil || len(seeds) < 10 {
		t.Fatalf("%d files, %v", len(seeds), err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			t.Fatal(err)
		}
		b, err := certificate.ReadBundle(data, "password")
		if err != nil {
			t.Errorf("%s: %v", seed, err)
			continue
		}
		name, chain, key := "n", "R", true
		switch filepath.Ext(seed) {
		case ".pem":
			name = ""
		case ".p7b":
			name, key = "", false
		case ".cer":
			name, chain, key = "", "", false
		}
		got := [4]string{b.FriendlyName, b.Certificate.Subject.CommonName, certificate.Thumbprint(b.Certificate)}
		for _, cert := range b.Chain {
			got[3] += cert.Subject.CommonName
		}
		want := [4]string{name, "L", "6508D26A49A2A1659211D5C4E8E88B9D39FF3619", chain}
		if got != want || (b.Key != nil) != key {
			t.Errorf("%s: %q and a key %v, want %q and %v", seed, got, b.Key != nil, want, key)
		}
	}
}

// FuzzReadBundle reads what it makes of real files, written by openssl, keytool and pk12util
// with few iterations. The password of all is "password".
func FuzzReadBundle(f *testing.F) {
	seeds, err := filepath.Glob("testdata/bundles/*")
	if err != nil || len(seeds) < 6 {
		f.Fatalf("%d seeds, %v", len(seeds), err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := certificate.ReadBundleWithin(data, "password", 5000)
		var e *certificate.Error
		switch {
		case err != nil && (!errors.As(err, &e) || b.Certificate != nil || b.Key != nil):
			t.Fatalf("%+v, %v", b, err)
		case err != nil:
			return
		case b.Certificate == nil || slices.Contains(b.Chain, nil) || len(b.Chain) >= 32:
			t.Fatalf("%+v", b)
		case b.Key == nil:
			return
		}
		public, ok := b.Key.Public().(interface{ Equal(crypto.PublicKey) bool })
		if ok && !public.Equal(b.Certificate.PublicKey) {
			t.Fatal("the key is not the certificate's")
		}
	})
}

// FuzzToDER asserts that what comes out is DER: rewriting it again changes nothing.
func FuzzToDER(f *testing.F) {
	for _, seed := range [][]byte{{0x30, 0x80, 0x24, 0x80, 4, 1, 1, 4, 1, 2, 0, 0, 0, 0}, {0x30, 0x81, 3, 4, 0x81, 0}, {0x1f, 0x81, 1, 0}, {0xbf, 0x81, 1, 0x80, 0, 0}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		der, err := certificate.ToDER(data)
		if err != nil {
			return
		}
		again, err := certificate.ToDER(der)
		if err != nil || !bytes.Equal(der, again) {
			t.Fatalf("%x became %x, then %x, %v", data, der, again, err)
		}
	})
}

// TestToDER rewrites every form of BER there is a rule for.
func TestToDER(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte{7}, 200)
	cases := []struct {
		name     string
		ber, der []byte
	}{
		{"DER", []byte{0x30, 3, 2, 1, 5}, []byte{0x30, 3, 2, 1, 5}},
		{"an indefinite length", []byte{0x30, 0x80, 2, 1, 5, 0, 0}, []byte{0x30, 3, 2, 1, 5}},
		{"an octet string in pieces", []byte{0x24, 0x80, 4, 1, 1, 0x24, 3, 4, 1, 2, 0, 0}, []byte{4, 2, 1, 2}},
		{"a length longer than it need be", []byte{0x30, 0x83, 0, 0, 4, 2, 0x81, 1, 5}, []byte{0x30, 3, 2, 1, 5}},
		{"a length of two octets", append([]byte{4, 0x82, 0, 200}, long...), append([]byte{4, 0x81, 200}, long...)},
		{"a tag of two octets", []byte{0xbf, 0x81, 1, 0x80, 2, 1, 5, 0, 0}, []byte{0xbf, 0x81, 1, 3, 2, 1, 5}},
		{"empty", []byte{0x24, 0x80, 0, 0}, []byte{4, 0}},
	}
	for _, c := range cases {
		got, err := certificate.ToDER(c.ber)
		if err != nil || !bytes.Equal(got, c.der) {
			t.Errorf("%s: %x, %v, want %x", c.name, got, err, c.der)
		}
	}
	wrong := map[string][]byte{
		"nothing": nil, "no length": {0x30}, "no end": {0x30, 0x80, 2, 1, 5}, "half an end": {0x30, 0x80, 0}, "too long": {0x30, 2, 5},
		"primitive and indefinite": {4, 0x80, 0, 0}, "a length of five octets": {0x30, 0x85, 0, 0, 0, 0, 0}, "a tag without end": {0x1f, 0x81, 0x81, 0x81, 0x81},
		"something after": {0x30, 0, 0}, "a number in an octet string": {0x24, 3, 2, 1, 5},
		"too deep": append(bytes.Repeat([]byte{0x30, 0x80}, 40), make([]byte, 80)...),
	}
	for name, data := range wrong {
		if got, err := certificate.ToDER(data); err == nil {
			t.Errorf("%s: %x became %x", name, data, got)
		}
	}
	if len(cases) < 7 || len(wrong) < 11 {
		t.Errorf("%d and %d cases only", len(cases), len(wrong))
	}
}
