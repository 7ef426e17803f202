package federation

import (
	"context"
	"strings"

	"exfed/certificate"
)

// DelegationTokenRequest asks for a token in the name of a user of the organization.
type DelegationTokenRequest struct {
	User   string // SMTP address in one of the federated domains
	Target string // federated domain of the other organization, or its application URI
	Offer  string // such as MSExchange.SharingCalendarFreeBusy; the broker says which there are
	// SecurityProfile is that of the request; nil for the trust's.
	SecurityProfile *SecurityProfile
}

// DelegationToken asks the token service of the organization's broker for a token. The
// state is left as it is.
//
// An organization without a trust is NotFound (NoFederationTrust). It is a Conflict when
// federation is switched off (FederationDisabled), not set up to its end
// (NoAccountNamespace, AccountNamespaceUnfinished, DomainUnfinished), does not have the
// user's domain (UserDomainNotFederated), or its certificate is not valid now
// (CertificateExpired, CertificateNotYetValid). The other errors are those of TokenService.
func (o *Organization) DelegationToken(ctx context.Context, request DelegationTokenRequest) (TokenResponse, error) {
	domain, err := domainOfUser(request.User)
	if err != nil {
		return TokenResponse{}, err
	}
	if request.Target, err = parseTokenTarget(request.Target); err != nil {
		return TokenResponse{}, err
	}
	trust, err := o.onlyTrust(ctx)
	if err != nil {
		return TokenResponse{}, err
	}
	id, err := o.Identifier(ctx)
	if err != nil {
		return TokenResponse{}, err
	}
	if err := id.requireEnabled(); err != nil {
		return TokenResponse{}, err
	}
	if err := id.requireFederated(domain); err != nil {
		return TokenResponse{}, err
	}
	pair, err := o.pair(trust.Current)
	if err != nil {
		return TokenResponse{}, err
	}
	// The broker would say no more than that it does not know who asks.
	if err := checkTimes(pair.Certificate, o.Now()); err != nil {
		return TokenResponse{}, err
	}
	if request.SecurityProfile != nil {
		trust.SecurityProfile = *request.SecurityProfile
	}
	o.Step("asking for a token for %s as %s", request.Target, request.User)
	return o.askForToken(ctx, trust, pair, request)
}

// askForToken sends a request that has been checked.
func (o *Organization) askForToken(ctx context.Context, trust FederationTrust, pair certificate.Pair, request DelegationTokenRequest) (TokenResponse, error) {
	service, err := o.Tokens(ctx, trust)
	if err != nil {
		return TokenResponse{}, err
	}
	return service.RequestToken(ctx, pair, TokenRequest{
		Issuer: trust.Issuer, ApplicationURI: trust.ApplicationURI,
		User: request.User, Target: request.Target, Offer: request.Offer,
	})
}

// domainOfUser returns the domain of the user's address.
func domainOfUser(address string) (Domain, error) {
	address, err := smtpAddress(address)
	if err != nil {
		return "", err
	}
	if address == "" {
		return "", Errorf(Invalid, "InvalidSmtpAddress", "address "+quote(address), "is not an SMTP address")
	}
	return ParseDomain(address[strings.LastIndexByte(address, '@')+1:])
}

// parseTokenTarget reads whom a token is for: an application URI stays as it is.
func parseTokenTarget(text string) (string, error) {
	if strings.Contains(text, ":") || PrimaryDomain(text) != "" {
		return text, nil
	}
	if strings.Contains(text, "@") {
		return "", Errorf(Invalid, "InvalidTokenTarget", "target "+quote(text), "is the address of a user, and a token is for an organization")
	}
	domain, err := ParseDomain(text)
	return string(domain), err
}

// CheckUser finds out, without asking it, whether the broker would vouch for a user. Its
// errors are those of DelegationToken.
func (id OrganizationIdentifier) CheckUser(address string) error {
	if err := id.requireEnabled(); err != nil {
		return err
	}
	domain, err := domainOfUser(address)
	if err != nil {
		return err
	}
	return id.requireFederated(domain)
}

// requireEnabled refuses an organization that does not federate, or not yet.
func (id OrganizationIdentifier) requireEnabled() error {
	switch {
	case id.AccountNamespace == "":
		return Errorf(Conflict, "NoAccountNamespace", identifierObject, "has no account namespace yet")
	case id.unfinished():
		return Errorf(Conflict, "AccountNamespaceUnfinished", identifierObject, "its account namespace is not registered completely")
	case !id.Enabled:
		return Errorf(Conflict, "FederationDisabled", identifierObject, "federation is switched off")
	}
	return nil
}

// requireFederated refuses a domain whose users the broker does not vouch for.
func (id OrganizationIdentifier) requireFederated(domain Domain) error {
	i := id.index(domain)
	switch {
	case i < 0:
		return Errorf(Conflict, "UserDomainNotFederated", "domain "+quote(string(domain)), "is not federated, so nobody vouches for its users")
	case id.Domains[i].Pending != "":
		return Errorf(Conflict, "DomainUnfinished", "domain "+quote(string(domain)),
			"is not registered completely (%s was begun)", id.Domains[i].Pending)
	}
	return nil
}
