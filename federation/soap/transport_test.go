package soap_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/soap"
)

func TestParseConnectTo(t *testing.T) {
	t.Parallel()
	good := map[string]soap.ConnectTo{
		"":                               {},
		" ":                              {},
		"a.example:443:127.0.0.1:8443":   {"a.example:443": "127.0.0.1:8443"},
		"A.Example.:443:other.example:1": {"a.example:443": "other.example:1"},
		"a.example:443:[::1]:8443":       {"a.example:443": "[::1]:8443"},
		"[2001:db8::1]:443:[::1]:1":      {"[2001:db8::1]:443": "[::1]:1"},
		"a.example:443:127.0.0.1:1, b.example:80:[::1]:2 ": {"a.example:443": "127.0.0.1:1", "b.example:80": "[::1]:2"},
		"a.example:443:127.0.0.1:1,a.example:80:[::1]:2":   {"a.example:443": "127.0.0.1:1", "a.example:80": "[::1]:2"},
	}
	for text, want := range good {
		got, err := soap.ParseConnectTo(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	bad := map[string]string{
		"a.example":                         "four parts",
		"a.example:443:127.0.0.1":           "four parts",
		"a.example:443:127.0.0.1:1:2":       "four parts",
		"a.example:443:::1:1":               "missing",
		":443:127.0.0.1:1":                  "missing",
		"a.example::127.0.0.1:1":            "missing",
		"a.example:443::1":                  "missing",
		"a.example:443:127.0.0.1:":          "missing",
		"a.example:https:127.0.0.1:1":       `"https" is not a port`,
		"a.example:443:127.0.0.1:0":         `"0" is not a port`,
		"a.example:443:127.0.0.1:65536":     `"65536" is not a port`,
		"a.example:443:[::1:1":              "not closed",
		"a.example:443:[b.example]:1":       `"b.example" is not an address`,
		"a.example:443:[::1]1":              "a colon must follow",
		"a.example:443:[::1]":               "a colon must follow",
		"a.example:443:127.0.0.1:1,":        "missing",
		"a:1:b:2,A:1:c:3":                   "another rule for a:1",
		"a.example:443:127.0.0.1:[::1]":     "not a port",
		"a.example:443:127.0.0.1:1,,b:1:c:": "missing",
	}
	for text, want := range bad {
		if got, err := soap.ParseConnectTo(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want an error with %q", text, got, err, want)
		}
	}
	if len(good)+len(bad) < 27 {
		t.Fatalf("%d cases, want at least 27", len(good)+len(bad))
	}
}

// trusting returns a TLS server for example.com, the pool that trusts it, and its
// address.
func trusting(t *testing.T, handler http.HandlerFunc) (*x509.CertPool, *net.TCPAddr) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused certificates are meant to be
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return pool, server.Listener.Addr().(*net.TCPAddr)
}

// TestConnectTo: the connection goes elsewhere; name and certificate stay those of
// the URL.
func TestConnectTo(t *testing.T) {
	t.Parallel()
	var host, name string
	pool, address := trusting(t, func(w http.ResponseWriter, r *http.Request) {
		host, name = r.Host, r.TLS.ServerName
		answers(200, "text/xml", "<metadata/>")(w, r)
	})
	rules := soap.ConnectTo{"example.com:443": address.String(), "broker.example:443": address.String()}
	client := soap.Client{HTTP: soap.NewHTTPClient(soap.Options{ConnectTo: rules, RootCAs: pool})}
	if _, err := client.Get(t.Context(), "https://EXAMPLE.com/metadata"); err != nil {
		t.Fatal(err)
	}
	if !strings.EqualFold(host, "example.com") || !strings.EqualFold(name, "example.com") {
		t.Errorf("Host %q, server name %q, want example.com", host, name)
	}
	_, err := client.Get(t.Context(), "https://broker.example/metadata")
	if diff := cmp.Diff(outcome{Type: "Transport", Detail: string(soap.TLSFailed)}, outcomeOf(err)); diff != "" {
		t.Errorf("a name that the certificate is not for: %v (-want +got):\n%s", err, diff)
	}
}

// TestLookup: hosts are found through the given function, one address after the other.
func TestLookup(t *testing.T) {
	t.Parallel()
	pool, address := trusting(t, answers(200, "text/xml", "<metadata/>"))
	var asked []string
	lookup := func(_ context.Context, host string) ([]netip.Addr, error) {
		asked = append(asked, host)
		return []netip.Addr{netip.MustParseAddr("::ffff:127.255.255.254"), netip.MustParseAddr("127.0.0.1")}, nil
	}
	client := soap.Client{HTTP: soap.NewHTTPClient(soap.Options{Lookup: lookup, RootCAs: pool})}
	target := url.URL{Scheme: "https", Host: net.JoinHostPort("example.com", portOf(address)), Path: "/"}
	if _, err := client.Get(t.Context(), target.String()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Get(t.Context(), "https://"+address.String()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"example.com"}, asked); diff != "" {
		t.Errorf("hosts that were looked up (-want +got):\n%s", diff)
	}
}

func portOf(address *net.TCPAddr) string {
	_, port, _ := net.SplitHostPort(address.String())
	return port
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(answers(200, "text/xml", "<metadata/>"))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	client := soap.Client{HTTP: soap.NewHTTPClient(soap.Options{RootCAs: pool})}
	_, err := client.Get(t.Context(), server.URL)
	if diff := cmp.Diff(outcome{Type: "Transport", Detail: string(soap.TLSFailed)}, outcomeOf(err)); diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestProxies(t *testing.T) {
	t.Parallel()
	transport := soap.NewHTTPClient(soap.Options{
		ConnectTo: soap.ConnectTo{"near.example:443": "127.0.0.1:1"},
		Proxy:     http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.example:3128"}),
	}).Transport.(*http.Transport)
	want := map[string]string{
		"https://far.example/":       "http://proxy.example:3128",
		"https://near.example:8443/": "http://proxy.example:3128",
		"https://near.example/":      "",
		"https://near.example:443/":  "",
		"https://NEAR.example./":     "",
	}
	got := map[string]string{}
	for target := range want {
		request := httptest.NewRequest(http.MethodGet, target, nil)
		proxy, err := transport.Proxy(request)
		if err != nil {
			t.Fatal(err)
		}
		if got[target] = ""; proxy != nil {
			got[target] = proxy.String()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("proxies (-want +got):\n%s", diff)
	}
}
