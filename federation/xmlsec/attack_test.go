package xmlsec_test

import (
	"strings"
	"testing"

	"exfed/federation/xmlsec"
)

// TestAlteredSignaturesAreRefused takes a good signed request and alters what an
// attacker without the key can alter.
func TestAlteredSignaturesAreRefused(t *testing.T) {
	t.Parallel()
	signer, other := newParty(t), newParty(t)
	good := string(signRequest(t, signer.signer(xmlsec.RSASHA256), "timestamp", "body", "proof"))
	const c14n = `Algorithm="` + xmlsec.ExclusiveC14N + `"`
	signedInfo := between(t, good, "<SignedInfo>", "</SignedInfo>")
	value := between(t, good, "<SignatureValue>", "</SignatureValue>")
	bodyReference := between(t, good, `<Reference URI="#body">`, `<Reference URI="#proof">`)
	bodyReference = strings.TrimSuffix(bodyReference, `<Reference URI="#proof">`)
	swap := func(old, new string) func(*testing.T) string {
		return func(t *testing.T) string { return replaced(t, good, old, new) }
	}
	cases := map[string]struct {
		document func(*testing.T) string
		code     xmlsec.Code
	}{
		"another body":                   {swap("contoso<!-- a comment -->", "fabrikam"), xmlsec.DigestMismatch},
		"another comment position only":  {swap("<uri>contoso", "<uri>contosx"), xmlsec.DigestMismatch},
		"an attribute more":              {swap("<uri>", `<uri a="1">`), xmlsec.DigestMismatch},
		"an element in another space":    {swap("<uri>", `<uri xmlns="urn:x">`), xmlsec.DigestMismatch},
		"a space more":                   {swap("<uri>", "<uri> "), xmlsec.DigestMismatch},
		"another time":                   {swap("00:05:00Z", "23:05:00Z"), xmlsec.DigestMismatch},
		"another proof":                  {swap("cHJvb2Y=", "cHJvb2Z="), xmlsec.DigestMismatch},
		"a stripped reference":           {swap(bodyReference, ""), xmlsec.SignatureMismatch},
		"references in another order":    {swap(signedInfo, replaced(t, signedInfo, bodyReference, "")[:len(signedInfo)-len(bodyReference)-len("</SignedInfo>")]+bodyReference+"</SignedInfo>"), xmlsec.SignatureMismatch},
		"another digest":                 {swap("<DigestValue>", "<DigestValue>AAAA"), xmlsec.SignatureMismatch},
		"another value":                  {swap("<SignatureValue>", "<SignatureValue>AAAA"), xmlsec.SignatureMismatch},
		"no value":                       {swap(value, "<SignatureValue></SignatureValue>"), xmlsec.Malformed},
		"downgraded signature":           {swap(string(xmlsec.RSASHA256), string(xmlsec.RSASHA1)), xmlsec.AlgorithmRefused},
		"downgraded digest":              {swap(string(xmlsec.SHA256), string(xmlsec.SHA1)), xmlsec.AlgorithmRefused},
		"HMAC with the public key":       {swap(string(xmlsec.RSASHA256), "http://www.w3.org/2000/09/xmldsig#hmac-sha1"), xmlsec.AlgorithmRefused},
		"no algorithm":                   {swap(`<SignatureMethod Algorithm="`+string(xmlsec.RSASHA256)+`">`, "<SignatureMethod>"), xmlsec.AlgorithmRefused},
		"XSLT":                           {swap("<Transform "+c14n, `<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"`), xmlsec.AlgorithmRefused},
		"XPath":                          {swap("<Transform "+c14n, `<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"`), xmlsec.AlgorithmRefused},
		"enveloped":                      {swap("<Transform "+c14n, `<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"`), xmlsec.AlgorithmRefused},
		"inclusive c14n":                 {swap("<CanonicalizationMethod "+c14n, `<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"`), xmlsec.AlgorithmRefused},
		"c14n with comments":             {swap("<CanonicalizationMethod "+c14n, `<CanonicalizationMethod Algorithm="`+xmlsec.ExclusiveC14N+`WithComments"`), xmlsec.AlgorithmRefused},
		"no transform":                   {swap("<Transform "+c14n+"></Transform>", ""), xmlsec.Malformed},
		"two transforms":                 {swap("<Transforms>", "<Transforms><Transform "+c14n+"/>"), xmlsec.Malformed},
		"a transform with a child":       {swap("<Transform "+c14n+">", "<Transform "+c14n+"><XPath>1</XPath>"), xmlsec.Malformed},
		"a transform with text":          {swap("<Transform "+c14n+">", "<Transform "+c14n+">1"), xmlsec.Malformed},
		"prefixes of another kind":       {swap("<Transform "+c14n+">", "<Transform "+c14n+`><InclusiveNamespaces PrefixList="s"/>`), xmlsec.Malformed},
		"too many prefixes":              {swap("<Transform "+c14n+">", "<Transform "+c14n+`><i:InclusiveNamespaces xmlns:i="`+xmlsec.ExclusiveC14N+`" PrefixList="`+strings.Repeat("s ", 65)+`"/>`), xmlsec.TooLarge},
		"an output length":               {swap(`<SignatureMethod Algorithm="`+string(xmlsec.RSASHA256)+`">`, `<SignatureMethod Algorithm="`+string(xmlsec.RSASHA256)+`"><HMACOutputLength>1</HMACOutputLength>`), xmlsec.Malformed},
		"the whole document":             {swap(`URI="#body"`, `URI=""`), xmlsec.ReferenceRefused},
		"no URI":                         {swap(`URI="#body"`, ``), xmlsec.ReferenceRefused},
		"a remote reference":             {swap(`URI="#body"`, `URI="http://127.0.0.1/body"`), xmlsec.ReferenceRefused},
		"a file":                         {swap(`URI="#body"`, `URI="file:///etc/passwd"`), xmlsec.ReferenceRefused},
		"an XPointer":                    {swap(`URI="#body"`, `URI="#xpointer(id('body'))"`), xmlsec.ReferenceRefused},
		"an unknown identifier":          {swap(`URI="#body"`, `URI="#nobody"`), xmlsec.ReferenceRefused},
		"an empty identifier":            {swap(`URI="#body"`, `URI="#"`), xmlsec.ReferenceRefused},
		"the identifier moved":           {swap(`<s:Body u:Id="body">`, `<s:Body>`), xmlsec.ReferenceRefused},
		"SignedInfo twice":               {swap(signedInfo, signedInfo+signedInfo), xmlsec.Malformed},
		"SignedInfo before another":      {swap(signedInfo, replaced(t, signedInfo, "#body", "#proof")+signedInfo), xmlsec.Malformed},
		"SignatureValue twice":           {swap(value, value+value), xmlsec.Malformed},
		"SignatureValue first":           {swap(signedInfo+value, value+signedInfo), xmlsec.Malformed},
		"an Object":                      {swap("</KeyInfo>", `</KeyInfo><Object Id="o"/>`), xmlsec.Malformed},
		"KeyInfo twice":                  {swap("</KeyInfo>", `</KeyInfo><KeyInfo/>`), xmlsec.Malformed},
		"a foreign child in SignedInfo":  {swap("<SignedInfo>", `<SignedInfo><x xmlns="urn:x"/>`), xmlsec.Malformed},
		"a foreign child in Reference":   {swap(`<Reference URI="#body">`, `<Reference URI="#body"><x xmlns="urn:x"/>`), xmlsec.Malformed},
		"text in SignedInfo":             {swap("<SignedInfo>", `<SignedInfo>x`), xmlsec.Malformed},
		"text in Signature":              {swap("<SignedInfo>", `x<SignedInfo>`), xmlsec.Malformed},
		"an attribute on Reference":      {swap(`<Reference URI="#body">`, `<Reference URI="#body" x="1">`), xmlsec.Malformed},
		"an element in the digest":       {swap("<DigestValue>", "<DigestValue><x/>"), xmlsec.Malformed},
		"a comment in the digest":        {swap("<DigestValue>", "<DigestValue>AA<!-- -->AA"), xmlsec.SignatureMismatch},
		"nothing signed":                 {swap(between(t, signedInfo, `<Reference URI="#timestamp">`, "</SignedInfo>"), "</SignedInfo>"), xmlsec.Malformed},
		"nine references":                {swap("</SignedInfo>", strings.Repeat(bodyReference, 6)+"</SignedInfo>"), xmlsec.TooLarge},
		"the same element twice":         {swap("</SignedInfo>", bodyReference+"</SignedInfo>"), xmlsec.ReferenceRefused},
		"another certificate":            {swap(xmlsec.X509DataKeyInfo(signer.certificate).String(), xmlsec.X509DataKeyInfo(other.certificate).String()), xmlsec.KeyUnknown},
		"no KeyInfo":                     {swap(xmlsec.X509DataKeyInfo(signer.certificate).String(), ""), xmlsec.KeyUnknown},
		"a certificate that is none":     {swap("<X509Certificate>", "<X509Certificate>AAAA"), xmlsec.Malformed},
		"nine certificates":              {swap("<X509Data>", "<X509Data>"+strings.Repeat(between(t, good, "<X509Certificate>", "</X509Certificate>"), 8)), xmlsec.TooLarge},
		"a key reference to the body":    {swap("<X509Data>", `<o:SecurityTokenReference><o:Reference URI="#body"/></o:SecurityTokenReference><X509Data>`), xmlsec.ReferenceRefused},
		"a key reference elsewhere":      {swap("<X509Data>", `<o:SecurityTokenReference><o:Reference URI="http://127.0.0.1/"/></o:SecurityTokenReference><X509Data>`), xmlsec.ReferenceRefused},
		"white space within base64 only": {swap("<SignatureValue>", "<SignatureValue>*"), xmlsec.Malformed},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := mustParse(t, c.document(t))
			verified, err := xmlsec.Verify(findSignature(t, root), xmlsec.ModernAlgorithms(), signer.selects)
			if codeOf(err) != c.code || verified != nil {
				t.Errorf("Verify = %v, %v, want an error of code %s", verified, err, c.code)
			}
		})
	}
	if len(cases) < 55 {
		t.Fatalf("%d cases, want at least 55", len(cases))
	}
}

