package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/token"
)

// outcomes writes findings as "Check", "-Check" for failed, "?Check" for not checked.
func outcomes(findings []token.Finding) []string {
	var out []string
	for _, f := range findings {
		prefix := map[token.Outcome]string{token.Passed: "", token.Failed: "-", token.NotChecked: "?"}[f.Outcome]
		out = append(out, prefix+string(f.Check))
	}
	return out
}

// allChecks is every check by name, in order, with some of them failed or not reached.
func allChecks(failed string, notReached bool) []string {
	names := strings.Fields("Decryption Signature Structure Issuer NotBefore NotOnOrAfter Audience ThirdPartyRequested Offer EmailAddress")
	reached := true
	for i, name := range names {
		switch {
		case name == failed:
			names[i], reached = "-"+name, !notReached
		case !reached:
			names[i] = "?" + name
		}
	}
	return names
}

// TestEachCheckFailsAlone has an issuer sign what it should not, and asks for what the
// token is not. One check fails each time, and Accept says why.
func TestEachCheckFailsAlone(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	same := func(*token.Expectation) {}
	cases := map[string]struct {
		old, new string // in the template
		expect   func(*token.Expectation)
		check    string
		reason   string
	}{
		"nothing wrong":            {"", "", same, "", ""},
		"another issuer":           {"urn:federation:broker.example", "urn:federation:MicrosoftOnline", same, "Issuer", "TokenIssuer"},
		"issuer of another case":   {"urn:federation:broker.example", "urn:federation:Broker.example", same, "Issuer", "TokenIssuer"},
		"no issuer":                {` Issuer="urn:federation:broker.example"`, ``, same, "Issuer", "TokenIssuer"},
		"not yet valid":            {`NotBefore="2030-02-06T12:00`, `NotBefore="2030-02-06T12:06`, same, "NotBefore", "TokenNotYetValid"},
		"no NotBefore":             {`NotBefore="2030-02-06T12:00:00.032Z" `, ``, same, "NotBefore", "TokenNotYetValid"},
		"expired":                  {`NotOnOrAfter="2030-02-06T13`, `NotOnOrAfter="2030-02-06T11`, same, "NotOnOrAfter", "TokenExpired"},
		"no NotOnOrAfter":          {` NotOnOrAfter="2030-02-06T13:03:00.032Z"`, ``, same, "NotOnOrAfter", "TokenExpired"},
		"another audience":         {"fabrikam.com</saml:Audience>", "northwind.com</saml:Audience>", same, "Audience", "TokenAudience"},
		"an audience that begins":  {"fabrikam.com</saml:Audience>", "fabrikam.com.evil.example</saml:Audience>", same, "Audience", "TokenAudience"},
		"audience with a path":     {"fabrikam.com</saml:Audience>", "fabrikam.com/x</saml:Audience>", same, "Audience", "TokenAudience"},
		"another scheme":           {"<saml:Audience>http:", "<saml:Audience>https:", same, "Audience", "TokenAudience"},
		"an empty audience":        {"http://FYDIBOHF25SPDLT.fabrikam.com</saml:Audience>", "</saml:Audience>", same, "Audience", "TokenAudience"},
		"a space in the audience":  {"fabrikam.com</saml:Audience>", "fabrikam.com </saml:Audience>", same, "Audience", "TokenAudience"},
		"no audience":              {"<saml:AudienceRestrictionCondition><saml:Audience>http://FYDIBOHF25SPDLT.fabrikam.com</saml:Audience></saml:AudienceRestrictionCondition>", "", same, "Audience", "TokenAudience"},
		"not for a third party":    {">True<", ">False<", same, "ThirdPartyRequested", "TokenNotDelegated"},
		"true in lower case":       {">True<", ">true<", same, "ThirdPartyRequested", "TokenNotDelegated"},
		"no third party":           {thirdPartyAttribute, "", same, "ThirdPartyRequested", "TokenNotDelegated"},
		"third party elsewhere":    {`"ThirdPartyRequested" AttributeNamespace="http://schemas.microsoft.com`, `"ThirdPartyRequested" AttributeNamespace="http://schemas.example`, same, "ThirdPartyRequested", "TokenNotDelegated"},
		"another offer":            {"MSExchange.SharingCalendarFreeBusy", "MSExchange.MailTips", same, "Offer", "TokenOffer"},
		"an offer of another case": {"MSExchange.SharingCalendarFreeBusy", "msexchange.sharingcalendarfreebusy", same, "Offer", "TokenOffer"},
		"no offer":                 {actionAttribute, "", same, "Offer", "TokenOffer"},
		"no address":               {emailAttribute, "", same, "EmailAddress", "TokenEmailAddress"},
		"an address without @":     {"sales@contoso.com", "sales", same, "EmailAddress", "TokenEmailAddress"},
		"an address with two @":    {"sales@contoso.com", "sales@contoso.com@contoso.com", same, "EmailAddress", "TokenEmailAddress"},
		"a quoted local part":      {"sales@contoso.com", `"a@b"@contoso.com`, same, "EmailAddress", "TokenEmailAddress"},
		"a list of addresses":      {"sales@contoso.com", "sales@contoso.com,b@evil.example", same, "EmailAddress", "TokenEmailAddress"},
		"a space at the end":       {"sales@contoso.com", "sales@contoso.com ", same, "EmailAddress", "TokenEmailAddress"},
		"full width letters":       {"sales@contoso.com", "sales@ｃontoso.com", same, "EmailAddress", "TokenEmailAddress"},
		"another domain":           {"sales@contoso.com", "sales@fabrikam.com", same, "EmailAddress", "TokenEmailDomain"},
		"a sub-domain":             {"sales@contoso.com", "sales@mail.contoso.com", same, "EmailAddress", "TokenEmailDomain"},
		"a domain that ends so":    {"sales@contoso.com", "sales@evilcontoso.com", same, "EmailAddress", "TokenEmailDomain"},
		"a domain that begins so":  {"sales@contoso.com", "sales@contoso.com.evil.example", same, "EmailAddress", "TokenEmailDomain"},
		"for another organization": {"", "", func(x *token.Expectation) { x.Audience = contoso }, "Audience", "TokenAudience"},
		"for another endpoint":     {"", "", func(x *token.Expectation) { x.Offers = []token.Offer{token.Autodiscover, token.MailTips} }, "Offer", "TokenOffer"},
		"a day later":              {"", "", func(x *token.Expectation) { x.At = x.At.AddDate(0, 0, 1) }, "NotOnOrAfter", "TokenExpired"},
		"a day before":             {"", "", func(x *token.Expectation) { x.At = x.At.AddDate(0, 0, -1) }, "NotBefore", "TokenNotYetValid"},
		"of another broker":        {"", "", func(x *token.Expectation) { x.Issuer = "uri:WindowsLiveID" }, "Issuer", "TokenIssuer"},
	}
	failing := map[string]bool{}
	for name, c := range cases {
		x := expectation()
		c.expect(&x)
		element := parse(t, sealed(t, s.target.Certificate, s.profile, signed(t, s.broker, s.profile, replaced(t, template, c.old, c.new))))
		opened, findings := s.verifier().Examine(element, x)
		if diff := cmp.Diff(allChecks(c.check, false), outcomes(findings)); diff != "" || opened == nil {
			t.Errorf("%s: %s", name, diff)
		}
		accepted, err := s.verifier().Accept(element, x)
		if idOf(err) != c.reason || (accepted == nil) != (c.reason != "") {
			t.Errorf("%s: %v, want %s", name, err, c.reason)
		}
		failing[c.reason] = true
	}
	if len(cases) < 38 || len(failing) < 9 {
		t.Fatalf("%d cases with %d outcomes, want 38 and 9", len(cases), len(failing))
	}
}

