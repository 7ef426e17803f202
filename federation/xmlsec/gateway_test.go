package xmlsec_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"strings"
	"testing"

	"exfed/federation/xmlsec"
)

// TestGatewayToken verifies a token in the shape of those of the Microsoft gateway, which
// xmlsec1 signed: RSA-SHA1, the key named by its subject key identifier, attributes in an
// order that is not the canonical one. The private key was thrown away.
func TestGatewayToken(t *testing.T) {
	t.Parallel()
	token, err := os.ReadFile("testdata/gateway-token.xml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/gateway-signing.pem")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	bySKI := func(info xmlsec.KeyInfo) (*x509.Certificate, error) {
		if !bytes.Equal(info.SubjectKeyIdentifier, certificate.SubjectKeyId) {
			return nil, nil
		}
		return certificate, nil
	}
	verified, err := xmlsec.VerifyEnveloped(mustParse(t, string(token)), xmlsec.ExchangeAlgorithms(), bySKI)
	if err != nil {
		t.Fatal(err)
	}
	if got := find(t, verified.References[0].Element, "BinarySecret"); got.Text() != "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX" || got.Name.Space != "http://docs.oasis-open.org/ws-sx/ws-trust/200512" {
		t.Errorf("%s %q", got.Name, got.Text())
	}
	if _, err := xmlsec.VerifyEnveloped(mustParse(t, string(token)), xmlsec.ModernAlgorithms(), bySKI); codeOf(err) != xmlsec.AlgorithmRefused {
		t.Errorf("SHA-1 under the modern policy: %v", err)
	}
	pretty := strings.Replace(string(token), "<saml:Conditions", "\n  <saml:Conditions", 1)
	if _, err := xmlsec.VerifyEnveloped(mustParse(t, pretty), xmlsec.ExchangeAlgorithms(), bySKI); codeOf(err) != xmlsec.DigestMismatch {
		t.Errorf("a token that was laid out anew: %v", err)
	}
}
