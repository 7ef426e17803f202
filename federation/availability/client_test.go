package availability_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/soap"
	"exfed/policy"
)

const tokenWire = `<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Id="Assertion0" ><xenc:CipherData/></xenc:EncryptedData>`

// partnerOf starts a server with the handler and returns a client and the URL of Exchange Web Services.
func partnerOf(t *testing.T, handler http.HandlerFunc) (*availability.Client, string) {
	t.Helper()
	s := httptest.NewTLSServer(handler)
	t.Cleanup(s.Close)
	return &availability.Client{SOAP: &soap.Client{HTTP: s.Client()}, Rand: strings.NewReader(strings.Repeat("\x11", 16))}, s.URL + "/EWS/Exchange.asmx"
}

func answering(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// four is a request about as many mailboxes as responseWire answers.
func four() availability.Request {
	r := request()
	r.Mailboxes = append(r.Mailboxes, r.Mailboxes...)
	return r
}

func ask(c *availability.Client, ews string, r availability.Request) (availability.Response, error) {
	return c.GetUserAvailability(context.Background(), ews, []byte(tokenWire), r)
}

func TestClientOnTheWire(t *testing.T) {
	t.Parallel()
	var path, body string
	header := http.Header{}
	client, ews := partnerOf(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		path, header, body = r.Method+" "+r.URL.Path, r.Header.Clone(), string(text)
		answering(200, "text/xml; charset=utf-8", wrap(`<t:ServerVersionInfo MajorVersion="15"/><a:RelatesTo xmlns:a="http://www.w3.org/2005/08/addressing">`+
			`urn:uuid:11111111-1111-4111-9111-111111111111</a:RelatesTo>`, responseWire))(w, r)
	})
	got, err := ask(client, ews, four())
	if diff := cmp.Diff(response(), got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	const addressing = ` xmlns:a="http://www.w3.org/2005/08/addressing"`
	const mandatory = ` ` + soapNS + ` s:mustUnderstand="1"`
	const wsu = `"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"`
	want := `<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<s:Envelope ` + soapNS + ` xmlns:u=` + wsu + `><s:Header>` +
		`<t:RequestServerVersion ` + typesNS + ` Version="Exchange2010"/>` +
		`<a:To` + addressing + mandatory + `>` + ews + `/WSSecurity</a:To>` +
		`<a:Action` + addressing + mandatory + `>http://schemas.microsoft.com/exchange/services/2006/messages/GetUserAvailability</a:Action>` +
		`<a:MessageID` + addressing + `>urn:uuid:11111111-1111-4111-9111-111111111111</a:MessageID>` +
		`<a:ReplyTo` + addressing + `><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>` +
		`<o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" xmlns:u=` + wsu + mandatory + `>` + tokenWire + `</o:Security>` +
		`</s:Header><s:Body>` + string(four().Marshal()) + `</s:Body></s:Envelope>`
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	sent := []string{path, header.Get("SOAPAction"), header.Get("Content-Type"), header.Get("User-Agent"), header.Get("Authorization")}
	wanted := []string{"POST /EWS/Exchange.asmx/WSSecurity", `"http://schemas.microsoft.com/exchange/services/2006/messages/GetUserAvailability"`,
		"text/xml; charset=utf-8", "exfed", ""}
	if diff := cmp.Diff(wanted, sent); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestClientKeepsWhatItIsTold: version and user agent of the caller's choice.
func TestClientKeepsWhatItIsTold(t *testing.T) {
	t.Parallel()
	var agent, body string
	client, ews := partnerOf(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		agent, body = r.UserAgent(), string(text)
		answering(200, "text/xml", wrap("", responseWire))(w, r)
	})
	client.SOAP.UserAgent = "ASProxy/CrossForest/EmailDomain//15.01.2507.000"
	r := four()
	r.Version = "Exchange2013"
	if _, err := ask(client, ews+"/wssecurity", r); err != nil {
		t.Fatal(err)
	}
	if agent != client.SOAP.UserAgent || !strings.Contains(body, ` Version="Exchange2013"/>`) {
		t.Errorf("%s\n%s", agent, body)
	}
}

// TestLargeAnswer: as many events as there can be, of ten mailboxes, all with details.
func TestLargeAnswer(t *testing.T) {
	t.Parallel()
	events := make([]availability.Event, availability.MaxEvents)
	for i := range events {
		events[i] = event("09:00", "10:00", availability.Busy)
	}
	asked := availability.Request{FreeBusy: morning(availability.ViewDetailedMerged)}
	var want availability.Response
	for range 10 {
		asked.Mailboxes = append(asked.Mailboxes, availability.MailboxData{Address: "a@fabrikam.com", AttendeeType: availability.Required})
		want.Mailboxes = append(want.Mailboxes, availability.Respond(availability.Calendar{Events: events}, policy.Reviewer, asked.FreeBusy, ""))
	}
	client, ews := partnerOf(t, func(w http.ResponseWriter, _ *http.Request) {
		_ = soap.Write(w, soap.Envelope{Body: want.Marshal(asked.TimeZone)})
	})
	got, err := ask(client, ews, asked)
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("%v, %d mailboxes", err, len(got.Mailboxes))
	}
}

