package certificate_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
)

// TestNewRequest has openssl show and sign a request, and reads the certificate it makes.
func TestNewRequest(t *testing.T) {
	t.Parallel()
	openssl := peer(t, "openssl")
	made, err := certificate.NewRequest(certificate.Request{
		Subject: "C=DE,O=Contoso,CN=mail.contoso.com", DNSNames: []string{"autodiscover.contoso.com"}, SubjectKeyIdentifier: "00112233445566778899AABBCCDDEEFF",
	}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "request.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: made.Request.Raw}))
	text := run(t, dir, openssl, "req", "-in", "request.pem", "-noout", "-verify", "-text", "-nameopt", "RFC2253")
	blanks := regexp.MustCompile(`\s+`)
	text = blanks.ReplaceAllString(text, " ")
	for _, want := range []string{
		"self-signature verify OK", "Subject: C=DE,O=Contoso,CN=mail.contoso.com", "Public-Key: (2048 bit)",
		"X509v3 Subject Alternative Name: DNS:mail.contoso.com, DNS:autodiscover.contoso.com",
		"X509v3 Key Usage: critical Digital Signature, Key Encipherment",
		"X509v3 Extended Key Usage: TLS Web Client Authentication, TLS Web Server Authentication",
		"X509v3 Subject Key Identifier: 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF", "sha256WithRSAEncryption",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("openssl does not show %q but\n%s", want, text)
		}
	}
	authority := pemFiles(t, aBundle(t))
	run(t, authority, openssl, "x509", "-req", "-in", filepath.Join(dir, "request.pem"), "-CA", "cert.pem", "-CAkey", "key.pem", "-copy_extensions", "copy", "-days", "9", "-out", "signed.pem")
	b, err := certificate.ReadBundle(read(t, filepath.Join(authority, "signed.pem")), "")
	if err != nil {
		t.Fatal(err)
	}
	if !made.Key.Public().(*rsa.PublicKey).Equal(b.Certificate.PublicKey) {
		t.Error("the certificate has another key")
	}
	type extensions struct {
		SubjectKeyID []byte
		Names        []string
		Usage        x509.KeyUsage
		Purposes     []x509.ExtKeyUsage
	}
	got := extensions{b.Certificate.SubjectKeyId, b.Certificate.DNSNames, b.Certificate.KeyUsage, b.Certificate.ExtKeyUsage}
	want := extensions{
		[]byte{0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}, []string{"mail.contoso.com", "autodiscover.contoso.com"},
		x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the signed certificate (-want +got):\n%s", diff)
	}
}

func TestNewRequestRefuses(t *testing.T) {
	t.Parallel()
	cases := map[certificate.Code]certificate.Request{
		certificate.InvalidKeySize:    {Subject: "CN=x", KeySize: 1000},
		certificate.InvalidSubject:    {Subject: "O=x"},
		certificate.InvalidName:       {Subject: "CN=x", DNSNames: []string{"a b"}},
		certificate.InvalidIdentifier: {Subject: "CN=x", SubjectKeyIdentifier: "x"},
	}
	for code, request := range cases {
		if made, err := certificate.NewRequest(request, rand.Reader); !certificate.IsCode(err, code) || made.Key != nil {
			t.Errorf("%+v: %+v, %v, want %s", request, made, err, code)
		}
	}
	if len(cases) < 4 {
		t.Errorf("%d cases only", len(cases))
	}
}

func TestParseRequestRefuses(t *testing.T) {
	t.Parallel()
	made, err := certificate.NewRequest(certificate.Request{Subject: "CN=x", KeySize: 1024}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der := append([]byte(nil), made.Request.Raw...)
	der[len(der)-1] ^= 1
	for _, data := range [][]byte{nil, []byte("x"), der, aBundle(t).Certificate.Raw} {
		if got, err := certificate.ParseRequest(data); !certificate.IsCode(err, certificate.InvalidRequest) || got != nil {
			t.Errorf("%.20x: %v, %v", data, got, err)
		}
	}
}

// TestValidity makes certificates that are valid as long as is asked.
func TestValidity(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for valid, end := range map[time.Duration]time.Time{
		0:             time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC),
		time.Hour:     time.Date(2026, 2, 3, 5, 5, 6, 0, time.UTC),
		365 * 2 * day: time.Date(2028, 2, 3, 4, 5, 6, 0, time.UTC),
	} {
		pair := newPair(t, certificate.Request{Subject: "CN=x", KeySize: 1024, Valid: valid})
		if got := pair.Certificate.NotAfter; !got.Equal(end) {
			t.Errorf("%v: until %v, want %v", valid, got, end)
		}
	}
	for _, valid := range []time.Duration{-1, 101 * 365 * day} {
		if _, err := certificate.NewSelfSigned(certificate.Request{Subject: "CN=x", KeySize: 1024, Valid: valid}, rand.Reader, moment()); !certificate.IsCode(err, certificate.InvalidValidity) {
			t.Errorf("%v: %v", valid, err)
		}
	}
}