// TestWrapping moves the signed body aside and puts another in its place, in the ways
// that are known from practice. The signature holds in each; the body that will be
// processed must not pass for the signed one.
func TestWrapping(t *testing.T) {
	t.Parallel()
	signer := newParty(t)
	good := string(signRequest(t, signer.signer(xmlsec.RSASHA256), "timestamp", "body"))
	body := between(t, good, "<s:Body", "</s:Body>")
	const evil = `<s:Body><DeleteAll xmlns="urn:evil"/></s:Body>`
	const evilWithID = `<s:Body u:Id="evil"><DeleteAll xmlns="urn:evil"/></s:Body>`
	noBody := replaced(t, good, body, "")
	cases := map[string]string{
		"in a header block":       replaced(t, replaced(t, noBody, "</s:Envelope>", evil+"</s:Envelope>"), "<o:Security", "<Wrapper>"+body+"</Wrapper><o:Security"),
		"in the Security header":  replaced(t, replaced(t, noBody, "</s:Envelope>", evil+"</s:Envelope>"), "</o:Security>", "<Wrapper>"+body+"</Wrapper></o:Security>"),
		"in the other body":       replaced(t, good, body, replaced(t, evil, "</s:Body>", body+"</s:Body>")),
		"behind the other body":   replaced(t, good, body, evil+body),
		"before the other body":   replaced(t, good, body, body+evil),
		"with another identifier": replaced(t, good, body, evilWithID+"<Wrapper>"+body+"</Wrapper>"),
		"as the child of the header": replaced(t, replaced(t, noBody, "</s:Envelope>", evil+"</s:Envelope>"),
			"</s:Header>", body+"</s:Header>"),
	}
	for name, document := range cases {
		root := mustParse(t, document)
		verified, err := xmlsec.Verify(findSignature(t, root), xmlsec.ModernAlgorithms(), signer.selects)
		if err != nil {
			t.Errorf("%s: %v, but the signature holds", name, err)
			continue
		}
		evil := find(t, root, "DeleteAll").Parent
		if _, covered := verified.Of(evil); covered {
			t.Errorf("%s: the false body passes for the signed one", name)
		}
		moved := root.ByID("body")
		if got, covered := verified.Of(moved); !covered || len(findAll(got, "DeleteAll")) != 0 {
			t.Errorf("%s: the signed body is not handed out as it was signed", name)
		}
	}
	twoOfOneIdentifier := replaced(t, good, body, body+replaced(t, evil, "<s:Body", `<s:Body u:Id="body"`))
	if _, err := xmlsec.Parse([]byte(twoOfOneIdentifier), xmlsec.Limits{}); codeOf(err) != xmlsec.Malformed {
		t.Errorf("two elements with one identifier: %v", err)
	}
	if len(cases) < 7 {
		t.Fatalf("%d cases, want at least 7", len(cases))
	}
}
