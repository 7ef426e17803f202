package autodiscover

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"exfed/federation"
	"exfed/federation/soap"
)

// maxValidated is how many domains of an organization are asked for again: as many as an
// organization relationship can hold.
const maxValidated = 240

// validators is how many are asked for at a time.
const validators = 8

// FederationInformation is who an organization is in the federation and where to reach it.
// All texts are printable; domains and URIs are such.
type FederationInformation struct {
	TargetApplicationURI  string
	DomainNames           []federation.Domain // the one that was asked about among them
	TargetAutodiscoverEPR string              // where requests with a token go
	TokenIssuerURIs       []string            // identifiers of the brokers whose tokens it accepts
	Dropped               []DroppedDomain
	Attempts              []Attempt // all that was tried, in the order of the domains
}

// DroppedDomain is a domain that an organization says is its own and that does not lead to
// it, or is no domain.
type DroppedDomain struct {
	Domain string // printable
	Reason string
}

// Discover finds the service of a domain and asks for its federation information, first
// anonymously at the places that the specification names. Each further domain in the answer
// is then looked up in the same way, without questions to anybody, and those that do not
// lead to the same application URI are dropped.
//
// When nothing answered, the error is a *federation.Error, FederationInformationNotReceived,
// of kind Refused when the organization said no, Untrusted when something else answered, and
// Unavailable when nothing did; its cause is an *AttemptsError.
func (c *Client) Discover(ctx context.Context, domain federation.Domain) (FederationInformation, error) {
	s := c.newSearch()
	defer s.close()
	w := &walk{search: s, domain: domain}
	found, err := w.run(ctx)
	if err != nil {
		return FederationInformation{Attempts: w.attempts}, err
	}
	if found == nil {
		return FederationInformation{Attempts: w.attempts}, notReceived(ctx, domain, w.attempts)
	}
	info := information(domain, found)
	info.Attempts = w.attempts
	if !c.BypassAdditionalDomainValidation {
		err = s.validate(ctx, domain, &info)
	}
	return info, err
}

// information makes the result of an answer, each domain once, the one asked about first.
func information(domain federation.Domain, found *located) FederationInformation {
	info := FederationInformation{
		TargetApplicationURI: found.response.ApplicationURI, TargetAutodiscoverEPR: WSSecurityURL(found.url),
		DomainNames: []federation.Domain{domain},
	}
	for _, text := range found.response.Domains {
		d, err := federation.ParseDomain(text)
		switch {
		case err != nil:
			info.Dropped = append(info.Dropped, DroppedDomain{soap.Printable(text, maxPrinted), "is not a domain"})
		case !slices.Contains(info.DomainNames, d):
			info.DomainNames = append(info.DomainNames, d)
		}
	}
	for _, issuer := range found.response.TokenIssuers {
		if issuer.URI != "" && !slices.Contains(info.TokenIssuerURIs, issuer.URI) {
			info.TokenIssuerURIs = append(info.TokenIssuerURIs, issuer.URI)
		}
	}
	return info
}

// validate drops the domains that do not lead back.
func (s *search) validate(ctx context.Context, asked federation.Domain, info *FederationInformation) error {
	domains := info.DomainNames[1:]
	checked := domains[:min(len(domains), maxValidated)]
	walks, verdicts := make([]*walk, len(checked)), make([]string, len(checked))
	var running sync.WaitGroup
	free := make(chan struct{}, validators)
	for i, domain := range checked {
		free <- struct{}{}
		walks[i] = &walk{search: s, domain: domain, quiet: true}
		running.Go(func() {
			verdicts[i] = walks[i].verdict(ctx, info.TargetApplicationURI)
			<-free
		})
	}
	running.Wait()
	if err := ctx.Err(); err != nil {
		return interrupted(ctx, asked)
	}
	kept := []federation.Domain{asked}
	for i, domain := range checked {
		info.Attempts = append(info.Attempts, walks[i].attempts...)
		if verdicts[i] == "" {
			kept = append(kept, domain)
		} else {
			info.Dropped = append(info.Dropped, DroppedDomain{string(domain), verdicts[i]})
		}
	}
	for _, domain := range domains[len(checked):] {
		info.Dropped = append(info.Dropped, DroppedDomain{string(domain), fmt.Sprintf("is one of more than %d further domains, which are not checked; ask for it by itself", maxValidated)})
	}
	info.DomainNames = kept
	return nil
}

// verdict says why a domain is not of the organization, "" when it is.
func (w *walk) verdict(ctx context.Context, applicationURI string) string {
	found, err := w.run(ctx)
	switch {
	case err != nil:
		return soap.Printable(err.Error(), maxPrinted)
	case found == nil:
		return "does not lead back: " + w.attempts[0].URL + ": " + w.attempts[0].Reason
	case !strings.EqualFold(found.response.ApplicationURI, applicationURI):
		return "leads to the organization " + found.response.ApplicationURI
	}
	return ""
}

// declined is an answer with an ErrorCode.
type declined struct {
	code    ErrorCode
	message string
}

func (e *declined) Error() string {
	text := string(e.code)
	if meaning := e.code.Meaning(); meaning != "" {
		text += ": " + meaning
	}
	if e.message != "" {
		text += fmt.Sprintf(" (%q)", soap.Printable(e.message, maxPrinted))
	}
	return text
}

// checkInformation refuses an answer that says no, one whose names are none, and one that is
// about other domains.
func checkInformation(a FederationInformationResponse, domain federation.Domain) error {
	if a.ErrorCode != NoError {
		return &declined{a.ErrorCode, a.ErrorMessage}
	}
	if !printableURI(a.ApplicationURI) {
		return &unusable{fmt.Sprintf("the ApplicationUri %q is not one", soap.Printable(a.ApplicationURI, maxPrinted))}
	}
	for _, issuer := range a.TokenIssuers {
		if issuer.URI != "" && !printableURI(issuer.URI) || issuer.Endpoint != "" && !printableURI(issuer.Endpoint) {
			return &unusable{fmt.Sprintf("the token issuer %q is not one", soap.Printable(issuer.URI+" "+issuer.Endpoint, maxPrinted))}
		}
	}
	named := func(text string) bool {
		d, err := federation.ParseDomain(text)
		return err == nil && d == domain
	}
	if !slices.ContainsFunc(a.Domains, named) {
		return &unusable{"the answer is about other domains"}
	}
	return nil
}
