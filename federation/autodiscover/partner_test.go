package autodiscover_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

const (
	token    = `<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Id="Assertion0"/>`
	endpoint = "https://" + subdomain + service + "/WSSecurity"
	ews      = "https://mail.fabrikam.example/EWS/Exchange.asmx"
)

func partner() autodiscover.Partner {
	return autodiscover.Partner{Endpoint: endpoint, Token: []byte(token)}
}

// settings answers calls of an operation, and wants the token with them.
func settings(t *testing.T, o autodiscover.Operation, each func(of string) autodiscover.SettingsOf) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		message, action, err := soap.ReadRequest(soap.SOAP11, r, soap.DefaultMaxBytes, append(soap.AddressingNames(), soap.SecurityName())...)
		if err != nil || action != o.Action() {
			t.Errorf("the request is %q: %v", action, err)
			return
		}
		sent, err := message.Token(noon())
		security, _ := message.Block(soap.SecurityName())
		if err != nil || string(sent.Source()) != token || len(security.Elements()) != 2 || r.Header.Get("SOAPAction") != `"`+o.Action()+`"` {
			t.Errorf("the token of the request: %v", err)
			return
		}
		q, err := autodiscover.ParseSettingsRequest(o, message.Payload)
		if err != nil {
			t.Error(err)
		}
		a := autodiscover.SettingsResponse{Operation: o}
		for _, of := range q.Of {
			a.Each = append(a.Each, each(of))
		}
		const answered = `<o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" xmlns:s="` + soap.Namespace + `" s:mustUnderstand="1"/>`
		_ = soap.Write(rw, soap.Envelope{Headers: []soap.Block{{XML: []byte(answered)}}, Body: a.Marshal()})
	}
}

func given(value string) autodiscover.SettingsOf {
	return autodiscover.SettingsOf{ErrorCode: autodiscover.NoError, Settings: []autodiscover.Setting{{Name: autodiscover.ExternalEwsURL, Value: value}}}
}

// TestUserSettings asks for users of whom some are elsewhere.
func TestUserSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host("https", subdomain, settings(t, autodiscover.GetUserSettings, func(of string) autodiscover.SettingsOf {
		switch of {
		case "moved@fabrikam.example":
			return autodiscover.SettingsOf{ErrorCode: autodiscover.RedirectAddress, RedirectTarget: "here@fabrikam.example"}
		case "far@fabrikam.example":
			return autodiscover.SettingsOf{ErrorCode: autodiscover.RedirectURL, RedirectTarget: "https://far.fabrikam.example" + service}
		case "none@fabrikam.example":
			return autodiscover.SettingsOf{ErrorCode: autodiscover.InvalidUser}
		}
		return given(ews + "?" + of)
	}))
	w.host("https", "far.fabrikam.example", settings(t, autodiscover.GetUserSettings, func(of string) autodiscover.SettingsOf { return given("far " + of) }))
	users := []string{"far@fabrikam.example", "moved@fabrikam.example", "none@fabrikam.example", "a@fabrikam.example"}
	got, err := w.client().UserSettings(t.Context(), partner(), users, autodiscover.ExternalEwsURL)
	want := []autodiscover.SettingsOf{given("far far@fabrikam.example"), given(ews + "?here@fabrikam.example"), {ErrorCode: autodiscover.InvalidUser}, given(ews + "?a@fabrikam.example")}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	requests := []string{"POST " + endpoint, "POST https://far.fabrikam.example" + service + "/WSSecurity", "POST " + endpoint}
	if diff := cmp.Diff(requests, w.seen()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestDomainSettings asks for a domain, and for the URL of a user.
func TestDomainSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host("https", subdomain, settings(t, autodiscover.GetDomainSettings, func(string) autodiscover.SettingsOf { return given(ews) }))
	got, err := w.client().DomainSettings(t.Context(), partner(), []string{apex}, autodiscover.ExternalEwsURL)
	if diff := cmp.Diff([]autodiscover.SettingsOf{given(ews)}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestCountOfAnswers has a service answer for fewer and for more than were asked for, and not
// at all.
func TestCountOfAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answers  int
		code     autodiscover.ErrorCode
		id, text string
	}{
		{0, autodiscover.NoError, "AutodiscoverAnswerNotTrusted", "2 were asked for and 0 are answered for"},
		{1, autodiscover.NoError, "AutodiscoverAnswerNotTrusted", "2 were asked for and 1 are answered for"},
		{3, autodiscover.NoError, "AutodiscoverAnswerNotTrusted", "2 were asked for and 3 are answered for"},
		{0, autodiscover.ServerBusy, "ServerBusy", "too busy"},
	} {
		w := newWorld(t)
		w.host("https", subdomain, answering(t, func(*xmlsec.Element) []byte {
			return autodiscover.SettingsResponse{Operation: autodiscover.GetDomainSettings, ErrorCode: c.code, Each: make([]autodiscover.SettingsOf, c.answers)}.Marshal()
		}))
		got, err := w.client().DomainSettings(t.Context(), partner(), []string{apex, "eu.fabrikam.example"}, autodiscover.ExternalEwsURL)
		if got != nil {
			t.Errorf("%+v", got)
		}
		wantError(t, err, c.id, c.text)
	}
}

