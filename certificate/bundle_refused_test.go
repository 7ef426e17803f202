package certificate_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"strings"
	"testing"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
)

// others returns two more self-signed certificates with their keys, as PEM: key, certificate.
func othersPEM(t testing.TB) [2][]byte {
	t.Helper()
	var out [2][]byte
	for i, name := range []string{"CN=one", "CN=two"} {
		pair, err := certificate.NewSelfSigned(certificate.Request{Subject: name, KeySize: 1024}, rand.Reader, moment())
		if err != nil {
			t.Fatal(err)
		}
		if out[i], err = certificate.EncodePEM(certificate.Bundle{Certificate: pair.Certificate, Key: pair.Key}, "", rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// onlyCertificate leaves the key out.
func onlyCertificate(file []byte) []byte {
	return file[bytes.Index(file, []byte("-----BEGIN CERTIFICATE")):]
}

// hugeKey is an RSA key that would take minutes to look at.
func hugeKey(t testing.TB) []byte {
	t.Helper()
	huge := new(big.Int).Lsh(big.NewInt(1), 500_000)
	der, err := asn1.Marshal(struct{ Version, N, E, D, P, Q, Dp, Dq, Qinv *big.Int }{big.NewInt(0), huge, big.NewInt(3), huge, huge, huge, huge, huge, huge})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// hugeCertificate is a certificate with a key of 8200 bits that nobody made: its number is not
// the product of two primes.
func hugeCertificate(t testing.TB, b certificate.Bundle) []byte {
	t.Helper()
	public := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 8199), E: 3}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: moment()}
	der, err := x509.CreateCertificate(rand.Reader, template, b.Certificate, public, b.Key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestReadRefuses says of everything that cannot be read why, and what to do.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	openssl := peer(t, "openssl")
	b := aBundle(t)
	dir := pemFiles(t, b)
	write(t, filepath.Join(dir, "password"), []byte(password+"\n"))
	export := []string{"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-passout", "file:password", "-out"}
	for _, args := range [][]string{
		append(export, "good.p12"), append(export, "legacy.p12", "-legacy"), append(export, "nomac.p12", "-nomac"),
		append(export, "3des.p12", "-keypbe", "PBE-SHA1-2DES"), append(export, "open.p12", "-keypbe", "NONE", "-certpbe", "NONE"),
		{"rsa", "-in", "key.pem", "-traditional", "-aes128", "-passout", "file:password", "-out", "dek.pem"},
		{"pkcs8", "-topk8", "-in", "key.pem", "-scrypt", "-scrypt_N", "16", "-passout", "file:password", "-out", "scrypt.pem"},
		{"pkcs8", "-topk8", "-in", "key.pem", "-passout", "file:password", "-out", "encrypted.pem"},
		{"pkcs8", "-topk8", "-in", "key.pem", "-passout", "file:password", "-v2", "des3", "-v2prf", "hmacWithSHA1", "-iter", "70000", "-out", "slow.pem"},
		{"rsa", "-in", "key.pem", "-outform", "DER", "-out", "key.der"},
		{"req", "-new", "-key", "key.pem", "-subj", "/CN=x", "-out", "request.pem"},
	} {
		run(t, dir, openssl, args...)
	}
	pfx := read(t, filepath.Join(dir, "good.p12"))
	two := othersPEM(t)
	// Eight million repetitions for each of two blocks, written where 70,000 stood.
	slow, _ := pem.Decode(read(t, filepath.Join(dir, "slow.pem")))
	slow.Bytes = bytes.Replace(slow.Bytes, []byte{2, 3, 0x01, 0x11, 0x70}, []byte{2, 3, 0x7f, 0xff, 0xff}, 1)
	cases := []struct {
		name, password string
		data           []byte
		code           certificate.Code
		says           string
	}{
		{"wrong password", "other", pfx, certificate.WrongPassword, "the password is wrong"},
		{"wrong password, legacy", "other", joined(t, dir, "legacy.p12"), certificate.WrongPassword, "the password is wrong"},
		{"wrong password, nothing encrypted", "other", joined(t, dir, "open.p12"), certificate.WrongPassword, "the password is wrong"},
		{"wrong password, PEM", "other", joined(t, dir, "encrypted.pem", "cert.pem"), certificate.WrongPassword, "the password is wrong"},
		{"no password", "", pfx, certificate.PasswordNeeded, "is protected with a password"},
		{"no password, legacy", "", joined(t, dir, "legacy.p12"), certificate.PasswordNeeded, "is protected with a password"},
		{"no password, PEM", "", joined(t, dir, "encrypted.pem", "cert.pem"), certificate.PasswordNeeded, "is protected with a password"},
		{"no MAC", password, joined(t, dir, "nomac.p12"), certificate.NoMAC, "openssl pkcs12 -in FILE -nomacver -nodes -out FILE.pem"},
		{"another cipher", password, joined(t, dir, "3des.p12"), certificate.BundleUnsupported, "1.2.840.113549.1.12.1.4, is not supported (write it anew"},
		{"DEK-Info", password, joined(t, dir, "dek.pem", "cert.pem"), certificate.BundleUnsupported, "openssl pkcs8 -topk8 -in FILE -out FILE.key"},
		{"scrypt", password, joined(t, dir, "scrypt.pem", "cert.pem"), certificate.BundleUnsupported, "openssl pkcs8 -topk8 -in FILE -out FILE.key"},
		{"too slow", password, append(pem.EncodeToMemory(slow), joined(t, dir, "cert.pem")...), certificate.BundleUnsupported, "repeated 8388607 times"},
		{"a key", password, joined(t, dir, "key.pem"), certificate.NoCertificate, "a private key and no certificate"},
		{"a key in DER", password, joined(t, dir, "key.der"), certificate.NoCertificate, "a private key and no certificate"},
		{"a request", password, joined(t, dir, "request.pem"), certificate.NoCertificate, "is a certificate request"},
		{"nothing", password, nil, certificate.BundleUnreadable, "is none of"},
		{"text", password, []byte("hello world"), certificate.BundleUnreadable, "is none of"},
		{"Base64 of something", password, []byte("aGVsbG8="), certificate.BundleUnreadable, "is none of"},
		{"broken off", password, pfx[:len(pfx)-1], certificate.BundleUnreadable, "is not whole"},
		{"something after it", password, append(bytes.Clone(pfx), 0), certificate.BundleUnreadable, "something after its end"},
		{"PEM broken off", password, joined(t, dir, "key.pem", "cert.pem")[:2500], certificate.BundleUnreadable, "is broken off or damaged after 1 PEM blocks"},
		{"garbage in PEM", password, []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), certificate.BundleUnreadable, "a certificate in it cannot be read"},
		{"too large", password, make([]byte, 1<<20+1), certificate.BundleTooLarge, "larger than 1048576 bytes"},
		{"a key without end", password, append(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: hugeKey(t)}), joined(t, dir, "cert.pem")...), certificate.BundleUnreadable, "longer than one of 8192 bits"},
		{"a certificate of a huge key", password, hugeCertificate(t, b), certificate.BundleUnsupported, "a certificate with a key of 8200 bits"},
		{"33 keys", password, bytes.Repeat(joined(t, dir, "key.pem"), 33), certificate.BundleTooLarge, "more than 32 private keys"},
		{"33 certificates", password, bytes.Repeat(joined(t, dir, "cert.pem"), 33), certificate.BundleTooLarge, "more than 32 certificates"},
		{"another's key", password, append(joined(t, dir, "key.pem"), onlyCertificate(two[0])...), certificate.KeyMismatch, `does not belong to its certificate, "CN=one" (`},
		{"two with keys", password, append(bytes.Clone(two[0]), two[1]...), certificate.SeveralKeys, `holds 2 private keys with their certificates: "CN=one" (`},
		{"two without keys", password, append(bytes.Clone(onlyCertificate(two[0])), onlyCertificate(two[1])...), certificate.SeveralCerts, `does not say which of its certificates is meant: "CN=one" (`},
	}
	for _, c := range cases {
		got, err := certificate.ReadBundle(c.data, c.password)
		if !certificate.IsCode(err, c.code) || !strings.Contains(err.Error(), c.says) || got.Certificate != nil || got.Key != nil {
			t.Errorf("%s: %+v, %v, want %s with %q", c.name, got, err, c.code, c.says)
		}
		if err != nil && (strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "other")) {
			t.Errorf("%s: %v has the password in it", c.name, err)
		}
	}
	if len(cases) < 30 {
		t.Errorf("%d cases only", len(cases))
	}
	// Of two keys the one that has its certificate here is meant.
	one, err := certificate.ReadBundle(append(bytes.Clone(two[0]), joined(t, dir, "key.pem")...), "")
	if err != nil || one.Certificate.Subject.CommonName != "one" || !one.Key.(*rsa.PrivateKey).PublicKey.Equal(one.Certificate.PublicKey) {
		t.Errorf("%+v, %v", one, err)
	}
}

