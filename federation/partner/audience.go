package partner

import (
	"errors"
	"slices"

	"exfed/federation"
	"exfed/federation/autodiscover"
)

// checkAudience says why no token must be asked for, "" when one may be: the partner could use
// a token for somebody else there. Without an application URI the broker finds the organization
// by a domain of the relationship.
func (x *examination) checkAudience() string {
	uri := x.relationship.TargetApplicationURI
	switch {
	case x.has(MismatchedFederation):
		return because(MismatchedFederation)
	case x.information != nil || uri == "":
		return ""
	case x.isForeign():
		return because(NoFederationInformation)
	case isOfDomains(uri, x.relationship.DomainNames):
		return ""
	}
	x.find(Finding{ID: TokenAudienceNotProven, Status: federation.EventError},
		"TargetApplicationUri is %s, of none of the domains of the organization relationship, and the partner does not say that it is its own, so no token is asked for.", uri)
	return because(TokenAudienceNotProven)
}

// isForeign reports whether the partner claims the application URI of somebody else.
func (x *examination) isForeign() bool {
	return slices.ContainsFunc(x.findings, func(f Finding) bool {
		var fault *federation.Error
		return errors.As(f.Cause, &fault) && fault.ID == autodiscover.IDApplicationURIOfOthers
	})
}

// isOfDomains reports whether an application URI is by its name that of one of the domains.
func isOfDomains(uri string, domains []federation.Domain) bool {
	if primary := federation.AudienceDomain(uri); primary != "" {
		return slices.Contains(domains, primary)
	}
	return slices.ContainsFunc(domains, func(d federation.Domain) bool { return federation.IsAudienceWithin(uri, d) })
}
