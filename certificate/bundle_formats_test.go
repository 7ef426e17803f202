package certificate_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"path/filepath"
	"testing"
	"unicode/utf16"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
)

// joined returns files one after another.
func joined(t testing.TB, dir string, names ...string) []byte {
	t.Helper()
	var out []byte
	for _, name := range names {
		out = append(out, read(t, filepath.Join(dir, name))...)
	}
	return out
}

// inUTF16 is text as PowerShell's > writes it.
func inUTF16(text []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(text))) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return out
}

// TestReadFormats reads the same things in every form they come in.
func TestReadFormats(t *testing.T) {
	t.Parallel()
	openssl := peer(t, "openssl")
	b := aBundle(t)
	dir := pemFiles(t, b)
	write(t, filepath.Join(dir, "password"), []byte(password+"\n"))
	for _, args := range [][]string{
		{"rsa", "-in", "key.pem", "-traditional", "-out", "rsa.pem"},
		{"pkcs8", "-topk8", "-in", "key.pem", "-passout", "file:password", "-out", "encrypted.pem"},
		{"pkcs8", "-topk8", "-in", "key.pem", "-passout", "file:password", "-v1", "PBE-SHA1-3DES", "-out", "pbe.pem"},
		{"pkcs8", "-topk8", "-in", "key.pem", "-passout", "file:password", "-v2", "des3", "-v2prf", "hmacWithSHA1", "-out", "des.pem"},
		{"x509", "-in", "cert.pem", "-outform", "DER", "-out", "cert.der"},
		{"crl2pkcs7", "-nocrl", "-certfile", "chain.pem", "-certfile", "cert.pem", "-out", "p7.pem"},
		{"crl2pkcs7", "-nocrl", "-certfile", "chain.pem", "-certfile", "cert.pem", "-outform", "DER", "-out", "p7.der"},
		{"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-certfile", "chain.pem", "-name", b.FriendlyName, "-passout", "file:password", "-out", "all.p12"},
		{"pkcs12", "-in", "all.p12", "-passin", "file:password", "-nodes", "-out", "all.pem"},
	} {
		run(t, dir, openssl, args...)
	}
	two := othersPEM(t)
	stranger, err := issue(nil, "Another CA", true)
	if err != nil {
		t.Fatal(err)
	}
	strangerPEM, err := certificate.EncodePEM(certificate.Bundle{Certificate: stranger.Certificate}, "", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	middle, _ := pem.Decode(read(t, filepath.Join(dir, "chain.pem")))
	upwards := append(joined(t, dir, "key.pem", "cert.pem"), joined(t, dir, "chain.pem")[len(pem.EncodeToMemory(middle)):]...)
	upwards = append(append(upwards, onlyCertificate(two[0])...), pem.EncodeToMemory(middle)...)
	withStranger, unordered := b, b
	withStranger.Key, withStranger.FriendlyName, withStranger.Chain = nil, "", []*x509.Certificate{stranger.Certificate}
	one, _ := pem.Decode(onlyCertificate(two[0]))
	oneCertificate, err := x509.ParseCertificate(one.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	unordered.FriendlyName, unordered.Chain = "", []*x509.Certificate{b.Chain[0], b.Chain[1], oneCertificate}
	whole, nameless, keyless, alone := b, b, b, b
	nameless.FriendlyName, keyless.FriendlyName, alone.FriendlyName = "", "", ""
	keyless.Key, alone.Key, alone.Chain = nil, nil, nil
	pfx := read(t, filepath.Join(dir, "all.p12"))
	base64Lines := func(data []byte) []byte {
		text := base64.StdEncoding.EncodeToString(data)
		return []byte(text[:64] + "\r\n" + text[64:] + "\r\n")
	}
	cases := []struct {
		name string
		data []byte
		want certificate.Bundle
	}{
		{"PEM", joined(t, dir, "key.pem", "cert.pem", "chain.pem"), nameless},
		{"PEM, the other way round", joined(t, dir, "chain.pem", "cert.pem", "key.pem"), nameless},
		{"PEM, the root and another's before the issuer", upwards, unordered},
		{"PEM without a key, and a strange authority", append(bytes.Clone(strangerPEM), joined(t, dir, "cert.pem")...), withStranger},
		{"PEM, twice the same", joined(t, dir, "key.pem", "cert.pem", "chain.pem", "cert.pem", "key.pem"), nameless},
		{"PEM, PKCS #1", joined(t, dir, "cert.pem", "chain.pem", "rsa.pem"), nameless},
		{"PEM, PBES2", joined(t, dir, "cert.pem", "encrypted.pem", "chain.pem"), nameless},
		{"PEM, PBES2 with 3DES", joined(t, dir, "des.pem", "cert.pem", "chain.pem"), nameless},
		{"PEM, PKCS #12's 3DES", joined(t, dir, "pbe.pem", "cert.pem", "chain.pem"), nameless},
		{"PEM with attributes between", joined(t, dir, "all.pem"), nameless},
		{"PEM in UTF-16", inUTF16(joined(t, dir, "key.pem", "cert.pem", "chain.pem")), nameless},
		{"PEM with a mark", append([]byte("\xef\xbb\xbf"), joined(t, dir, "key.pem", "cert.pem", "chain.pem")...), nameless},
		{"PEM without a key", joined(t, dir, "chain.pem", "cert.pem"), keyless},
		{"PKCS #7 in PEM", joined(t, dir, "p7.pem"), keyless},
		{"PKCS #7", joined(t, dir, "p7.der"), keyless},
		{"PKCS #7 in BER", berOf(t, joined(t, dir, "p7.der")), keyless},
		{"PKCS #7 in Base64", base64Lines(joined(t, dir, "p7.der")), keyless},
		{"PKCS #7 and its key", joined(t, dir, "key.pem", "p7.pem"), nameless},
		{"a certificate", joined(t, dir, "cert.der"), alone},
		{"a certificate in Base64", base64Lines(joined(t, dir, "cert.der")), alone},
		{"a certificate in PEM", joined(t, dir, "cert.pem"), alone},
		{"PKCS #12", pfx, whole},
		{"PKCS #12 in BER outside", berOf(t, pfx), whole},
		{"PKCS #12 in Base64", base64Lines(pfx), whole},
		{"PKCS #12 in Base64 in UTF-16", inUTF16(base64Lines(pfx)), whole},
	}
	for _, c := range cases {
		got, err := certificate.ReadBundle(c.data, password)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(show(c.want), show(got), compareInts()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if len(cases) < 25 {
		t.Errorf("%d cases only", len(cases))
	}
}

// berOf rewrites DER with indefinite lengths, and octet strings in pieces of 100 octets.
func berOf(t testing.TB, der []byte) []byte {
	t.Helper()
	var out []byte
	for len(der) > 0 {
		length, header := int(der[1]), 2
		if length >= 0x80 {
			header, length = 2+length&0x7f, 0
			for _, octet := range der[2:header] {
				length = length<<8 | int(octet)
			}
		}
		content := der[header : header+length]
		switch {
		case der[0]&0x20 != 0:
			out = append(append(append(out, der[0], 0x80), berOf(t, content)...), 0, 0)
		case der[0] == 0x04 && length > 100:
			out = append(out, 0x24, 0x80)
			for len(content) > 0 {
				n := min(100, len(content))
				out = append(append(out, 0x04, byte(n)), content[:n]...)
				content = content[n:]
			}
			out = append(out, 0, 0)
		default:
			out = append(out, der[:header+length]...)
		}
		der = der[header+length:]
	}
	return out
}

// TestEncodePEM has openssl read the PEM we write.
func TestEncodePEM(t *testing.T) {
	t.Parallel()
	openssl := peer(t, "openssl")
	b := aBundle(t)
	for _, word := range []string{password, ""} {
		data, err := certificate.EncodePEM(b, word, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if encrypted := bytes.Contains(data, []byte("ENCRYPTED")); encrypted != (word != "") {
			t.Errorf("password %q: encrypted %v", word, encrypted)
		}
		got, err := certificate.ReadBundle(data, word)
		want := show(b)
		want.Name = ""
		if diff := cmp.Diff(want, show(got), compareInts()); err != nil || diff != "" {
			t.Errorf("password %q: %v (-want +got):\n%s", word, err, diff)
		}
		// openssl makes a PKCS #12 file of it and shows that.
		dir := t.TempDir()
		write(t, filepath.Join(dir, "in.pem"), data)
		write(t, filepath.Join(dir, "password"), []byte(word+"\n"+word+"\n")) // one line to read with, one to write
		run(t, dir, openssl, "pkcs12", "-export", "-in", "in.pem", "-passin", "file:password", "-passout", "file:password", "-out", "out.p12")
		theirs := opensslRead(t, read(t, filepath.Join(dir, "out.p12")), word)
		if diff := cmp.Diff(sorted(want), theirs, compareInts()); diff != "" {
			t.Errorf("password %q: what openssl reads (-want +got):\n%s", word, diff)
		}
	}
}
