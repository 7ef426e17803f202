package soap_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/soap"
)

func TestReadRequest(t *testing.T) {
	t.Parallel()
	const action = "urn:service/Operation"
	addressed := wrap(`<w:Action xmlns:w="`+soap.NamespaceAddressing+`" s:mustUnderstand="1">`+action+`</w:Action>`, "<a/>")
	cases := map[string]struct {
		method, kind string
		actions      []string
		body         string
		status       int // 0: accepted
		code         soap.MessageCode
	}{
		"a call":                     {"POST", "text/xml; charset=utf-8", []string{`"` + action + `"`}, wrap("", "<a/>"), 0, ""},
		"charset in capitals":        {"POST", `text/xml; charset="UTF-8"`, []string{`"` + action + `"`}, wrap("", "<a/>"), 0, ""},
		"action without quotes":      {"POST", "text/xml", []string{action}, wrap("", "<a/>"), 0, ""},
		"addressed":                  {"POST", "text/xml", []string{`"` + action + `"`}, addressed, 0, ""},
		"addressed otherwise":        {"POST", "text/xml", []string{`"urn:other"`}, addressed, 400, soap.Malformed},
		"GET":                        {"GET", "text/xml", []string{action}, "", 405, ""},
		"PUT":                        {"PUT", "text/xml", []string{action}, wrap("", "<a/>"), 405, ""},
		"no type":                    {"POST", "", []string{action}, wrap("", "<a/>"), 415, ""},
		"SOAP 1.2's type":            {"POST", "application/soap+xml", []string{action}, wrap("", "<a/>"), 415, ""},
		"a form":                     {"POST", "application/x-www-form-urlencoded", []string{action}, "a=b", 415, ""},
		"UTF-16":                     {"POST", "text/xml; charset=utf-16", []string{action}, wrap("", "<a/>"), 415, ""},
		"no action":                  {"POST", "text/xml", nil, wrap("", "<a/>"), 400, ""},
		"an empty action":            {"POST", "text/xml", []string{`""`}, wrap("", "<a/>"), 400, ""},
		"two actions":                {"POST", "text/xml", []string{action, action}, wrap("", "<a/>"), 400, ""},
		"a quote alone":              {"POST", "text/xml", []string{`"`}, wrap("", "<a/>"), 400, ""},
		"a quote at the end":         {"POST", "text/xml", []string{action + `"`}, wrap("", "<a/>"), 400, ""},
		"quotes within":              {"POST", "text/xml", []string{`"a"b"`}, wrap("", "<a/>"), 400, ""},
		"too large":                  {"POST", "text/xml", []string{action}, strings.Repeat("x", 1001), 413, ""},
		"no message":                 {"POST", "text/xml", []string{action}, "<a/>", 400, soap.Malformed},
		"a block nobody understands": {"POST", "text/xml", []string{action}, wrap(`<h s:mustUnderstand="1"/>`, "<a/>"), 400, soap.NotUnderstood},
	}
	for name, c := range cases {
		for _, announced := range []bool{true, false} {
			request := httptest.NewRequest(c.method, "/", strings.NewReader(c.body))
			request.Header.Set("Content-Type", c.kind)
			for _, a := range c.actions {
				request.Header.Add("SOAPAction", a)
			}
			if !announced {
				request.ContentLength = -1
			}
			message, got, err := soap.ReadRequest(soap.SOAP11, request, 1000)
			if c.status == 0 {
				if err != nil || got != action || message.Payload.Name.Local != "a" {
					t.Errorf("%s: %v, %q, %v", name, message, got, err)
				}
				continue
			}
			var fault *soap.RequestError
			if !errors.As(err, &fault) || fault.Status != c.status || codeOf(err) != c.code || message != nil {
				t.Errorf("%s: %v, want status %d, code %q", name, err, c.status, c.code)
			}
		}
	}
	if len(cases) < 20 {
		t.Fatalf("%d cases, want at least 20", len(cases))
	}
}

