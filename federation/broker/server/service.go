package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/serve"
)

// service applies the rules of the broker to calls whose signature holds.
type service struct {
	registry        Registry
	resolver        federation.TXTResolver
	profile         federation.SecurityProfile
	now             func() time.Time
	rand            io.Reader
	activationDelay time.Duration
	maxMoves        int
	moveWindow      time.Duration
	maxIdleApps     int
	idleAppLife     time.Duration
	dnsTimeout      time.Duration
	lookups         serve.Slots // of calls that wait for name servers
}

// outcome is what a call came to.
type outcome struct {
	response broker.Response
	appID    string
	refusal  *refusal // nil when the call was carried out
}

// do carries out the call. Names are looked up between two transactions, because
// nobody may wait for a name server while the registry is locked; the second one
// checks again what the first one found. An error that is no refusal means that
// nothing is known to have happened.
func (s *service) do(ctx context.Context, c *call) (outcome, error) {
	c.prepare()
	var ask bool
	err := s.registry.View(ctx, func(tx Tx) error {
		app, err := authenticate(tx, c)
		if err != nil {
			return err
		}
		ask, err = needsProof(tx, c, app)
		return err
	})
	if err != nil {
		return denied(err)
	}
	// Without a look at DNS nothing is proven, whatever the second transaction finds.
	var proven error = refuse(broker.ProofOfDomainOwnershipFailed, "no proof was checked")
	if ask {
		proven = s.checkProof(ctx, c)
	}
	return s.commit(ctx, c, proven)
}

// replayGrace is how long a mark against replay outlives the time from which on the request
// is stale: a copy of it that was fresh when it came may be worked on that much longer.
const replayGrace = requestTimeout + busyTimeout

// commit is the one transaction in which the call takes effect: the replay mark, the
// change and the audit entry of an organization together. A refusal by a rule is recorded as well, which
// is why a rule decides everything before it writes anything.
func (s *service) commit(ctx context.Context, c *call, proven error) (outcome, error) {
	var result outcome
	err := s.registry.Update(ctx, func(tx Tx) error {
		app, err := authenticate(tx, c)
		if err != nil {
			return err
		}
		now := s.now().UTC()
		if !now.Before(c.Expires) {
			return refuse(broker.AccessDenied, "the request became stale while it was worked on")
		}
		fresh, err := tx.MarkSeen(c.Digest, c.Expires.Add(replayGrace), now)
		if err != nil {
			return err
		}
		if !fresh {
			return refuse(broker.AccessDenied, "the request was seen before")
		}
		result, err = s.apply(tx, c, app, proven)
		if err != nil {
			return err
		}
		if result.appID == "" { // a stranger who was refused: the log knows
			return nil
		}
		return tx.AddAudit(auditEntry(c, result))
	})
	if err != nil {
		return denied(err)
	}
	return result, nil
}

// apply runs the rule of the operation.
func (s *service) apply(tx Tx, c *call, app App, proven error) (outcome, error) {
	result := outcome{response: broker.Response{Operation: c.Operation}, appID: app.ID}
	err := admitCaller(tx, app)
	if err == nil {
		err = c.argument
	}
	if err == nil {
		err = s.rule(c.Operation)(tx, &operation{call: c, app: app, proven: proven, result: &result})
	}
	if errors.As(err, &result.refusal) {
		return result, nil
	}
	return result, err
}

// denied turns a refusal that must leave no trace in the registry into an outcome.
func denied(err error) (outcome, error) {
	var r *refusal
	if errors.As(err, &r) {
		return outcome{refusal: r}, nil
	}
	return outcome{}, err
}

// operation is a call in the transaction in which it takes effect.
type operation struct {
	*call
	app    App
	proven error // nil when the proof may be the caller's and was found in DNS
	result *outcome
}

type rule func(Tx, *operation) error

func (s *service) rule(name broker.Operation) rule {
	switch name {
	case broker.CreateAppID:
		return s.createAppID
	case broker.AddURI:
		return s.addURI
	case broker.RemoveURI:
		return removeURI
	case broker.ReserveDomain:
		return s.reserveDomain
	case broker.ReleaseDomain:
		return releaseDomain
	case broker.GetDomainInfo:
		return domainInfo
	case broker.UpdateAppIDCertificate:
		return updateCertificate
	case broker.UpdateAppIDProperties:
		return updateProperties
	}
	return func(Tx, *operation) error { return fmt.Errorf("no rule for operation %q", name) }
}

func auditEntry(c *call, result outcome) AuditEntry {
	entry := AuditEntry{
		At: c.Now, RequestID: c.ID, AppID: result.appID, Thumbprint: certificate.Thumbprint(c.Certificate),
		Operation: string(c.Operation), Subject: c.subject(), Outcome: "Success",
	}
	if result.refusal != nil {
		entry.Outcome = string(result.refusal.fault)
	}
	return entry
}
