package server_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker/server"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// TestTokenAudience asks for one organization under every name it has.
func TestTokenAudience(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	targets := []string{
		"fabrikam.com", "fabrikam.example", "Fabrikam.COM", fabrikamURI, "fydibohf25spdlt.FABRIKAM.com",
		"http://" + fabrikamURI, "http://" + fabrikamURI + "/", "HTTP://fydibohf25spdlt.fabrikam.com",
	}
	issued := 0
	for _, target := range targets {
		request := tokenRequest()
		request.Target = target
		response, err := p.client.RequestToken(t.Context(), p.contoso.pair, request)
		if err != nil {
			t.Errorf("%s: %v", target, err)
			continue
		}
		if response.Audience != "http://FYDIBOHF25SPDLT.fabrikam.com" {
			t.Errorf("%s: the audience is %s", target, response.Audience)
		}
		if _, err := p.accept(response, p.fabrikam.pair, fabrikamURI, token.SharingCalendarFreeBusy); err != nil {
			t.Errorf("%s: %v", target, err)
		}
		issued++
	}
	if issued != len(targets) {
		t.Errorf("%d of %d tokens were issued", issued, len(targets))
	}
}

// TestTokenOffers asks for every offer, one of which has a life of its own.
func TestTokenOffers(t *testing.T) {
	t.Parallel()
	p := newPartners(t, func(o *server.Options) {
		o.OfferLives = map[token.Offer]time.Duration{token.MailTips: 10 * time.Minute}
	})
	lives := map[string]time.Duration{
		"MSExchange.Autodiscover": time.Hour, "MSExchange.SharingCalendarFreeBusy": time.Hour, "MSExchange.MailTips": 10 * time.Minute,
		"MSExchange.SharingInviteMessage": 15 * 24 * time.Hour, "MSExchange.SharingRead": time.Hour,
	}
	for offer, life := range lives {
		request := tokenRequest()
		request.Offer = offer
		response, err := p.client.RequestToken(t.Context(), p.contoso.pair, request)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := p.accept(response, p.fabrikam.pair, fabrikamURI, token.Offer(offer))
		if err != nil {
			t.Fatal(err)
		}
		want := p.clock.Now().Add(life + 3*time.Minute)
		if !opened.Token.NotOnOrAfter.Equal(want) || !response.NotOnOrAfter.Equal(want) {
			t.Errorf("%s: until %s, want %s", offer, opened.Token.NotOnOrAfter, want)
		}
	}
	if len(lives) != len(token.Offers()) {
		t.Errorf("%d offers", len(lives))
	}
}

// TestTokenKeyNames has the requester's certificate named in every way there is.
func TestTokenKeyNames(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	c := p.contoso.pair.Certificate
	cases := map[string]xmlsec.Markup{
		"subject key identifier": {}, "thumbprint": xmlsec.ThumbprintKeyInfo(c), "the certificate": xmlsec.X509DataKeyInfo(c),
		"issuer and serial number": xmlsec.IssuerSerialKeyInfo(c), "security token": xmlsec.TokenKeyInfo("bst"),
	}
	for name, keyInfo := range cases {
		a := p.ask()
		a.keyInfo = keyInfo
		message := a.message(t)
		if name == "security token" {
			message = replaced(t, message, "</u:Timestamp>", "</u:Timestamp>"+string(xmlsec.BinarySecurityToken(c, "bst")))
		}
		if status, body := p.postToken(message); !issuedBody(status, body) {
			t.Errorf("%s: status %d, answer %s\n%s", name, status, body, p.log)
		}
	}
	if len(cases) < 5 {
		t.Errorf("%d cases", len(cases))
	}
}

