package xmlsec_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/xmlsec"
)

// replaced fails the test when there is nothing to replace: a mutation that changes
// nothing proves nothing.
func replaced(t testing.TB, text, old, new string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("no %q in %s", old, text)
	}
	return strings.Replace(text, old, new, 1)
}

// between returns the part of text from the start of first to the end of last.
func between(t testing.TB, text, first, last string) string {
	t.Helper()
	i := strings.Index(text, first)
	j := strings.Index(text, last)
	if i < 0 || j < i {
		t.Fatalf("no %q ... %q in %s", first, last, text)
	}
	return text[i : j+len(last)]
}

func codeOf(err error) xmlsec.Code {
	var fault *xmlsec.Error
	if errors.As(err, &fault) {
		return fault.Code
	}
	return ""
}

func TestVerifiedIsWhatWasSigned(t *testing.T) {
	t.Parallel()
	signer := newParty(t)
	root := mustParse(t, string(signRequest(t, signer.signer(xmlsec.RSASHA1), "body", "timestamp")))
	verified, err := xmlsec.Verify(findSignature(t, root), xmlsec.ExchangeAlgorithms(), signer.selects)
	if err != nil {
		t.Fatal(err)
	}
	type reference struct {
		ID, Canonical string
		Digest        xmlsec.DigestMethod
	}
	var got []reference
	for _, r := range verified.References {
		got = append(got, reference{r.ID, string(r.Canonical()), r.Digest})
		if r.Source != root.ByID(r.ID) {
			t.Errorf("%s is not where it stands in the document", r.ID)
		}
		if r.Element == r.Source || r.Element.Parent != nil {
			t.Errorf("%s is not a document of its own", r.ID)
		}
	}
	const md2 = `xmlns="http://domains.live.com/Service/ManageDelegation2/V1.0"`
	want := []reference{
		{"body", `<s:Body xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="` + xmlsec.NamespaceWSU + `" u:Id="body">` + "\n\n" +
			`  <CreateAppId ` + md2 + `>` + "\n" +
			`    <uri>contoso.example</uri><properties><Property><Name>a&amp;b</Name><Value>&lt;1&gt;</Value></Property></properties>` + "\n" +
			"  </CreateAppId>\n </s:Body>", xmlsec.SHA1},
		{"timestamp", `<u:Timestamp xmlns:u="` + xmlsec.NamespaceWSU + `" u:Id="timestamp"><u:Created>2030-01-01T00:00:00Z</u:Created>` +
			`<u:Expires>2030-01-01T00:05:00Z</u:Expires></u:Timestamp>`, xmlsec.SHA1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
	if !verified.Certificate.Equal(signer.certificate) || verified.Method != xmlsec.RSASHA1 {
		t.Errorf("certificate or method are not those of the signature: %s", verified.Method)
	}
	if _, covered := verified.Of(nil); covered {
		t.Error("nothing passes for covered")
	}
}

func TestPolicyDecides(t *testing.T) {
	t.Parallel()
	signer := newParty(t)
	cases := []struct {
		method  xmlsec.SignatureMethod
		digest  xmlsec.DigestMethod
		allowed xmlsec.Algorithms
		code    xmlsec.Code
	}{
		{xmlsec.RSASHA256, xmlsec.SHA256, xmlsec.ModernAlgorithms(), ""},
		{xmlsec.RSASHA256, xmlsec.SHA256, xmlsec.ExchangeAlgorithms(), ""},
		{xmlsec.RSASHA1, xmlsec.SHA1, xmlsec.ExchangeAlgorithms(), ""},
		{xmlsec.RSASHA1, xmlsec.SHA256, xmlsec.ExchangeAlgorithms(), ""},
		{xmlsec.RSASHA1, xmlsec.SHA1, xmlsec.ModernAlgorithms(), xmlsec.AlgorithmRefused},
		{xmlsec.RSASHA1, xmlsec.SHA256, xmlsec.ModernAlgorithms(), xmlsec.AlgorithmRefused},
		{xmlsec.RSASHA256, xmlsec.SHA1, xmlsec.ModernAlgorithms(), xmlsec.AlgorithmRefused},
		{xmlsec.RSASHA256, xmlsec.SHA256, xmlsec.Algorithms{}, xmlsec.AlgorithmRefused},
	}
	for _, c := range cases {
		s := signer.signer(c.method)
		s.Digest = c.digest
		root := mustParse(t, string(signRequest(t, s, "timestamp", "body")))
		if _, err := xmlsec.Verify(findSignature(t, root), c.allowed, signer.selects); codeOf(err) != c.code {
			t.Errorf("%s over %s: %v, want code %q", c.method, c.digest, err, c.code)
		}
	}
}

func TestTheSelectorDecidesAboutTheKey(t *testing.T) {
	t.Parallel()
	signer, other, curve := newParty(t), newParty(t), newECDSAParty(t)
	root := mustParse(t, string(signRequest(t, signer.signer(xmlsec.RSASHA256), "body")))
	cases := map[string]struct {
		selected *x509.Certificate
		err      error
		code     xmlsec.Code
	}{
		"the signer":         {signer.certificate, nil, ""},
		"somebody else":      {other.certificate, nil, xmlsec.SignatureMismatch},
		"an elliptic curve":  {curve.certificate, nil, xmlsec.KeyRefused},
		"no certificate":     {nil, nil, xmlsec.KeyUnknown},
		"an error":           {signer.certificate, errors.New("revoked"), xmlsec.KeyUnknown},
		"a short modulus":    {&x509.Certificate{PublicKey: &rsa.PublicKey{N: modulus(512), E: 65537}}, nil, xmlsec.KeyRefused},
		"an endless modulus": {&x509.Certificate{PublicKey: &rsa.PublicKey{N: modulus(16384), E: 65537}}, nil, xmlsec.KeyRefused},
	}
	for name, c := range cases {
		_, err := xmlsec.Verify(findSignature(t, root), xmlsec.ModernAlgorithms(),
			func(xmlsec.KeyInfo) (*x509.Certificate, error) { return c.selected, c.err })
		if codeOf(err) != c.code {
			t.Errorf("%s: %v, want code %q", name, err, c.code)
		}
		if c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: the cause is lost in %v", name, err)
		}
	}
}

func TestNothingIsToldToTheSender(t *testing.T) {
	t.Parallel()
	told := map[string]bool{}
	for _, code := range []xmlsec.Code{
		xmlsec.AlgorithmRefused, xmlsec.ReferenceRefused, xmlsec.DigestMismatch,
		xmlsec.SignatureMismatch, xmlsec.KeyUnknown, xmlsec.KeyRefused, xmlsec.DecryptionFailed,
	} {
		told[(&xmlsec.Error{Code: code, Detail: "secret", Err: errors.New("secret")}).Public()] = true
	}
	if want := map[string]bool{"the security of the message could not be verified": true}; !cmp.Equal(told, want) {
		t.Errorf("told = %v", told)
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	root := mustParse(t, request)
	good := newParty(t)
	weak := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: modulus(512), E: 65537}}
	cases := map[string]struct {
		signer xmlsec.Signer
		ids    []string
		code   xmlsec.Code
	}{
		"an unknown identifier": {good.signer(xmlsec.RSASHA256), []string{"nobody"}, xmlsec.ReferenceRefused},
		"nothing":               {good.signer(xmlsec.RSASHA256), nil, xmlsec.ReferenceRefused},
		"nine":                  {good.signer(xmlsec.RSASHA256), strings.Fields(strings.Repeat("body ", 9)), xmlsec.ReferenceRefused},
		"an unknown method":     {good.signer("urn:none"), []string{"body"}, xmlsec.AlgorithmRefused},
		"a curve":               {newECDSAParty(t).signer(xmlsec.RSASHA256), []string{"body"}, xmlsec.KeyRefused},
		"a weak key":            {xmlsec.Signer{Key: weak, Method: xmlsec.RSASHA256}, []string{"body"}, xmlsec.KeyRefused},
		"a broken key store":    {xmlsec.Signer{Key: liar{good.key}, Method: xmlsec.RSASHA256}, []string{"body"}, xmlsec.SigningFailed},
		"no KeyInfo":            {xmlsec.Signer{Key: good.key, Method: xmlsec.RSASHA256, KeyInfo: markup(t, "<KeyInfo/>")}, []string{"body"}, xmlsec.Malformed},
	}
	for name, c := range cases {
		if _, err := c.signer.Sign(root, c.ids...); codeOf(err) != c.code {
			t.Errorf("%s: %v, want code %s", name, err, c.code)
		}
	}
}

func TestSignAcceptsTheRandomnessItIsGiven(t *testing.T) {
	t.Parallel()
	s := newParty(t).signer(xmlsec.RSASHA256)
	s.Rand = rand.Reader
	first, second := signRequest(t, s, "body"), signRequest(t, s, "body")
	if diff := cmp.Diff(string(first), string(second)); diff != "" {
		t.Errorf("PKCS #1 v1.5 signatures of one content differ:\n%s", diff)
	}
}
