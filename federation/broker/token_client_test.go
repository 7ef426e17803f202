package broker_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"exfed/federation"
	"exfed/federation/broker"
)

// TestTokenServiceAnswers has a token service answer in every way.
func TestTokenServiceAnswers(t *testing.T) {
	t.Parallel()
	const soap12 = "application/soap+xml; charset=utf-8"
	envelope := func(header, body string) string {
		return `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ` + wsaNS + `><s:Header>` + header + `</s:Header><s:Body>` + body + `</s:Body></s:Envelope>`
	}
	refusal := func(code, subcode, detail string) string {
		return envelope("", `<s:Fault><s:Code><s:Value>s:`+code+`</s:Value><s:Subcode><s:Value xmlns:wst="http://schemas.xmlsoap.org/ws/2005/02/trust">wst:`+subcode+
			`</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">Authentication Failure</s:Text></s:Reason>`+detail+`</s:Fault>`)
	}
	const member = `<s:Detail><psf:error xmlns:psf="http://schemas.microsoft.com/Passport/SoapServices/SOAPFault"><psf:value>0x80048821</psf:value>` +
		`<psf:internalerror><psf:code>0x80041034</psf:code><psf:text>The specified member name is either invalid or empty.</psf:text></psf:internalerror></psf:error></s:Detail>`
	cases := []struct {
		name        string
		status      int
		contentType string
		body        string
		kind        federation.Kind
		id, text    string
	}{
		{"a token", 200, soap12, envelope("", tokenAnswerWire), 0, "", ""},
		{"a mandatory header of addressing", 200, soap12, envelope(`<a:Action s:mustUnderstand="1">urn:x</a:Action>`, tokenAnswerWire), 0, "", ""},
		{"member name", 400, soap12, refusal("Sender", "FailedAuthentication", member), federation.Refused, "FailedAuthentication",
			"Authentication Failure (0x80048821 0x80041034 The specified member name is either invalid or empty.)"},
		{"no detail", 500, soap12, refusal("Sender", "InvalidScope", ""), federation.Refused, "InvalidScope", "Authentication Failure"},
		{"out of order", 500, soap12, refusal("Receiver", "RequestFailed", ""), federation.Unavailable, "RequestFailed", "Authentication Failure"},
		{"another subcode", 400, soap12, refusal("Sender", "Whatever", ""), federation.Refused, "BrokerFault", "Authentication Failure"},
		{"an answer to another request", 200, soap12, envelope(`<a:RelatesTo>urn:uuid:2</a:RelatesTo>`, tokenAnswerWire), federation.Untrusted,
			"BrokerAnswerNotTrusted", "it answers another request"},
		{"for somebody else", 200, soap12, envelope("", strings.ReplaceAll(tokenAnswerWire, "fabrikam", "evil")), federation.Untrusted,
			"BrokerAnswerNotTrusted", "the token is for somebody else"},
		{"no token", 200, soap12, envelope("", "<x/>"), federation.Untrusted, "BrokerAnswerNotTrusted", "is no answer with a token"},
		{"a page", 200, "text/html", "<html>", federation.Untrusted, "BrokerAnswerNotTrusted", "web page"},
		{"busy", 503, "text/plain", "", federation.Unavailable, "BrokerUnreachable", "cannot answer now"},
		{"SOAP 1.1", 200, "text/xml", `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>`, federation.Untrusted,
			"BrokerAnswerNotTrusted", ""},
	}
	if len(cases) < 12 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.contentType)
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})
			got, err := askToken(t, client)
			if c.id != "" {
				wantError(t, err, c.kind, c.id, c.text)
				return
			}
			want := tokenAnswer()
			if err != nil || !bytes.Equal(got.Encrypted, want.Encrypted) || !bytes.Equal(got.ProofKey, want.ProofKey) ||
				!got.NotBefore.Equal(want.Created) || !got.NotOnOrAfter.Equal(want.Expires) || got.Audience != want.AppliesTo {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func askToken(t *testing.T, client *broker.Client) (federation.TokenResponse, error) {
	t.Helper()
	return client.RequestToken(t.Context(), organization(), federation.TokenRequest{
		Issuer:         federation.TokenIssuer{URI: "urn:federation:broker.example", EPR: client.ManagementURL},
		ApplicationURI: "FYDIBOHF25SPDLT.contoso.com", User: "sales@contoso.com", Target: "FYDIBOHF25SPDLT.fabrikam.com", Offer: "MSExchange.MailTips",
	})
}

// TestTokenRequestsNotSent has the client refuse what it cannot ask for.
func TestTokenRequestsNotSent(t *testing.T) {
	t.Parallel()
	client := clientOf(t, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
	good := federation.TokenRequest{
		Issuer: federation.TokenIssuer{URI: "urn:x", EPR: client.ManagementURL}, ApplicationURI: "FYDIBOHF25SPDLT.contoso.com",
		User: "sales@contoso.com", Target: "fabrikam.com", Offer: "MSExchange.MailTips",
	}
	cases := []struct {
		change func(*federation.TokenRequest)
		kind   federation.Kind
		id     string
	}{
		{func(r *federation.TokenRequest) { r.Issuer.EPR = "" }, federation.Conflict, "TokenServiceUnknown"},
		{func(r *federation.TokenRequest) { r.Issuer.URI = "" }, federation.Conflict, "TokenServiceUnknown"},
		{func(r *federation.TokenRequest) { r.User = "sales" }, federation.Invalid, "InvalidSmtpAddress"},
		{func(r *federation.TokenRequest) { r.ApplicationURI = "" }, federation.Invalid, "TokenClaim"},
		{func(r *federation.TokenRequest) { r.NameIdentifier = "a\x00" }, federation.Invalid, "TokenClaim"},
	}
	for _, c := range cases {
		request := good
		c.change(&request)
		_, err := client.RequestToken(t.Context(), organization(), request)
		wantError(t, err, c.kind, c.id, "")
	}
	if len(cases) < 5 {
		t.Errorf("%d cases", len(cases))
	}
}

func wantError(t *testing.T, err error, kind federation.Kind, id, text string) {
	t.Helper()
	var e *federation.Error
	if !errors.As(err, &e) || e.Kind != kind || e.ID != id || !strings.Contains(err.Error(), text) {
		t.Errorf("the error is %v, want %s of kind %s with %q", err, id, kind, text)
	}
}
