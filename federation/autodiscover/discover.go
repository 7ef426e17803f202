package autodiscover

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"

	"exfed/federation"
	"exfed/federation/soap"
)

// maxRedirects is how many redirects are followed, one after the other.
const maxRedirects = 10

// walk looks for the service of one domain.
type walk struct {
	*search
	domain   federation.Domain
	quiet    bool // whether nobody is to be asked for consent
	attempts []Attempt
}

// located is the answer of the service that was found.
type located struct {
	url      string
	response FederationInformationResponse
}

// run follows [MS-OXWSADISC] section 3.1.4.2: the two hosts, then the one question without
// TLS. The SRV record comes last; Exchange's own clients of other operations use it. The
// first answer ends it. Without one the result is nil.
func (w *walk) run(ctx context.Context) (*located, error) {
	steps := []func(context.Context) (*located, error){
		func(ctx context.Context) (*located, error) {
			return w.ask(ctx, serviceURL("autodiscover."+string(w.domain)), 0)
		},
		func(ctx context.Context) (*located, error) { return w.ask(ctx, serviceURL(string(w.domain)), 0) },
		w.withoutTLS,
		w.byService,
	}
	for _, step := range steps {
		found, err := step(ctx)
		if found != nil || err != nil || ctx.Err() != nil {
			return found, err
		}
	}
	return nil, nil
}

// attempt begins the record of a question.
func (w *walk) attempt(ctx context.Context, target string, redirects int) Attempt {
	a := Attempt{Domain: string(w.domain), URL: soap.Printable(target, maxURI), Redirects: redirects}
	if u, err := url.Parse(target); err == nil {
		known := w.resolve(ctx, u.Hostname())
		a.Aliases, a.Addresses = known.aliases, known.addresses
	}
	return a
}

// record keeps an attempt with its end.
func (w *walk) record(a Attempt, outcome Outcome, reason, hint string) {
	a.Outcome, a.Reason, a.Hint = outcome, reason, hint
	w.attempts = append(w.attempts, a)
	if w.client.Observe != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.client.Observe(a)
	}
}

// ask puts the question to a URL and to where it redirects.
func (w *walk) ask(ctx context.Context, target string, redirects int) (*located, error) {
	asked := []string{target}
	for {
		a := w.attempt(ctx, target, redirects)
		response, err := w.question(ctx, target)
		if err == nil {
			w.record(a, Answered, "answered", "")
			return &located{url: target, response: response}, nil
		}
		next, err := w.judge(ctx, a, target, err)
		if next == "" || err != nil {
			return nil, err
		}
		redirects++
		if why := astray(asked, target, next); why != "" {
			w.record(w.attempt(ctx, next, redirects), RedirectRefused, why, "")
			return nil, nil
		}
		asked, target = append(asked, next), next
	}
}

// astray says why a URL is not asked after the others, "" when it is. A consent allows one
// more try of the last one.
func astray(asked []string, last, next string) string {
	before := 0
	for _, u := range asked {
		if u == next {
			before++
		}
	}
	switch {
	case before > 1, before == 1 && next != last:
		return "the redirects lead in a circle"
	case len(asked) > maxRedirects:
		return fmt.Sprintf("more than %d redirects", maxRedirects)
	}
	return ""
}

// question asks and checks the answer.
func (w *walk) question(ctx context.Context, target string) (FederationInformationResponse, error) {
	host := ""
	if u, err := url.Parse(target); err == nil {
		host = u.Hostname()
	}
	body := FederationInformationRequest{Domain: string(w.domain)}.Marshal()
	message, err := w.client.call(ctx, w.carrierTo(host), GetFederationInformation, target, body)
	if err != nil {
		return FederationInformationResponse{}, err
	}
	response, err := ParseFederationInformationResponse(message.Payload)
	if err != nil {
		return FederationInformationResponse{}, &unusable{soap.Printable(err.Error(), maxPrinted)}
	}
	return response, checkInformation(response, w.domain)
}

// judge records how a question failed and returns where to ask instead: the same URL when
// somebody agreed to trust its host, the target of a redirect, or "" for nowhere.
func (w *walk) judge(ctx context.Context, a Attempt, target string, err error) (string, error) {
	var status *soap.StatusError
	var no *declined
	var mismatch x509.HostnameError
	d := diagnose(err)
	switch {
	case errors.As(err, &no):
		w.record(a, Declined, no.Error(), "")
		return "", nil
	case errors.As(err, &status) && isRedirect(status.Status):
		return w.redirect(a, target, status.Target)
	case errors.As(err, &mismatch):
		return w.mismatch(a, target, d, mismatch.Certificate)
	case d.outcome == NoSuchName || d.outcome == NoAddress:
		d = w.nameOrAddress(ctx, target, d)
	}
	w.record(a, d.outcome, d.reason, d.hint)
	return "", nil
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirect returns where a redirect leads. A host that was let in with the certificate of
// others leads to no other host unless that one is trusted as well.
func (w *walk) redirect(a Attempt, from, location string) (string, error) {
	next, err := secureTarget(from, location)
	if err != nil {
		w.record(a, RedirectRefused, err.Error(), "")
		return "", nil
	}
	w.record(a, Redirected, "redirects to "+next.String(), "")
	u, err := url.Parse(from)
	if err != nil {
		return "", err
	}
	if host := u.Hostname(); !w.mayLead(host, next.Hostname()) {
		reason := soap.Printable(host, maxName) + " redirects to it, whose certificate is for other names"
		yes, err := w.trusts(next.Hostname(), next.String(), a.Redirects+1, reason)
		if !yes || err != nil {
			return "", err
		}
	}
	return next.String(), nil
}

// mismatch asks whether a host is to be trusted whose certificate is for others. What was
// agreed to is this certificate and no other.
func (w *walk) mismatch(a Attempt, target string, d diagnosis, certificate *x509.Certificate) (string, error) {
	u, err := url.Parse(target)
	if err != nil {
		return "", err
	}
	host := u.Hostname()
	reason := d.reason + ", not for " + soap.Printable(host, maxName)
	w.record(a, NameMismatch, reason, "if one of these names is that of the organization's server, name it in TrustedHostnames")
	if _, err := netip.ParseAddr(host); err == nil || w.quiet {
		return "", nil
	}
	yes, err := w.consent(host, certificateKey(host, certificate), reason)
	if !yes || err != nil {
		return "", err
	}
	return target, nil
}

// nameOrAddress tells a name that is not there from one that has no address.
func (w *walk) nameOrAddress(ctx context.Context, target string, d diagnosis) diagnosis {
	u, err := url.Parse(target)
	if err != nil {
		return d
	}
	switch known := w.resolve(ctx, u.Hostname()); {
	case known.known && known.exists:
		return diagnosis{NoAddress, "the host is in DNS and has no address", "", 0}
	case known.known && len(known.aliases) > 0:
		return diagnosis{NoSuchName, "its alias leads to a name that DNS does not know", "", 0}
	case known.known:
		return diagnosis{NoSuchName, "DNS does not know the host", "", 0}
	}
	return d
}
