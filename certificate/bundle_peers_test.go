package certificate_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
	"software.sslmate.com/src/go-pkcs12"
)

// opensslRead has openssl take a PKCS #12 file apart.
func opensslRead(t *testing.T, data []byte, password string) shown {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "in.p12"), data)
	write(t, filepath.Join(dir, "password"), []byte(password+"\n"))
	out := run(t, dir, peer(t, "openssl"), "pkcs12", "-in", "in.p12", "-nodes", "-passin", "file:password")
	// It shows names in ISO 8859-1, whatever the locale.
	var text []rune
	for _, octet := range []byte(out) {
		text = append(text, rune(octet))
	}
	return parseShown(t, string(text))
}

// parseShown reads what openssl shows of a PKCS #12 file: for each bag attributes, then PEM. The
// chain is sorted, since its order in a file is the writer's.
func parseShown(t *testing.T, out string) shown {
	t.Helper()
	var s shown
	attribute := func(text, name string) string {
		found := regexp.MustCompile(name + ": *(.*?) *\n").FindStringSubmatch(text)
		if found == nil {
			return ""
		}
		return found[1]
	}
	type labels struct{ id, name string }
	var ofKey, ofCertificate labels
	for {
		block, rest := pem.Decode([]byte(out))
		if block == nil {
			break
		}
		before, _, _ := strings.Cut(out, "-----BEGIN ")
		of := labels{attribute(before, "localKeyID"), attribute(before, "friendlyName")}
		out = string(rest)
		switch {
		case block.Type == "PRIVATE KEY":
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil || s.Key != nil {
				t.Fatalf("another key, %v", err)
			}
			s.Key, ofKey = key.(*rsa.PrivateKey).D, of
		case of.id != "":
			s.Certificate, ofCertificate = bytes.Clone(block.Bytes), of
		default:
			s.Chain = append(s.Chain, bytes.Clone(block.Bytes))
		}
	}
	if ofKey != ofCertificate {
		t.Errorf("the key is labelled %q, its certificate %q", ofKey, ofCertificate)
	}
	s.Name = ofKey.name
	slices.SortFunc(s.Chain, bytes.Compare)
	return s
}

// sorted is a bundle as parseShown shows it.
func sorted(s shown) shown {
	slices.SortFunc(s.Chain, bytes.Compare)
	return s
}

// javaPassword is one that Java takes: at least six characters, and all of them ASCII ("Password
// is not ASCII", says its class PBEKey, also of files that openssl wrote).
const javaPassword = "$ecret word"

// keytool turns one keystore into another.
func keytool(t *testing.T, data []byte, password string, options ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "in.p12"), data)
	write(t, filepath.Join(dir, "in.password"), []byte(password+"\n"))
	write(t, filepath.Join(dir, "out.password"), []byte(javaPassword+"\n"))
	// One that starts quickly is wanted, not one that runs fast.
	args := append([]string{"-J-XX:TieredStopAtLevel=1"}, options...)
	args = append(args, "-importkeystore", "-noprompt", "-srckeystore", "in.p12", "-srcstoretype", "PKCS12", "-srcstorepass:file", "in.password",
		"-destkeystore", "out.p12", "-deststoretype", "PKCS12", "-deststorepass:file", "out.password")
	run(t, dir, peer(t, "keytool"), args...)
	return read(t, filepath.Join(dir, "out.p12"))
}

