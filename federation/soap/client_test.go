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
	"exfed/federation/xmlsec"
)

// serve starts a server that the test stops.
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// answers returns a handler that always gives the same answer.
func answers(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func plain() *soap.Client { return &soap.Client{AllowHTTP: true, UserAgent: "exfed/test"} }

func TestCall(t *testing.T) {
	t.Parallel()
	type seen struct{ Method, ContentType, Action, Agent, Body string }
	var got seen
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = seen{r.Method, r.Header.Get("Content-Type"), r.Header.Get("SOAPAction"), r.UserAgent(), string(body)}
		answers(200, "text/xml; charset=utf-8", wrap("", "<ok/>"))(w, r)
	})
	client := plain()
	var points []string
	client.Checkpoint = func(point string) error {
		points = append(points, point)
		return nil
	}
	answer, err := client.Call(t.Context(), server.URL, md2+"/CreateAppId", []byte("<message/>"))
	if err != nil {
		t.Fatal(err)
	}
	if answer.Payload.Name.Local != "ok" {
		t.Errorf("payload = %s", answer.Payload.Name)
	}
	want := seen{"POST", "text/xml; charset=utf-8", `"` + md2 + `/CreateAppId"`, "exfed/test", "<message/>"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{soap.CheckpointSend, soap.CheckpointAnswered}, points); diff != "" {
		t.Errorf("checkpoints (-want +got):\n%s", diff)
	}
}

func TestCheckpointsEndTheCall(t *testing.T) {
	t.Parallel()
	for _, stop := range []string{soap.CheckpointSend, soap.CheckpointAnswered} {
		asked := 0
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked++
			answers(200, "text/xml", wrap("", "<ok/>"))(w, r)
		})
		crash := errors.New("crash")
		client := plain()
		client.Checkpoint = func(point string) error {
			if point == stop {
				return crash
			}
			return nil
		}
		if _, err := client.Call(t.Context(), server.URL, "urn:a", nil); !errors.Is(err, crash) {
			t.Errorf("%s: %v", stop, err)
		}
		if want := map[string]int{soap.CheckpointSend: 0, soap.CheckpointAnswered: 1}[stop]; asked != want {
			t.Errorf("%s: the server was asked %d times, want %d", stop, asked, want)
		}
	}
}

// outcome is an error of a call without what differs from run to run.
type outcome struct {
	Type   string
	Status int
	Detail string // reason, fault text or redirect
	Title  string
}

func outcomeOf(err error) outcome {
	var (
		status    *soap.StatusError
		answer    *soap.AnswerError
		fault     *soap.Fault
		transport *soap.TransportError
	)
	switch {
	case err == nil:
		return outcome{Type: "none"}
	case errors.As(err, &fault):
		return outcome{"Fault", fault.Status, fault.ErrorCode, ""}
	case errors.As(err, &status):
		return outcome{"Status", status.Status, status.Location, status.Title}
	case errors.As(err, &answer):
		return outcome{"Answer", answer.Status, answer.Reason, answer.Title}
	case errors.As(err, &transport):
		return outcome{"Transport", 0, string(transport.Failure), ""}
	}
	return outcome{Type: err.Error()}
}