func TestWSSecurityURL(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"https://mail.fabrikam.com/EWS/Exchange.asmx":             "https://mail.fabrikam.com/EWS/Exchange.asmx/WSSecurity",
		"https://mail.fabrikam.com/EWS/Exchange.asmx/":            "https://mail.fabrikam.com/EWS/Exchange.asmx/WSSecurity",
		"https://mail.fabrikam.com/ews/exchange.asmx/wssecurity":  "https://mail.fabrikam.com/ews/exchange.asmx/WSSecurity",
		"https://mail.fabrikam.com/ews/exchange.asmx/WSSecurity/": "https://mail.fabrikam.com/ews/exchange.asmx/WSSecurity",
		"https://mail.fabrikam.com:444":                           "https://mail.fabrikam.com:444/WSSecurity",
		"https://mail.fabrikam.com/notwssecurity":                 "https://mail.fabrikam.com/notwssecurity/WSSecurity",
		"":                                  "",
		"mail.fabrikam.com":                 "",
		"https://":                          "",
		"https://mail.fabrikam.com/%zz":     "",
		"https://mail.fabrikam.com/ews?x=1": "",
		"https://mail.fabrikam.com/ews#x":   "",
	}
	for ews, want := range cases {
		if got, err := availability.WSSecurityURL(ews); got != want || (err == nil) == (want == "") {
			t.Errorf("%s: %q, %v, want %q", ews, got, err, want)
		}
	}
	if len(cases) < 12 {
		t.Fatalf("%d cases", len(cases))
	}
}

// TestRequestsNotSent: nothing goes out of what the partner would refuse.
func TestRequestsNotSent(t *testing.T) {
	t.Parallel()
	client, ews := partnerOf(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	client.Rand = nil
	change := func(f func(*availability.Request)) availability.Request {
		r := request()
		f(&r)
		return r
	}
	cases := []struct {
		request availability.Request
		id      string
	}{
		{change(func(r *availability.Request) { r.Mailboxes = nil }), "ErrorMissingArgument"},
		{change(func(r *availability.Request) { r.Mailboxes = make([]availability.MailboxData, 101) }), "ErrorIndividualMailboxLimitReached"},
		{change(func(r *availability.Request) { r.FreeBusy.End = r.FreeBusy.Start }), "ErrorInvalidTimeInterval"},
		{change(func(r *availability.Request) { r.FreeBusy.End = r.FreeBusy.Start.AddDate(0, 0, 43) }), "ErrorTimeIntervalTooBig"},
		{change(func(r *availability.Request) { r.FreeBusy.Interval = 0 }), "ErrorInvalidMergedFreeBusyInterval"},
		{change(func(r *availability.Request) { r.FreeBusy.RequestedView = "" }), "ErrorInvalidFreeBusyViewType"},
		{change(func(r *availability.Request) { r.FreeBusy.RequestedView = "None" }), "ErrorInvalidFreeBusyViewType"},
		{change(func(r *availability.Request) { r.FreeBusy.RequestedView = "DetailedMergedX" }), "ErrorInvalidFreeBusyViewType"},
	}
	for _, c := range cases {
		_, err := ask(client, ews, c.request)
		var e *federation.Error
		if !errors.As(err, &e) || e.Kind != federation.Invalid || e.ID != c.id || e.Remedy == "" {
			t.Errorf("%+v, want %s", err, c.id)
		}
	}
	if len(cases) < 8 {
		t.Fatalf("%d cases", len(cases))
	}
	var e *federation.Error
	if _, err := ask(client, "mail.fabrikam.com", request()); !errors.As(err, &e) || e.Kind != federation.Invalid || e.ID != "InvalidPartnerUrl" {
		t.Errorf("no URL: %v", err)
	}
	if _, err := client.GetUserAvailability(context.Background(), ews, []byte("<not XML"), request()); !errors.As(err, &e) || e.ID != "RequestNotMade" {
		t.Errorf("no token: %v", err)
	}
	client.Rand = strings.NewReader("short")
	if _, err := ask(client, ews, request()); !errors.As(err, &e) || e.ID != "RequestNotMade" {
		t.Errorf("no randomness: %v", err)
	}
}
