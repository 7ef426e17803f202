package broker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/xmlsec"
)

const (
	trustNS  = `xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust"`
	policyNS = `xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"`
	wsaNS    = `xmlns:a="http://www.w3.org/2005/08/addressing"`
	wsuNS    = `xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"`
)

// tokenRequestWire is a request as Exchange sends it, with the algorithms it asks for.
const tokenRequestWire = `<t:RequestSecurityToken ` + trustNS + ` ` + policyNS + ` ` + wsaNS +
	` xmlns:auth="http://schemas.xmlsoap.org/ws/2006/12/authorization" Id="uuid-1">` +
	`<t:RequestType>http://schemas.xmlsoap.org/ws/2005/02/trust/Issue</t:RequestType>` +
	`<t:TokenType>http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1</t:TokenType>` +
	`<t:KeyType>http://schemas.xmlsoap.org/ws/2005/02/trust/SymmetricKey</t:KeyType><t:KeySize>256</t:KeySize>` +
	`<t:CanonicalizationAlgorithm>http://www.w3.org/2001/10/xml-exc-c14n#</t:CanonicalizationAlgorithm>` +
	`<t:EncryptionAlgorithm>http://www.w3.org/2001/04/xmlenc#aes256-cbc</t:EncryptionAlgorithm>` +
	`<t:EncryptWith>http://www.w3.org/2001/04/xmlenc#aes256-cbc</t:EncryptWith>` +
	`<t:SignWith>http://www.w3.org/2000/09/xmldsig#hmac-sha1</t:SignWith>` +
	`<t:ComputedKeyAlgorithm>http://schemas.xmlsoap.org/ws/2005/02/trust/CK/PSHA1</t:ComputedKeyAlgorithm>` +
	`<wsp:AppliesTo><a:EndpointReference><a:Address>http://FYDIBOHF25SPDLT.fabrikam.com</a:Address></a:EndpointReference></wsp:AppliesTo>` +
	`<t:OnBehalfOf><user xmlns="urn:x">a</user></t:OnBehalfOf>` +
	`<auth:AdditionalContext><auth:ContextItem Scope="http://schemas.xmlsoap.org/ws/2006/12/authorization/ctx/requestor" ` +
	`Name="http://schemas.microsoft.com/wlid/requestor"><auth:Value>FYDIBOHF25SPDLT.contoso.com</auth:Value></auth:ContextItem></auth:AdditionalContext>` +
	`<t:Claims Dialect="http://schemas.xmlsoap.org/ws/2006/12/authorization/authclaims">` +
	`<auth:ClaimType Uri="http://schemas.xmlsoap.org/ws/2006/12/authorization/claims/action"><auth:Value>MSExchange.MailTips</auth:Value></auth:ClaimType>` +
	`</t:Claims><wsp:PolicyReference URI="EX_MBI_FED_SSL"></wsp:PolicyReference></t:RequestSecurityToken>`

