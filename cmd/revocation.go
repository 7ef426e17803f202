package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"exfed/certificate"
	"exfed/federation/soap"
)

// fetchTimeout is how long an authority may take to say whether a certificate is revoked.
const fetchTimeout = 10 * time.Second

// checkRevocation declares the switch that asks a certificate's authority.
func (d *declaration) checkRevocation(to *opt[bool]) {
	d.toggle(to, "CheckRevocation", "Asks the certificate's authority, at the OCSP and CRL addresses in it, whether it is revoked.")
}

// fetch asks the authority of a certificate, as servers are reached everywhere: through proxies,
// EXFED_CONNECT_TO and -DnsServer, without following redirects. The address stands in a
// certificate that the administrator has chosen. Authorities within a company have private
// addresses, so these are asked too; nothing of an answer is shown but what its signed statement says.
func (e *env) fetch(ctx context.Context, q certificate.Question) ([]byte, error) {
	options, err := e.httpOptions()
	if err != nil {
		return nil, err
	}
	options.Timeout = min(fetchTimeout, options.Timeout)
	client := soap.NewHTTPClient(options)
	defer client.CloseIdleConnections()
	method, body := http.MethodGet, io.Reader(nil)
	if q.Body != nil {
		method, body = http.MethodPost, bytes.NewReader(q.Body)
	}
	request, err := http.NewRequestWithContext(ctx, method, q.URL, body)
	if err != nil {
		return nil, fmt.Errorf("not an address")
	}
	request.Header.Set("User-Agent", "exfed")
	if q.Body != nil {
		request.Header.Set("Content-Type", q.MediaType)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, unreached(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %d", response.StatusCode)
	}
	answer, err := soap.ReadUpTo(response.Body, q.Most+1, response.ContentLength)
	switch {
	case err != nil:
		return nil, unreached(err)
	case int64(len(answer)) > q.Most:
		return nil, fmt.Errorf("an answer of more than %d bytes", q.Most)
	}
	return answer, nil
}

// unreached is what went wrong, without the address, which is said anyway.
func unreached(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