func TestAnswersAreToldApart(t *testing.T) {
	t.Parallel()
	fault := wrap("", `<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring><detail><ErrorCode>1007</ErrorCode></detail></s:Fault>`)
	const xml = "text/xml; charset=utf-8"
	const page = "a web page came back where XML was expected"
	long := strings.Repeat("x", 200)
	cases := map[string]struct {
		status     int
		kind, body string
		want       outcome
	}{
		"a message":           {200, xml, wrap("", "<ok/>"), outcome{Type: "none"}},
		"without charset":     {200, "text/xml", wrap("", "<ok/>"), outcome{Type: "none"}},
		"application/xml":     {200, "application/xml", wrap("", "<ok/>"), outcome{Type: "none"}},
		"a fault":             {500, xml, fault, outcome{"Fault", 500, "1007", ""}},
		"a fault under 200":   {200, xml, fault, outcome{"Fault", 200, "1007", ""}},
		"a fault under 403":   {403, xml, fault, outcome{"Fault", 403, "1007", ""}},
		"a bare 403":          {403, "text/plain", "Forbidden", outcome{"Status", 403, "", ""}},
		"a page for 403":      {403, "text/html", "<html><title>Forbidden: Access</title>", outcome{"Status", 403, "", "Forbidden: Access"}},
		"an empty 500":        {500, xml, "", outcome{"Status", 500, "", ""}},
		"other XML for 500":   {500, xml, "<error/>", outcome{"Status", 500, "", ""}},
		"a message for 500":   {500, xml, wrap("", "<ok/>"), outcome{"Status", 500, "", ""}},
		"a message for 202":   {202, xml, wrap("", "<ok/>"), outcome{"Status", 202, "", ""}},
		"a page":              {200, "text/html; charset=utf-8", "<!DOCTYPE html><html><head><TITLE lang='en'>\n Sign &amp; in </TITLE>", outcome{"Answer", 200, page, "Sign & in"}},
		"a page that lies":    {200, xml, "\n<!DOCTYPE HTML><title>Captive portal</title>", outcome{"Answer", 200, page, "Captive portal"}},
		"a page in XHTML":     {200, "application/xhtml+xml", "<html xmlns='http://www.w3.org/1999/xhtml'><title>X</title></html>", outcome{"Answer", 200, page, "X"}},
		"a page, no title":    {200, "text/html", "<html><body>", outcome{"Answer", 200, page, ""}},
		"a title without end": {200, "text/html", "<html><title", outcome{"Answer", 200, page, ""}},
		"a long title":        {200, "text/html", "<title>" + long + "</title>", outcome{"Answer", 200, page, strings.Repeat("x", 80) + "…"}},
		"a hostile title":     {200, "text/html", "<title>\x1b]0;evil\x07a\u202Eb&#27;[31mc\xff</title>", outcome{"Answer", 200, page, "?]0;evil?a?b?[31mc?"}},
		"JSON":                {200, "application/json", "{}", outcome{"Answer", 200, "the answer is application/json where XML was expected", ""}},
		"another charset":     {200, "text/xml; charset=utf-16", wrap("", "<ok/>"), outcome{"Answer", 200, "the answer is in utf-16, not in UTF-8", ""}},
		"nothing":             {200, xml, "", outcome{"Answer", 200, "an empty answer", ""}},
		"other XML":           {200, xml, "<ok/>", outcome{"Answer", 200, "the answer is not a SOAP message", ""}},
		"an entity bomb":      {200, xml, `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, outcome{"Answer", 200, "the answer is not a SOAP message", ""}},
		"a mandatory block":   {200, xml, wrap(`<h s:mustUnderstand="1"/>`, "<ok/>"), outcome{"Answer", 200, "the answer is not a SOAP message", ""}},
		"a senseless type":    {200, ";;", wrap("", "<ok/>"), outcome{"Answer", 200, "a content type that makes no sense", ""}},
		"exactly the limit":   {200, xml, wrap("", "<ok>"+strings.Repeat(" ", 5000-len(wrap("", "<ok></ok>")))+"</ok>"), outcome{Type: "none"}},
		"one byte more":       {200, xml, wrap("", "<ok>"+strings.Repeat(" ", 5001-len(wrap("", "<ok></ok>")))+"</ok>"), outcome{"Answer", 200, "an answer of more than 5000 bytes", ""}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, answers(c.status, c.kind, c.body))
			client := plain()
			client.MaxBytes = 5000
			_, err := client.Call(t.Context(), server.URL, "urn:a", nil)
			if diff := cmp.Diff(c.want, outcomeOf(err)); diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	if len(cases) < 28 {
		t.Fatalf("%d cases, want at least 28", len(cases))
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") })
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/x", http.StatusTemporaryRedirect)
	})
	want := outcome{"Status", 307, elsewhere.URL + "/x", ""}
	for name, client := range map[string]*soap.Client{
		"own client":   plain(),
		"given client": {AllowHTTP: true, HTTP: &http.Client{}},
	} {
		_, err := client.Call(t.Context(), server.URL, "urn:a", nil)
		if diff := cmp.Diff(want, outcomeOf(err)); diff != "" {
			t.Errorf("%s: Call (-want +got):\n%s", name, diff)
		}
		_, err = client.Get(t.Context(), server.URL)
		if diff := cmp.Diff(want, outcomeOf(err)); diff != "" {
			t.Errorf("%s: Get (-want +got):\n%s", name, diff)
		}
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		status     int
		kind, body string
		want       outcome
	}{
		"XML":         {200, "text/xml", "<metadata/>", outcome{Type: "none"}},
		"SAML's type": {200, "application/samlmetadata+xml", "<metadata/>", outcome{Type: "none"}},
		"a page":      {200, "text/html", "<title>Moved</title>", outcome{"Answer", 200, "a web page came back where XML was expected", "Moved"}},
		"not there":   {404, "text/html", "<title>404</title>", outcome{"Status", 404, "", "404"}},
		"nothing":     {200, "text/xml", " ", outcome{"Answer", 200, "an empty answer", ""}},
		"too much":    {200, "text/xml", strings.Repeat("x", 101), outcome{"Answer", 200, "an answer of more than 100 bytes", ""}},
	}
	for name, c := range cases {
		server := serve(t, answers(c.status, c.kind, c.body))
		client := plain()
		client.MaxBytes = 100
		body, err := client.Get(t.Context(), server.URL)
		if diff := cmp.Diff(c.want, outcomeOf(err)); diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
		if err == nil && string(body) != c.body || err != nil && body != nil {
			t.Errorf("%s: body = %q", name, body)
		}
	}
}

// TestNodesOfAnAnswer: the bound is xmlsec's unless the client says another.
func TestNodesOfAnAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t, answers(200, "text/xml", wrap("", "<a>"+strings.Repeat("<b/>", xmlsec.DefaultNodes)+"</a>")))
	for bound, enough := range map[int]bool{0: false, 100: false, xmlsec.DefaultNodes + 100: true} {
		client := plain()
		client.MaxNodes = bound
		if _, err := client.Call(t.Context(), s.URL, "urn:a", []byte(wrap("", "<a/>"))); (err == nil) != enough {
			t.Errorf("at most %d: %v", bound, err)
		}
	}
}
