package broker_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/soap"
)

// organization is a certificate with its key, made once for all tests.
var organization = sync.OnceValue(func() certificate.Pair {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), SubjectKeyId: []byte{1, 2, 3, 4}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return certificate.Pair{Certificate: cert, Key: key}
})

// clientOf starts a server with the handler and returns a client of it.
func clientOf(t *testing.T, handler http.HandlerFunc) *broker.Client {
	t.Helper()
	s := httptest.NewTLSServer(handler)
	t.Cleanup(s.Close)
	return &broker.Client{
		MetadataURL: s.URL + broker.MetadataPath, ManagementURL: s.URL + "/service", SOAP: &soap.Client{HTTP: s.Client()},
	}
}

func removeURI(c *broker.Client) error {
	return c.RemoveURI(context.Background(), organization(), "A1", "contoso.com")
}

func fault(members string) string {
	return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode>` +
		members + `</s:Fault></s:Body></s:Envelope>`
}

func TestAnswersThatAreNoSuccess(t *testing.T) {
	t.Parallel()
	const xml, html = "text/xml; charset=utf-8", "text/html"
	detail := func(code, description string) string {
		return fault(`<faultstring>x</faultstring><detail><ErrorCode>` + code + `</ErrorCode><ErrorDescription>` + description + `</ErrorDescription></detail>`)
	}
	cases := []struct {
		name        string
		status      int
		contentType string
		body        string
		kind        federation.Kind
		id          string
		text        string // part of the error
	}{
		{"access denied", 500, xml, detail("1007", "AccessDenied: Access Denied."), federation.Refused, "AccessDenied", "1007 AccessDenied: Access Denied."},
		{"too often", 500, xml, detail("MaxUriReached", "MaxUriReached: Same URI cannot be attached to different AppId on a single day."),
			federation.Refused, "MaxUriReached", ": MaxUriReached: Same URI cannot be attached to different AppId on a single day."},
		{"internal", 500, xml, detail("InternalError", "InternalError: Internal error."), federation.Refused, "InternalError", ": InternalError: Internal error."},
		{"no detail", 500, xml, fault(`<faultstring>AccessDenied: Access Denied.</faultstring>`), federation.Refused, "AccessDenied", ": AccessDenied: Access Denied."},
		{"code only", 500, xml, fault(`<faultstring>no</faultstring><detail><ErrorCode>1007</ErrorCode></detail>`), federation.Refused, "AccessDenied", "1007 no"},
		{"unknown", 500, xml, detail("3001", "SomethingElse: Sorry."), federation.Refused, "SomethingElse", "3001 SomethingElse: Sorry."},
		{"no text", 500, xml, fault(``), federation.Refused, "BrokerFault", "a fault without a text"},
		{"name servers", 500, xml, detail("DnsUnavailable", "DnsUnavailable: Try again later."), federation.Unavailable, "DnsUnavailable", "Try again later."},
		{"hostile text", 500, xml, detail("1007", "AccessDenied: &#x202e;evil&#x9b;31m &#10;"+strings.Repeat("z", 5000)), federation.Refused, "AccessDenied", "AccessDenied: ?evil?31m zzz"},
		{"fault under 200", 200, xml, detail("1007", "AccessDenied: Access Denied."), federation.Refused, "AccessDenied", "1007"},
		{"forbidden", 403, html, "<html>no</html>", federation.Refused, "BrokerForbidden", "The request failed with HTTP status 403: Forbidden."},
		{"a page", 200, html, "<html><title>Sign in</title></html>", federation.Untrusted, "BrokerAnswerNotTrusted", "Sign in"},
		{"a page that lies", 200, xml, "<!DOCTYPE html><html></html>", federation.Untrusted, "BrokerAnswerNotTrusted", ""},
		{"garbage", 200, xml, "\x00\x01\x02", federation.Untrusted, "BrokerAnswerNotTrusted", ""},
		{"empty", 200, xml, "", federation.Untrusted, "BrokerAnswerNotTrusted", ""},
		{"another answer", 200, xml, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a/></s:Body></s:Envelope>`, federation.Untrusted, "BrokerAnswerNotTrusted", ""},
		{"busy", 503, html, "<html>busy</html>", federation.Unavailable, "BrokerUnreachable", "503"},
		{"bad gateway", 502, html, "", federation.Unavailable, "BrokerUnreachable", "502"},
		{"not found", 404, html, "", federation.Untrusted, "BrokerAnswerNotTrusted", "404"},
	}
	if len(cases) < 19 {
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
			err := removeURI(client)
			var e *federation.Error
			if !errors.As(err, &e) || e.Kind != c.kind || e.ID != c.id || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("the error is %v", err)
			}
			if len(err.Error()) > 1500 || strings.ContainsAny(err.Error(), "\x1b\u009b\u202e\n\r\x00") {
				t.Errorf("the error is not fit for a terminal: %q", err)
			}
		})
	}
}

