package soap_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

const namespace12 = "http://www.w3.org/2003/05/soap-envelope"

func wrap12(header, body string) string {
	return `<s:Envelope xmlns:s="` + namespace12 + `"><s:Header>` + header + `</s:Header><s:Body>` + body + `</s:Body></s:Envelope>`
}

// gatewayFault is the fault of token services as documentation shows it, prefixes and
// all.
const gatewayFault = `<S:Envelope xmlns:S="` + namespace12 + `"><S:Body><S:Fault><S:Code><S:Value>S:Sender</S:Value>` +
	`<S:Subcode><S:Value xmlns:wst="http://schemas.xmlsoap.org/ws/2005/02/trust">wst:FailedAuthentication</S:Value></S:Subcode></S:Code>` +
	`<S:Reason><S:Text xml:lang="en-US">Authentication Failure</S:Text></S:Reason>` +
	`<S:Detail><psf:error xmlns:psf="http://schemas.microsoft.com/Passport/SoapServices/SOAPFault"><psf:value>0x80048821</psf:value>` +
	`<psf:internalerror><psf:code>0x80041034</psf:code><psf:text>The specified member name is either invalid or empty.</psf:text>` +
	`</psf:internalerror></psf:error></S:Detail></S:Fault></S:Body></S:Envelope>`

func failedAuthentication() soap.Fault {
	return soap.Fault{
		Version: soap.SOAP12, Code: soap.SenderCode(),
		Subcode:  xmlsec.Name{Space: "http://schemas.xmlsoap.org/ws/2005/02/trust", Local: "FailedAuthentication"},
		String:   "Authentication Failure",
		Passport: &soap.PassportError{Value: "0x80048821", Code: "0x80041034", Text: "The specified member name is either invalid or empty."},
	}
}