// TestRemediesWork runs the commands that errors name and reads what they make.
func TestRemediesWork(t *testing.T) {
	t.Parallel()
	openssl := peer(t, "openssl")
	b := aBundle(t)
	dir := pemFiles(t, b)
	write(t, filepath.Join(dir, "password"), []byte(password+"\n"+password+"\n"))
	export := []string{"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-certfile", "chain.pem", "-passout", "file:password", "-out"}
	run(t, dir, openssl, append(export, "no mac.p12", "-nomac")...)
	run(t, dir, openssl, append(export, "2des.p12", "-keypbe", "PBE-SHA1-2DES")...)
	run(t, dir, openssl, "rsa", "-in", "key.pem", "-traditional", "-aes128", "-passout", "file:password", "-out", "dek.pem")
	rest := joined(t, dir, "cert.pem", "chain.pem")
	want := show(b)
	want.Name = ""
	cases := []struct {
		file, begin, makes string
		prepend            []byte
	}{
		{"no mac.p12", "openssl pkcs12 -in FILE", "FILE.pem", nil},
		{"2des.p12", "openssl pkcs12 -legacy -in FILE", "FILE.pem", nil},
		{"dek.pem", "openssl pkcs8 -topk8", "FILE.key", rest},
	}
	for _, c := range cases {
		data := append(bytes.Clone(c.prepend), read(t, filepath.Join(dir, c.file))...)
		_, err := certificate.ReadBundle(data, password)
		if err == nil {
			t.Errorf("%s is read", c.file)
			continue
		}
		command := err.Error()[strings.Index(err.Error(), c.begin):]
		command = command[:strings.Index(command, c.makes)+len(c.makes)]
		args := strings.Fields(command)[1:]
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "FILE", c.file)
		}
		run(t, dir, openssl, append(args, "-passin", "file:password", "-passout", "file:password")...)
		made := append(bytes.Clone(c.prepend), read(t, filepath.Join(dir, strings.ReplaceAll(c.makes, "FILE", c.file)))...)
		got, err := certificate.ReadBundle(made, password)
		if err != nil {
			t.Errorf("%s: after %q: %v", c.file, command, err)
			continue
		}
		if diff := cmp.Diff(want, show(got), compareInts()); diff != "" {
			t.Errorf("%s: after %q (-want +got):\n%s", c.file, command, diff)
		}
	}
	if len(cases) < 3 {
		t.Errorf("%d cases only", len(cases))
	}
}