// TestExternalEwsURL has the setting say anything.
func TestExternalEwsURL(t *testing.T) {
	t.Parallel()
	cases := []struct {
		of   autodiscover.SettingsOf
		want string // URL, or ID and text of the error
	}{
		{given(ews), ews + "/WSSecurity"},
		{given(ews + "/wssecurity"), ews + "/wssecurity"},
		{given(""), "SettingIsNotAvailable the ExternalUrl of Exchange Web Services may not be set there"},
		{given("http://mail.fabrikam.example/EWS/Exchange.asmx"), "AutodiscoverAnswerNotTrusted which is no https URL"},
		{given("/EWS/Exchange.asmx"), "AutodiscoverAnswerNotTrusted which is no https URL"},
		{given("https://m\u202eail/"), `AutodiscoverAnswerNotTrusted "https://m?ail/"`},
		{autodiscover.SettingsOf{ErrorCode: autodiscover.InvalidUser, ErrorMessage: "gone"}, `InvalidUser user "a@fabrikam.example": InvalidUser: there is no such user ("gone")`},
		{autodiscover.SettingsOf{ErrorCode: autodiscover.ServerBusy}, "ServerBusy too busy"},
		{autodiscover.SettingsOf{Errors: []autodiscover.SettingError{{ErrorCode: autodiscover.InvalidSetting, SettingName: "ExternalEwsUrl"}}}, "InvalidSetting there is no such setting"},
		{autodiscover.SettingsOf{ErrorCode: autodiscover.RedirectURL, RedirectTarget: "http://mail.example/"}, `AutodiscoverAnswerNotTrusted "a@fabrikam.example" redirects to "http://mail.example/", which is not https`},
		{autodiscover.SettingsOf{ErrorCode: autodiscover.RedirectURL, RedirectTarget: "/x"}, "AutodiscoverAnswerNotTrusted which is not https"},
		{autodiscover.SettingsOf{ErrorCode: autodiscover.RedirectAddress, RedirectTarget: "x"}, "AutodiscoverAnswerNotTrusted which is no address"},
		{autodiscover.SettingsOf{ErrorCode: autodiscover.RedirectAddress, RedirectTarget: "\u202e@x.example"}, "AutodiscoverAnswerNotTrusted which is no address"},
		{autodiscover.SettingsOf{ErrorCode: autodiscover.RedirectAddress, RedirectTarget: "a@x.example"}, "AutodiscoverAnswerNotTrusted more than 10 redirects"},
	}
	for i, c := range cases {
		w := newWorld(t)
		w.host("https", subdomain, settings(t, autodiscover.GetUserSettings, func(string) autodiscover.SettingsOf { return c.of }))
		got, err := w.client().ExternalEwsURL(t.Context(), partner(), "a@fabrikam.example")
		if n := len(w.seen()); n != 1 && !(n == 11 && strings.Contains(c.want, "more than 10")) {
			t.Errorf("%d: %d requests", i, n)
		}
		if id, text, failed := strings.Cut(c.want, " "); failed {
			wantError(t, err, id, text)
		} else if err != nil || got != c.want {
			t.Errorf("%d: %q, %v", i, got, err)
		}
	}
	if len(cases) < 14 {
		t.Errorf("%d cases", len(cases))
	}
}

func wantError(t *testing.T, err error, id, text string) {
	t.Helper()
	var e *federation.Error
	if !errors.As(err, &e) || e.ID != id || !strings.Contains(err.Error()+" "+e.Remedy, text) || strings.ContainsAny(err.Error(), "\u202e\x1b") {
		t.Errorf("the error is %v, want %s with %q", err, id, text)
	}
}

