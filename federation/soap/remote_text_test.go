package soap_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"
)

// hostile is what acts on a terminal and what begins a line of its own.
const hostile = "\x1b]0;owned\x07\nhint: run something"

// named starts a TLS server that nobody trusts, with this text as its name: the name is
// compared before trust is, so whoever is on the path can put a text into the error.
func named(t *testing.T, name string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	names, err := asn1.Marshal([]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 2, Bytes: []byte(name)}})
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: names}}, // subjectAltName
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// TestRemoteTextInErrors: no server gets a text into an error that does more than be
// read.
func TestRemoteTextInErrors(t *testing.T) {
	t.Parallel()
	envelope := func(namespace string) string {
		return serve(t, answers(http.StatusOK, "text/xml", `<a xmlns="`+namespace+`"/>`)).URL
	}
	cases := map[string]string{
		"the name in a certificate": named(t, "evil.example"+hostile),
		"a namespace":               envelope("urn:evil&#x202E;&#10;hint: run something"),
	}
	for what, url := range cases {
		_, err := plain().Call(t.Context(), url, "urn:a", nil)
		if err == nil || !strings.Contains(err.Error(), "evil") {
			t.Errorf("%s: the error %v does not tell it", what, err)
			continue
		}
		if i := strings.IndexFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%s: the error %q acts on a terminal", what, err)
		}
	}
	if len(cases) < 2 {
		t.Fatalf("%d cases, want at least 2", len(cases))
	}
}