// TestLimitsAtTheSecond asks just before, at and just after the moments at which a token
// begins and ceases to be accepted.
func TestLimitsAtTheSecond(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	element := parse(t, signed(t, s.broker, s.profile, template))
	from, until := templateToken().NotBefore, templateToken().NotOnOrAfter
	const skew, nanosecond = 5 * time.Minute, time.Nanosecond
	cases := []struct {
		at   time.Time
		skew time.Duration
		id   string
	}{
		{from.Add(-skew), 0, "TokenNotYetValid"},
		{from.Add(-skew + nanosecond), 0, ""},
		{from.Add(-skew - time.Second), 0, "TokenNotYetValid"},
		{from.Add(-skew + time.Second), 0, ""},
		{from, 0, ""},
		{until, 0, ""},
		{until.Add(skew - nanosecond), 0, ""},
		{until.Add(skew), 0, "TokenExpired"},
		{until.Add(skew - time.Second), 0, ""},
		{until.Add(skew + time.Second), 0, "TokenExpired"},
		{until.Add(time.Second - nanosecond), time.Second, ""},
		{until.Add(time.Second), time.Second, "TokenExpired"},
		{from.Add(-time.Second), time.Second, "TokenNotYetValid"},
		{from.Add(-time.Second + nanosecond), time.Second, ""},
	}
	for _, c := range cases {
		x := expectation()
		x.At, x.Skew = c.at, c.skew
		if _, err := s.plainVerifier().Accept(element, x); idOf(err) != c.id {
			t.Errorf("at %s with a skew of %s: %v, want %s", c.at, c.skew, err, c.id)
		}
	}
	if len(cases) < 14 {
		t.Fatalf("%d moments, want 14", len(cases))
	}
}

