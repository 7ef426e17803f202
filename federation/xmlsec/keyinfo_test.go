package xmlsec_test

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/xmlsec"
)

// TestKeyInfoForms shows the selector what each form says.
func TestKeyInfoForms(t *testing.T) {
	t.Parallel()
	signer := newParty(t)
	ski, err := xmlsec.SubjectKeyIdentifierKeyInfo(signer.certificate)
	if err != nil {
		t.Fatal(err)
	}
	thumbprint := sha1.Sum(signer.certificate.Raw)
	der := base64.StdEncoding.EncodeToString(signer.certificate.Raw)
	const profile = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0"
	reference := func(content string) string {
		return `<KeyInfo xmlns="` + xmlsec.NamespaceSignature + `"><o:SecurityTokenReference xmlns:o="` + xmlsec.NamespaceWSSE + `">` +
			content + `</o:SecurityTokenReference></KeyInfo>`
	}
	issuer := `<X509Data><X509IssuerSerial><X509IssuerName>CN=Federation</X509IssuerName>` +
		`<X509SerialNumber>4711</X509SerialNumber></X509IssuerSerial></X509Data>`
	token := `<o:BinarySecurityToken u:Id="bst" ValueType="` + profile + `#X509v3">` + der + `</o:BinarySecurityToken>`
	cases := map[string]struct {
		keyInfo, token string
		want           xmlsec.KeyInfo
	}{
		"a certificate": {xmlsec.X509DataKeyInfo(signer.certificate).String(), "", xmlsec.KeyInfo{Certificates: []*x509.Certificate{signer.certificate}}},
		"a subject key identifier": {ski.String(), "", xmlsec.KeyInfo{
			SubjectKeyIdentifier: []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}}},
		"a thumbprint": {reference(`<o:KeyIdentifier ValueType="http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1">` +
			base64.StdEncoding.EncodeToString(thumbprint[:]) + `</o:KeyIdentifier>`), "", xmlsec.KeyInfo{Thumbprint: thumbprint[:]}},
		"a token":              {reference(`<o:Reference URI="#bst" ValueType="` + profile + `#X509v3"/>`), token, xmlsec.KeyInfo{Certificates: []*x509.Certificate{signer.certificate}}},
		"an issuer and number": {reference(issuer), "", xmlsec.KeyInfo{IssuerSerials: []xmlsec.IssuerSerial{{Issuer: "CN=Federation", Serial: big.NewInt(4711)}}}},
		"an SKI in X509Data":   {`<KeyInfo xmlns="` + xmlsec.NamespaceSignature + `"><X509Data><X509SKI>AQI=</X509SKI></X509Data></KeyInfo>`, "", xmlsec.KeyInfo{SubjectKeyIdentifier: []byte{1, 2}}},
		"an assertion":         {xmlsec.AssertionKeyInfo("uuid-1").String(), "", xmlsec.KeyInfo{AssertionID: "uuid-1"}},
		"our thumbprint":       {xmlsec.ThumbprintKeyInfo(signer.certificate).String(), "", xmlsec.KeyInfo{Thumbprint: thumbprint[:]}},
		"our token":            {xmlsec.TokenKeyInfo("bst").String(), string(xmlsec.BinarySecurityToken(signer.certificate, "bst")), xmlsec.KeyInfo{Certificates: []*x509.Certificate{signer.certificate}}},
		"our issuer, number":   {xmlsec.IssuerSerialKeyInfo(signer.certificate).String(), "", xmlsec.KeyInfo{IssuerSerials: []xmlsec.IssuerSerial{{Issuer: "CN=Federation", Serial: big.NewInt(4711)}}}},
		"a bare key":           {`<KeyInfo xmlns="` + xmlsec.NamespaceSignature + `"><KeyValue><RSAKeyValue/></KeyValue></KeyInfo>`, "", xmlsec.KeyInfo{}},
		"none":                 {"", "", xmlsec.KeyInfo{}},
	}
	same := cmp.Options{
		cmp.Comparer(func(a, b *x509.Certificate) bool { return a.Equal(b) }),
		cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 }),
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := signer.signer(xmlsec.RSASHA256)
			if s.KeyInfo = (xmlsec.Markup{}); c.keyInfo != "" {
				s.KeyInfo = markup(t, c.keyInfo)
			}
			signed := signRequest(t, s, "timestamp", "body")
			root := mustParse(t, string(find(t, mustParse(t, string(signed)), "Security").WithChild([]byte(c.token))))
			var got xmlsec.KeyInfo
			_, err := xmlsec.Verify(findSignature(t, root), xmlsec.ModernAlgorithms(), func(info xmlsec.KeyInfo) (*x509.Certificate, error) {
				got = info
				return signer.certificate, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, same); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if len(cases) < 12 {
		t.Fatalf("%d cases, want at least 12", len(cases))
	}
}

func TestSubjectKeyIdentifierIsNeverComputed(t *testing.T) {
	t.Parallel()
	if info, err := xmlsec.SubjectKeyIdentifierKeyInfo(&x509.Certificate{}); codeOf(err) != xmlsec.KeyRefused {
		t.Errorf("%s, %v of a certificate without one", info, err)
	}
}