func TestFaults12(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		message string
		want    soap.Fault
		text    string
	}{
		"a token service's": {gatewayFault, failedAuthentication(), "fault Sender FailedAuthentication: 0x80041034 The specified member name is either invalid or empty."},
		"no detail": {
			wrap12("", `<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang="en">no</s:Text><s:Text xml:lang="de">nein</s:Text></s:Reason></s:Fault>`),
			soap.Fault{Version: soap.SOAP12, Code: soap.ReceiverCode(), String: "no"}, "fault Receiver: no",
		},
		"another detail": {
			wrap12("", `<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Detail><error>x</error></s:Detail></s:Fault>`),
			soap.Fault{Version: soap.SOAP12, Code: soap.ReceiverCode()}, "fault Receiver: no reason given",
		},
		"nothing":         {wrap12("", `<s:Fault/>`), soap.Fault{Version: soap.SOAP12}, "fault : no reason given"},
		"SOAP 1.1 within": {wrap12("", `<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring></s:Fault>`), soap.Fault{Version: soap.SOAP12}, "fault : no reason given"},
	}
	for name, c := range cases {
		m, err := soap.ParseMessage(soap.SOAP12, []byte(c.message), xmlsec.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got := m.Fault()
		if diff := cmp.Diff(&c.want, got, cmpopts.IgnoreFields(soap.Fault{}, "Detail")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got.Error() != c.text {
			t.Errorf("%s: %q, want %q", name, got.Error(), c.text)
		}
	}
	fault11 := wrap("", "<s:Fault><faultcode>s:Client</faultcode></s:Fault>")
	if m, err := soap.ParseMessage(soap.SOAP12, []byte(fault11), xmlsec.Limits{}); codeOf(err) != soap.VersionMismatch {
		t.Errorf("a message of SOAP 1.1: %v, %v", m, err)
	}
	if m, err := soap.ParseMessage(soap.SOAP11, []byte(gatewayFault), xmlsec.Limits{}); codeOf(err) != soap.VersionMismatch {
		t.Errorf("a message of SOAP 1.2 in place of 1.1: %v, %v", m, err)
	}
}

func TestFault12RoundTrip(t *testing.T) {
	t.Parallel()
	hostile := failedAuthentication()
	hostile.String, hostile.Passport.Text, hostile.Subcode.Space = `<&>"'`, "</psf:text>", `urn:"<`
	foreign := soap.Fault{Version: soap.SOAP12, Code: xmlsec.Name{Space: "urn:x", Local: "Odd"}, String: "x"}
	for name, want := range map[string]soap.Fault{"a token service's": failedAuthentication(), "hostile": hostile, "foreign": foreign, "bare": {Version: soap.SOAP12, Code: xmlsec.Name{Local: "Odd"}}} {
		message, err := soap.Envelope{Version: soap.SOAP12, Body: want.XML()}.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		m, err := soap.ParseMessage(soap.SOAP12, message, xmlsec.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&want, m.Fault(), cmpopts.IgnoreFields(soap.Fault{}, "Detail")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadRequest12(t *testing.T) {
	t.Parallel()
	const action, kind = "urn:service/Operation", "application/soap+xml"
	addressed := wrap12(`<w:Action xmlns:w="`+wsa+`" s:mustUnderstand="true">`+action+`</w:Action>`, "<a/>")
	cases := map[string]struct {
		kind, body string
		status     int // 0: accepted
		code       soap.MessageCode
	}{
		"in the type":                {kind + `; charset=utf-8; action="` + action + `"`, wrap12("", "<a/>"), 0, ""},
		"in the message":             {kind + "; charset=utf-8", addressed, 0, ""},
		"in both":                    {kind + `; action="` + action + `"`, addressed, 0, ""},
		"in two ways":                {kind + `; action="urn:other"`, addressed, 400, soap.Malformed},
		"nowhere":                    {kind, wrap12("", "<a/>"), 400, soap.Malformed},
		"SOAP 1.1's type":            {"text/xml", addressed, 415, ""},
		"SOAP 1.1 within":            {kind, wrap("", "<a/>"), 400, soap.VersionMismatch},
		"UTF-16":                     {kind + "; charset=utf-16", addressed, 415, ""},
		"a block nobody understands": {kind, strings.Replace(addressed, "</s:Header>", `<h s:mustUnderstand="true"/></s:Header>`, 1), 400, soap.NotUnderstood},
		"marked for SOAP 1.1":        {kind, strings.Replace(addressed, "</s:Header>", `<h x:mustUnderstand="1" xmlns:x="`+soap.Namespace+`"/></s:Header>`, 1), 0, ""},
		"too large":                  {kind, strings.Repeat("x", 1001), 413, ""},
	}
	for name, c := range cases {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
		request.Header.Set("Content-Type", c.kind)
		m, got, err := soap.ReadRequest(soap.SOAP12, request, 1000)
		if c.status == 0 {
			if err != nil || got != action || m.Version != soap.SOAP12 || !m.Payload.Is("", "a") {
				t.Errorf("%s: %v, %q, %v", name, m, got, err)
			}
			continue
		}
		var refused *soap.RequestError
		if !errors.As(err, &refused) || refused.Status != c.status || refused.Version != soap.SOAP12 || codeOf(err) != c.code {
			t.Errorf("%s: %v, want status %d and code %q", name, err, c.status, c.code)
		}
	}
	if len(cases) < 11 {
		t.Fatalf("%d cases, want at least 11", len(cases))
	}
}

// TestCall12 has a client and a server of SOAP 1.2 talk.
func TestCall12(t *testing.T) {
	t.Parallel()
	type seen struct{ Type, Accept, Action string }
	var got seen
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = seen{r.Header.Get("Content-Type"), r.Header.Get("Accept"), r.Header.Get("SOAPAction")}
		_, action, err := soap.ReadRequest(soap.SOAP12, r, soap.DefaultMaxBytes)
		var refused *soap.RequestError
		fault := failedAuthentication()
		switch {
		case errors.As(err, &refused):
			err = soap.WriteRequestError(w, refused)
		case action == "urn:fail":
			err = soap.WriteFault(w, &fault)
		default:
			err = soap.Write(w, soap.Envelope{Version: soap.SOAP12, Body: []byte("<ok/>")})
		}
		if err != nil {
			t.Error(err)
		}
	}))
	client := plain()
	client.Version = soap.SOAP12
	answer, err := client.Call(t.Context(), server.URL, "urn:a", []byte(wrap12("", "<a/>")))
	if err != nil || !answer.Payload.Is("", "ok") {
		t.Fatalf("%v, %v", answer, err)
	}
	if diff := cmp.Diff(seen{`application/soap+xml; charset=utf-8; action="urn:a"`, "application/soap+xml", ""}, got); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	cases := map[string]struct {
		action, message string
		status          int
		code, subcode   string
	}{
		"the sender's":    {"urn:fail", wrap12("", "<a/>"), 400, "Sender", "FailedAuthentication"},
		"a mandatory one": {"urn:a", wrap12(`<h s:mustUnderstand="1"/>`, "<a/>"), 500, "MustUnderstand", ""},
		"another version": {"urn:a", wrap("", "<a/>"), 500, "VersionMismatch", ""},
		"no message":      {"urn:a", "<a/>", 400, "Sender", ""},
	}
	for name, c := range cases {
		_, err := client.Call(t.Context(), server.URL, c.action, []byte(c.message))
		var fault *soap.Fault
		if !errors.As(err, &fault) || fault.Status != c.status || fault.Code != (xmlsec.Name{Space: namespace12, Local: c.code}) || fault.Subcode.Local != c.subcode {
			t.Errorf("%s: %v, want status %d and fault %s %s", name, err, c.status, c.code, c.subcode)
		}
	}
	old := plain()
	if _, err := old.Call(t.Context(), server.URL, "urn:a", []byte(wrap("", "<a/>"))); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("SOAP 1.1 is answered: %v", err)
	}
}
