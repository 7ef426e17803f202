package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/token"
)

// onBehalf is the assertion of a user of Contoso's towards the broker.
const onBehalf = `<saml:Assertion MajorVersion="1" MinorVersion="1" AssertionID="saml-1" Issuer="FYDIBOHF25SPDLT.contoso.com" ` +
	`IssueInstant="2030-02-06T12:00:00.000Z" xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion">` +
	`<saml:Conditions NotBefore="2030-02-06T12:00:00.000Z" NotOnOrAfter="2030-02-06T12:05:00.000Z">` +
	`<saml:AudienceRestrictionCondition><saml:Audience>urn:federation:broker.example</saml:Audience></saml:AudienceRestrictionCondition>` +
	`</saml:Conditions>` +
	`<saml:AuthenticationStatement AuthenticationMethod="urn:oasis:names:tc:SAML:1.0:am:password" AuthenticationInstant="2030-02-06T12:00:00.000Z">` +
	`<saml:Subject><saml:NameIdentifier Format="http://schemas.xmlsoap.org/claims/upn">Zm9vYmFyYmF6@FYDIBOHF25SPDLT.contoso.com</saml:NameIdentifier>` +
	`</saml:Subject></saml:AuthenticationStatement>` +
	`<saml:AttributeStatement><saml:Subject>` +
	`<saml:NameIdentifier Format="http://schemas.xmlsoap.org/claims/upn">Zm9vYmFyYmF6@FYDIBOHF25SPDLT.contoso.com</saml:NameIdentifier></saml:Subject>` +
	emailAttribute + `</saml:AttributeStatement></saml:Assertion>`

func onBehalfClaims() token.OnBehalfOf {
	at := time.Date(2030, 2, 6, 12, 0, 0, 0, time.UTC)
	return token.OnBehalfOf{
		AssertionID: "saml-1", Issuer: contoso, IssueInstant: at, NotBefore: at, NotOnOrAfter: at.Add(5 * time.Minute),
		Audience: brokerURI, NameIdentifier: upn, EmailAddress: "sales@contoso.com",
	}
}

func onBehalfExpectation() token.Expectation {
	return token.Expectation{At: noon(), Issuer: contoso, Audience: brokerURI, Domains: []federation.Domain{"contoso.com", "contoso.co.uk"}}
}

// TestOnBehalfOf has an organization name its user and the broker accept it, within a
// request whose prefixes are declared further out.
func TestOnBehalfOf(t *testing.T) {
	t.Parallel()
	for _, profile := range profiles() {
		s := newScene(t, profile)
		assertion, err := s.issuer().SignOnBehalfOf(onBehalfClaims())
		if err != nil {
			t.Fatal(err)
		}
		if content := strings.TrimSuffix(onBehalf, "</saml:Assertion>") + "<Signature "; !strings.HasPrefix(string(assertion), content) {
			t.Errorf("%s: it begins otherwise: %s", profile, cmp.Diff(content, string(assertion)))
		}
		request := parse(t, `<t:R xmlns:t="urn:t" xmlns="urn:default" xmlns:saml="urn:other"><t:OnBehalfOf>`+string(assertion)+`</t:OnBehalfOf></t:R>`)
		got, err := s.verifier().AcceptOnBehalfOf(request.Elements()[0].Elements()[0], onBehalfExpectation())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(onBehalfClaims(), got); diff != "" {
			t.Errorf("%s: %s", profile, diff)
		}
	}
}

// TestOnBehalfOfIsRefused has an organization sign what its broker must not take.
func TestOnBehalfOfIsRefused(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	other := newPair(t, "Northwind")
	cases := map[string]struct{ old, new, id string }{
		"nothing wrong":        {"", "", ""},
		"another domain of it": {"sales@contoso.com", "sales@contoso.co.uk", ""},
		"in another case":      {"sales@contoso.com", "Sales@CONTOSO.com", ""},
		"another organization": {"FYDIBOHF25SPDLT.contoso.com\" Iss", "FYDIBOHF25SPDLT.fabrikam.com\" Iss", "TokenIssuer"},
		"another broker":       {"<saml:Audience>urn:federation:broker.example", "<saml:Audience>urn:federation:other.example", "TokenAudience"},
		"no broker":            {"<saml:AudienceRestrictionCondition><saml:Audience>urn:federation:broker.example</saml:Audience></saml:AudienceRestrictionCondition>", "", "TokenAudience"},
		"a foreign domain":     {"sales@contoso.com", "sales@fabrikam.com", "TokenEmailDomain"},
		"no address":           {emailAttribute, "", "TokenEmailAddress"},
		"an immutable id":      {"sales@contoso.com", "XGuNpVunD0afQeVNfyoUIQ==", "TokenEmailAddress"},
		"too old":              {`NotOnOrAfter="2030-02-06T12:05`, `NotOnOrAfter="2030-02-06T11:55`, "TokenExpired"},
		"too early":            {`NotBefore="2030-02-06T12:00`, `NotBefore="2030-02-06T12:06`, "TokenNotYetValid"},
		"with a key":           {"</saml:Subject></saml:Auth", confirmation + "</saml:Subject></saml:Auth", "TokenMalformed"},
		"with an offer":        {emailAttribute, emailAttribute + actionAttribute, "TokenMalformed"},
		"two addresses":        {emailAttribute, emailAttribute + emailAttribute, "TokenMalformed"},
	}
	for name, c := range cases {
		document := parse(t, signed(t, s.broker, s.profile, replaced(t, onBehalf, c.old, c.new)))
		got, err := s.verifier().AcceptOnBehalfOf(document, onBehalfExpectation())
		if idOf(err) != c.id || (got == token.OnBehalfOf{}) != (c.id != "") {
			t.Errorf("%s: %v, want %q", name, err, c.id)
		}
	}
	others := map[string]string{
		signed(t, other, s.profile, onBehalf):              "TokenSignerUnknown",
		signed(t, s.broker, federation.Exchange, onBehalf): "TokenAlgorithm",
		onBehalf: "TokenNotSigned",
		replaced(t, signed(t, s.broker, s.profile, onBehalf), "sales@", "boss@"):             "TokenNotSigned",
		replaced(t, signed(t, s.broker, s.profile, onBehalf), "sales@", "<!-- -->sales@"):    "TokenMalformed",
		signed(t, s.broker, s.profile, template):                                             "TokenMalformed",
		sealed(t, s.target.Certificate, s.profile, signed(t, s.broker, s.profile, onBehalf)): "TokenNotSigned",
	}
	for document, want := range others {
		if _, err := s.verifier().AcceptOnBehalfOf(parse(t, document), onBehalfExpectation()); idOf(err) != want {
			t.Errorf("%.200s: %v, want %s", document, err, want)
		}
	}
	if len(cases) < 14 || len(others) < 7 {
		t.Fatalf("%d and %d cases, want 14 and 7", len(cases), len(others))
	}
}

// TestOnBehalfOfIsNoToken presents one where the other belongs.
func TestOnBehalfOfIsNoToken(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	x := expectation()
	x.Issuer, x.Audience = contoso, brokerURI
	if opened, err := s.plainVerifier().Accept(parse(t, signed(t, s.broker, s.profile, onBehalf)), x); idOf(err) != "TokenMalformed" || opened != nil {
		t.Errorf("%v, %v", opened, err)
	}
}
