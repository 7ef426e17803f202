package token_test

import (
	"crypto/x509"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// TestRoundTrip issues tokens in every way there is and has them accepted.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	ran := 0
	for _, c := range []struct {
		profile    federation.SecurityProfile
		encryption xmlsec.EncryptionMethod
		want       xmlsec.EncryptionMethod
		signature  xmlsec.SignatureMethod
		digest     xmlsec.DigestMethod
		proofKey   int
	}{
		{federation.Modern, "", xmlsec.AES256GCM, xmlsec.RSASHA256, xmlsec.SHA256, 32},
		{federation.Modern, xmlsec.AES256CBC, xmlsec.AES256CBC, xmlsec.RSASHA256, xmlsec.SHA256, 32},
		{federation.Exchange, "", xmlsec.TripleDESCBC, xmlsec.RSASHA1, xmlsec.SHA1, 24},
		{federation.Exchange, xmlsec.AES256CBC, xmlsec.AES256CBC, xmlsec.RSASHA1, xmlsec.SHA1, 24},
	} {
		s := newScene(t, c.profile)
		issuer := s.issuer()
		issuer.Encryption = c.encryption
		issued, err := issuer.Issue(request(), s.target.Certificate, noon())
		if err != nil {
			t.Fatal(err)
		}
		opened, err := s.verifier().Accept(parse(t, string(issued.EncryptedData)), expectation())
		if err != nil {
			t.Fatalf("%s: %v", c.profile, err)
		}
		if diff := cmp.Diff(issued.Token, opened.Token); diff != "" {
			t.Errorf("%s: what was issued and what was read: %s", c.profile, diff)
		}
		want := templateToken()
		want.AssertionID, want.ProofKey = issued.Token.AssertionID, issued.Token.ProofKey
		if diff := cmp.Diff(want, opened.Token); diff != "" {
			t.Errorf("%s: what was asked for and what was read: %s", c.profile, diff)
		}
		if n := len(opened.Token.ProofKey); n != c.proofKey {
			t.Errorf("%s: a proof key of %d bytes, want %d", c.profile, n, c.proofKey)
		}
		if opened.Encryption.Method != c.want || opened.Encryption.KeyMethod != xmlsec.RSAOAEP ||
			opened.Signature.Method != c.signature || opened.Signature.Digest != c.digest {
			t.Errorf("%s: %+v, %+v", c.profile, opened.Encryption, opened.Signature)
		}
		if !opened.Encryption.Certificate.Equal(s.target.Certificate) || !opened.Signature.Certificate.Equal(s.broker.Certificate) {
			t.Errorf("%s: other keys than those of the scene", c.profile)
		}
		ran++
	}
	if ran < 4 {
		t.Fatalf("%d cases, want 4", ran)
	}
}

// TestShapeOfAssertion compares what is issued with the template, byte by byte up to the
// signature, and the signature with the form of the Microsoft gateway.
func TestShapeOfAssertion(t *testing.T) {
	t.Parallel()
	for _, profile := range profiles() {
		s := newScene(t, profile)
		assertion, err := s.issuer().Sign(templateToken())
		if err != nil {
			t.Fatal(err)
		}
		content := strings.TrimSuffix(template, "</saml:Assertion>")
		signature, found := strings.CutPrefix(string(assertion), content)
		if !found {
			t.Fatalf("%s: it begins otherwise: %s", profile, cmp.Diff(content, string(assertion)))
		}
		method, digest := "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"
		if profile == federation.Exchange {
			method, digest = "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1"
		}
		want := regexp.MustCompile(`^<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>` +
			`<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></CanonicalizationMethod>` +
			`<SignatureMethod Algorithm="` + method + `"></SignatureMethod><Reference URI="#uuid-1"><Transforms>` +
			`<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform>` +
			`<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></Transform></Transforms>` +
			`<DigestMethod Algorithm="` + digest + `"></DigestMethod><DigestValue>[A-Za-z0-9+/=]+</DigestValue></Reference></SignedInfo>` +
			`<SignatureValue>[A-Za-z0-9+/=]+</SignatureValue><KeyInfo><o:SecurityTokenReference xmlns:o="[^"]*secext-1.0.xsd">` +
			`<o:KeyIdentifier ValueType="[^"]*#X509SubjectKeyIdentifier" EncodingType="[^"]*#Base64Binary">[A-Za-z0-9+/=]+</o:KeyIdentifier>` +
			`</o:SecurityTokenReference></KeyInfo></Signature></saml:Assertion>$`)
		plain := strings.Replace(signature, `<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">`, `<KeyInfo>`, 1)
		if !want.MatchString(plain) {
			t.Errorf("%s: the signature has another form:\n%s", profile, signature)
		}
	}
}

