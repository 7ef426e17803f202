package token_test

import (
	"testing"

	"exfed/federation"
	"exfed/federation/token"
)

// TestFind looks for the token in everything that a person may have saved.
func TestFind(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	encrypted, plain := string(issue(t, s).EncryptedData), signed(t, s.broker, s.profile, template)
	another := replaced(t, replaced(t, encrypted, ` Id="Assertion0"`, ""), ` Id="keyinfo"`, "") // no identifier twice
	const prolog = `<?xml version="1.0" encoding="utf-8"?>` + "\n"
	response := func(content string) string {
		return `<t:RequestSecurityTokenResponse xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust"><t:TokenType>urn:oasis:names:tc:SAML:1.0</t:TokenType>` +
			`<t:RequestedSecurityToken>` + content + `</t:RequestedSecurityToken>` +
			`<t:RequestedProofToken><t:BinarySecret>AAECAwQFBgcICQoLDA0ODxAREhMUFRYX</t:BinarySecret></t:RequestedProofToken></t:RequestSecurityTokenResponse>`
	}
	soap := func(version, header, body string) string {
		return `<s:Envelope xmlns:s="` + version + `"><s:Header>` + header + `</s:Header><s:Body>` + body + `</s:Body></s:Envelope>`
	}
	const soap11, soap12 = "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"
	security := func(content string) string {
		return `<o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">` + content + `</o:Security>`
	}
	cases := map[string]struct{ document, id string }{
		"the encrypted token":     {encrypted, ""},
		"with a prolog":           {prolog + encrypted, ""},
		"the assertion":           {plain, ""},
		"an answer":               {response(encrypted), ""},
		"an answer in the clear":  {response(plain), ""},
		"a collection":            {`<t:RequestSecurityTokenResponseCollection xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust">` + response(encrypted) + `</t:RequestSecurityTokenResponseCollection>`, ""},
		"an answer by SOAP 1.2":   {soap(soap12, "", response(encrypted)), ""},
		"a request with a header": {soap(soap11, security(encrypted), `<GetUserAvailabilityRequest xmlns="urn:m"/>`), ""},
		"no token":                {soap(soap11, security(""), ""), "TokenNotFound"},
		"two answers":             {"<r>" + response(encrypted) + response(another) + "</r>", "TokenAmbiguous"},
		"an assertion beside it":  {soap(soap12, security(plain), response(encrypted)), "TokenAmbiguous"},
	}
	for name, c := range cases {
		found, err := token.Find(parse(t, c.document))
		if idOf(err) != c.id {
			t.Errorf("%s: %v, want %q", name, err, c.id)
		}
		if c.id != "" {
			continue
		}
		if _, err := s.plainVerifier().Open(found, noon()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(cases) < 11 {
		t.Fatalf("%d cases, want 11", len(cases))
	}
}
