package endpoint_test

import (
	"crypto/x509"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/token"
)

const securityRefused = "An error occurred when verifying security for the message."

// TestTokensRefused: what is not this broker's word for this organization and this purpose
// gets no data, and is not told what was wrong.
func TestTokensRefused(t *testing.T) {
	t.Parallel()
	modern := func(change func(*token.Token)) []byte { return forge(t, federation.Modern, change) }
	signed := func(by certificate.Pair, uri string) []byte {
		i := issuer()
		i.Pair, i.URI = by, uri
		issued, err := i.Issue(tokenRequest(), pairs().fabrikam.Certificate, noon())
		if err != nil {
			t.Fatal(err)
		}
		return issued.EncryptedData
	}
	good := issue(t)
	bent := altered(good)
	toOther, err := issuer().Issue(tokenRequest(), pairs().other.Certificate, noon())
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		token  []byte
		reason string // in the log
	}{
		"none":                {nil, "no Security header"},
		"not encrypted":       {[]byte(`<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion"/>`), "not one encrypted token"},
		"two":                 {append(regexp.MustCompile(` Id="(\w+)"`).ReplaceAll(good, []byte(` Id="second$1"`)), good...), "not one encrypted token"},
		"rubbish":             {[]byte(`<e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#"/>`), "delegation token"},
		"bent":                {bent, "delegation token"},
		"to another key":      {toOther.EncryptedData, "which the organization does not have"},
		"another's signature": {signed(pairs().other, brokerURI), "which the issuer is not known to have"},
		"another issuer":      {signed(pairs().broker, "urn:federation:evil.example"), "evil.example"},
		"another audience":    {modern(func(c *token.Token) { c.Audience = "http://FYDIBOHF25SPDLT.tailspin.com" }), "tailspin.com"},
		"another offer":       {modern(func(c *token.Token) { c.Action = token.MailTips }), "MSExchange.MailTips"},
		"for Autodiscover":    {modern(func(c *token.Token) { c.Action = token.Autodiscover }), "MSExchange.Autodiscover"},
		"nobody's":            {modern(func(c *token.Token) { c.ThirdPartyRequested = "" }), "not asked for on behalf of a user"},
		"too early":           {modern(func(c *token.Token) { c.NotBefore = noon().Add(5 * time.Minute) }), "it is valid from"},
		"expired":             {modern(func(c *token.Token) { c.NotBefore, c.NotOnOrAfter = noon().Add(-time.Hour), noon().Add(-5*time.Minute) }), "it was valid until"},
		"another profile":     {forge(t, federation.Exchange, func(*token.Token) {}), "delegation token"},
	}
	w := newWorld(t)
	for name, c := range cases {
		want := tokenRefused()
		if name == "none" || name == "not encrypted" || name == "two" {
			want = securityFault("InvalidSecurity", securityRefused)
		}
		got := w.freeBusy(c.token, asking("anna@fabrikam.com"))
		if diff := cmp.Diff(want, got.body); diff != "" || got.status != http.StatusInternalServerError {
			t.Errorf("%s: %d (-want +got):\n%s", name, got.status, diff)
		}
		if line := w.log.take(); !strings.Contains(line, `"msg":"token refused"`) || !strings.Contains(line, c.reason) || strings.Count(line, "\n") != 1 {
			t.Errorf("%s: the log says %s", name, line)
		}
	}
	if len(cases) != 15 || w.calendars.asked != 0 {
		t.Fatalf("%d cases, calendars were read %d times", len(cases), w.calendars.asked)
	}
}

// TestTokensOfTheOtherProfile: Exchange's algorithms are taken when the trust says so.
func TestTokensOfTheOtherProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	exchange := forge(t, federation.Exchange, func(*token.Token) {})
	if got := w.freeBusy(exchange, asking("anna@fabrikam.com")); got.body != tokenRefused() {
		t.Errorf("modern: %d, %s", got.status, got.body)
	}
	w.change(func() { w.published.Trust.SecurityProfile, w.stamp = federation.Exchange, "2" })
	for _, pass := range [][]byte{exchange, issue(t)} {
		if got := w.freeBusy(pass, asking("anna@fabrikam.com")); got.status != http.StatusOK {
			t.Errorf("exchange: %d, %s", got.status, got.body)
		}
	}
}

