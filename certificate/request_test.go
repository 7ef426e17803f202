package certificate_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
)

const guidDigits = "4a4ac4b7cb8f4f9a9f28e9ab6ed3f6d1"

// TestOpensslReadsKeyFile has openssl say what is in a file that was saved.
func TestOpensslReadsKeyFile(t *testing.T) {
	t.Parallel()
	openssl := peer(t, "openssl")
	store := &certificate.KeyStore{Dir: filepath.Join(t.TempDir(), "keys")}
	pair := newPair(t, certificate.Request{
		Subject:              "C=US,S=Washington,O=Contoso\\, Ltd.,CN=mail.contoso.com",
		DNSNames:             []string{"autodiscover.contoso.com", "MAIL.contoso.com", "*.contoso.net"},
		SubjectKeyIdentifier: guidDigits,
	})
	if err := store.Save(pair); err != nil {
		t.Fatal(err)
	}
	file := certificate.Thumbprint(pair.Certificate) + ".pem"
	text := run(t, store.Dir, openssl, "x509", "-in", file, "-noout", "-text", "-nameopt", "RFC2253", "-fingerprint", "-sha1")
	for _, want := range []string{
		`Subject: C=US,ST=Washington,O=Contoso\, Ltd.,CN=mail.contoso.com`,
		`Issuer: C=US,ST=Washington,O=Contoso\, Ltd.,CN=mail.contoso.com`,
		"Signature Algorithm: sha256WithRSAEncryption",
		"Public-Key: (2048 bit)",
		"Not Before: Feb  3 04:00:06 2026 GMT",
		"Not After : Feb  3 04:05:06 2031 GMT",
		"Digital Signature, Key Encipherment",
		"TLS Web Client Authentication, TLS Web Server Authentication",
		"CA:FALSE",
		"4A:4A:C4:B7:CB:8F:4F:9A:9F:28:E9:AB:6E:D3:F6:D1",
		"DNS:mail.contoso.com, DNS:autodiscover.contoso.com, DNS:*.contoso.net\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("openssl does not see %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "Authority Key Identifier") {
		t.Error("a self-signed certificate names an authority key")
	}
	print := regexp.MustCompile(`(?i)sha1 fingerprint=(\S+)`).FindStringSubmatch(text)
	if print == nil || strings.ReplaceAll(print[1], ":", "") != strings.TrimSuffix(file, ".pem") {
		t.Errorf("openssl's fingerprint %v is not the file's name %s", print, file)
	}
	if out := run(t, store.Dir, openssl, "verify", "-purpose", "sslclient", "-attime", "1800000000", "-CAfile", file, file); !strings.Contains(out, "OK") {
		t.Errorf("openssl verify: %s", out)
	}
	public := run(t, store.Dir, openssl, "x509", "-in", file, "-noout", "-pubkey")
	if got := run(t, store.Dir, openssl, "pkey", "-in", file, "-pubout"); got != public {
		t.Errorf("key of the certificate:\n%s\nkey in the file:\n%s", public, got)
	}
}

func TestNewSelfSigned(t *testing.T) {
	t.Parallel()
	type view struct {
		Subject, Issuer, Identifier string
		Domains                     []string
		Bits                        int
		SelfSigned                  bool
		NotBefore, NotAfter         time.Time
	}
	from, to := time.Date(2026, 2, 3, 4, 0, 6, 0, time.UTC), time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	cases := []struct {
		request certificate.Request
		want    view
	}{
		{certificate.Request{DNSNames: []string{"Federation"}, SubjectKeyIdentifier: guidDigits},
			view{"CN=Federation", "CN=Federation", strings.ToUpper(guidDigits), []string{"Federation"}, 2048, true, from, to}},
		{certificate.Request{Subject: "O=Contoso,CN=Exchange Federated Sharing", KeySize: 1024, SubjectKeyIdentifier: "0aFF"},
			view{"O=Contoso, CN=Exchange Federated Sharing", "O=Contoso, CN=Exchange Federated Sharing", "0AFF", nil, 1024, true, from, to}},
	}
	for _, c := range cases {
		cert := newPair(t, c.request).Certificate
		got := view{certificate.Subject(cert), certificate.Issuer(cert), certificate.SubjectKeyIdentifier(cert),
			certificate.Domains(cert), certificate.PublicKeySize(cert), certificate.IsSelfSigned(cert), cert.NotBefore, cert.NotAfter}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.request, diff)
		}
		if s := certificate.SerialNumber(cert); !regexp.MustCompile(`^[4-7][0-9A-F]{31}$`).MatchString(s) {
			t.Errorf("serial number %s", s)
		}
	}
}

