package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"exfed/cmd/terminal"
	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/soap"
)

// discoveryQuestions is how many questions that nobody answers fit into -Timeout: those of
// a discovery that is led nowhere, so that all of them are told.
const discoveryQuestions = 6

// discoverer asks Autodiscover services and tells of each question under -Verbose.
func (e *env) discoverer() (*autodiscover.Client, error) {
	shared, err := e.httpClient()
	if err != nil {
		return nil, err
	}
	resolver, err := e.resolver()
	if err != nil {
		return nil, err
	}
	single := *shared
	single.Timeout = e.timeout() / discoveryQuestions
	return &autodiscover.Client{
		SOAP: &soap.Client{HTTP: &single}, Resolver: resolver, Now: e.process.Now, Rand: e.process.Rand,
		Observe: func(a autodiscover.Attempt) { e.verbose("%s", autodiscover.Tree([]autodiscover.Attempt{a})[0]) },
	}, nil
}

// trustEverybody answers yes to every question whether a host is to be trusted.
func (e *env) trustEverybody(parameter string) func(host, reason string) (bool, error) {
	return func(host, reason string) (bool, error) {
		e.verbose("%s is trusted, as %s says: %s", host, parameter, reason)
		return true, nil
	}
}

// askTrust asks at the terminal whether a host is to be trusted.
func (e *env) askTrust(ctx context.Context) func(host, reason string) (bool, error) {
	return func(host, reason string) (bool, error) {
		yes, err := e.prompter.Confirm(ctx, fmt.Sprintf("%s: %s.", host, reason), "Trust "+host+" to answer for the domain?")
		var silent *terminal.NoTerminal
		if errors.As(err, &silent) {
			return false, &federation.Error{Kind: federation.NeedsAnswer, ID: "HostTrustNeedsAnswer", Object: host,
				Reason: "there is no terminal to ask whether it is trusted: " + reason,
				Remedy: "if it is the organization's server, add -TrustedHostnames " + host + "; -Force trusts whatever is found"}
		}
		return yes, err
	}
}

// undiscovered is a failed discovery with all that was tried, and what to do next.
type undiscovered struct {
	summary  string
	attempts []autodiscover.Attempt
	fault    *federation.Error
}

// newUndiscovered returns err itself when nothing was tried.
func newUndiscovered(err error, domain federation.Domain, attempts []autodiscover.Attempt) error {
	var cause *federation.Error
	if len(attempts) == 0 || !errors.As(err, &cause) {
		return err
	}
	fault := *cause
	summary := fault
	var tried *autodiscover.AttemptsError
	if errors.As(fault.Err, &tried) {
		summary.Err = nil // the tree tells it
	}
	if fault.Remedy == "" {
		fault.Remedy = discoveryAdvice(domain, attempts)
	}
	return &undiscovered{summary.Error(), attempts, &fault}
}

func (u *undiscovered) Error() string {
	return u.summary + "\n  " + strings.Join(autodiscover.Tree(u.attempts), "\n  ")
}

func (u *undiscovered) Unwrap() error { return u.fault }

// discoveryAdvice says what to do about a discovery that came to nothing, by what came
// nearest to an answer.
func discoveryAdvice(domain federation.Domain, attempts []autodiscover.Attempt) string {
	had := func(outcomes ...autodiscover.Outcome) (autodiscover.Attempt, bool) {
		for _, a := range attempts {
			if slices.Contains(outcomes, a.Outcome) {
				return a, true
			}
		}
		return autodiscover.Attempt{}, false
	}
	const byHand = "ask the partner for the output of its own discovery, and give it to new-organizationrelationship as -TargetApplicationUri and -TargetAutodiscoverEpr"
	if a, ok := had(autodiscover.Declined, autodiscover.Fault); ok {
		return fmt.Sprintf("%s answers and gives no information: ask the partner whether %s is one of its federated domains", hostOf(a.URL), domain)
	}
	if a, ok := had(autodiscover.NotConsented, autodiscover.NameMismatch); ok {
		return fmt.Sprintf("if %s is the partner's server: exfed get-federationinformation -DomainName %s -TrustedHostnames %s", hostOf(a.URL), domain, hostOf(a.URL))
	}
	if a, ok := had(autodiscover.CertificateUntrusted, autodiscover.TLSFailed); ok {
		return "the partner has to mend TLS on " + hostOf(a.URL) + "; EXFED_CA_FILE names further certificate authorities to trust"
	}
	if a, ok := had(autodiscover.ProxyRefused); ok {
		return "have the proxy let " + hostOf(a.URL) + " through, or name it in NO_PROXY"
	}
	if a, ok := had(autodiscover.Status, autodiscover.WebPage, autodiscover.BadAnswer, autodiscover.RedirectRefused); ok {
		return "the partner has to publish /autodiscover/autodiscover.svc on " + hostOf(a.URL) + " without authentication; meanwhile " + byHand
	}
	if a, ok := had(autodiscover.ConnectionRefused, autodiscover.TimedOut, autodiscover.NotReached, autodiscover.NameServerFailed); ok {
		return "look at the way to " + hostOf(a.URL) + " (a firewall, a proxy, the name servers) and run the same command again; or " + byHand
	}
	return fmt.Sprintf("is %s spelled right? A partner without Autodiscover in DNS can be set up by hand: %s", domain, byHand)
}

// hostOf names the host of a URL, or the URL of a question that went to none.
func hostOf(text string) string {
	if u, err := url.Parse(text); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return text
}