// TestIterationsAreBounded counts what deriving the keys of a file costs.
func TestIterationsAreBounded(t *testing.T) {
	t.Parallel()
	b := aBundle(t)
	cases := []struct {
		name string
		args []string
		cost int
	}{
		{"once for the MAC, the certificates and the key", nil, 3000},
		{"the key three times: 24 octets are two hashes, and the IV", []string{"-legacy", "-descert"}, 1000 + 3000 + 3000},
		{"RC2 twice, each time key, IV, and a MAC of one", []string{"-legacy"}, 1000 + 4002 + 3000},
		{"RC2 for the key, once", []string{"-legacy", "-keypbe", "PBE-SHA1-RC2-40"}, 1000 + 4002 + 4001},
	}
	for _, c := range cases {
		data := opensslPFX(t, b, password, append(c.args, "-iter", "1000")...)
		if _, err := certificate.ReadBundleWithin(data, password, c.cost); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, err := certificate.ReadBundleWithin(data, password, c.cost-1); !certificate.IsCode(err, certificate.BundleUnsupported) || !strings.Contains(err.Error(), "for a key; 10000000 in all") {
			t.Errorf("%s, one repetition too few: %v", c.name, err)
		}
	}
	if len(cases) < 4 {
		t.Errorf("%d cases only", len(cases))
	}
}
