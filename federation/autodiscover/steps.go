package autodiscover

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"exfed/federation/soap"
)

// withoutTLS asks the one question without TLS. Its answer has to be a redirect to the
// document of the older protocol on another host, which somebody has to agree to.
func (w *walk) withoutTLS(ctx context.Context) (*located, error) {
	target := "http://autodiscover." + string(w.domain) + documentPath
	a := w.attempt(ctx, target, 0)
	_, err := w.plain.Get(ctx, target)
	var status *soap.StatusError
	switch {
	case err == nil:
		w.record(a, RedirectRefused, "does not redirect", "")
		return nil, nil
	case errors.As(err, &status) && isRedirect(status.Status) && status.Status != http.StatusFound:
		w.record(a, RedirectRefused, fmt.Sprintf("redirects with HTTP status %d, not 302", status.Status), "")
		return nil, nil
	case status == nil || status.Status != http.StatusFound:
		_, err = w.judge(ctx, a, target, err)
		return nil, err
	}
	next, err := secureTarget(target, status.Target)
	if err == nil && !strings.HasSuffix(strings.ToLower(next.Path), documentPath) {
		err = fmt.Errorf("redirects to %q, which is not %s of a host", next, documentPath)
	}
	if err != nil {
		w.record(a, RedirectRefused, err.Error(), "")
		return nil, nil
	}
	w.record(a, Redirected, "redirects to "+next.String(), "")
	return w.askTrusted(ctx, next.Host, next.Hostname(), "a redirect without TLS leads to it, which anybody on the way can forge")
}

// byService asks the hosts of the SRV record.
func (w *walk) byService(ctx context.Context) (*located, error) {
	if w.client.Resolver == nil {
		return nil, nil
	}
	name := "_autodiscover._tcp." + string(w.domain)
	a := Attempt{Domain: string(w.domain), URL: "dns:" + name + "?type=SRV"}
	hosts, err := w.services(ctx, name)
	switch {
	case err != nil:
		w.record(a, NameServerFailed, soap.Printable(err.Error(), maxPrinted), "")
		return nil, nil
	case len(hosts) == 0:
		w.record(a, NoSuchName, "no such record for port 443", "")
		return nil, nil
	}
	w.record(a, Redirected, "names "+strings.Join(hosts, ", "), "")
	for _, host := range hosts {
		found, err := w.askTrusted(ctx, host, host, "a record in DNS names it, which is not protected")
		if found != nil || err != nil || ctx.Err() != nil {
			return found, err
		}
	}
	return nil, nil
}

// askTrusted asks the service of a host when it is trusted.
func (w *walk) askTrusted(ctx context.Context, authority, host, reason string) (*located, error) {
	target := serviceURL(authority)
	yes, err := w.trusts(host, target, 1, reason)
	if !yes || err != nil {
		return nil, err
	}
	return w.ask(ctx, target, 1)
}

// trusts reports whether a host is trusted that nobody vouches for, and records it when it is
// not.
func (w *walk) trusts(host, target string, redirects int, reason string) (bool, error) {
	yes, err := w.isKnown(host) || w.isTrusted(host, leadKey(host)), error(nil)
	if !yes && !w.quiet {
		yes, err = w.consent(host, leadKey(host), reason)
	}
	if err == nil && !yes {
		w.record(Attempt{Domain: string(w.domain), URL: soap.Printable(target, maxURI), Redirects: redirects}, NotConsented, "nobody agreed to trust "+host+": "+reason,
			"name it in TrustedHostnames if it is the organization's server")
	}
	return yes && err == nil, err
}