// TestRelationshipSettings reads the relationships of a partner, and what else it answers.
func TestRelationshipSettings(t *testing.T) {
	t.Parallel()
	relationship := autodiscover.RelationshipSettings{Name: "To Contoso", DomainNames: []string{"contoso.example"}}
	fault := func(code xmlsec.Name) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) {
			_ = soap.WriteFault(rw, &soap.Fault{Code: code, String: "no"})
		}
	}
	refuse := func(code autodiscover.ErrorCode) http.HandlerFunc {
		return answering(t, func(*xmlsec.Element) []byte {
			return autodiscover.RelationshipSettingsResponse{ErrorCode: code}.Marshal()
		})
	}
	cases := []struct {
		handler  http.HandlerFunc
		kind     federation.Kind
		id, text string
	}{
		{answering(t, func(q *xmlsec.Element) []byte {
			asked, err := autodiscover.ParseRelationshipSettingsRequest(q)
			if diff := cmp.Diff([]string{"contoso.example"}, asked.Domains); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
			return autodiscover.RelationshipSettingsResponse{Relationships: []autodiscover.RelationshipSettings{relationship}}.Marshal()
		}), 0, "", ""},
		{fault(xmlsec.Name{Space: soap.NamespaceAddressing, Local: "ActionNotSupported"}), federation.Refused, "OperationNotAvailable", "the operation is not available there"},
		{fault(soap.ServerCode()), federation.Refused, "AutodiscoverFault", "Server"},
		{fault(xmlsec.Name{Space: xmlsec.NamespaceWSSE, Local: "FailedAuthentication"}), federation.Refused, "PartnerRefusedToken", "FailedAuthentication"},
		{fault(xmlsec.Name{Space: xmlsec.NamespaceWSSE, Local: "InvalidSecurityToken"}), federation.Refused, "PartnerRefusedToken", "set-federationtrust -RefreshMetadata"},
		{fault(xmlsec.Name{Space: xmlsec.NamespaceWSSE, Local: "InvalidSecurity"}), federation.Refused, "PartnerRefusedToken", "compare the clocks"},
		{refuse(autodiscover.NotFederated), federation.Refused, "NotFederated", "is not federated"},
		{refuse(autodiscover.InternalServerError), federation.Unavailable, "InternalServerError", "the server failed"},
		{saying(401, "text/plain", ""), federation.Refused, "AutodiscoverForbidden", "through without authentication"},
		{saying(503, "text/plain", ""), federation.Unavailable, "AutodiscoverUnreachable", "503"},
		{saying(200, "text/html", "<html>"), federation.Untrusted, "AutodiscoverAnswerNotTrusted", "web page"},
		{redirecting(302, "https://mail.example/"), federation.Untrusted, "AutodiscoverAnswerNotTrusted", "302"},
		{answering(t, func(*xmlsec.Element) []byte { return []byte("<x/>") }), federation.Untrusted, "AutodiscoverAnswerNotTrusted", "does not hold"},
		{nil, federation.Unavailable, "AutodiscoverUnreachable", "refused"},
	}
	for i, c := range cases {
		w := newWorld(t)
		w.host("https", subdomain, c.handler)
		got, err := w.client().OrganizationRelationshipSettings(t.Context(), partner(), "contoso.example")
		if c.id == "" {
			if diff := cmp.Diff([]autodiscover.RelationshipSettings{relationship}, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			continue
		}
		wantError(t, err, c.id, c.text)
		if !federation.IsKind(err, c.kind) || errors.Is(err, autodiscover.ErrNotAvailable) != (c.id == "OperationNotAvailable") {
			t.Errorf("%d: %v", i, err)
		}
	}
	if len(cases) < 14 {
		t.Errorf("%d cases", len(cases))
	}
}

// TestNotSent lists what is refused before the token leaves.
func TestNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host("https", subdomain, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
	w.names[subdomain] = []string{"mail.partner.example"}
	client := w.client()
	client.TrustedHostnames = []string{subdomain}
	many := make([]string, autodiscover.MaxUsers+1)
	one := []string{"a@fabrikam.example"}
	for _, c := range []struct {
		endpoint string
		users    []string
		settings []string
		id       string
	}{
		{"http://" + subdomain + service, one, one, "InvalidAutodiscoverUrl"},
		{"https://" + subdomain + "/EWS/Exchange.asmx/WSSecurity", one, one, "NotAutodiscoverEndpoint"},
		{endpoint, many, one, "InvalidAutodiscoverRequest"}, {endpoint, nil, one, "InvalidAutodiscoverRequest"},
		{endpoint, one, nil, "InvalidAutodiscoverRequest"}, {endpoint, one, many, "InvalidAutodiscoverRequest"},
		{endpoint, one, one, "AutodiscoverAnswerNotTrusted"}, // the token goes to the host of the name only
	} {
		_, err := client.UserSettings(t.Context(), autodiscover.Partner{Endpoint: c.endpoint, Token: []byte(token)}, c.users, c.settings...)
		wantError(t, err, c.id, "")
	}
	_, err := client.UserSettings(t.Context(), autodiscover.Partner{Endpoint: endpoint, Token: []byte("<a>")}, one, one...)
	wantError(t, err, "InvalidAutodiscoverRequest", "cannot be sent")
}

func TestWSSecurityURL(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"https://a.example/x.svc":                         "https://a.example/x.svc/WSSecurity",
		"https://a.example/x.svc/":                        "https://a.example/x.svc/WSSecurity",
		"https://a.example/x.svc/wsSecurity":              "https://a.example/x.svc/wsSecurity",
		"https://a.example/x.svc/WSSecurity/":             "https://a.example/x.svc/WSSecurity",
		"https://a.example/x.svc/wssecurity/SymmetricKey": "https://a.example/x.svc/WSSecurity",
		"https://a.example/x.svc/WSSecurity/x509Cert":     "https://a.example/x.svc/WSSecurity",
		"https://a.example/x.svc?a=b":                     "https://a.example/x.svc/WSSecurity?a=b",
		"":                                                "/WSSecurity",
	}
	for base, want := range cases {
		if got := autodiscover.WSSecurityURL(base); got != want {
			t.Errorf("%q: %q, want %q", base, got, want)
		}
	}
	if len(cases) < 8 {
		t.Errorf("%d cases", len(cases))
	}
}
