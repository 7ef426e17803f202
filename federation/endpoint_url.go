package federation

import (
	"context"
	"net/url"
	"strings"
)

// ParseEndpointURL reads the URL under which partners reach an organization's endpoint: https,
// a host, a port unless it is 443, and no path.
func ParseEndpointURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, Errorf(Invalid, "InvalidExternalUrl", "federation endpoint",
			"the external URL %.300q is not of the form https://HOST[:PORT]", text)
	}
	return u, nil
}

// EndpointURL returns the kept URL of the organization's endpoint, "" if none is kept.
func (o *Organization) EndpointURL(ctx context.Context) (text string, err error) {
	err = o.Store.View(ctx, func(tx Tx) error {
		text, _, err = tx.EndpointURL.Get()
		return err
	})
	return text, err
}

// KeepEndpointURL keeps the URL for those who ask later where the endpoint is. If it is kept
// already, nothing is locked or written.
func (o *Organization) KeepEndpointURL(ctx context.Context, text string) error {
	if _, err := ParseEndpointURL(text); err != nil {
		return err
	}
	if kept, err := o.EndpointURL(ctx); err != nil || kept == text {
		return err
	}
	return o.Store.Update(ctx, func(tx Tx) error { return tx.EndpointURL.Put(text) })
}
