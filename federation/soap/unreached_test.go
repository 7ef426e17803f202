package soap_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/soap"
)

// TestGiganticAnswers: what announces ten gigabytes, and what sends without end, is
// left after the limit.
func TestGiganticAnswers(t *testing.T) {
	t.Parallel()
	for name, announced := range map[string]string{"announced": "10000000000", "endless": ""} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			if announced != "" {
				w.Header().Set("Content-Length", announced)
			}
			chunk := []byte(strings.Repeat("<a>", 10_000))
			for {
				if _, err := w.Write(chunk); err != nil {
					return // the client has gone
				}
			}
		})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := plain().Call(t.Context(), server.URL, "urn:a", nil)
		runtime.ReadMemStats(&after)
		want := outcome{"Answer", 200, "an answer of more than 1048576 bytes", ""}
		if diff := cmp.Diff(want, outcomeOf(err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		const most = 256 << 20 // other tests run at the same time
		if grown := after.TotalAlloc - before.TotalAlloc; grown > most {
			t.Errorf("%s: %d bytes were allocated", name, grown)
		}
	}
}

// raw answers every connection with these bytes and closes it, or keeps it open
// until the test ends.
func raw(t *testing.T, answer string, keepOpen bool) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		close(done)
		listener.Close()
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				conn.Read(make([]byte, 4096))
				io.WriteString(conn, answer)
				if keepOpen {
					<-done
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

func TestSlowAndLyingServers(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
	cases := map[string]struct {
		answer   string
		keepOpen bool
		want     soap.Failure
	}{
		"says nothing":             {"", true, soap.Timeout},
		"half a header":            {"HTTP/1.1 200 OK\r\nContent-", true, soap.Timeout},
		"half a body":              {head + "Content-Length: 100\r\n\r\n<a>", true, soap.Timeout},
		"hangs up":                 {"", false, soap.Unreachable},
		"hangs up in the body":     {head + "Content-Length: 100\r\n\r\n<a>", false, soap.Unreachable},
		"no HTTP":                  {"SSH-2.0-OpenSSH\r\n", false, soap.Unreachable},
		"an endless header":        {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 200_000) + "\r\n\r\n", false, soap.Unreachable},
		"a length that is no one":  {head + "Content-Length: -1\r\n\r\n<a>", false, soap.Unreachable},
		"two lengths":              {head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n<a/>", false, soap.Unreachable},
		"a chunk that is no chunk": {head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n<a>", false, soap.Unreachable},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := plain()
			client.HTTP = soap.NewHTTPClient(soap.Options{Timeout: 500 * time.Millisecond})
			_, err := client.Call(t.Context(), raw(t, c.answer, c.keepOpen), "urn:a", nil)
			if diff := cmp.Diff(outcome{Type: "Transport", Detail: string(c.want)}, outcomeOf(err)); diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	if len(cases) < 10 {
		t.Fatalf("%d cases, want at least 10", len(cases))
	}
}

func TestNotReached(t *testing.T) {
	t.Parallel()
	_, secure := trusting(t, answers(200, "text/xml", wrap("", "<ok/>")))
	insecure := serve(t, answers(200, "text/xml", wrap("", "<ok/>")))
	closed := httptest.NewServer(nil)
	closed.Close()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	lookup := func(_ context.Context, host string) ([]netip.Addr, error) {
		if host == "empty.example" {
			return nil, nil
		}
		return nil, fmt.Errorf("no such host")
	}
	client := &soap.Client{HTTP: soap.NewHTTPClient(soap.Options{Lookup: lookup})}
	both := &soap.Client{HTTP: client.HTTP, AllowHTTP: true}
	cases := map[string]struct {
		client *soap.Client
		ctx    context.Context
		url    string
		want   soap.Failure
	}{
		"nobody listens":            {both, t.Context(), closed.URL, soap.Unreachable},
		"no such host":              {client, t.Context(), "https://none.example/", soap.Unreachable},
		"no addresses":              {client, t.Context(), "https://empty.example/", soap.Unreachable},
		"an unknown authority":      {client, t.Context(), "https://" + secure.String(), soap.TLSFailed},
		"no TLS there":              {client, t.Context(), strings.Replace(insecure.URL, "http:", "https:", 1), soap.TLSFailed},
		"cancelled":                 {both, cancelled, insecure.URL, soap.Canceled},
		"http is not allowed":       {client, t.Context(), insecure.URL, soap.BadURL},
		"another scheme":            {both, t.Context(), "file:///etc/passwd", soap.BadURL},
		"no scheme":                 {both, t.Context(), "broker.example", soap.BadURL},
		"no host":                   {both, t.Context(), "https:///x", soap.BadURL},
		"credentials in the URL":    {both, t.Context(), "https://a:b@broker.example/", soap.BadURL},
		"not a URL":                 {both, t.Context(), "http://[::1", soap.BadURL},
		"a control character in it": {both, t.Context(), "http://a\x1b[2J/", soap.BadURL},
	}
	for name, c := range cases {
		want := outcome{Type: "Transport", Detail: string(c.want)}
		_, err := c.client.Call(c.ctx, c.url, "urn:a", nil)
		if diff := cmp.Diff(want, outcomeOf(err)); diff != "" {
			t.Errorf("%s: Call: %v (-want +got):\n%s", name, err, diff)
		}
		if strings.ContainsAny(fmt.Sprint(err), "\x1b") || strings.Contains(fmt.Sprint(err), "a:b@") {
			t.Errorf("%s: %q shows what it must not", name, err)
		}
		_, err = c.client.Get(c.ctx, c.url)
		if diff := cmp.Diff(want, outcomeOf(err)); diff != "" {
			t.Errorf("%s: Get: %v (-want +got):\n%s", name, err, diff)
		}
	}
	if len(cases) < 13 {
		t.Fatalf("%d cases, want at least 13", len(cases))
	}
}
