package availability_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/soap"
)

func TestAnswersThatAreNoSuccess(t *testing.T) {
	t.Parallel()
	const xml, html = "text/xml; charset=utf-8", "text/html"
	security := func(code string) string {
		return wrap("", `<s:Fault><faultcode xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">w:`+code+
			`</faultcode><faultstring>An error occurred when processing the security tokens in the message.</faultstring></s:Fault>`)
	}
	ews := func(code, text string) string {
		return wrap("", string(availability.Fault{Code: availability.ResponseCode(code), Message: text}.Marshal()))
	}
	related := wrap(`<a:RelatesTo xmlns:a="http://www.w3.org/2005/08/addressing">urn:uuid:other</a:RelatesTo>`, responseWire)
	cases := []struct {
		name        string
		status      int
		contentType string
		body        string
		kind        federation.Kind
		id          string
		text        string // part of the error
		remedy      string // part of what to do
	}{
		{"a token nobody could open", 500, xml, security("InvalidSecurityToken"), federation.Refused, "PartnerRefusedToken", "processing the security tokens", "set-federationtrust -RefreshMetadata"},
		{"a token that failed", 500, xml, security("FailedAuthentication"), federation.Refused, "PartnerRefusedToken", "security tokens", "certificate"},
		{"a header that failed", 500, xml, security("InvalidSecurity"), federation.Refused, "PartnerRefusedToken", "InvalidSecurity", "clocks"},
		{"another security fault", 500, xml, security("UnsupportedSecurityToken"), federation.Refused, "PartnerRefusedToken", "UnsupportedSecurityToken", ""},
		{"a namesake", 500, xml, strings.Replace(security("InvalidSecurityToken"), "oasis-200401-wss-wssecurity-secext", "x", 1), federation.Refused, "PartnerFault", "InvalidSecurityToken", ""},
		{"busy, says the service", 500, xml, ews("ErrorServerBusy", "Later."), federation.Unavailable, "ErrorServerBusy", "server is busy (ErrorServerBusy: Later.)", "try again"},
		{"schema", 500, xml, ews("ErrorSchemaValidation", "No."), federation.Invalid, "ErrorSchemaValidation", "ErrorSchemaValidation: No.", "update"},
		{"an unknown code", 500, xml, ews("ErrorNew", "Sorry."), federation.Refused, "ErrorNew", "ErrorNew: Sorry.", ""},
		{"a fault without detail", 500, xml, wrap("", `<s:Fault><faultcode>s:Client</faultcode><faultstring>Just no.</faultstring></s:Fault>`), federation.Refused, "PartnerFault", "Just no.", ""},
		{"hostile text", 500, xml, ews("ErrorServerBusy", "\u202eevil\u009b31m \n"+strings.Repeat("z", 5000)), federation.Unavailable, "ErrorServerBusy", "?evil?31m zzz", ""},
		{"sign in first", 401, html, "<html></html>", federation.Refused, "PartnerForbidden", "another way of signing in", "/WSSecurity"},
		{"forbidden", 403, html, "<html></html>", federation.Refused, "PartnerForbidden", "lets nobody in", "user agent"},
		{"not set up", 405, html, "", federation.Refused, "PartnerFault", "not set up", "handler mappings"},
		{"elsewhere", 302, html, "", federation.Untrusted, "PartnerAnswerNotTrusted", "302", "redirects are not followed"},
		{"not found", 404, html, "", federation.Untrusted, "PartnerAnswerNotTrusted", "404", "TargetSharingEpr"},
		{"server error", 500, html, "<html></html>", federation.Untrusted, "PartnerAnswerNotTrusted", "500", ""},
		{"busy", 503, html, "", federation.Unavailable, "PartnerUnreachable", "503", "later"},
		{"bad gateway", 502, html, "", federation.Unavailable, "PartnerUnreachable", "502", "later"},
		{"too many", 429, html, "", federation.Unavailable, "PartnerUnreachable", "429", "later"},
		{"too slow", 504, html, "", federation.Unavailable, "PartnerUnreachable", "504", "later"},
		{"a page", 200, html, "<html><title>Sign in</title></html>", federation.Untrusted, "PartnerAnswerNotTrusted", "Sign in", "without signing in"},
		{"garbage", 200, xml, "\x00\x01", federation.Untrusted, "PartnerAnswerNotTrusted", "not one", ""},
		{"empty", 200, xml, "", federation.Untrusted, "PartnerAnswerNotTrusted", "empty", ""},
		{"another answer", 200, xml, wrap("", "<m:GetRoomsResponse/>"), federation.Untrusted, "PartnerAnswerNotTrusted", "no answer about free/busy", ""},
		{"an answer to another", 200, xml, related, federation.Untrusted, "PartnerAnswerNotTrusted", "answers another request", ""},
		{"two answers in one", 200, xml, wrap(`<a:RelatesTo xmlns:a="http://www.w3.org/2005/08/addressing"/><a:RelatesTo xmlns:a="http://www.w3.org/2005/08/addressing"/>`, responseWire),
			federation.Untrusted, "PartnerAnswerNotTrusted", "RelatesTo", ""},
		{"one mailbox too few", 200, xml, wrap("", strings.Replace(responseWire, refusalWire, "", 1)), federation.Untrusted, "PartnerAnswerNotTrusted", "about 3 mailboxes, 4 were asked", ""},
		{"one mailbox too many", 200, xml, wrap("", strings.Replace(responseWire, refusalWire, refusalWire+refusalWire, 1)), federation.Untrusted, "PartnerAnswerNotTrusted", "about 5 mailboxes", ""},
		{"a mandatory header", 200, xml, wrap(`<x s:mustUnderstand="1"/>`, responseWire), federation.Untrusted, "PartnerAnswerNotTrusted", "mandatory header block x", ""},
	}
	if len(cases) < 29 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client, ews := partnerOf(t, answering(c.status, c.contentType, c.body))
			_, err := ask(client, ews, four())
			var e *federation.Error
			if !errors.As(err, &e) || e.Kind != c.kind || e.ID != c.id || !strings.Contains(err.Error(), c.text) ||
				!strings.Contains(e.Remedy, c.remedy) || !strings.HasPrefix(e.Object, "partner 127.0.0.1:") {
				t.Fatalf("the error is %#v", err)
			}
			if len(err.Error()) > 1500 || strings.ContainsAny(err.Error(), "\x1b\u009b\u202e\n\r\x00") {
				t.Errorf("the error is not fit for a terminal: %q", err)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	client, _ := partnerOf(t, http.NotFound)
	client.Rand = nil
	gone := httptest.NewTLSServer(http.NotFoundHandler())
	gone.Close()
	if _, err := ask(client, gone.URL, request()); !federation.IsKind(err, federation.Unavailable) {
		t.Errorf("nobody there: %v", err)
	}
	stranger := httptest.NewTLSServer(http.NotFoundHandler())
	defer stranger.Close()
	trusting := client.SOAP
	client.SOAP = &soap.Client{}
	if _, err := ask(client, stranger.URL, request()); !federation.IsKind(err, federation.Untrusted) {
		t.Errorf("a certificate nobody trusts: %v", err)
	}
	if _, err := ask(client, "http://mail.fabrikam.com/", request()); !federation.IsKind(err, federation.Invalid) {
		t.Errorf("http: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := client.GetUserAvailability(ctx, stranger.URL, []byte(tokenWire), request()); !federation.IsKind(err, federation.Interrupted) {
		t.Errorf("interrupted: %v", err)
	}
	stop := errors.New("stop")
	checked := *trusting
	checked.Checkpoint = func(string) error { return stop }
	client.SOAP = &checked
	if _, err := ask(client, stranger.URL, request()); err != stop {
		t.Errorf("the checkpoint's error came back as %v", err)
	}
}

// TestEndlessAnswer has the server write until the client has had enough.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	client, ews := partnerOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		chunk := []byte(strings.Repeat("<a>", 10000))
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	if _, err := ask(client, ews, four()); !federation.IsKind(err, federation.Untrusted) {
		t.Errorf("the error is %v", err)
	}
}

func TestProblem(t *testing.T) {
	t.Parallel()
	if err := response().Mailboxes[0].Problem("sales@fabrikam.com"); err != nil {
		t.Errorf("of a success: %v", err)
	}
	err := availability.NoFreeBusyAccess().Problem("sales@fabrikam.com\x1b")
	want := &federation.Error{
		Kind: federation.Refused, ID: "ErrorNoFreeBusyAccess", Object: "mailbox sales@fabrikam.com?",
		Reason: "the partner does not show you this calendar (ErrorNoFreeBusyAccess: The caller does not have access to free/busy data.)",
		Remedy: "ask the partner whether an enabled organization relationship has the domain of your address and grants free/busy, " +
			"whether the mailbox is in its scope, and what the default permission of the calendar is",
	}
	if diff := cmp.Diff(error(want), err); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, c := range []struct{ code, text, want string }{
		{"ErrorNew", "", "mailbox a: ErrorNew"}, {"ErrorNew", "Sorry.", "mailbox a: ErrorNew: Sorry."},
		{"ErrorMailRecipientNotFound", "", "mailbox a: the partner has no mailbox with this address (ErrorMailRecipientNotFound)"},
	} {
		if err := availability.Refused(availability.ResponseCode(c.code), c.text).Problem("a"); err.Error() != c.want {
			t.Errorf("%q, want %q", err, c.want)
		}
	}
}

// TestEveryCodeIsExplained: each code the specification lists has a meaning of its own, and
// all but success have something to do about them.
func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	codes := strings.Fields(`NoError ErrorMailRecipientNotFound ErrorNoFreeBusyAccess ErrorFreeBusyGenerationFailed ErrorFreeBusyDLLimitReached
		ErrorIndividualMailboxLimitReached ErrorInvalidTimeInterval ErrorTimeIntervalTooBig ErrorInvalidMergedFreeBusyInterval ErrorMissingArgument
		ErrorProxyRequestProcessingFailed ErrorProxyRequestNotAllowed ErrorProxyServiceDiscoveryFailed ErrorPublicFolderRequestProcessingFailed
		ErrorInvalidOrganizationRelationshipForFreeBusy ErrorInvalidFederatedOrganizationId ErrorOrganizationNotFederated
		ErrorUserWithoutFederatedProxyAddress ErrorSchemaValidation ErrorServerBusy ErrorInvalidFreeBusyViewType ErrorTimeZone`)
	seen := map[string]string{}
	for _, code := range codes {
		c := availability.ResponseCode(code)
		if other := seen[c.Meaning()]; c.Meaning() == "" || other != "" {
			t.Errorf("%s means %q, as %s", code, c.Meaning(), other)
		}
		seen[c.Meaning()] = code
		if (c.NextAction() == "") != (code == "NoError") {
			t.Errorf("%s: %q is to be done", code, c.NextAction())
		}
	}
	if len(codes) < 22 || availability.ResponseCode("ErrorNew").Meaning() != "" {
		t.Errorf("%d codes", len(codes))
	}
}