// TestServedAnswersReachTheClient has both sides of the package talk.
func TestServedAnswersReachTheClient(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, action, err := soap.ReadRequest(soap.SOAP11, r, soap.DefaultMaxBytes)
		var refused *soap.RequestError
		switch {
		case errors.As(err, &refused):
			err = soap.WriteRequestError(w, refused)
		case action == "urn:ok":
			err = soap.Write(w, soap.Envelope{Body: []byte("<ok/>")})
		default:
			err = soap.WriteFault(w, &soap.Fault{Code: soap.ClientCode(), String: "AccessDenied: Access Denied.", ErrorCode: "1007", ErrorDescription: "AccessDenied: Access Denied."})
		}
		if err != nil {
			t.Error(err)
		}
	})
	cases := map[string]struct {
		action, message string
		want            outcome
	}{
		"an answer":           {"urn:ok", wrap("", "<a/>"), outcome{Type: "none"}},
		"a fault":             {"urn:no", wrap("", "<a/>"), outcome{"Fault", 500, "1007", ""}},
		"a broken message":    {"urn:ok", "<a/>", outcome{"Fault", 500, "", ""}},
		"another version":     {"urn:ok", "<Envelope/>", outcome{"Fault", 500, "", ""}},
		"too large a message": {"urn:ok", strings.Repeat(" ", soap.DefaultMaxBytes+1), outcome{"Status", 413, "", ""}},
	}
	for name, c := range cases {
		_, err := plain().Call(t.Context(), server.URL, c.action, []byte(c.message))
		if diff := cmp.Diff(c.want, outcomeOf(err)); diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestWriteRequestErrorTellsNothing(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		err    *soap.RequestError
		status int
		body   string // that it must contain; "" for an empty one
	}{
		"method":    {&soap.RequestError{Status: 405, Reason: "secret"}, 405, ""},
		"malformed": {&soap.RequestError{Status: 400, Err: &soap.MessageError{Code: soap.Malformed, Detail: "secret"}}, 500, "<faultcode>s:Client</faultcode>"},
		"version":   {&soap.RequestError{Status: 400, Err: &soap.MessageError{Code: soap.VersionMismatch, Detail: "secret"}}, 500, "<faultcode>s:VersionMismatch</faultcode>"},
		"mandatory": {&soap.RequestError{Status: 400, Err: &soap.MessageError{Code: soap.NotUnderstood, Detail: "secret"}}, 500, "<faultcode>s:MustUnderstand</faultcode>"},
	}
	for name, c := range cases {
		recorder := httptest.NewRecorder()
		if err := soap.WriteRequestError(recorder, c.err); err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(recorder.Body)
		if recorder.Code != c.status || !strings.Contains(string(body), c.body) || c.body == "" && len(body) > 0 || strings.Contains(string(body), "secret") {
			t.Errorf("%s: %d %s", name, recorder.Code, body)
		}
	}
	if got := httptest.NewRecorder(); soap.WriteRequestError(got, cases["method"].err) != nil || got.Header().Get("Allow") != "POST" {
		t.Errorf("Allow = %q", got.Header().Get("Allow"))
	}
}

// TestHugeRequests: of a body of 100 MB nothing is read when its size is announced, and no
// more than the limit when it is not.
func TestHugeRequests(t *testing.T) {
	t.Parallel()
	const size, most = 100 << 20, 1 << 20
	for announced, allowed := range map[int64]int64{size: 0, -1: most + 1} {
		body := &io.LimitedReader{R: endless{}, N: size}
		request := httptest.NewRequest("POST", "/", body)
		request.ContentLength = announced
		request.Header.Set("Content-Type", "text/xml")
		request.Header.Set("SOAPAction", "urn:a")
		message, _, err := soap.ReadRequest(soap.SOAP11, request, most)
		var fault *soap.RequestError
		if !errors.As(err, &fault) || fault.Status != 413 || message != nil {
			t.Errorf("announced as %d: %v, %v, want status 413", announced, message, err)
		}
		if read := size - body.N; read > allowed {
			t.Errorf("announced as %d: %d bytes were read, %d are allowed", announced, read, allowed)
		}
	}
}

// endless reads as open tags.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "<a>"[i%3]
	}
	return len(p), nil
}

// TestAnswersSayHowLongTheyAre has an answer that is longer than what an HTTP server keeps back
// to count it.
func TestAnswersSayHowLongTheyAre(t *testing.T) {
	t.Parallel()
	for _, length := range []int{1, 100_000} {
		body := `<a xmlns="urn:a">` + strings.Repeat("x", length) + `</a>`
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if err := soap.Write(w, soap.Envelope{Body: []byte(body)}); err != nil {
				t.Error(err)
			}
		}))
		t.Cleanup(server.Close)
		answer, err := server.Client().Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		got, err := io.ReadAll(answer.Body)
		if err != nil || !strings.Contains(string(got), body) || answer.ContentLength != int64(len(got)) || len(answer.TransferEncoding) > 0 {
			t.Errorf("%d bytes, %v: length %d, encoding %v", len(got), err, answer.ContentLength, answer.TransferEncoding)
		}
	}
}