// TestNothingToMatchIsNotAccepted leaves out what to expect.
func TestNothingToMatchIsNotAccepted(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	element := parse(t, string(issue(t, s).EncryptedData))
	_, findings := s.verifier().Examine(element, token.Expectation{At: noon()})
	want := strings.Fields("Decryption Signature Structure ?Issuer NotBefore NotOnOrAfter ?Audience ThirdPartyRequested ?Offer EmailAddress")
	if diff := cmp.Diff(want, outcomes(findings)); diff != "" {
		t.Error(diff)
	}
	for _, forget := range []func(*token.Expectation){
		func(x *token.Expectation) { x.Issuer = "" },
		func(x *token.Expectation) { x.Audience = "" },
		func(x *token.Expectation) { x.Offers = nil },
	} {
		x := expectation()
		forget(&x)
		if _, err := s.verifier().Accept(element, x); idOf(err) != "TokenNothingToMatch" {
			t.Errorf("%+v: %v", x, err)
		}
	}
}

// TestOpeningFails says in which of the first checks it does, and why; nothing of the
// token comes back.
func TestOpeningFails(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	other := newPair(t, "Other")
	good := signed(t, s.broker, s.profile, template)
	encrypted := func(text string) string { return sealed(t, s.target.Certificate, s.profile, text) }
	expired := certify(t, rsaKey(t, s.broker), expiredTemplate(s.broker))
	cases := map[string]struct {
		document string
		verifier token.Verifier
		check    string
		reason   string
	}{
		"in the clear":           {good, s.verifier(), "Decryption", "TokenNotEncrypted"},
		"for another key":        {sealed(t, other.Certificate, s.profile, good), s.verifier(), "Decryption", "TokenKeyUnknown"},
		"no own keys":            {encrypted(good), token.Verifier{Profile: s.profile, Certificates: s.verifier().Certificates}, "Decryption", "TokenKeyUnknown"},
		"another key behind it":  {encrypted(good), withKey(s, certificate.Pair{Certificate: s.target.Certificate, Key: other.Key}), "Decryption", "TokenNotDecrypted"},
		"altered content":        {altered(t, encrypted(good)), s.verifier(), "Decryption", "TokenNotDecrypted"},
		"old encryption":         {sealed(t, s.target.Certificate, federation.Exchange, good), s.verifier(), "Decryption", "TokenAlgorithm"},
		"not a token":            {`<Envelope xmlns="urn:x"/>`, s.verifier(), "Decryption", "TokenNotEncrypted"},
		"no profile":             {encrypted(good), token.Verifier{}, "Decryption", "InvalidSecurityProfile"},
		"not signed":             {encrypted(template), s.verifier(), "Signature", "TokenNotSigned"},
		"signed by another":      {encrypted(signed(t, other, s.profile, template)), s.verifier(), "Signature", "TokenSignerUnknown"},
		"an altered claim":       {encrypted(replaced(t, good, "sales@", "boss@")), s.verifier(), "Signature", "TokenNotSigned"},
		"SHA-1":                  {encrypted(signed(t, s.broker, federation.Exchange, template)), s.verifier(), "Signature", "TokenAlgorithm"},
		"an expired certificate": {encrypted(good), withSigner(s, expired.Certificate), "Signature", "TokenSignerExpired"},
		"an encrypted request":   {encrypted(`<Envelope xmlns="urn:x"/>`), s.verifier(), "Signature", "TokenNotSigned"},
		"of another shape":       {encrypted(signed(t, s.broker, s.profile, replaced(t, template, confirmation, ""))), s.verifier(), "Structure", "TokenMalformed"},
	}
	for name, c := range cases {
		opened, findings := c.verifier.Examine(parse(t, c.document), expectation())
		if diff := cmp.Diff(allChecks(c.check, true), outcomes(findings)); diff != "" || opened != nil {
			t.Errorf("%s: %s %v", name, diff, opened)
		}
		opened, err := c.verifier.Accept(parse(t, c.document), expectation())
		if idOf(err) != c.reason || opened != nil {
			t.Errorf("%s: %v, want %s", name, err, c.reason)
		}
		for _, f := range findings {
			if f.Outcome == token.Failed && f.Reason != c.reason || f.Text == "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
	if len(cases) < 15 {
		t.Fatalf("%d cases, want 15", len(cases))
	}
}
