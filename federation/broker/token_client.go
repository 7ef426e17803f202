package broker

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/soap"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// onBehalfOfLife is how long the assertion that names the user is good for: as long as
// the message it is in.
const onBehalfOfLife = 5 * time.Minute

var _ federation.TokenService = (*Client)(nil)

// RequestToken implements federation.TokenService. The checkpoints of it are
// "RequestSecurityToken.send" and "RequestSecurityToken.answered".
func (c *Client) RequestToken(ctx context.Context, org certificate.Pair, request federation.TokenRequest) (federation.TokenResponse, error) {
	endpoint := request.Issuer.EPR
	if endpoint == "" || request.Issuer.URI == "" {
		return federation.TokenResponse{}, federation.Errorf(federation.Conflict, "TokenServiceUnknown", "token service",
			"the metadata of the trust does not say where tokens are issued, or by whom")
	}
	id, err := soap.NewMessageID(c.Rand)
	if err != nil {
		return federation.TokenResponse{}, notSigned(endpoint, err)
	}
	signed, err := c.signTokenRequest(org, request, id)
	if err != nil {
		return federation.TokenResponse{}, err
	}
	carrier := *c.SOAP
	carrier.Version = soap.SOAP12
	var message *soap.Message
	err = c.between("RequestSecurityToken", func() (err error) {
		understood := append(soap.AddressingNames(), soap.SecurityName())
		message, err = carrier.Call(ctx, endpoint, IssueAction, signed, understood...)
		return c.withClock(tokenCallError(endpoint, err), err)
	})
	if err != nil {
		return federation.TokenResponse{}, err
	}
	answer, err := readTokenAnswer(message, id, request.Target)
	if err != nil {
		return federation.TokenResponse{}, untrusted(endpoint, "the token service's answer is not usable", err)
	}
	return answer, nil
}

func tokenCallError(address string, err error) error {
	var fault *soap.Fault
	if errors.As(err, &fault) {
		return tokenFaultError(address, fault)
	}
	return callError(address, err)
}

func notSigned(endpoint string, err error) error {
	return &federation.Error{Kind: federation.Other, ID: "RequestNotSigned",
		Object: tokenServiceObject(endpoint), Reason: "the request for a token could not be signed", Err: err}
}

// signTokenRequest returns the whole message. The signature covers timestamp and
// addressee and, in the modern profile, the body.
func (c *Client) signTokenRequest(org certificate.Pair, request federation.TokenRequest, messageID string) ([]byte, error) {
	onBehalfOf, err := c.onBehalfOf(org, request)
	if err != nil {
		return nil, err
	}
	id, err := token.NewAssertionID(c.Rand)
	if err != nil {
		return nil, err
	}
	info, err := xmlsec.SubjectKeyIdentifierKeyInfo(org.Certificate)
	if err != nil {
		return nil, notSigned(request.Issuer.EPR, err)
	}
	asked := RequestSecurityToken{ID: id, AppliesTo: appliesTo(request.Target), Requestor: request.ApplicationURI, Offer: request.Offer}
	signing := soap.Signing{
		Signer: xmlsec.Signer{Key: org.Key, Method: signatureMethod(c.Profile), KeyInfo: info},
		Now:    c.Now, Rand: c.Rand, MustUnderstand: true,
		NumberedIDs: c.Profile == federation.Exchange, UnsignedBody: c.Profile == federation.Exchange,
	}
	addressing := soap.Addressing{To: request.Issuer.EPR, Action: IssueAction, MessageID: messageID, ReplyTo: soap.AnonymousAddress}
	message, err := signing.Sign(soap.Envelope{
		Version: soap.SOAP12, Headers: addressing.Blocks(soap.SOAP12), Body: asked.Marshal(onBehalfOf, c.Profile),
	})
	if err != nil {
		return nil, notSigned(request.Issuer.EPR, err)
	}
	return message, nil
}

// isApplicationURI reports whether the target of a request is one, a bare name or a URI.
// Anything else is a domain, which the broker takes to the organization it belongs to.
func isApplicationURI(target string) bool {
	return strings.Contains(target, ":") || federation.PrimaryDomain(target) != ""
}

// appliesTo returns how a request names the organization a token is for.
func appliesTo(target string) string {
	if isApplicationURI(target) {
		return token.AudienceURI(target)
	}
	return target
}

// onBehalfOf returns the assertion by which the organization names its user.
func (c *Client) onBehalfOf(org certificate.Pair, request federation.TokenRequest) ([]byte, error) {
	now := c.now()
	id, err := token.NewAssertionID(c.Rand)
	if err != nil {
		return nil, err
	}
	name := request.NameIdentifier
	if name == "" {
		name = nameIdentifier(request.User, request.ApplicationURI)
	}
	issuer := token.Issuer{URI: request.ApplicationURI, Pair: org, Profile: c.profile(), Rand: c.Rand}
	return issuer.SignOnBehalfOf(token.OnBehalfOf{
		AssertionID: id, Issuer: request.ApplicationURI, IssueInstant: now, NotBefore: now, NotOnOrAfter: now.Add(onBehalfOfLife),
		Audience: request.Issuer.URI, NameIdentifier: name, EmailAddress: request.User,
	})
}

// nameIdentifier makes an opaque name that stays the same for an address, of the form in
// which Exchange names its users: 16 bytes in Base64 and the account namespace.
func nameIdentifier(address, applicationURI string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(address)))
	return base64.StdEncoding.EncodeToString(sum[:16]) + "@" + applicationURI
}

func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

func (c *Client) profile() federation.SecurityProfile {
	if c.Profile == "" {
		return federation.Modern
	}
	return c.Profile
}

// readTokenAnswer takes the token out of an answer that belongs to the request and is
// for whom it was asked for.
func readTokenAnswer(message *soap.Message, requestID, target string) (federation.TokenResponse, error) {
	addressing, err := message.Addressing()
	if err != nil {
		return federation.TokenResponse{}, err
	}
	if addressing.RelatesTo != "" && addressing.RelatesTo != requestID {
		return federation.TokenResponse{}, errors.New("it answers another request")
	}
	answer, err := ParseRequestSecurityTokenResponse(message.Payload)
	if err != nil {
		return federation.TokenResponse{}, err
	}
	if answer.AppliesTo == "" {
		answer.AppliesTo = appliesTo(target)
	}
	if isApplicationURI(target) && !token.SameAudience(target, answer.AppliesTo) {
		return federation.TokenResponse{}, errors.New("the token is for somebody else")
	}
	return federation.TokenResponse{
		Encrypted: answer.Encrypted, ProofKey: answer.ProofKey,
		NotBefore: answer.Created, NotOnOrAfter: answer.Expires, Audience: token.AudienceURI(answer.AppliesTo),
	}, nil
}
