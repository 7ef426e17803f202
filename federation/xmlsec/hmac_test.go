package xmlsec_test

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"

	"exfed/federation/xmlsec"
)

// secret returns a secret of so many bytes.
func secret(t testing.TB, bytes int) []byte {
	t.Helper()
	s := make([]byte, bytes)
	if _, err := rand.Read(s); err != nil {
		t.Fatal(err)
	}
	return s
}

// sharing returns a selector that knows one secret.
func sharing(s []byte) xmlsec.SecretSelector {
	return func(xmlsec.KeyInfo) ([]byte, error) { return s, nil }
}

func TestHMAC(t *testing.T) {
	t.Parallel()
	shared, other := secret(t, 24), secret(t, 24)
	cases := []struct {
		method  xmlsec.SignatureMethod
		allowed xmlsec.Algorithms
		secret  []byte
		code    xmlsec.Code
	}{
		{xmlsec.HMACSHA256, xmlsec.ModernAlgorithms(), shared, ""},
		{xmlsec.HMACSHA256, xmlsec.ExchangeAlgorithms(), shared, ""},
		{xmlsec.HMACSHA1, xmlsec.ExchangeAlgorithms(), shared, ""},
		{xmlsec.HMACSHA1, xmlsec.ModernAlgorithms(), shared, xmlsec.AlgorithmRefused},
		{xmlsec.HMACSHA256, xmlsec.Algorithms{}, shared, xmlsec.AlgorithmRefused},
		{xmlsec.HMACSHA256, xmlsec.ModernAlgorithms(), other, xmlsec.SignatureMismatch},
		{xmlsec.HMACSHA256, xmlsec.ModernAlgorithms(), shared[:15], xmlsec.KeyRefused},
		{xmlsec.HMACSHA256, xmlsec.ModernAlgorithms(), nil, xmlsec.KeyUnknown},
	}
	for _, c := range cases {
		signer := xmlsec.Signer{Secret: shared, Method: c.method, KeyInfo: xmlsec.AssertionKeyInfo("uuid-1")}
		root := mustParse(t, string(signRequest(t, signer, "timestamp", "body")))
		var named string
		verified, err := xmlsec.VerifyHMAC(findSignature(t, root), c.allowed, func(info xmlsec.KeyInfo) ([]byte, error) {
			named = info.AssertionID
			return c.secret, nil
		})
		if codeOf(err) != c.code {
			t.Errorf("%s: %v, want code %q", c.method, err, c.code)
			continue
		}
		if c.code == "" && (verified.Certificate != nil || len(verified.References) != 2 || named != "uuid-1") {
			t.Errorf("%s: %v, key named %q", c.method, verified, named)
		}
	}
	if len(cases) < 8 {
		t.Fatalf("%d cases, want at least 8", len(cases))
	}
}

// TestKeyConfusion signs with what everybody knows about an RSA key, taken for a secret,
// and hopes that the verifier does the same.
func TestKeyConfusion(t *testing.T) {
	t.Parallel()
	issuer := newParty(t)
	public, err := x509.MarshalPKIXPublicKey(issuer.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	known := map[string][]byte{
		"the certificate":        issuer.certificate.Raw,
		"the public key":         public,
		"the public key in PEM":  pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}),
		"the certificate in PEM": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: issuer.certificate.Raw}),
	}
	for name, key := range known {
		for _, method := range []xmlsec.SignatureMethod{xmlsec.HMACSHA1, xmlsec.HMACSHA256} {
			signer := xmlsec.Signer{Secret: key, Method: method, KeyInfo: issuer.named(t, xmlsec.RSASHA256).KeyInfo}
			root := mustParse(t, string(signRequest(t, signer, "timestamp", "body")))
			if _, err := xmlsec.Verify(findSignature(t, root), xmlsec.ExchangeAlgorithms(), issuer.byName); codeOf(err) != xmlsec.AlgorithmRefused {
				t.Errorf("%s as the secret of %s: %v", name, method, err)
			}
			token, err := signer.SignEnveloped([]byte(assertion), "uuid-1")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := xmlsec.VerifyEnveloped(mustParse(t, string(token)), xmlsec.ExchangeAlgorithms(), issuer.byName); codeOf(err) != xmlsec.AlgorithmRefused {
				t.Errorf("%s as the secret of %s in a token: %v", name, method, err)
			}
		}
	}
	shared := secret(t, 32)
	root := mustParse(t, string(signRequest(t, issuer.named(t, xmlsec.RSASHA256), "body")))
	if _, err := xmlsec.VerifyHMAC(findSignature(t, root), xmlsec.ExchangeAlgorithms(), sharing(shared)); codeOf(err) != xmlsec.AlgorithmRefused {
		t.Errorf("an RSA signature as an HMAC: %v", err)
	}
}

func TestVerifyHMACKeepsTheCause(t *testing.T) {
	t.Parallel()
	root := mustParse(t, string(signRequest(t, xmlsec.Signer{Secret: secret(t, 32), Method: xmlsec.HMACSHA256}, "body")))
	cause := errors.New("expired")
	_, err := xmlsec.VerifyHMAC(findSignature(t, root), xmlsec.ModernAlgorithms(), func(xmlsec.KeyInfo) ([]byte, error) { return nil, cause })
	if codeOf(err) != xmlsec.KeyUnknown || !errors.Is(err, cause) {
		t.Errorf("%v", err)
	}
}

func TestSignWantsTheKeyOfItsMethod(t *testing.T) {
	t.Parallel()
	p, shared := newParty(t), secret(t, 32)
	cases := map[string]xmlsec.Signer{
		"a secret for RSA": {Secret: shared, Method: xmlsec.RSASHA256},
		"a key for HMAC":   {Key: p.key, Method: xmlsec.HMACSHA256},
		"both for RSA":     {Key: p.key, Secret: shared, Method: xmlsec.RSASHA256},
		"both for HMAC":    {Key: p.key, Secret: shared, Method: xmlsec.HMACSHA256},
		"none for RSA":     {Method: xmlsec.RSASHA256},
		"none for HMAC":    {Method: xmlsec.HMACSHA256},
		"a short secret":   {Secret: shared[:15], Method: xmlsec.HMACSHA256},
	}
	for name, signer := range cases {
		if signed, err := signer.SignEnveloped([]byte(assertion), "uuid-1"); codeOf(err) != xmlsec.KeyRefused {
			t.Errorf("%s: %s, %v", name, signed, err)
		}
	}
}
