package soap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

const (
	defaultTimeout  = 30 * time.Second
	attemptTimeout  = 5 * time.Second // for one address of several
	maxAddresses    = 8               // that are tried of one host
	maxHeaderBytes  = 64 << 10
	idleConnections = 4
)

// Options says how an HTTP client reaches servers. The zero value is the system's
// way.
type Options struct {
	// Lookup finds the addresses of a host; nil for the system's resolver.
	Lookup    func(ctx context.Context, host string) ([]netip.Addr, error)
	ConnectTo ConnectTo
	RootCAs   *x509.CertPool // nil for the system's
	// Proxy finds the proxy for a request; nil for HTTPS_PROXY, HTTP_PROXY and NO_PROXY
	// of the environment. Hosts that have a ConnectTo rule are reached without one.
	Proxy   func(*http.Request) (*url.URL, error)
	Timeout time.Duration // of a whole call, the body of the answer included; 0 for 30 seconds
}

// NewHTTPClient returns a client that speaks TLS 1.2 or later, follows no redirect and
// keeps no cookies.
func NewHTTPClient(options Options) *http.Client {
	timeout := options.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	d := dialer{lookup: options.Lookup, connectTo: options.ConnectTo, dialer: net.Dialer{Timeout: timeout}}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: followNone,
		Transport: &http.Transport{
			DialContext:            d.dial,
			Proxy:                  options.proxy,
			OnProxyConnectResponse: throughProxy,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: options.RootCAs},
			TLSHandshakeTimeout:    timeout,
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    idleConnections,
			IdleConnTimeout:        timeout,
			MaxResponseHeaderBytes: maxHeaderBytes,
			DisableCompression:     true, // what is counted is what was sent
		},
	}
}

func followNone(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// proxy leaves out the hosts that have a rule: it says where they are.
func (o Options) proxy(r *http.Request) (*url.URL, error) {
	switch {
	case o.ConnectTo.covers(r.URL):
		return nil, nil
	case o.Proxy != nil:
		return o.Proxy(r)
	}
	return http.ProxyFromEnvironment(r)
}

type dialer struct {
	lookup    func(ctx context.Context, host string) ([]netip.Addr, error)
	connectTo ConnectTo
	dialer    net.Dialer
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	address = d.connectTo.Target(address)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(host); err == nil || d.lookup == nil {
		return d.dialer.DialContext(ctx, network, address)
	}
	found, err := d.lookup(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("looking up %s: %w", host, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("looking up %s: no addresses", host)
	}
	return d.dialEach(ctx, network, found[:min(len(found), maxAddresses)], port)
}

// dialEach tries one address after the other. An address that does not answer must
// not use up the time of the next one.
func (d *dialer) dialEach(ctx context.Context, network string, addresses []netip.Addr, port string) (net.Conn, error) {
	var failures []error
	for _, address := range addresses {
		conn, err := d.dialOne(ctx, network, net.JoinHostPort(address.String(), port))
		if err == nil {
			return conn, nil
		}
		failures = append(failures, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(failures...)
}

func (d *dialer) dialOne(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	return d.dialer.DialContext(ctx, network, address)
}

// transportFault makes a TransportError of what an HTTP client says.
func transportFault(target string, err error) *TransportError {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // it repeats method and URL
	}
	return &TransportError{Failure: failureOf(err), URL: target, Err: err}
}

func failureOf(err error) Failure {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return Timeout
	case isTLSFailure(err):
		return TLSFailed
	}
	return Unreachable
}

func isTLSFailure(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		operation   *net.OpError
	)
	switch {
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &certificate), errors.As(err, &record):
		return true
	case errors.As(err, &operation): // an alert has no type of its own that could be asked for
		return operation.Op == "remote error" || operation.Op == "local error"
	}
	return false
}
