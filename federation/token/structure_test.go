package token_test

import (
	"strings"
	"testing"

	"exfed/federation"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// TestStrictStructure has an issuer sign what could be read in two ways, or is not a
// delegation token.
func TestStrictStructure(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	const (
		audience   = "<saml:Audience>http://FYDIBOHF25SPDLT.fabrikam.com</saml:Audience>"
		condition  = "<saml:AudienceRestrictionCondition>" + audience + "</saml:AudienceRestrictionCondition>"
		name       = `<saml:NameIdentifier Format="http://schemas.xmlsoap.org/claims/upn">Zm9vYmFyYmF6@FYDIBOHF25SPDLT.contoso.com</saml:NameIdentifier>`
		conditions = `<saml:Conditions NotBefore="2030-02-06T12:00:00.032Z" NotOnOrAfter="2030-02-06T13:03:00.032Z">` + condition + "</saml:Conditions>"
		about      = "<saml:AttributeStatement><saml:Subject>" + name + "</saml:Subject>"
		other      = `<saml:AttributeValue>boss@contoso.com</saml:AttributeValue>`
	)
	between := func(first, last string) string {
		from := strings.Index(template, first)
		return template[from : from+strings.Index(template[from:], last)+len(last)]
	}
	authentication := between("<saml:AuthenticationStatement", "</saml:AuthenticationStatement>")
	attributes := between("<saml:AttributeStatement", "</saml:AttributeStatement>")
	cases := map[string]struct {
		old, new string
		refused  bool
	}{
		"nothing wrong":                {"", "", false},
		"the other order":              {authentication + attributes, attributes + authentication, false},
		"white space":                  {"</saml:Conditions>", "</saml:Conditions>\n  ", false},
		"an unknown attribute":         {"</saml:AttributeStatement>", `<saml:Attribute AttributeName="Group" AttributeNamespace="urn:x"><saml:AttributeValue>a</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`, false},
		"two audiences":                {audience, audience + audience, true},
		"another audience too":         {audience, audience + "<saml:Audience>http://x</saml:Audience>", true},
		"another audience first":       {audience, "<saml:Audience>http://x</saml:Audience>" + audience, true},
		"two restrictions":             {condition, condition + condition, true},
		"an empty restriction":         {condition, "<saml:AudienceRestrictionCondition/>", true},
		"an unknown condition":         {condition, condition + `<saml:DoNotCacheCondition/>`, true},
		"no conditions":                {conditions, "", true},
		"conditions twice":             {conditions, conditions + conditions, true},
		"conditions of another kind":   {conditions, conditions + `<Conditions xmlns="urn:x"/>`, true},
		"an attribute of another kind": {actionAttribute, actionAttribute + `<Attribute xmlns="urn:x"/>`, true},
		"text beside conditions":       {conditions, conditions + "x", true},
		"address twice":                {emailAttribute, emailAttribute + emailAttribute, true},
		"another address too":          {emailAttribute, emailAttribute + strings.Replace(emailAttribute, "sales", "boss", 1), true},
		"two values of an address":     {emailAttribute, strings.Replace(emailAttribute, "</saml:Attribute>", other+"</saml:Attribute>", 1), true},
		"an address without a value":   {"<saml:AttributeValue>sales@contoso.com</saml:AttributeValue>", "", true},
		"an element in an address":     {"sales@contoso.com", "sales@contoso.com<x xmlns=\"urn:x\">.evil</x>", true},
		"action twice":                 {actionAttribute, actionAttribute + actionAttribute, true},
		"an unknown attribute twice":   {actionAttribute, actionAttribute + strings.Repeat(strings.Replace(actionAttribute, `"action"`, `"x"`, 1), 2), true},
		"statement of claims twice":    {attributes, attributes + attributes, true},
		"a second statement":           {"</saml:Assertion>", about + strings.Replace(emailAttribute, "sales", "boss", 1) + "</saml:AttributeStatement></saml:Assertion>", true},
		"authentication twice":         {authentication, authentication + authentication, true},
		"no authentication":            {authentication, "", true},
		"no claims":                    {attributes, "", true},
		"another statement":            {authentication, authentication + `<saml:AuthorizationDecisionStatement/>`, true},
		"advice":                       {"</saml:Conditions>", "</saml:Conditions><saml:Advice/>", true},
		"an assertion within":          {"</saml:Conditions>", `</saml:Conditions><saml:Advice><saml:Assertion AssertionID="uuid-2"/></saml:Advice>`, true},
		"two subjects":                 {about, strings.Replace(about, "Zm9v", "YmFy", 1), true},
		"name twice":                   {about, strings.Replace(about, name, name+name, 1), true},
		"name of another format":       {about, strings.Replace(about, "claims/upn", "claims/other", 1), true},
		"a name without format":        {about, strings.Replace(about, ` Format="http://schemas.xmlsoap.org/claims/upn"`, "", 1), true},
		"a qualified name":             {about, strings.Replace(about, " Format", ` NameQualifier="x" Format`, 1), true},
		"claims confirmed":             {about, strings.Replace(about, name, name+confirmation, 1), true},
		"not confirmed":                {confirmation, "", true},
		"confirmed twice":              {confirmation, confirmation + confirmation, true},
		"confirmed by bearer":          {"cm:holder-of-key", "cm:bearer", true},
		"confirmed by two methods":     {"<saml:ConfirmationMethod>", "<saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:bearer</saml:ConfirmationMethod><saml:ConfirmationMethod>", true},
		"a key of another space":       {"http://docs.oasis-open.org/ws-sx/ws-trust/200512", "http://schemas.xmlsoap.org/ws/2005/02/trust", true},
		"a short key":                  {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "AAECAw==", true},
		"a key that is not base64":     {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "AAECAwQFBgcICQoLDA0ODxAREhMUFRY*", true},
		"an empty key":                 {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "", true},
		"two keys":                     {"</trust:BinarySecret>", `</trust:BinarySecret><trust:BinarySecret xmlns:trust="http://docs.oasis-open.org/ws-sx/ws-trust/200512">AAECAwQFBgcICQoLDA0ODxAREhMUFRYX</trust:BinarySecret>`, true},
		"SAML 1.0":                     {`MinorVersion="1"`, `MinorVersion="0"`, true},
		"SAML 2.0":                     {`MajorVersion="1"`, `MajorVersion="2"`, true},
		"no version":                   {`MajorVersion="1" `, ``, true},
		"an attribute more":            {`MajorVersion="1"`, `MajorVersion="1" x="1"`, true},
		"a type":                       {`MajorVersion="1"`, `MajorVersion="1" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="x"`, true},
		"no IssueInstant":              {` IssueInstant="2030-02-06T12:00:00.032Z"`, "", true},
		"another namespace":            {`xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion"`, `xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"`, true},
		"a time without a zone":        {`NotBefore="2030-02-06T12:00:00.032Z"`, `NotBefore="2030-02-06T12:00:00.032"`, true},
		"a time of another zone":       {`NotBefore="2030-02-06T12:00:00.032Z"`, `NotBefore="2030-02-06T12:00:00.032+00:00"`, true},
		"a time with a comma":          {`NotBefore="2030-02-06T12:00:00.032Z"`, `NotBefore="2030-02-06T12:00:00,032Z"`, true},
		"a time with a short hour":     {`NotBefore="2030-02-06T12:00:00.032Z"`, `NotBefore="2030-02-06T2:00:00.032Z"`, true},
		"a shorter time with it":       {`NotBefore="2030-02-06T12:00:00.032Z"`, `NotBefore="2030-02-06T2:00:00Z"`, true},
		"a day that is none":           {`NotBefore="2030-02-06T12:00:00.032Z"`, `NotBefore="2030-02-30T12:00:00.032Z"`, true},
		"a space before a time":        {`NotBefore="2030-02-06T12:00:00.032Z"`, `NotBefore=" 2030-02-06T12:00:00.032Z"`, true},
		"times of whole seconds":       {`NotBefore="2030-02-06T12:00:00.032Z"`, `NotBefore="2030-02-06T12:00:00Z"`, false},
		"times to the tenth of a µs":   {`NotBefore="2030-02-06T12:00:00.032Z"`, `NotBefore="2030-02-06T12:00:00.0321234Z"`, false},
		"an attribute of a condition":  {`<saml:Conditions `, `<saml:Conditions Id="c" `, true},
	}
	for name, c := range cases {
		document := signed(t, s.broker, s.profile, replaced(t, template, c.old, c.new))
		opened, err := s.plainVerifier().Open(parse(t, document), noon())
		if want := map[bool]string{true: "TokenMalformed"}[c.refused]; idOf(err) != want {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if (opened == nil) != c.refused {
			t.Errorf("%s: %v", name, opened)
		}
	}
	if len(cases) < 61 {
		t.Fatalf("%d cases, want 61", len(cases))
	}
}

// TestCommentsAndCDATA splits claims of a signed token. The signature holds, since
// canonicalization leaves comments out; two readers could see two addresses.
func TestCommentsAndCDATA(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	good := signed(t, s.broker, s.profile, strings.Replace(template, "sales@contoso.com", "sales@contoso.com.evil.example", 1))
	cases := map[string]string{
		"a comment in the address":  replaced(t, good, "sales@contoso.com.evil", "sales@contoso.com<!-- -->.evil"),
		"an empty comment":          replaced(t, good, "sales@contoso.com.evil", "sales@contoso.com<!---->.evil"),
		"a comment before it":       replaced(t, good, "sales@contoso.com.evil", "<!-- -->sales@contoso.com.evil"),
		"CDATA in the address":      replaced(t, good, "sales@contoso.com.evil", "sales@contoso.com<![CDATA[.evil]]>"),
		"CDATA around the audience": replaced(t, good, "http://FYDIBOHF25SPDLT", "<![CDATA[http://FYDIBOHF25SPDLT]]>"),
		"a comment between":         replaced(t, good, "</saml:Conditions>", "</saml:Conditions><!-- -->"),
		"a comment in the key":      replaced(t, good, "AAECAw", "AAE<!-- -->CAw"),
	}
	for name, document := range cases {
		if _, err := xmlsec.VerifyEnveloped(parse(t, document), xmlsec.ModernAlgorithms(), selects(s.broker.Certificate)); err != nil {
			t.Errorf("%s: the case is none: %v", name, err)
		}
		if opened, err := s.plainVerifier().Open(parse(t, document), noon()); idOf(err) != "TokenMalformed" || opened != nil {
			t.Errorf("%s: %v, %v", name, opened, err)
		}
	}
	if len(cases) < 7 {
		t.Fatalf("%d cases, want 7", len(cases))
	}
}

// TestWrapping puts a signed assertion and a false one into one document in the eight
// ways in which signature wrapping was published ("On Breaking SAML", USENIX Security
// 2012), and the false one where a token is looked for.
func TestWrapping(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	good := signed(t, s.broker, s.profile, template)
	signature := good[strings.Index(good, "<Signature "):strings.Index(good, "</saml:Assertion>")]
	unsigned := strings.Replace(good, signature, "", 1)
	evil := strings.NewReplacer(`AssertionID="uuid-1"`, `AssertionID="uuid-666"`, "sales@contoso.com", "boss@contoso.com").Replace(unsigned)
	evilSame := strings.Replace(unsigned, "sales@contoso.com", "boss@contoso.com", 1)
	into := func(text, child string) string {
		return strings.TrimSuffix(text, "</saml:Assertion>") + child + "</saml:Assertion>"
	}
	inSignature := func(object string) string {
		return strings.Replace(signature, "</Signature>", "<Object>"+object+"</Object></Signature>", 1)
	}
	cases := map[string]string{
		"1 the false one around the signed one":                   into(evil, good),
		"2 the false one before, the signature within it":         "<r>" + into(evil, signature) + unsigned + "</r>",
		"3 side by side, the signed one in front":                 "<r>" + good + evil + "</r>",
		"4 the false one around, the signature in it":             into(into(evil, unsigned), signature),
		"5 the signature in the false one, behind the signed one": "<r>" + unsigned + into(evil, signature) + "</r>",
		"6 the signed one within the signature of the false one":  into(evil, strings.Replace(signature, "</KeyInfo>", unsigned+"</KeyInfo>", 1)),
		"7 the signed one in an Object of the signature":          into(evil, inSignature(unsigned)),
		"8 the false one in an Object, its identifier too":        into(unsigned, inSignature(evil)),
		"9 two of one identifier":                                 "<r>" + evilSame + good + "</r>",
		"10 the signed one in the advice of the false one":        into(evil, "<saml:Advice>"+good+"</saml:Advice>"),
		"11 the signature refers to a part":                       into(strings.Replace(evil, "<saml:Conditions ", `<saml:Conditions Id="x" `, 1), strings.Replace(signature, "#uuid-1", "#x", 1)),
		"12 two signatures":                                       into(into(unsigned, signature), signature),
	}
	for name, document := range cases {
		for _, sealing := range []bool{false, true} {
			root, err := xmlsec.Parse([]byte(document), xmlsec.Limits{})
			if err != nil && strings.HasPrefix(name, "9 ") {
				continue // refused as early as that
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if sealing {
				root = parse(t, sealed(t, s.target.Certificate, s.profile, document))
			}
			refusesEvil(t, name, s, root)
		}
	}
	if len(cases) < 12 {
		t.Fatalf("%d cases, want 12", len(cases))
	}
}

// refusesEvil opens every assertion of a document and wants none to be the false one.
func refusesEvil(t *testing.T, name string, s scene, root *xmlsec.Element) {
	t.Helper()
	tried := 0
	var walk func(e *xmlsec.Element)
	walk = func(e *xmlsec.Element) {
		if e.Is(token.Namespace, "Assertion") || e.Is(xmlsec.NamespaceEncryption, "EncryptedData") {
			tried++
			opened, err := s.plainVerifier().Accept(e, expectation())
			if err == nil && opened.Token.EmailAddress != "sales@contoso.com" {
				t.Errorf("%s: the false one is accepted", name)
			}
			if id, _ := e.Attribute("", "AssertionID"); err == nil && id != "uuid-1" {
				t.Errorf("%s: an element that is not signed is accepted", name)
			}
		}
		for _, child := range e.Elements() {
			walk(child)
		}
	}
	walk(root)
	if tried == 0 {
		t.Errorf("%s: nothing was tried", name)
	}
	if found, err := token.Find(root); err == nil && found.Is(token.Namespace, "Assertion") {
		if opened, err := s.plainVerifier().Accept(found, expectation()); err == nil {
			t.Errorf("%s: what is found is accepted: %+v", name, opened.Token)
		}
	}
}
