package certificate_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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

// parseShown reads what openssl shows of a PKCS #12 file: attributes, then PEM.
func parseShown(t *testing.T, out string) shown {
	t.Helper()
	var s shown
	names := regexp.MustCompile(`friendlyName: (.*)`).FindAllStringSubmatch(out, -1)
	if len(names) != 2 || names[0][1] != names[1][1] {
		t.Errorf("friendly names: %q, want one at the key and the same at the certificate", names)
	} else {
		s.Name = strings.TrimSpace(names[0][1])
	}
	if ids := regexp.MustCompile(`localKeyID: (.*)`).FindAllString(out, -1); len(ids) != 2 || ids[0] != ids[1] {
		t.Errorf("%q, want the same at key and certificate", ids)
	}
	for data := []byte(out); ; {
		block, rest := pem.Decode(data)
		if block == nil {
			return s
		}
		data = rest
		switch {
		case block.Type == "PRIVATE KEY":
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			s.Key = key.(*rsa.PrivateKey).D
		case s.Certificate == nil:
			s.Certificate = bytes.Clone(block.Bytes)
		default:
			s.Chain = append(s.Chain, bytes.Clone(block.Bytes))
		}
	}
}