func TestStatusAt(t *testing.T) {
	t.Parallel()
	cert := aPair(t).Certificate
	for at, want := range map[time.Time]certificate.Status{
		moment():                             certificate.Valid,
		cert.NotBefore:                       certificate.Valid,
		cert.NotBefore.Add(-time.Nanosecond): certificate.DateInvalid,
		cert.NotAfter:                        certificate.Valid,
		cert.NotAfter.Add(time.Second):       certificate.DateInvalid,
	} {
		if got := certificate.StatusAt(cert, at); got != want {
			t.Errorf("at %v: %s, want %s", at, got, want)
		}
	}
}

// TestRandomnessIsUsed shows where the reader is honoured: the serial number and the
// subject key identifier.
func TestRandomnessIsUsed(t *testing.T) {
	t.Parallel()
	source := bytes.NewReader(bytes.Repeat([]byte("exfed random    "), 64))
	pair, err := certificate.NewSelfSigned(certificate.Request{Subject: "CN=a", KeySize: 1024}, source, moment())
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ToUpper(hex.EncodeToString([]byte("exfed random    ")))
	if got := certificate.SubjectKeyIdentifier(pair.Certificate); got != want {
		t.Errorf("subject key identifier %s, want %s", got, want)
	}
	if got := certificate.SerialNumber(pair.Certificate); got != want {
		t.Errorf("serial number %s, want %s", got, want)
	}
	_, err = certificate.NewSelfSigned(certificate.Request{Subject: "CN=a"}, iotest.ErrReader(os.ErrClosed), moment())
	if !certificate.IsCode(err, certificate.NotMade) {
		t.Errorf("without randomness: %v", err)
	}
}

func TestNewSelfSignedRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		request certificate.Request
		code    certificate.Code
		reason  string
	}{
		{certificate.Request{}, certificate.InvalidSubject, "is empty"},
		{certificate.Request{Subject: "O=Contoso"}, certificate.InvalidSubject, "has no common name"},
		{certificate.Request{Subject: "CN=a", KeySize: 512}, certificate.InvalidKeySize, "is none of 1024, 2048, 4096"},
		{certificate.Request{Subject: "CN=a", KeySize: 3072}, certificate.InvalidKeySize, "key size 3072"},
		{certificate.Request{Subject: "CN=a", SubjectKeyIdentifier: "4a4ac4b7-cb8f-4f9a-9f28-e9ab6ed3f6d1"}, certificate.InvalidIdentifier, "without hyphens"},
		{certificate.Request{Subject: "CN=a", SubjectKeyIdentifier: "abc"}, certificate.InvalidIdentifier, "even number"},
		{certificate.Request{Subject: "CN=a", SubjectKeyIdentifier: "zz"}, certificate.InvalidIdentifier, "hex digits"},
		{certificate.Request{Subject: "CN=a", SubjectKeyIdentifier: "ab"}, certificate.InvalidIdentifier, "has 2 hex digits"},
		{certificate.Request{Subject: "CN=a", SubjectKeyIdentifier: strings.Repeat("a", 130)}, certificate.InvalidIdentifier, "has 130 hex digits"},
		{certificate.Request{Subject: "CN=a", DNSNames: []string{"a_b.example"}}, certificate.InvalidName, "hyphens"},
		{certificate.Request{Subject: "CN=a", DNSNames: []string{"a..example"}}, certificate.InvalidName, "hyphens"},
		{certificate.Request{Subject: "CN=a", DNSNames: []string{"bücher.example"}}, certificate.InvalidName, "hyphens"},
		{certificate.Request{Subject: "CN=a", DNSNames: []string{"*"}}, certificate.InvalidName, "hyphens"},
		{certificate.Request{Subject: "CN=a", DNSNames: []string{strings.Repeat("a.", 130) + "b"}}, certificate.InvalidName, "253"},
		{certificate.Request{Subject: "CN=a", DNSNames: manyNames(256)}, certificate.InvalidName, "at most 256"},
	}
	for _, c := range cases {
		_, err := certificate.NewSelfSigned(c.request, rand.Reader, moment())
		if !certificate.IsCode(err, c.code) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%.120v: %v, want %s with %q", c.request, err, c.code, c.reason)
		}
	}
}

func manyNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = "h" + strings.Repeat("x", i%60) + "." + strings.Repeat("y", i/60+1)
	}
	return names
}
