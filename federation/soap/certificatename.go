package soap

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"time"
)

// AcceptNames returns an HTTP client that reaches servers as the given one does, and takes a
// TLS certificate that does not name the host as well where accept says so. Everything else
// about a certificate is checked first: accept is not asked about one that is expired or of an
// authority nobody trusts. It is asked from several goroutines, with the host in lower case.
//
// Addresses in place of a host name are never accepted. A client whose transport is not the
// standard one makes no TLS connections that could be judged and comes back unchanged.
func AcceptNames(client *http.Client, accept func(host string, certificate *x509.Certificate) bool) *http.Client {
	if client == nil {
		client = NewHTTPClient(Options{})
	}
	standard, ok := client.Transport.(*http.Transport)
	if !ok {
		return client
	}
	transport := standard.Clone()
	if transport.TLSClientConfig == nil {
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	config := transport.TLSClientConfig
	roots, now := config.RootCAs, config.Time
	config.InsecureSkipVerify = true // VerifyConnection does all that is skipped, also for resumed sessions
	config.VerifyConnection = func(state tls.ConnectionState) error {
		return verifyNamed(state, roots, now, accept)
	}
	copied := *client
	copied.Transport = transport
	return &copied
}

// verifyNamed is the check of crypto/tls with the name at its end.
func verifyNamed(state tls.ConnectionState, roots *x509.CertPool, now func() time.Time, accept func(string, *x509.Certificate) bool) error {
	if state.ServerName == "" || len(state.PeerCertificates) == 0 {
		return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: errors.New("the server has no name to check")}
	}
	leaf := state.PeerCertificates[0]
	options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	if now != nil {
		options.CurrentTime = now()
	}
	for _, certificate := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(certificate)
	}
	_, err := leaf.Verify(options)
	if err == nil {
		err = leaf.VerifyHostname(state.ServerName)
		if err != nil && accept(strings.ToLower(state.ServerName), leaf) {
			err = nil
		}
	}
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
	}
	return nil
}
