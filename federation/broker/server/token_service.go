package server

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/soap"
	"exfed/federation/token"
)

// issueOperation is what the audit trail calls a request for a token.
const issueOperation = "IssueToken"

// tokenService issues delegation tokens.
type tokenService struct {
	directory    *directory
	updates      *sharedUpdates
	signers      *signers
	certificates parsedCertificates
	profile      federation.SecurityProfile
	issuerURI    string
	endpoint     string // own URL
	lives        map[token.Offer]time.Duration
	now          func() time.Time
	rand         io.Reader
	log          *slog.Logger
}

// errKeyTurn says that the time of the next key has come, and that the registry does not say
// yet what became of it.
var errKeyTurn = errors.New("the time of the next signing key has come")

// grant is what was decided on a request: everything a token needs.
type grant struct {
	recipient *x509.Certificate
	signer    certificate.Pair
}

// do decides on the request, makes the token and, before anybody gets to see it, records
// that it was issued. That a request whose sender is known gets none is recorded as well.
// An error that is no *tokenRefusal means that the broker failed.
func (s *tokenService) do(ctx context.Context, c *tokenCall) (token.Issued, error) {
	s.updates.batches.enter()
	defer s.updates.batches.leave()
	granted, err := s.granted(ctx, c)
	issued, err := s.answer(c, granted, err)
	if errors.Is(err, errChanged) {
		granted, err = s.grantedNow(ctx, c)
		issued, err = s.answer(c, granted, err)
	}
	return issued, err
}

// answer makes the token, unless the request gets none, and records what came of it.
func (s *tokenService) answer(c *tokenCall, granted grant, refused error) (issued token.Issued, err error) {
	if refused == nil {
		issued, refused = s.issue(c, granted)
	}
	if refused != nil {
		return token.Issued{}, s.unanswered(c, refused)
	}
	return issued, s.record(c, "Success")
}

// granted decides by what is remembered of the registry. That it was still so is for the
// record to find out, in the transaction that it takes anyway; a refusal counts only if the
// registry says so now.
func (s *tokenService) granted(ctx context.Context, c *tokenCall) (granted grant, err error) {
	generation, err := s.directory.remembered(ctx, func(registry lookups) (err error) {
		granted, err = s.grant(registry, c)
		return err
	})
	if err == nil {
		c.generation = generation
		return granted, nil
	}
	if !errors.Is(err, errChanged) && !errors.Is(err, errKeyTurn) && s.directory.unchanged(generation) == nil {
		return grant{}, err
	}
	return s.grantedNow(ctx, c)
}

// grantedNow decides by what the registry says now.
func (s *tokenService) grantedNow(ctx context.Context, c *tokenCall) (granted grant, err error) {
	decide := func() error {
		return s.directory.view(ctx, func(registry lookups) (err error) {
			granted, err = s.grant(registry, c)
			return err
		})
	}
	if err = decide(); errors.Is(err, errKeyTurn) {
		if err = turnKeys(ctx, s.directory.registry, s.signers.keys, c.Now, s.log); err == nil {
			err = decide()
		}
	}
	return granted, err
}

// unanswered records why a request gets no token, when it is known whose it is, and
// returns the reason.
func (s *tokenService) unanswered(c *tokenCall, reason error) error {
	if !c.authenticated() {
		return reason
	}
	if err := s.record(c, string(tokenFaultOf(reason))); err != nil {
		return fmt.Errorf("%w; before that: %v", err, reason)
	}
	return reason
}

// authenticated reports whether it is known who asks, and on whose behalf.
func (c *tokenCall) authenticated() bool { return c.domain != "" }

// grant decides on the registry of one moment. What another moment had to say of the call,
// which may have begun with it, is forgotten.
func (s *tokenService) grant(registry lookups, c *tokenCall) (grant, error) {
	*c = tokenCall{ID: c.ID, Message: c.Message, Action: c.Action, Now: c.Now}
	if err := s.authenticate(registry, c); err != nil {
		return grant{}, err
	}
	recipient, err := s.decide(registry, c)
	if err != nil {
		return grant{}, err
	}
	keys, err := registry.SigningKeys()
	if err != nil {
		return grant{}, err
	}
	ring, err := ringAt(keys, c.Now, s.signers.keys)
	if err == nil && ring.turned {
		err = errKeyTurn
	}
	if err != nil {
		return grant{}, err
	}
	signer, err := s.signers.pair(ring.current.Thumbprint)
	return grant{recipient: recipient, signer: signer}, err
}

func (s *tokenService) issue(c *tokenCall, g grant) (token.Issued, error) {
	offer := token.Offer(c.request.Offer)
	issuer := token.Issuer{URI: s.issuerURI, Pair: g.signer, Profile: s.profile, Rand: s.rand}
	issued, err := issuer.Issue(token.Request{
		Audience: c.audience, NameIdentifier: c.user.NameIdentifier, EmailAddress: c.user.EmailAddress,
		RequestorDomain: c.requestor.name, Offer: offer, Life: s.lives[offer],
	}, g.recipient, c.Now)
	if err != nil {
		return token.Issued{}, fmt.Errorf("issuing: %w", err)
	}
	return issued, nil
}

// record writes the mark against replay and the audit entry. A request that was seen
// before leaves no trace.
func (s *tokenService) record(c *tokenCall, outcome string) error {
	return s.updates.do(func(tx Tx) error {
		if err := c.stillGranted(tx); err != nil {
			return err
		}
		now := s.now().UTC()
		if !now.Before(c.expires()) {
			return refuseToken(broker.TokenAuthenticationFailed, "the request became stale while it was worked on")
		}
		fresh, err := tx.MarkSeen(c.replayKey(), c.expires().Add(replayGrace), now)
		if err != nil {
			return err
		}
		if !fresh {
			return refuseToken(broker.TokenAuthenticationFailed, "the request was seen before")
		}
		return tx.AddAudit(AuditEntry{
			At: c.Now, RequestID: c.ID, AppID: c.appID, Thumbprint: c.thumbprint,
			Operation: issueOperation, Subject: soap.Printable(c.request.AppliesTo, maxURI), User: c.user.EmailAddress,
			Audience: c.audience, Offer: soap.Printable(c.request.Offer, maxOffer), Outcome: outcome,
		})
	})
}

// stillGranted is errChanged when the registry is not what the call was granted by.
func (c *tokenCall) stillGranted(tx Tx) error {
	if c.generation == 0 {
		return nil
	}
	generation, err := tx.Generation()
	if err == nil && generation != c.generation {
		err = errChanged
	}
	return err
}
