package server

import (
	"crypto/x509"
	"fmt"
	"strings"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/soap"
	"exfed/federation/token"
)

// parseApplicationURI reads a URI as token requests name organizations: with http:// in
// front or bare.
func parseApplicationURI(text string) (federatedURI, error) {
	if len(text) > maxURI {
		return federatedURI{}, fmt.Errorf("%d bytes long", len(text))
	}
	return parseURI(strings.TrimPrefix(token.NormalAudience(text), "http://"))
}

// decide applies the rules to a request whose sender is known, and returns the certificate
// that the token is to be encrypted to.
func (s *tokenService) decide(registry lookups, c *tokenCall) (*x509.Certificate, error) {
	policy, err := registry.Policy(c.appID)
	if err != nil {
		return nil, err
	}
	if policy.Disabled {
		return nil, refuseToken(broker.TokenOrganizationDisabled, "AppID %s is disabled", c.appID)
	}
	if err := c.checkUser(registry); err != nil {
		return nil, err
	}
	if err := c.checkOffer(policy); err != nil {
		return nil, err
	}
	return s.target(registry, c)
}

// checkUser refuses a user in a domain that is not the organization's and active, and one
// who is named under somebody else's account namespace.
func (c *tokenCall) checkUser(registry lookups) error {
	held, found, err := registry.URI(string(c.domain))
	if err != nil {
		return err
	}
	if !found || held.AppID != c.appID || held.State(c.Now) != federation.Active {
		return refuseToken(broker.TokenMemberNameInvalid, "%s is no active domain of AppID %s", c.domain, c.appID)
	}
	return c.checkName(registry)
}

// checkName refuses a name identifier that cannot stand in a token, and one that does not
// end in an account namespace of the organization, bare and in the one form there is of
// it: the token has it as it came, and a relying party may compare letter by letter.
func (c *tokenCall) checkName(registry lookups) error {
	name := c.user.NameIdentifier
	if !token.Writable(name) {
		return refuseToken(broker.TokenMemberNameInvalid, "the name identifier, of %d bytes, cannot stand in a token", len(name))
	}
	local, end, _ := strings.Cut(name, "@")
	namespace, err := parseURI(end)
	if local == "" || err != nil || namespace.name != end {
		return refuseToken(broker.TokenMemberNameInvalid, "the name identifier %q does not end in an account namespace as it is kept", soap.Printable(name, maxURI))
	}
	if namespace.name == c.requestor.name {
		return nil
	}
	held, found, err := registry.URI(namespace.name)
	if err != nil {
		return err
	}
	if !found || held.AppID != c.appID {
		return refuseToken(broker.TokenMemberNameInvalid, "the name identifier is of %s, which is not AppID %s's", namespace.name, c.appID)
	}
	return nil
}

// checkOffer refuses offers that do not exist and those the organization may not have.
func (c *tokenCall) checkOffer(policy Policy) error {
	offer := token.Offer(c.request.Offer)
	if !offer.Known() {
		return refuseToken(broker.TokenInvalidScope, "there is no offer %q", soap.Printable(c.request.Offer, maxOffer))
	}
	if !policy.allows(offer) {
		return refuseToken(broker.TokenInvalidScope, "AppID %s may not have the offer %q", c.appID, string(offer))
	}
	return nil
}

// target finds whom the token is for: the organization that holds the application URI,
// or the one that holds the domain, under its application URI.
func (s *tokenService) target(registry lookups, c *tokenCall) (*x509.Certificate, error) {
	uri, err := parseApplicationURI(c.request.AppliesTo)
	if err != nil {
		return nil, refuseToken(broker.TokenInvalidScope, "AppliesTo: %v", err)
	}
	held, found, err := registry.URI(uri.name)
	if err == nil && found && held.State(c.Now) == federation.Active && !uri.namespace {
		held, found, err = registry.ApplicationURI(held.AppID)
	}
	if err != nil {
		return nil, err
	}
	if !found || held.State(c.Now) != federation.Active {
		return nil, refuseToken(broker.TokenInvalidScope, "%s belongs to no organization with an active application URI", uri.name)
	}
	policy, err := registry.Policy(held.AppID)
	if err != nil {
		return nil, err
	}
	if policy.Disabled {
		return nil, refuseToken(broker.TokenInvalidScope, "%s is AppID %s's, which is disabled", uri.name, held.AppID)
	}
	current, _, found, err := registry.Credentials(held.AppID)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, refuseToken(broker.TokenInvalidScope, "AppID %s has no certificate", held.AppID)
	}
	recipient, err := s.certificates.parse(current, held.AppID)
	if err != nil {
		return nil, err
	}
	if certificate.StatusAt(recipient, c.Now) != certificate.Valid {
		return nil, refuseToken(broker.TokenInvalidScope, "the certificate %s of AppID %s is valid until %s", current.Fingerprint, held.AppID, recipient.NotAfter)
	}
	c.audience = token.AudienceURI(held.Name)
	return recipient, nil
}