// TestTokenSameIdentifier has another organization take the subject key identifier of
// Contoso's certificate: neither stands in the other's way, nor can be taken for it.
func TestTokenSameIdentifier(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	twin := newPair(t, 3, func(c *x509.Certificate) { c.SubjectKeyId = p.contoso.pair.Certificate.SubjectKeyId })
	appID, err := p.client.CreateAppID(t.Context(), twin, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.federate(org{twin, appID}, "twin.example")
	if _, err := p.client.RequestToken(t.Context(), p.contoso.pair, tokenRequest()); err != nil {
		t.Error(err)
	}
	own := tokenRequest()
	own.ApplicationURI, own.User = "FYDIBOHF25SPDLT.twin.example", "a@twin.example"
	if _, err := p.client.RequestToken(t.Context(), twin, own); err != nil {
		t.Error(err)
	}
	if _, err := p.client.RequestToken(t.Context(), twin, tokenRequest()); idOf(err) != "FailedAuthentication" {
		t.Errorf("as Contoso: %v", err)
	}
}

// TestTokenCertificateReplaced goes through two replacements of Contoso's certificate and
// one of Fabrikam's: who asks may use the current or previous one, what is issued is for
// the current one.
func TestTokenCertificateReplaced(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	pairs := []org{p.contoso, {newPair(t, 3, nil), p.contoso.appID}, {newPair(t, 4, nil), p.contoso.appID}}
	want := [][]bool{{true, false, false}, {true, true, false}, {false, true, true}}
	for n := range pairs {
		if n > 0 {
			if err := p.client.UpdateCertificate(t.Context(), pairs[n-1].pair, p.contoso.appID, pairs[n].pair.Certificate); err != nil {
				t.Fatal(err)
			}
		}
		for i, o := range pairs {
			_, err := p.client.RequestToken(t.Context(), o.pair, tokenRequest())
			if (err == nil) != want[n][i] || err != nil && idOf(err) != "FailedAuthentication" {
				t.Errorf("after %d replacements, with certificate %d: %v", n, i, err)
			}
		}
	}
	mixed := p.ask() // message and user by two certificates of one organization
	mixed.key, mixed.userKey = pairs[2].pair, pairs[1].pair
	if _, body := p.postToken(mixed.message(t)); body != tokenFaults()["AuthenticationFailed"] {
		t.Errorf("signed with two certificates: %s", body)
	}
	next := newPair(t, 5, nil)
	if err := p.client.UpdateCertificate(t.Context(), p.fabrikam.pair, p.fabrikam.appID, next.Certificate); err != nil {
		t.Fatal(err)
	}
	response, err := p.client.RequestToken(t.Context(), pairs[2].pair, tokenRequest())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.accept(response, next, fabrikamURI, token.SharingCalendarFreeBusy); err != nil {
		t.Error(err)
	}
	if _, err := p.accept(response, p.fabrikam.pair, fabrikamURI, token.SharingCalendarFreeBusy); idOf(err) != token.ReasonKeyUnknown {
		t.Errorf("with the previous certificate: %v", err)
	}
}

func idOf(err error) string {
	var e *federation.Error
	if errors.As(err, &e) {
		return e.ID
	}
	return fmt.Sprint(err)
}

// TestTokenAuditTrail looks at what is recorded, and for what must not be anywhere.
func TestTokenAuditTrail(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	rows := len(p.auditRows())
	request := tokenRequest()
	request.Target = "fabrikam.example"
	response, err := p.client.RequestToken(t.Context(), p.contoso.pair, request)
	if err != nil {
		t.Fatal(err)
	}
	request.Offer = "MSExchange.\x1b[31mNothing"
	if _, err := p.client.RequestToken(t.Context(), p.contoso.pair, request); idOf(err) != "InvalidRequest" && idOf(err) != "InvalidScope" {
		t.Error(err)
	}
	entry := server.AuditEntry{
		At: p.clock.Now(), AppID: p.contoso.appID, Thumbprint: thumbprint(p.contoso.pair.Certificate), Operation: "IssueToken",
		Subject: "fabrikam.example", User: "sales@contoso.com", Audience: "http://FYDIBOHF25SPDLT.fabrikam.com",
		Offer: "MSExchange.SharingCalendarFreeBusy", Outcome: "Success",
	}
	added := p.auditRows()[rows:]
	if len(added) != 2 || added[0].RequestID == "" || added[1].Outcome != "InvalidScope" {
		t.Fatalf("the audit trail got %+v", added)
	}
	entry.RequestID = added[0].RequestID
	if diff := cmp.Diff(entry, added[0]); diff != "" {
		t.Errorf("the audit trail (-want +got):\n%s", diff)
	}
	line := p.lastLine("token issued")
	for _, want := range []string{added[0].RequestID, "sales@contoso.com", "fabrikam.example", "http://FYDIBOHF25SPDLT.fabrikam.com", entry.Offer, entry.AppID} {
		if !strings.Contains(line, want) {
			t.Errorf("the log does not say %q: %s", want, line)
		}
	}
	p.wantNowhere(response)
}

// lastLine returns the last line of the log with the text.
func (r *rig) lastLine(text string) string {
	lines := strings.Split(r.log.String(), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.Contains(lines[i], text) {
			return lines[i]
		}
	}
	return ""
}

// wantNowhere looks for proof key and token in log and registry, in every form they may have.
func (r *rig) wantNowhere(response federation.TokenResponse) {
	r.t.Helper()
	places := map[string]string{"the log": r.log.String(), "a dump": r.dump(), "a text": fmt.Sprintf("%v %+v %s", response, response, response)}
	files, err := filepath.Glob(r.path + "*")
	if err != nil || len(files) == 0 {
		r.t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			r.t.Fatal(err)
		}
		places[file] = string(content)
	}
	key := response.ProofKey
	forms := []string{
		string(key), base64.StdEncoding.EncodeToString(key), hex.EncodeToString(key), strings.ToUpper(hex.EncodeToString(key)),
		strings.Trim(fmt.Sprint(key), "[]"), "CipherValue", "EncryptedData", "BinarySecret",
	}
	for place, content := range places {
		for _, form := range forms {
			if strings.Contains(content, form) {
				r.t.Errorf("%s holds %q", place, form)
			}
		}
	}
}