// TestExpiry: a token that was good a millisecond ago, and was opened then, is refused in
// the moment it ends, the allowance for clocks included.
func TestExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pass := issue(t, func(r *token.Request) { r.Life = time.Minute })
	end := noon().Add(time.Minute + token.Grace + token.DefaultSkew)
	for _, c := range []struct {
		at   time.Time
		want int
	}{{noon(), 200}, {end.Add(-time.Millisecond), 200}, {end, 500}, {end.Add(time.Hour), 500}, {end.Add(-time.Millisecond), 200}} {
		w.change(func() { w.now = c.at.Add(-time.Second) }) // which change adds
		if got := w.freeBusy(pass, asking("anna@fabrikam.com")); got.status != c.want {
			t.Errorf("at %s: %d %s", c.at, got.status, got.body)
		}
	}
}

// TestTokenTimestamps: a timestamp beside a token must be fresh.
func TestTokenTimestamps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pass := issue(t)
	for created, want := range map[time.Time]string{noon(): "", noon().Add(-time.Hour): securityFault("InvalidSecurity", securityRefused), noon().Add(time.Hour): securityFault("InvalidSecurity", securityRefused)} {
		stamp := `<u:Timestamp xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><u:Created>` + created.Format(time.RFC3339) +
			`</u:Created><u:Expires>` + created.Add(5*time.Minute).Format(time.RFC3339) + `</u:Expires></u:Timestamp>`
		got := w.freeBusy([]byte(stamp+string(pass)), asking("anna@fabrikam.com"))
		if want != "" && got.body != want || want == "" && got.status != 200 {
			t.Errorf("%s: %d %s", created, got.status, got.body)
		}
	}
}

// TestOffers: a token for free/busy may ask where free/busy is, not the other way round.
func TestOffers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	settings := autodiscover.SettingsRequest{Operation: autodiscover.GetUserSettings, Of: []string{"anna@fabrikam.com"}, Settings: []string{autodiscover.ExternalEwsURL}}.Marshal()
	cases := 0
	for _, offer := range token.Offers() {
		pass := issue(t, offering(offer))
		want := map[bool]int{true: http.StatusOK, false: http.StatusInternalServerError}
		if got := w.freeBusy(pass, asking("anna@fabrikam.com")); got.status != want[offer == token.SharingCalendarFreeBusy] {
			t.Errorf("free/busy with %s: %d", offer, got.status)
		}
		if got := w.discover(autodiscover.GetUserSettings, pass, settings); got.status != want[offer == token.SharingCalendarFreeBusy || offer == token.Autodiscover] {
			t.Errorf("Autodiscover with %s: %d", offer, got.status)
		}
		cases++
	}
	if cases < 5 {
		t.Fatalf("%d offers", cases)
	}
}

// TestKeysChange: a token that was opened is refused when the organization has not the key
// any more, trusts another broker, or is called something else.
func TestKeysChange(t *testing.T) {
	t.Parallel()
	changes := map[string]func(*federation.Published){
		"key":      func(p *federation.Published) { p.Party.Keys = []certificate.Pair{pairs().other} },
		"broker":   func(p *federation.Published) { p.Party.IssuerKeys = []*x509.Certificate{pairs().other.Certificate} },
		"issuer":   func(p *federation.Published) { p.Party.IssuerURI = "urn:federation:other.example" },
		"audience": func(p *federation.Published) { p.Party.Audience = contoso },
		"disabled": func(p *federation.Published) { p.Identifier.Enabled = false },
		"no trust": func(p *federation.Published) { p.Trust.Name = "" },
	}
	pass := issue(t)
	for name, change := range changes {
		w := newWorld(t)
		if got := w.freeBusy(pass, asking("anna@fabrikam.com")); got.status != http.StatusOK {
			t.Fatalf("%s: before, %d %s", name, got.status, got.body)
		}
		w.change(func() { change(&w.published); w.stamp = "2" })
		if diff := cmp.Diff(tokenRefused(), w.freeBusy(pass, asking("anna@fabrikam.com")).body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if len(changes) != 6 {
		t.Fatalf("%d changes", len(changes))
	}
}