// TestKeytool has keytool read what we write, and reads what keytool then writes, by itself and
// through openssl.
func TestKeytool(t *testing.T) {
	t.Parallel()
	b := aBundle(t)
	cases := []struct {
		name, password string
		legacy         bool
		options        []string
	}{
		{"modern", javaPassword, false, nil},
		{"legacy", javaPassword, true, []string{"-J-Dkeystore.pkcs12.legacy"}},
		{"no password", "", false, nil},
	}
	for _, c := range cases {
		ours, err := certificate.EncodePKCS12(b, c.password, c.legacy, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		theirs := keytool(t, ours, c.password, c.options...)
		if !c.legacy { // openssl wants a switch for RC2, and TestReadOpenSSL shows that we read it
			if diff := cmp.Diff(sorted(show(b)), opensslRead(t, theirs, javaPassword), compareInts()); diff != "" {
				t.Errorf("%s: what keytool made of our file (-want +got):\n%s", c.name, diff)
			}
		}
		got, err := certificate.ReadBundle(theirs, javaPassword)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(show(b), show(got), compareInts()); diff != "" {
			t.Errorf("%s: what we read of keytool's file (-want +got):\n%s", c.name, diff)
		}
	}
	if len(cases) < 3 {
		t.Errorf("%d cases only", len(cases))
	}
}

// throughNSS has pk12util import a file and export it again.
func throughNSS(t *testing.T, data []byte, password string, options ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "in.p12"), data)
	write(t, filepath.Join(dir, "password"), []byte(password+"\n"))
	pk12util := peer(t, "pk12util")
	run(t, dir, peer(t, "certutil"), "-N", "-d", "sql:.", "--empty-password")
	run(t, dir, pk12util, "-i", "in.p12", "-d", "sql:.", "-w", "password")
	run(t, dir, pk12util, append([]string{"-o", "out.p12", "-n", friendlyName, "-d", "sql:.", "-w", "password"}, options...)...)
	return read(t, filepath.Join(dir, "out.p12"))
}

// TestPK12util has NSS read what we write, and reads what NSS writes: BER, in pieces.
func TestPK12util(t *testing.T) {
	t.Parallel()
	b := aBundle(t)
	cases := []struct {
		name, password string
		legacy         bool
		options        []string
	}{
		{"modern", password, false, nil},
		{"legacy", password, true, []string{"-c", "PKCS #12 V2 PBE With SHA-1 And 3KEY Triple DES-CBC", "-C", "PKCS #12 V2 PBE With SHA-1 And 40 Bit RC2 CBC", "-M", "SHA-1"}},
		{"no password", "", false, []string{"-C", "NONE"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ours, err := certificate.EncodePKCS12(b, c.password, c.legacy, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			theirs := throughNSS(t, ours, c.password, c.options...)
			if !bytes.HasPrefix(theirs, []byte{0x30, 0x80}) {
				t.Errorf("the file begins with %x: it is no BER, and shows less than it should", theirs[:2])
			}
			if !c.legacy {
				if diff := cmp.Diff(sorted(show(b)), opensslRead(t, theirs, c.password), compareInts()); diff != "" {
					t.Errorf("what NSS made of our file (-want +got):\n%s", diff)
				}
			}
			got, err := certificate.ReadBundle(theirs, c.password)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(show(b), show(got), compareInts()); diff != "" {
				t.Errorf("what we read of NSS's file (-want +got):\n%s", diff)
			}
		})
	}
	if len(cases) < 3 {
		t.Errorf("%d cases only", len(cases))
	}
}

// TestGoPKCS12 reads what the module writes in its several ways, the MAC of RFC 9579 among them,
// and has it read what we write.
func TestGoPKCS12(t *testing.T) {
	t.Parallel()
	b := aBundle(t)
	want := show(b)
	want.Name = "" // it has no names
	encoders := map[string]*pkcs12.Encoder{"RC2": pkcs12.LegacyRC2, "3DES": pkcs12.LegacyDES, "2023": pkcs12.Modern2023, "2026": pkcs12.Modern2026}
	for name, encoder := range encoders {
		file, err := encoder.Encode(b.Key, b.Certificate, b.Chain, password)
		if err != nil {
			t.Fatal(err)
		}
		got, err := certificate.ReadBundle(file, password)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, show(got), compareInts()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if _, err := certificate.ReadBundle(file, "other"); !certificate.IsCode(err, certificate.WrongPassword) {
			t.Errorf("%s, another password: %v", name, err)
		}
	}
	if len(encoders) < 4 {
		t.Errorf("%d ways only", len(encoders))
	}
	for _, legacy := range []bool{false, true} {
		file, err := certificate.EncodePKCS12(b, password, legacy, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		key, cert, chain, err := pkcs12.DecodeChain(file, password)
		if err != nil {
			t.Errorf("legacy %v: %v", legacy, err)
			continue
		}
		got := show(certificate.Bundle{Certificate: cert, Key: key.(*rsa.PrivateKey), Chain: chain})
		if diff := cmp.Diff(want, got, compareInts()); diff != "" {
			t.Errorf("legacy %v: what the module reads (-want +got):\n%s", legacy, diff)
		}
	}
}
