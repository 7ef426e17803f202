package autodiscover

import (
	"context"
	"fmt"
	"slices"

	"exfed/federation"
	"exfed/federation/soap"
)

// FederationInformation is who an organization is in the federation and where to reach it.
// All texts are printable; domains and URIs are such.
type FederationInformation struct {
	TargetApplicationURI  string
	AudienceUnproven      bool                // nothing ties TargetApplicationURI to the domain: other organizations may have it
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
// An application URI that is the account namespace of a domain is believed when that domain is
// the one asked about, or when it leads to the same application URI and its organization names
// the one asked about as well, even with BypassAdditionalDomainValidation. The error is an
// ApplicationUriOfAnotherOrganization of kind Untrusted otherwise.
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
	further := s.further()
	defer further.close()
	if err := further.validate(ctx, domain, &info); err != nil {
		return info, err
	}
	if err := checkAudience(domain, &info); err != nil {
		return FederationInformation{Attempts: info.Attempts}, err
	}
	return info, nil
}

// information makes the result of an answer, each domain once: the one asked about first, then
// the one of the account namespace, which must not be left unchecked.
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
	if i := slices.Index(info.DomainNames, federation.AudienceDomain(info.TargetApplicationURI)); i > 1 {
		primary := info.DomainNames[i]
		info.DomainNames = slices.Insert(slices.Delete(info.DomainNames, i, i+1), 1, primary)
	}
	for _, issuer := range found.response.TokenIssuers {
		if issuer.URI != "" && !slices.Contains(info.TokenIssuerURIs, issuer.URI) {
			info.TokenIssuerURIs = append(info.TokenIssuerURIs, issuer.URI)
		}
	}
	return info
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
	if !a.names(domain) {
		return &unusable{"the answer is about other domains"}
	}
	return nil
}

// names reports whether an answer has a domain.
func (a FederationInformationResponse) names(domain federation.Domain) bool {
	return slices.ContainsFunc(a.Domains, func(text string) bool {
		d, err := federation.ParseDomain(text)
		return err == nil && d == domain
	})
}
