package soap_test

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/soap"
)

// TestAcceptNames takes a certificate for other names where that was said to be right, and
// only where nothing else is wrong with it.
func TestAcceptNames(t *testing.T) {
	t.Parallel()
	pool, address := trusting(t, answers(200, "text/xml", "<metadata/>"))
	rules := soap.ConnectTo{}
	for _, host := range []string{"example.com:443", "agreed.test:443", "other.test:443", "192.0.2.1:443"} {
		rules[host] = address.String()
	}
	var asked []string
	accept := func(host string, certificate *x509.Certificate) bool {
		asked = append(asked, host)
		return host != "other.test" && certificate.VerifyHostname("example.com") == nil
	}
	for _, c := range []struct {
		target string
		roots  *x509.CertPool
		want   outcome
		asked  []string
	}{
		{"https://example.com/", pool, outcome{Type: "none"}, nil},
		{"https://AGREED.test/", pool, outcome{Type: "none"}, []string{"agreed.test"}},
		{"https://other.test/", pool, outcome{Type: "Transport", Detail: string(soap.TLSFailed)}, []string{"other.test"}},
		{"https://192.0.2.1/", pool, outcome{Type: "Transport", Detail: string(soap.TLSFailed)}, nil},
		{"https://agreed.test/", x509.NewCertPool(), outcome{Type: "Transport", Detail: string(soap.TLSFailed)}, nil},
	} {
		asked = nil
		strict := soap.NewHTTPClient(soap.Options{ConnectTo: rules, RootCAs: c.roots})
		client := soap.Client{HTTP: soap.AcceptNames(strict, accept)}
		_, err := client.Get(t.Context(), c.target)
		if diff := cmp.Diff(c.want, outcomeOf(err)); diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.target, err, diff)
		}
		if diff := cmp.Diff(c.asked, asked); diff != "" {
			t.Errorf("%s, asked (-want +got):\n%s", c.target, diff)
		}
		if !strings.Contains(c.target, "example.com") {
			if _, err := (&soap.Client{HTTP: strict}).Get(t.Context(), c.target); err == nil {
				t.Errorf("%s: the client that was given takes it now", c.target)
			}
		}
	}
	expired := soap.NewHTTPClient(soap.Options{ConnectTo: rules, RootCAs: pool})
	expired.Transport.(*http.Transport).TLSClientConfig.Time = noon().AddDate(200, 0, 0).UTC
	asked = nil
	if _, err := (&soap.Client{HTTP: soap.AcceptNames(expired, accept)}).Get(t.Context(), "https://agreed.test/"); err == nil || len(asked) != 0 {
		t.Errorf("expired: %v, asked %q", err, asked)
	}
}

// TestProxyRefuses tells the refusal of a proxy from that of a server.
func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			t.Errorf("%s", r.Method)
		}
		rw.Header().Set("Proxy-Authenticate", "Negotiate\u202e")
		rw.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(proxy.Close)
	at, err := url.Parse(strings.Replace(proxy.URL, "http://", "http://user:secret@", 1))
	if err != nil {
		t.Fatal(err)
	}
	client := soap.Client{HTTP: soap.NewHTTPClient(soap.Options{Proxy: http.ProxyURL(at)})}
	_, err = client.Get(t.Context(), "https://far.example/")
	want := soap.ProxyError{Proxy: at.Redacted(), Status: 407, Challenge: "Negotiate?"}
	if refused, ok := asProxyError(err); !ok || refused != want || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v: %+v, want %+v", err, refused, want)
	}
}

// TestStatusDetails keeps what a bare status comes with.
func TestStatusDetails(t *testing.T) {
	t.Parallel()
	server := serve(t, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Server", "BigIP\u202e")
		rw.Header().Set("WWW-Authenticate", "Basic")
		rw.Header().Set("Proxy-Authenticate", "NTLM")
		rw.Header().Set("Location", "https://b.example/\u202e"+strings.Repeat("x", 600))
		rw.WriteHeader(map[string]int{"/401": 401, "/407": 407, "/302": 302}[r.URL.Path])
	})
	for path, want := range map[string][3]string{
		"/401": {"Basic", "BigIP?", ""}, "/407": {"NTLM", "BigIP?", ""},
		"/302": {"Basic", "BigIP?", "https://b.example/\u202e" + strings.Repeat("x", 600)},
	} {
		_, err := plain().Get(t.Context(), server.URL+path)
		status, ok := err.(*soap.StatusError)
		if !ok || [3]string{status.Challenge, status.Server, status.Target} != want || len(status.Location) > 600 {
			t.Errorf("%s: %+v, want %q", path, err, want)
		}
	}
}

func asProxyError(err error) (soap.ProxyError, bool) {
	transport, ok := err.(*soap.TransportError)
	if !ok {
		return soap.ProxyError{}, false
	}
	refused, ok := transport.Err.(*soap.ProxyError)
	if !ok {
		return soap.ProxyError{}, false
	}
	return *refused, true
}