// TestShapeOfEncryption compares with the form of the Microsoft gateway.
func TestShapeOfEncryption(t *testing.T) {
	t.Parallel()
	for _, profile := range profiles() {
		method := "http://www.w3.org/2009/xmlenc11#aes256-gcm"
		if profile == federation.Exchange {
			method = "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"
		}
		want := regexp.MustCompile(`^<EncryptedData Id="Assertion0" Type="http://www.w3.org/2001/04/xmlenc#Element" xmlns="http://www.w3.org/2001/04/xmlenc#">` +
			`<EncryptionMethod Algorithm="` + method + `"></EncryptionMethod><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">` +
			`<EncryptedKey><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"></EncryptionMethod>` +
			`<ds:KeyInfo Id="keyinfo"><wsse:SecurityTokenReference xmlns:wsse="[^"]*secext-1.0.xsd">` +
			`<wsse:KeyIdentifier EncodingType="[^"]*#Base64Binary" ValueType="[^"]*#X509SubjectKeyIdentifier">[A-Za-z0-9+/=]+</wsse:KeyIdentifier>` +
			`</wsse:SecurityTokenReference></ds:KeyInfo><CipherData><CipherValue>[A-Za-z0-9+/=]+</CipherValue></CipherData></EncryptedKey>` +
			`</ds:KeyInfo><CipherData><CipherValue>[A-Za-z0-9+/=]+</CipherValue></CipherData></EncryptedData>$`)
		if got := string(issue(t, newScene(t, profile)).EncryptedData); !want.MatchString(got) {
			t.Errorf("%s: another form:\n%s", profile, got)
		}
	}
}

