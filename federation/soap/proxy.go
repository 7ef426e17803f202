package soap

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// ProxyError is the answer of an HTTP proxy that does not let a TLS connection through. It
// comes within a TransportError.
type ProxyError struct {
	Proxy     string // URL without a password
	Status    int    // 407 where it wants credentials
	Challenge string // Proxy-Authenticate, printable
}

func (e *ProxyError) Error() string {
	return fmt.Sprintf("the proxy %s answers HTTP status %d", e.Proxy, e.Status)
}

// throughProxy refuses what is no success in a way that can be told apart.
func throughProxy(_ context.Context, proxy *url.URL, _ *http.Request, response *http.Response) error {
	if response.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{
		Proxy: Printable(proxy.Redacted(), maxFaultText), Status: response.StatusCode,
		Challenge: Printable(response.Header.Get("Proxy-Authenticate"), maxTitle),
	}
}
