package endpoint

import (
	"crypto/sha256"
	"sync"
	"time"

	"exfed/federation"
	"exfed/federation/soap"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// Bounds of the memory of opened tokens. A partner uses a token again for as long as it is
// valid; opening it each time would cost more than the answer.
const (
	maxOpened  = 10_000
	openedLife = 5 * time.Minute // then it is opened again: its signer's certificate may have expired
)

// opened remembers tokens that were decrypted and whose signature holds, by their octets. It
// belongs to one state of the organization: with other keys another one begins.
type opened struct {
	verifier token.Verifier

	mu     sync.Mutex
	tokens map[[sha256.Size]byte]remembered
}

type remembered struct {
	token *token.Opened
	until time.Time
}

// open decrypts a token and verifies its signature, unless that was done before.
func (o *opened) open(e *xmlsec.Element, now time.Time) (*token.Opened, error) {
	digest := sha256.Sum256(e.Source())
	o.mu.Lock()
	known, ok := o.tokens[digest]
	o.mu.Unlock()
	if ok && now.Before(known.until) && !now.Before(known.until.Add(-openedLife)) {
		return known.token, nil
	}
	fresh, err := o.verifier.Open(e, now)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tokens == nil || len(o.tokens) >= maxOpened {
		o.tokens = map[[sha256.Size]byte]remembered{}
	}
	o.tokens[digest] = remembered{token: fresh, until: now.Add(openedLife)}
	return fresh, nil
}

// requester is who asks, as the broker vouches for it.
type requester struct {
	address string // SMTP address
	domain  federation.Domain
}

// requester identifies who sent a message. The token must be for this organization and for
// one of the offers. The error says more than the sender may know.
func (o *organization) requester(m *soap.Message, now time.Time, offers ...token.Offer) (requester, error) {
	sealed, err := m.Token(now)
	if err != nil {
		return requester{}, err
	}
	if !o.Federated() {
		return requester{}, federation.Errorf(federation.Conflict, "NotFederated", "organization", "does not take part in a federation, or not any more")
	}
	opened, err := o.tokens.open(sealed, now)
	if err != nil {
		return requester{}, err
	}
	expected := token.Expectation{At: now, Issuer: o.Party.IssuerURI, Audience: o.Party.Audience, Offers: offers}
	if err := expected.Accept(opened); err != nil {
		return requester{}, err
	}
	domain, err := token.AddressDomain(opened.Token.EmailAddress)
	return requester{address: opened.Token.EmailAddress, domain: domain}, err
}