// TestLives wants every offer to have the life that is documented for it.
func TestLives(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	want := map[token.Offer]time.Duration{
		"MSExchange.Autodiscover": 63 * time.Minute, "MSExchange.SharingCalendarFreeBusy": 63 * time.Minute,
		"MSExchange.MailTips": 63 * time.Minute, "MSExchange.SharingRead": 63 * time.Minute,
		"MSExchange.SharingInviteMessage": 15*24*time.Hour + 3*time.Minute,
	}
	got := map[token.Offer]time.Duration{}
	for _, offer := range token.Offers() {
		r := request()
		r.Offer = offer
		issued, err := s.issuer().Issue(r, s.target.Certificate, noon())
		if err != nil {
			t.Fatal(err)
		}
		got[offer] = issued.Token.NotOnOrAfter.Sub(issued.Token.NotBefore)
		if offer.Duration() != 28800*time.Second {
			t.Errorf("%s: kept for %s", offer, offer.Duration())
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	r := request()
	r.Life = 10 * time.Minute
	issued, err := s.issuer().Issue(r, s.target.Certificate, noon())
	if err != nil || issued.Token.NotOnOrAfter.Sub(issued.Token.NotBefore) != 13*time.Minute {
		t.Errorf("%+v, %v", issued.Token, err)
	}
}

// TestTextsThatNeedEscaping has them signed and read back, and refuses what XML has no
// way to say.
func TestTextsThatNeedEscaping(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	const odd = `a<b>&"c"'d' ]]> ü 𝄞`
	want := templateToken()
	want.Issuer, want.NameIdentifier, want.RequestorDomain = odd, odd, odd
	want.Others = []token.Attribute{{Namespace: odd, Name: odd, Value: odd}}
	assertion, err := s.issuer().Sign(want)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := s.plainVerifier().Open(parse(t, string(assertion)), noon())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, opened.Token); diff != "" {
		t.Error(diff)
	}
	refused := []string{"", "a\x00b", "a\nb", "a\tb", "a\rb", "a\xffb", "a\uFFFEb", "a\x85b", strings.Repeat("a", 1025)}
	for _, text := range refused {
		bad := templateToken()
		bad.NameIdentifier = text
		if _, err := s.issuer().Sign(bad); idOf(err) != "TokenClaim" {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if len(refused) < 9 {
		t.Fatalf("%d texts, want 9", len(refused))
	}
}

func TestIssueRefuses(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	nameless := *s.target.Certificate
	nameless.SubjectKeyId = nil
	cases := map[string]struct {
		change func(*token.Issuer, *token.Request, *x509.Certificate)
		id     string
	}{
		"nothing wrong":        {func(*token.Issuer, *token.Request, *x509.Certificate) {}, ""},
		"an unknown offer":     {func(_ *token.Issuer, r *token.Request, _ *x509.Certificate) { r.Offer = "MSExchange.Everything" }, "UnknownOffer"},
		"no offer":             {func(_ *token.Issuer, r *token.Request, _ *x509.Certificate) { r.Offer = "" }, "UnknownOffer"},
		"no address":           {func(_ *token.Issuer, r *token.Request, _ *x509.Certificate) { r.EmailAddress = "sales" }, "InvalidSmtpAddress"},
		"no domain":            {func(_ *token.Issuer, r *token.Request, _ *x509.Certificate) { r.EmailAddress = "sales@contoso" }, "InvalidDomain"},
		"no audience":          {func(_ *token.Issuer, r *token.Request, _ *x509.Certificate) { r.Audience = "" }, "TokenClaim"},
		"no issuer":            {func(i *token.Issuer, _ *token.Request, _ *x509.Certificate) { i.URI = "" }, "TokenClaim"},
		"a negative life":      {func(_ *token.Issuer, r *token.Request, _ *x509.Certificate) { r.Life = -time.Hour }, "TokenClaim"},
		"no profile":           {func(i *token.Issuer, _ *token.Request, _ *x509.Certificate) { i.Profile = "" }, "InvalidSecurityProfile"},
		"no such encryption":   {func(i *token.Issuer, _ *token.Request, _ *x509.Certificate) { i.Encryption = "urn:none" }, "TokenNotIssued"},
		"no randomness":        {func(i *token.Issuer, _ *token.Request, _ *x509.Certificate) { i.Rand = strings.NewReader("") }, "TokenNotIssued"},
		"a nameless target":    {func(_ *token.Issuer, _ *token.Request, c *x509.Certificate) { c.SubjectKeyId = nil }, "TokenNotIssued"},
		"a target without RSA": {func(_ *token.Issuer, _ *token.Request, c *x509.Certificate) { c.PublicKey = nil }, "TokenNotIssued"},
		"a nameless signer":    {func(i *token.Issuer, _ *token.Request, _ *x509.Certificate) { i.Pair.Certificate = &nameless }, "TokenNotIssued"},
	}
	for name, c := range cases {
		issuer, r, target := s.issuer(), request(), *s.target.Certificate
		c.change(&issuer, &r, &target)
		if _, err := issuer.Issue(r, &target, noon()); idOf(err) != c.id {
			t.Errorf("%s: %v, want %s", name, err, c.id)
		}
	}
	if len(cases) < 14 {
		t.Fatalf("%d cases, want 14", len(cases))
	}
}

// TestAssertionIDs wants random UUIDs.
func TestAssertionIDs(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^uuid-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 100 {
		id, err := token.NewAssertionID(nil)
		if err != nil || !form.MatchString(id) || seen[id] {
			t.Fatalf("%q, %v", id, err)
		}
		seen[id] = true
	}
	id, err := token.NewAssertionID(strings.NewReader("0123456789abcdef"))
	if want := "uuid-30313233-3435-4637-b839-616263646566"; id != want || err != nil {
		t.Errorf("%q, %v, want %q", id, err, want)
	}
}
