package server

import (
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/soap"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// replacedCertificateLife is how long an organization may still ask for tokens with the
// certificate it has replaced: long enough for its other machines to follow, and no longer,
// because a certificate may have been replaced for having been stolen.
const replacedCertificateLife = federation.ReplacedCertificateLife

// maxOffer bounds what the log and the audit trail say of an offer, in characters.
const maxOffer = 100

// tokenRefusal is the token service saying no. The caller reads the fault's own text; the
// detail is for the log.
type tokenRefusal struct {
	fault  broker.TokenFault
	detail string
}

func (r *tokenRefusal) Error() string { return string(r.fault) + ": " + r.detail }

func refuseToken(fault broker.TokenFault, format string, args ...any) *tokenRefusal {
	return &tokenRefusal{fault: fault, detail: fmt.Sprintf(format, args...)}
}

// tokenCall is a request for a token. What follows Now has been verified, and is empty
// until it is.
type tokenCall struct {
	ID      string // of the request, for log and audit
	Message *soap.Message
	Action  string
	Now     time.Time

	generation int64 // of what is remembered of the registry and was decided by; 0 where the registry said it
	request    broker.RequestSecurityToken
	requestor  federatedURI // whom the request is from
	appID      string
	thumbprint string // of the certificate it is signed with
	user       token.OnBehalfOf
	domain     federation.Domain // of the user
	audience   string            // application URI the token is for
}

// replayKey is the same for two requests of an organization that were made with the same
// assertion of a user. That one is signed in every profile, while what signs the message
// may leave the body out and then says nothing of the request it came with.
func (c *tokenCall) replayKey() []byte {
	sum := sha256.Sum256([]byte(c.appID + "\x00" + c.user.AssertionID))
	return sum[:]
}

// expires is from when on the assertion of the user is stale.
func (c *tokenCall) expires() time.Time { return c.user.IssueInstant.Add(soap.DefaultSkew) }

// authenticate establishes who asks and on whose behalf. The organization is found by the
// name it gives itself, and the request must then be signed with a certificate of that
// organization: a subject key identifier is what its owner chose, and several may have
// chosen the same.
func (s *tokenService) authenticate(registry lookups, c *tokenCall) error {
	request, onBehalfOf, err := broker.ParseRequestSecurityToken(c.Message.Payload)
	if err != nil {
		return refuseToken(broker.TokenInvalidRequest, "%v", err)
	}
	if c.Action != broker.IssueAction {
		return refuseToken(broker.TokenInvalidRequest, "the action %q is not that of a token request", soap.Printable(c.Action, maxURI))
	}
	verifier, err := s.requester(registry, c, request.Requestor)
	if err != nil {
		return err
	}
	sender, err := s.verify(c, verifier)
	if err != nil {
		return err
	}
	if sender.Payload != nil {
		if request, onBehalfOf, err = broker.ParseRequestSecurityToken(sender.Payload); err != nil {
			return refuseToken(broker.TokenInvalidRequest, "%v", err)
		}
	}
	c.request, c.thumbprint = request, certificate.Thumbprint(sender.Certificate)
	verifier.Certificates = []*x509.Certificate{sender.Certificate}
	return s.acceptUser(c, verifier, onBehalfOf)
}

// requester finds the organization of that name, and returns what verifies its signatures.
func (s *tokenService) requester(registry lookups, c *tokenCall, name string) (token.Verifier, error) {
	uri, err := parseApplicationURI(name)
	if err != nil {
		return token.Verifier{}, refuseToken(broker.TokenAuthenticationFailed, "the requestor: %v", err)
	}
	held, found, err := registry.URI(uri.name)
	if err != nil {
		return token.Verifier{}, err
	}
	if !found || held.State(c.Now) != federation.Active {
		return token.Verifier{}, refuseToken(broker.TokenAuthenticationFailed, "the requestor %s is no active URI of an organization", uri.name)
	}
	current, previous, _, err := registry.Credentials(held.AppID)
	if err != nil {
		return token.Verifier{}, err
	}
	verifier := token.Verifier{Profile: s.profile}
	if !c.Now.Before(current.Since.Add(replacedCertificateLife)) {
		previous = nil
	}
	for _, credential := range []*Credential{&current, previous} {
		if credential == nil {
			continue
		}
		parsed, err := s.certificates.parse(*credential, held.AppID)
		if err != nil {
			return token.Verifier{}, err
		}
		verifier.Certificates = append(verifier.Certificates, parsed)
	}
	c.requestor, c.appID = uri, held.AppID
	return verifier, nil
}

// verify checks the security header: timestamp and addressee are signed, and in the
// modern profile the body is.
func (s *tokenService) verify(c *tokenCall, verifier token.Verifier) (*soap.Sender, error) {
	verification := soap.Verification{
		Algorithms: algorithms(s.profile), SelectKey: verifier.Signer, Now: s.now,
		Required: []xmlsec.Name{soap.ToName()}, UnsignedBody: s.profile == federation.Exchange,
	}
	sender, err := verification.Verify(c.Message)
	var fault *soap.MessageError
	switch {
	case errors.As(err, &fault) && !fault.SecurityFailed():
		return nil, refuseToken(broker.TokenInvalidRequest, "%v", err)
	case err != nil:
		return nil, refuseToken(broker.TokenAuthenticationFailed, "%v", err)
	}
	address, err := sender.Block(soap.ToName()).Value()
	if err != nil {
		return nil, refuseToken(broker.TokenInvalidRequest, "wsa:To: %v", err)
	}
	if address = strings.TrimSpace(address); address != s.endpoint && !sameEndpoint(address, s.endpoint) {
		return nil, refuseToken(broker.TokenAuthenticationFailed, "the request is for %q, this token service is %s", soap.Printable(address, maxURI), s.endpoint)
	}
	return sender, nil
}

// acceptUser verifies the assertion that names the user, and that the certificate of both
// is valid now. It is made for one request: one that is not fresh was made for another.
func (s *tokenService) acceptUser(c *tokenCall, verifier token.Verifier, onBehalfOf *xmlsec.Element) error {
	user, err := verifier.AcceptOnBehalfOf(onBehalfOf, token.Expectation{
		At: c.Now, Issuer: c.requestor.name, Audience: s.issuerURI, Skew: soap.DefaultSkew,
	})
	var refused *federation.Error
	switch {
	case errors.As(err, &refused) && refused.ID == token.ReasonEmailAddress:
		return refuseToken(broker.TokenMemberNameInvalid, "OnBehalfOf: %v", err)
	case err != nil:
		return refuseToken(broker.TokenAuthenticationFailed, "OnBehalfOf: %v", err)
	case c.Now.Sub(user.IssueInstant).Abs() >= soap.DefaultSkew:
		return refuseToken(broker.TokenAuthenticationFailed, "OnBehalfOf was made at %s", user.IssueInstant.Format(time.RFC3339))
	}
	if c.domain, err = token.AddressDomain(user.EmailAddress); err != nil {
		return refuseToken(broker.TokenMemberNameInvalid, "OnBehalfOf: %v", err)
	}
	c.user = user
	return nil
}
