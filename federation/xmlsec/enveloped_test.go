package xmlsec_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/xmlsec"
)

// byName accepts whoever is named by the subject key identifier of the party.
func (p party) byName(info xmlsec.KeyInfo) (*x509.Certificate, error) {
	if !bytes.Equal(info.SubjectKeyIdentifier, p.certificate.SubjectKeyId) {
		return nil, nil
	}
	return p.certificate, nil
}

func TestSignEnvelopedShape(t *testing.T) {
	t.Parallel()
	issuer := newParty(t)
	token := string(signedAssertion(t, issuer, xmlsec.RSASHA1))
	digest := sha1.Sum([]byte(assertion))
	value := between(t, token, "<SignatureValue>", "</SignatureValue>")
	const wss = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
	want := strings.TrimSuffix(assertion, "</saml:Assertion>") +
		`<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>` +
		`<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></CanonicalizationMethod>` +
		`<SignatureMethod Algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"></SignatureMethod>` +
		`<Reference URI="#uuid-1"><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform>` +
		`<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></Transform></Transforms>` +
		`<DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"></DigestMethod>` +
		`<DigestValue>` + base64.StdEncoding.EncodeToString(digest[:]) + `</DigestValue></Reference></SignedInfo>` + value +
		`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><o:SecurityTokenReference xmlns:o="` + wss + `wssecurity-secext-1.0.xsd">` +
		`<o:KeyIdentifier ValueType="` + wss + `x509-token-profile-1.0#X509SubjectKeyIdentifier" EncodingType="` + wss + `soap-message-security-1.0#Base64Binary">` +
		`AQIDBAUGBwgJCgsMDQ4PEBESExQ=</o:KeyIdentifier></o:SecurityTokenReference></KeyInfo></Signature></saml:Assertion>`
	if diff := cmp.Diff(want, token); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestVerifyEnveloped(t *testing.T) {
	t.Parallel()
	issuer := newParty(t)
	for _, method := range []xmlsec.SignatureMethod{xmlsec.RSASHA1, xmlsec.RSASHA256} {
		token := signedAssertion(t, issuer, method)
		// Within another document the prefix comes from further out.
		within := strings.Replace(string(token), ` xmlns:saml="`+namespaceSAML+`"`, "", 1)
		documents := map[string]string{
			"alone":                 string(token),
			"with a comment":        strings.Replace(string(token), "a@contoso", "a@<!-- -->contoso", 1),
			"with a CDATA section":  strings.Replace(string(token), "a@contoso.example", "a@<![CDATA[contoso]]>.example", 1),
			"attributes reordered":  strings.Replace(string(token), ` MajorVersion="1" MinorVersion="1"`, ` MinorVersion="1" MajorVersion="1"`, 1),
			"in another document":   `<r xmlns:saml="` + namespaceSAML + `" xmlns="urn:r">` + within + `</r>`,
			"the signature further": strings.Replace(withoutSignature(t, string(token)), "<saml:Conditions", signatureOf(t, string(token))+"<saml:Conditions", 1),
		}
		for name, document := range documents {
			root := mustParse(t, document)
			element := find(t, root, "Assertion")
			verified, err := xmlsec.VerifyEnveloped(element, xmlsec.ExchangeAlgorithms(), issuer.byName)
			if err != nil {
				t.Errorf("%s, %s: %v", method, name, err)
				continue
			}
			got, covered := verified.Of(element)
			if !covered || string(got.Canonical()) != assertion || verified.Method != method || len(verified.References) != 1 {
				t.Errorf("%s, %s: what is handed out is not what was signed", method, name)
			}
			if len(findAll(got, "Signature")) != 0 {
				t.Errorf("%s, %s: the signature passes for signed", method, name)
			}
		}
		if len(documents) < 6 {
			t.Fatalf("%d documents, want at least 6", len(documents))
		}
	}
}

// TestEnvelopedWrapping has the eight published ways of wrapping a signed assertion
// (Somorovsky et al., On Breaking SAML, 2012), and some more. A reader asks for the
// signature of the element it goes on with, which is the one at the front.
func TestEnvelopedWrapping(t *testing.T) {
	t.Parallel()
	issuer := newParty(t)
	good := string(signedAssertion(t, issuer, xmlsec.RSASHA256))
	signature, bare := signatureOf(t, good), withoutSignature(t, good)
	evil := strings.NewReplacer("a@contoso", "boss@contoso", "uuid-1", "uuid-evil").Replace(bare)
	into := func(outer, inner string) string {
		return strings.TrimSuffix(outer, "</saml:Assertion>") + inner + "</saml:Assertion>"
	}
	inSignature := func(object string) string {
		return strings.TrimSuffix(signature, "</Signature>") + "<Object>" + object + "</Object></Signature>"
	}
	response := func(parts ...string) string { return "<r>" + strings.Join(parts, "") + "</r>" }
	cases := map[string]struct {
		document string
		code     xmlsec.Code
	}{
		"1: the original in the signature of another":       {response(into(evil, inSignature(bare))), xmlsec.Malformed},
		"2: the original beside a detached signature":       {response(evil, signature, bare), xmlsec.Malformed},
		"3: the other before the original":                  {response(evil, good), xmlsec.Malformed},
		"4: the original within the other":                  {response(into(evil, good)), xmlsec.Malformed},
		"5: the signature in the other, the original after": {response(into(evil, signature), bare), xmlsec.ReferenceRefused},
		"6: the original in the signature that is moved":    {response(into(evil, inSignature(bare)), ""), xmlsec.Malformed},
		"7: the other in extensions":                        {response(strings.Replace(evil, "<saml:Conditions", "<x>"+good+"</x><saml:Conditions", 1)), xmlsec.Malformed},
		"8: the original in an Object of the signature":     {response(into(evil, strings.Replace(signature, "<SignedInfo>", "<Object>"+bare+"</Object><SignedInfo>", 1))), xmlsec.Malformed},
		"with the same identifier":                          {response(into(strings.Replace(evil, "uuid-evil", "uuid-2", 1), signature), good), xmlsec.ReferenceRefused},
		"two signatures":                                    {response(into(good, signature)), xmlsec.Malformed},
		"no signature":                                      {response(bare), xmlsec.Malformed},
		"a signature of nothing":                            {response(into(bare, `<Signature xmlns="`+xmlsec.NamespaceSignature+`"/>`)), xmlsec.Malformed},
		"over the whole document":                           {response(strings.Replace(good, `URI="#uuid-1"`, `URI=""`, 1)), xmlsec.ReferenceRefused},
		"without the transform that leaves it out":          {response(strings.Replace(good, `<Transform Algorithm="`+xmlsec.EnvelopedSignature+`"></Transform>`, "", 1)), xmlsec.AlgorithmRefused},
		"with that transform alone":                         {response(strings.Replace(good, `<Transform Algorithm="`+xmlsec.ExclusiveC14N+`"></Transform>`, "", 1)), xmlsec.Malformed},
		"with that transform twice":                         {response(strings.Replace(good, "<Transforms>", `<Transforms><Transform Algorithm="`+xmlsec.EnvelopedSignature+`"/>`, 1)), xmlsec.AlgorithmRefused},
		"transforms in another order":                       {response(strings.Replace(strings.Replace(good, `<Transform Algorithm="`+xmlsec.EnvelopedSignature+`"></Transform>`, "", 1), "</Transforms>", `<Transform Algorithm="`+xmlsec.EnvelopedSignature+`"/></Transforms>`, 1)), xmlsec.AlgorithmRefused},
		"a second reference":                                {response(strings.Replace(good, "</SignedInfo>", between(t, good, "<Reference", "</Reference>")+"</SignedInfo>", 1)), xmlsec.ReferenceRefused},
		"another address":                                   {response(strings.Replace(good, "a@contoso", "b@contoso", 1)), xmlsec.DigestMismatch},
		"an attribute more":                                 {response(strings.Replace(good, "<saml:Conditions", `<saml:Conditions x="1"`, 1)), xmlsec.DigestMismatch},
		"text behind the signature":                         {response(strings.Replace(good, "</Signature>", "</Signature>x", 1)), xmlsec.DigestMismatch},
		"another value":                                     {response(strings.Replace(good, "<SignatureValue>", "<SignatureValue>AAAA", 1)), xmlsec.SignatureMismatch},
	}
	for name, c := range cases {
		root := mustParse(t, c.document)
		verified, err := xmlsec.VerifyEnveloped(root.Elements()[0], xmlsec.ModernAlgorithms(), issuer.byName)
		if codeOf(err) != c.code || verified != nil {
			t.Errorf("%s: VerifyEnveloped = %v, %v, want an error of code %s", name, verified, err, c.code)
		}
	}
	if len(cases) < 22 {
		t.Fatalf("%d cases, want at least 22", len(cases))
	}
	if _, err := xmlsec.VerifyEnveloped(mustParse(t, response(good)).Elements()[0], xmlsec.ModernAlgorithms(), issuer.byName); err != nil {
		t.Errorf("the good one: %v", err)
	}
	if _, err := xmlsec.Parse([]byte(response(bare, good)), xmlsec.Limits{}); codeOf(err) != xmlsec.Malformed {
		t.Errorf("two elements with one identifier: %v", err)
	}
}

// TestKindsOfSignaturesAreKeptApart: an enveloped signature is none over the document
// around it, and a detached one none over the element it stands in.
func TestKindsOfSignaturesAreKeptApart(t *testing.T) {
	t.Parallel()
	issuer := newParty(t)
	root := mustParse(t, string(signedAssertion(t, issuer, xmlsec.RSASHA256)))
	if _, err := xmlsec.Verify(find(t, root, "Signature"), xmlsec.ModernAlgorithms(), issuer.byName); codeOf(err) != xmlsec.AlgorithmRefused {
		t.Errorf("an enveloped signature as a detached one: %v", err)
	}
	bare := mustParse(t, assertion)
	detached, err := issuer.named(t, xmlsec.RSASHA256).Sign(bare, "uuid-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := xmlsec.VerifyEnveloped(mustParse(t, string(bare.WithChild(detached))), xmlsec.ModernAlgorithms(), issuer.byName); codeOf(err) != xmlsec.AlgorithmRefused {
		t.Errorf("a detached signature as an enveloped one: %v", err)
	}
}

func TestSignEnvelopedRefuses(t *testing.T) {
	t.Parallel()
	signer := newParty(t).named(t, xmlsec.RSASHA256)
	cases := map[string]struct{ element, id string }{
		"another identifier":        {assertion, "uuid-2"},
		"one further in":            {`<a><b Id="b"></b></a>`, "b"},
		"no end tag":                {`<a Id="a"/>`, "a"},
		"nothing":                   {"", "a"},
		"no identifier":             {`<a Id=""></a>`, ""},
		"an identifier with markup": {`<a Id="a&quot;b"></a>`, `a"b`},
	}
	for name, c := range cases {
		if signed, err := signer.SignEnveloped([]byte(c.element), c.id); codeOf(err) != xmlsec.ReferenceRefused {
			t.Errorf("%s: %s, %v", name, signed, err)
		}
	}
}
