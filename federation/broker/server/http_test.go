package server_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

func TestHTTPBounds(t *testing.T) {
	t.Parallel()
	const xmlType = "text/xml; charset=utf-8"
	big := `<a>` + strings.Repeat("x", 1<<20) + `</a>`
	deep := strings.Repeat("<a>", 5000) + strings.Repeat("</a>", 5000)
	cases := []struct {
		name, method, path, contentType, action, body string
		status                                        int
		answer                                        string // part of it
	}{
		{"metadata", "GET", broker.MetadataPath, "", "", "", 200, "<FederationMetadata "},
		{"metadata, another case", "GET", strings.ToLower(broker.MetadataPath), "", "", "", 200, "<FederationMetadata "},
		{"metadata posted", "POST", broker.MetadataPath, xmlType, "a", "", 405, ""},
		{"health", "GET", "/healthz", "", "", "", 200, "ok"},
		{"health posted", "POST", "/healthz", xmlType, "a", "", 405, ""},
		{"no such path", "GET", "/", "", "", "", 404, ""},
		{"service by GET", "GET", server.DelegationPath, "", "", "", 405, ""},
		{"JSON", "POST", server.DelegationPath, "application/json", "a", "{}", 415, ""},
		{"UTF-16", "POST", server.DelegationPath, "text/xml; charset=utf-16", "a", "<a/>", 415, ""},
		{"no action", "POST", server.DelegationPath, xmlType, "", "<a/>", 400, ""},
		{"too large", "POST", server.DelegationPath, xmlType, "a", big, 413, ""},
		{"larger than any request", "POST", server.DelegationPath, xmlType, "a", strings.Repeat("x", 256<<10+1), 413, ""},
		{"too deep", "POST", server.DelegationPath, xmlType, "a", deep, 500, "InvalidArgument: "},
		{"not XML", "POST", server.DelegationPath, xmlType, "a", "hello", 500, "InvalidArgument: "},
		{"empty", "POST", server.DelegationPath, xmlType, "a", "", 500, "InvalidArgument: "},
		{"document type", "POST", server.DelegationPath, xmlType, "a", `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`, 500, "InvalidArgument: "},
		{"not SOAP", "POST", server.DelegationPath, xmlType, "a", "<a/>", 500, "InvalidArgument: "},
		{"SOAP 1.2", "POST", server.DelegationPath, xmlType, "a", `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>`, 500, "VersionMismatch"},
		{"unsigned", "POST", server.DelegationPath, xmlType, "a", `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a/></e:Body></e:Envelope>`, 500, "AccessDenied: "},
	}
	if len(cases) < 19 {
		t.Fatalf("%d cases", len(cases))
	}
	r := newRig(t)
	before := r.dump()
	for _, c := range cases {
		q := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		q.Header.Set("Content-Type", c.contentType)
		if c.action != "" {
			q.Header.Set("SOAPAction", c.action)
		}
		w := httptest.NewRecorder()
		r.server.Handler().ServeHTTP(w, q)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.answer) {
			t.Errorf("%s: status %d, answer %s", c.name, w.Code, w.Body)
		}
	}
	if diff := cmp.Diff(before, r.dump()); diff != "" {
		t.Errorf("the registry changed:\n%s", diff)
	}
}

func TestSignedButWrong(t *testing.T) {
	t.Parallel()
	cases := map[string]func(s *signed) (action string){
		"another action": func(*signed) string { return broker.RemoveURI.SOAPAction() },
		"no operation":   func(s *signed) string { s.request.Operation = "Nonsense"; return broker.AddURI.SOAPAction() },
		"long program": func(s *signed) string {
			s.request = broker.Request{Operation: broker.ReserveDomain, AppID: s.request.AppID, DomainName: namespace, ProgramID: strings.Repeat("x", 65)}
			return broker.ReserveDomain.SOAPAction()
		},
		"many properties": func(s *signed) string {
			s.request = broker.Request{Operation: broker.UpdateAppIDProperties, AppID: s.request.AppID, Properties: make([]federation.Property, 33)}
			return broker.UpdateAppIDProperties.SOAPAction()
		},
		"long property": func(s *signed) string {
			s.request = broker.Request{Operation: broker.UpdateAppIDProperties, AppID: s.request.AppID, Properties: []federation.Property{{Value: strings.Repeat("x", 1025)}}}
			return broker.UpdateAppIDProperties.SOAPAction()
		},
	}
	if len(cases) < 5 {
		t.Fatalf("%d cases", len(cases))
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAttacks(t)
			s := a.good
			action := change(&s)
			before := a.dump("audit", "replay")
			if _, body := post(a.server.Handler(), action, s.message(t)); !strings.Contains(body, "InvalidArgument: ") {
				t.Error(body)
			}
			if diff := cmp.Diff(before, a.dump("audit", "replay")); diff != "" {
				t.Errorf("the registry changed:\n%s", diff)
			}
		})
	}
}

// stuck is a resolver that answers when it is let, or panics.
type stuck struct {
	asked, answer chan struct{}
	panics        bool
}

func (s *stuck) LookupTXT(ctx context.Context, _ string) ([]string, error) {
	if s.panics {
		panic("a bug")
	}
	s.asked <- struct{}{}
	select {
	case <-s.answer:
	case <-ctx.Done():
	}
	return nil, ctx.Err()
}

func TestPanicIsAnswered(t *testing.T) {
	t.Parallel()
	a := newAttacks(t)
	a.open(func(o *server.Options) { o.Resolver = &stuck{panics: true} })
	status, body := post(a.server.Handler(), broker.AddURI.SOAPAction(), a.good.message(t))
	if status != http.StatusInternalServerError || strings.Contains(body, "a bug") || !strings.Contains(a.log.String(), "a bug") {
		t.Errorf("status %d, answer %s", status, body)
	}
}

func TestLogIsJSONAndTellsNoSecret(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.register(1)
	proof := r.publish(o.pair, "contoso.com")
	_ = r.client.AddURI(context.Background(), o.pair, o.appID, "contoso.com", proof)
	_ = r.client.AddURI(context.Background(), o.pair, "\x1b[31mred\u202e", "contoso.com", proof)
	lines := strings.Split(strings.TrimSpace(r.log.String()), "\n")
	for _, line := range lines {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry["request"] == "" {
			t.Errorf("%v: %s", err, line)
		}
	}
	if len(lines) < 3 || strings.Contains(r.log.String(), proof.Value) || !strings.Contains(r.log.String(), thumbprint(o.pair.Certificate)) {
		t.Errorf("the log is %s", r.log)
	}
	files, err := filepath.Glob(r.path + "*") // the registry and its write-ahead log
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	places := map[string]string{"the log": r.log.String(), "a dump": r.dump()}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		places[file] = string(content)
	}
	for place, content := range places {
		for _, form := range []string{
			string(proof.Signature), base64.StdEncoding.EncodeToString(proof.Signature),
			hex.EncodeToString(proof.Signature), strings.Trim(fmt.Sprint(proof.Signature), "[]"),
		} {
			if strings.Contains(content, form) {
				t.Errorf("%s holds the signature of the domain", place)
			}
		}
	}
	if strings.ContainsAny(r.log.String(), "\x1b\u202e") || strings.Contains(r.log.String(), `\u001b`) {
		t.Errorf("remote control characters reach the log: %s", r.log)
	}
}