// TestEndlessAnswer has the server write until the client has had enough.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		chunk := []byte(strings.Repeat("<a>", 10000))
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	if err := removeURI(client); !federation.IsKind(err, federation.Untrusted) {
		t.Errorf("the error is %v", err)
	}
	if _, err := client.Metadata(context.Background()); !federation.IsKind(err, federation.Untrusted) {
		t.Errorf("for the metadata the error is %v", err)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	client := clientOf(t, http.NotFound)
	gone := httptest.NewTLSServer(http.NotFoundHandler())
	gone.Close()
	client.ManagementURL = gone.URL
	if err := removeURI(client); !federation.IsKind(err, federation.Unavailable) {
		t.Errorf("nobody there: %v", err)
	}
	stranger := httptest.NewTLSServer(http.NotFoundHandler())
	defer stranger.Close()
	client.ManagementURL, client.SOAP = stranger.URL, &soap.Client{}
	if err := removeURI(client); !federation.IsKind(err, federation.Untrusted) {
		t.Errorf("a certificate nobody trusts: %v", err)
	}
	client.ManagementURL = "http://broker.example/"
	if err := removeURI(client); !federation.IsKind(err, federation.Invalid) {
		t.Errorf("http: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	client.ManagementURL = stranger.URL
	if err := client.RemoveURI(ctx, organization(), "A1", "contoso.com"); !federation.IsKind(err, federation.Interrupted) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestEndpointFromMetadata leaves it to the metadata to say where to go, once.
func TestEndpointFromMetadata(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	d := document(t)
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.URL.Path)
		w.Header().Set("Content-Type", "text/xml")
		if r.Method == http.MethodGet {
			_, _ = w.Write(d.Marshal())
			return
		}
		fmt.Fprint(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><RemoveUriResponse `+ns+`/></s:Body></s:Envelope>`)
	})
	d.ManagementEndpoint = strings.TrimSuffix(client.MetadataURL, broker.MetadataPath) + "/manage"
	client.ManagementURL = ""
	for range 2 {
		if err := removeURI(client); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{broker.MetadataPath, "/manage", "/manage"}, asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	silent := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write([]byte(gateway(fed200603, d.Current, d.Previous)))
	})
	silent.ManagementURL = ""
	var e *federation.Error
	if err := removeURI(silent); !errors.As(err, &e) || e.ID != "ManagementEndpointUnknown" {
		t.Errorf("metadata that names no such endpoint: %v", err)
	}
}

func TestCheckpoints(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop here")
	for _, c := range []struct {
		at    string
		calls int
		want  []string
	}{
		{"RemoveUri.send", 0, []string{"RemoveUri.send"}},
		{"RemoveUri.answered", 1, []string{"RemoveUri.send", "RemoveUri.answered"}},
	} {
		calls := 0
		client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.Header().Set("Content-Type", "text/xml")
			fmt.Fprint(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><RemoveUriResponse `+ns+`/></s:Body></s:Envelope>`)
		})
		var points []string
		client.Checkpoint = func(point string) error {
			points = append(points, point)
			if point == c.at {
				return stop
			}
			return nil
		}
		if err := removeURI(client); !errors.Is(err, stop) || calls != c.calls {
			t.Errorf("stopped at %s: %v after %d calls", c.at, err, calls)
		}
		if diff := cmp.Diff(c.want, points); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