func TestTokenRequestOnTheWire(t *testing.T) {
	t.Parallel()
	want := broker.RequestSecurityToken{
		ID: "uuid-1", AppliesTo: "http://FYDIBOHF25SPDLT.fabrikam.com", Requestor: "FYDIBOHF25SPDLT.contoso.com", Offer: "MSExchange.MailTips",
	}
	user := []byte(`<user xmlns="urn:x">a</user>`)
	if diff := cmp.Diff(tokenRequestWire, string(want.Marshal(user, federation.Exchange))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	modern := strings.NewReplacer("http://www.w3.org/2001/04/xmlenc#aes256-cbc", "http://www.w3.org/2009/xmlenc11#aes256-gcm",
		"http://www.w3.org/2000/09/xmldsig#hmac-sha1", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256").Replace(tokenRequestWire)
	if diff := cmp.Diff(modern, string(want.Marshal(user, federation.Modern))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, onBehalfOf, err := broker.ParseRequestSecurityToken(parse(t, tokenRequestWire))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(string(user), string(onBehalfOf.Source())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTokenRequestsNotRead(t *testing.T) {
	t.Parallel()
	cases := [][2]string{
		{"<t:RequestType>", "<t:RequestType/><t:RequestType>"}, {"trust/Issue<", "trust/Validate<"}, {"#SAMLV1.1", "#SAMLV2.0"},
		{"<a:Address>", "<a:Address/><a:Address>"}, {"http://FYDIBOHF25SPDLT.fabrikam.com", " "}, {"<wsp:AppliesTo>", "<wsp:AppliesTo/><wsp:AppliesTo>"},
		{`<user xmlns="urn:x">a</user>`, ""}, {`<user xmlns="urn:x">a</user>`, `<a:x/><a:y/>`}, {"<t:OnBehalfOf>", "<t:OnBehalfOf/><t:OnBehalfOf>"},
		{"wlid/requestor", "wlid/other"}, {"<auth:ContextItem ", `<auth:ContextItem Name="http://schemas.microsoft.com/wlid/requestor"/><auth:ContextItem `},
		{"claims/action", "claims/other"}, {"<auth:Value>MSExchange.MailTips", "<auth:Value>x</auth:Value><auth:Value>MSExchange.MailTips"},
		{"MSExchange.MailTips", "<a:x/>"}, {"<t:Claims ", "<t:Claims/><t:Claims "},
	}
	if len(cases) < 15 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		if !strings.Contains(tokenRequestWire, c[0]) {
			t.Fatalf("%q is not in the request", c[0])
		}
		if got, _, err := broker.ParseRequestSecurityToken(parse(t, strings.Replace(tokenRequestWire, c[0], c[1], 1))); err == nil {
			t.Errorf("with %q for %q it was read as %+v", c[1], c[0], got)
		}
	}
}

const (
	encryptedWire = `<EncryptedData Id="Assertion0" Type="http://www.w3.org/2001/04/xmlenc#Element"  xmlns='http://www.w3.org/2001/04/xmlenc#'><x></x ></EncryptedData>`

	referenceWire = `<o:SecurityTokenReference xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">` +
		`<o:KeyIdentifier ValueType="http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID">uuid-2</o:KeyIdentifier>` +
		`</o:SecurityTokenReference>`

	tokenAnswerWire = `<t:RequestSecurityTokenResponse ` + trustNS + ` ` + policyNS + ` ` + wsaNS + ` ` + wsuNS + `>` +
		`<t:TokenType>http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1</t:TokenType>` +
		`<wsp:AppliesTo><a:EndpointReference><a:Address>http://FYDIBOHF25SPDLT.fabrikam.com</a:Address></a:EndpointReference></wsp:AppliesTo>` +
		`<t:Lifetime><wsu:Created>2030-05-01T12:00:00.032Z</wsu:Created><wsu:Expires>2030-05-01T13:03:00.032Z</wsu:Expires></t:Lifetime>` +
		`<t:RequestedSecurityToken>` + encryptedWire + `</t:RequestedSecurityToken>` +
		`<t:RequestedAttachedReference>` + referenceWire + `</t:RequestedAttachedReference>` +
		`<t:RequestedUnattachedReference>` + referenceWire + `</t:RequestedUnattachedReference>` +
		`<t:RequestedProofToken><t:BinarySecret>AAECAwQFBgcICQoLDA0ODxAREhMUFRYX</t:BinarySecret></t:RequestedProofToken>` +
		`</t:RequestSecurityTokenResponse>`
)

func tokenAnswer() broker.RequestSecurityTokenResponse {
	return broker.RequestSecurityTokenResponse{
		AppliesTo: "http://FYDIBOHF25SPDLT.fabrikam.com",
		Created:   time.Date(2030, 5, 1, 12, 0, 0, 32_000_000, time.UTC), Expires: time.Date(2030, 5, 1, 13, 3, 0, 32_000_000, time.UTC),
		Encrypted: []byte(encryptedWire), AssertionID: "uuid-2",
		ProofKey: []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23},
	}
}

func TestTokenAnswerOnTheWire(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(tokenAnswerWire, string(tokenAnswer().Marshal())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, text := range []string{
		tokenAnswerWire,
		`<t:RequestSecurityTokenResponseCollection ` + trustNS + `>` + tokenAnswerWire + `</t:RequestSecurityTokenResponseCollection>`,
	} {
		got, err := broker.ParseRequestSecurityTokenResponse(parse(t, text))
		if diff := cmp.Diff(tokenAnswer(), got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	// A token that needs a prefix declared around it becomes a document of its own.
	outer := strings.Replace(tokenAnswerWire, encryptedWire, `<e:EncryptedData><e:x/></e:EncryptedData>`, 1)
	outer = strings.Replace(outer, trustNS, trustNS+` xmlns:e="http://www.w3.org/2001/04/xmlenc#"`, 1)
	got, err := broker.ParseRequestSecurityTokenResponse(parse(t, outer))
	if want := `<e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:x></e:x></e:EncryptedData>`; err != nil || string(got.Encrypted) != want {
		t.Errorf("%v, %s", err, got.Encrypted)
	}
}

func TestTokenAnswersNotRead(t *testing.T) {
	t.Parallel()
	cases := [][2]string{
		{encryptedWire, ""}, {encryptedWire, encryptedWire + `<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"/>`},
		{encryptedWire, `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion"/>`},
		{"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", ""}, {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "AAEC"}, {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "!"},
		{"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", strings.Repeat("AAAA", 22)},
		{"2030-05-01T13:03:00.032Z", "2030-05-01T12:00:00.032Z"}, {"2030-05-01T13:03:00.032Z", "soon"}, {"wsu:Expires", "wsu:Ends"},
		{"<a:Address>", "<a:Address/><a:Address>"}, {"t:RequestedProofToken", "t:RequestedOther"},
	}
	if len(cases) < 12 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		if got, err := broker.ParseRequestSecurityTokenResponse(parse(t, strings.ReplaceAll(tokenAnswerWire, c[0], c[1]))); err == nil {
			t.Errorf("with %q for %q it was read as %+v", c[1], c[0], got)
		}
	}
}

func TestTokenFaultKinds(t *testing.T) {
	t.Parallel()
	previous := broker.TokenFault("")
	for _, k := range broker.TokenFaultKinds() {
		if k.Name <= previous || k.Subcode == "" || k.Reason == "" || k.Meaning == "" {
			t.Errorf("%s is not sorted, or has gaps: %+v", k.Name, k)
		}
		previous = k.Name
		if found, ok := broker.KindOfTokenFault(k.Name); !ok || found.Name != k.Name {
			t.Errorf("%s is not found", k.Name)
		}
	}
	if _, ok := broker.KindOfTokenFault("Nothing"); ok || len(broker.TokenFaultKinds()) != 6 {
		t.Errorf("%d faults", len(broker.TokenFaultKinds()))
	}
}

// FuzzParseRequestSecurityToken reads anything; what is read is written and read again
// as the same.
func FuzzParseRequestSecurityToken(f *testing.F) {
	f.Add([]byte(tokenRequestWire))
	f.Fuzz(func(t *testing.T, text []byte) {
		root, err := xmlsec.Parse(text, xmlsec.Limits{})
		if err != nil {
			return
		}
		request, user, err := broker.ParseRequestSecurityToken(root)
		if err != nil {
			return
		}
		again, _, err := broker.ParseRequestSecurityToken(parse(t, string(request.Marshal(user.Canonical(), federation.Modern))))
		if diff := cmp.Diff(request, again); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}
