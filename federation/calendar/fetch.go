package calendar

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"exfed/federation"
)

// Server is a calendar on a web server and how to reach it.
type Server struct {
	URL      string // https, or http on this machine, without user and password in it
	User     string // with Password for HTTP Basic authentication; "" for none
	Password string
	Timeout  time.Duration // of a whole request, redirects and body included; 0 for 20 seconds
	// Transport carries the requests; nil for one of TLS 1.2 or later that trusts whom
	// the system trusts and uses the proxy of the environment.
	Transport http.RoundTripper
	Limits    Limits
	Freshness Freshness
}

const (
	defaultTimeout = 20 * time.Second
	maxRedirects   = 5
	maxHeaderBytes = 64 << 10
	maxValidator   = 1024 // bytes of an ETag or Last-Modified that is kept
)

// fetcher asks a server.
type fetcher struct {
	server Server
	start  *url.URL
	client *http.Client
	object string // the calendar, for errors: without the path, which may be a secret
}

func newFetcher(server Server) (*fetcher, error) {
	server.Limits = server.Limits.withDefaults()
	if server.Timeout <= 0 {
		server.Timeout = defaultTimeout
	}
	start, err := url.Parse(server.URL)
	switch {
	case err != nil: // which quotes the URL
		return nil, invalidURL("it cannot be read as one")
	case start.User != nil:
		return nil, invalidURL("it has a user or password in it; give those by themselves")
	case !protected(start) || start.Host == "":
		return nil, invalidURL("it must be https://HOST/..., or http on this machine")
	case server.User == "" && server.Password != "":
		return nil, invalidURL("a password needs a user")
	}
	transport := server.Transport
	if transport == nil {
		transport = &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    server.Timeout,
			ForceAttemptHTTP2:      true,
			IdleConnTimeout:        server.Timeout,
			MaxResponseHeaderBytes: maxHeaderBytes,
			DisableCompression:     true, // what is counted is what was sent
		}
	}
	// Redirects are followed by hand, so that nothing goes where it must not.
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &fetcher{server, start, client, fmt.Sprintf("calendar at %.260q", "https://"+start.Host)}, nil
}

func invalidURL(reason string) error {
	return federation.Errorf(federation.Invalid, "InvalidCalendarUrl", "calendar URL", "%s", reason)
}

// answer is what a server said.
type answer struct {
	status       int
	body         []byte
	etag         string
	lastModified string
}

// do sends a request, body and headers the same at every redirect, and reads the answer
// within the bounds.
func (f *fetcher) do(ctx context.Context, method, body string, headers http.Header) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, f.server.Timeout)
	defer cancel()
	at := f.start
	for range maxRedirects + 1 {
		response, err := f.send(ctx, method, at, body, headers)
		if err != nil {
			return nil, f.unreached(err)
		}
		if !redirects(response.StatusCode) {
			return f.read(response)
		}
		response.Body.Close()
		if at, err = f.redirected(at, response.Header.Get("Location")); err != nil {
			return nil, err
		}
	}
	return nil, f.fault(federation.Refused, "CalendarRedirected", "redirects more than %d times; give the URL it leads to", maxRedirects)
}

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

func (f *fetcher) send(ctx context.Context, method string, at *url.URL, body string, headers http.Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, at.String(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = headers.Clone()
	request.Header.Set("User-Agent", "exfed")
	if f.server.User != "" && strings.EqualFold(at.Host, f.start.Host) {
		request.SetBasicAuth(f.server.User, f.server.Password)
	}
	return f.client.Do(request)
}

// protected reports whether nobody on the way can read what goes to a URL and comes from it.
func protected(u *url.URL) bool {
	address, err := netip.ParseAddr(u.Hostname())
	own := err == nil && address.IsLoopback() || strings.EqualFold(u.Hostname(), "localhost")
	return u.Scheme == "https" || u.Scheme == "http" && own
}

// redirected judges where a redirect leads: anywhere by https, and within this machine from
// what is on it.
func (f *fetcher) redirected(from *url.URL, location string) (*url.URL, error) {
	to, err := from.Parse(location)
	if err != nil || location == "" || to.Host == "" {
		return nil, f.fault(federation.Untrusted, "CalendarRedirected", "redirects to what is no URL")
	}
	if !protected(to) || to.Scheme != "https" && from.Scheme == "https" {
		return nil, f.fault(federation.Untrusted, "CalendarRedirected", "redirects to %.20q, which is not https", to.Scheme)
	}
	to.User = nil
	return to, nil
}

func (f *fetcher) read(response *http.Response) (*answer, error) {
	defer response.Body.Close()
	limit := int64(f.server.Limits.Bytes)
	tooBig := about(f.object, tooLarge("answers with more than %d bytes", limit))
	if response.ContentLength > limit {
		return nil, tooBig
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return nil, f.unreached(err)
	case int64(len(body)) > limit:
		return nil, tooBig
	}
	return &answer{response.StatusCode, body, validator(response, "ETag"), validator(response, "Last-Modified")}, nil
}

func validator(response *http.Response, name string) string {
	if value := response.Header.Get(name); len(value) <= maxValidator {
		return value
	}
	return ""
}

func (f *fetcher) fault(kind federation.Kind, id, format string, args ...any) error {
	return federation.Errorf(kind, id, f.object, format, args...)
}

// unreached says why no answer came, without what the server sent of itself: the URL,
// which may be a secret, and certificates, which say anything.
func (f *fetcher) unreached(err error) error {
	var timeout interface{ Timeout() bool }
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return f.fault(federation.Unavailable, "CalendarUnreachable", "did not answer within %s", f.server.Timeout)
	case errors.As(err, &certificate):
		return f.fault(federation.Untrusted, "CalendarUntrusted", "its certificate is not trusted, or not for this name")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return f.fault(federation.Unavailable, "CalendarUnreachable", "its answer was cut off")
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return f.fault(federation.Unavailable, "CalendarUnreachable", "not reached: %.300q", err.Error())
}

// statusFault is what an answer other than the one hoped for means.
func (f *fetcher) statusFault(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return f.fault(federation.Refused, "CalendarRefused", "HTTP status %d; check user and password", status)
	case http.StatusNotFound, http.StatusGone:
		return f.fault(federation.NotFound, "CalendarNotFound", "HTTP status %d; check the URL", status)
	}
	return f.fault(federation.Unavailable, "CalendarUnreachable", "HTTP status %d", status)
}
