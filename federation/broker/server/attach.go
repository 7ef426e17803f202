package server

import (
	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
)

func (s *service) addURI(tx Tx, op *operation) error { return s.attach(tx, op) }

// attach gives the URI to the caller. What the caller holds stays as it is.
func (s *service) attach(tx Tx, op *operation) error {
	held, found, err := tx.URI(op.uri.name)
	if err != nil || found && held.AppID == op.app.ID {
		return err
	}
	if op.uri.namespace {
		if err := requirePrimaryDomain(tx, op); err != nil {
			return err
		}
		return tx.PutURI(s.newURI(op))
	}
	return s.attachDomain(tx, op)
}

// admitDomain decides whether the caller may have the domain, and returns the AppID
// that was the last to attach it. Releasing a domain first does not get around the
// limit on moves.
func (s *service) admitDomain(tx Tx, op *operation) (former string, err error) {
	if op.proven != nil {
		return "", op.proven
	}
	if err := admitMaker(tx, op); err != nil {
		return "", err
	}
	if err := admitTakeover(tx, op); err != nil {
		return "", err
	}
	former, err = tx.LastHolder(op.uri.name)
	if err != nil || former == "" || former == op.app.ID {
		return former, err
	}
	if !op.made { // only the exchange profile gets here
		return "", refuse(broker.ProofOfDomainOwnershipFailed, "%s was AppID %s's, and the proof came without its signature", op.uri.name, former)
	}
	moves, err := tx.MovesSince(op.uri.name, op.Now.Add(-s.moveWindow))
	if err != nil {
		return "", err
	}
	if moves >= s.maxMoves {
		return "", refuse(broker.MaxURIReached, "%s went to another AppID %d times within %s", op.uri.name, moves, s.moveWindow)
	}
	return former, nil
}

// attachDomain takes the domain over from whoever held it: the proof is the word of
// its owner now. The former holder's account namespace goes with it.
func (s *service) attachDomain(tx Tx, op *operation) error {
	former, err := s.admitDomain(tx, op)
	if err != nil {
		return err
	}
	if err := dropNamespace(tx, op.uri.domain); err != nil {
		return err
	}
	if former != op.app.ID {
		if err := tx.AddMove(Move{Domain: op.uri.name, From: former, To: op.app.ID, At: op.Now}); err != nil {
			return err
		}
	}
	if err := tx.PutProof(op.uri.name, op.Proof.Value, op.keyFingerprint()); err != nil {
		return err
	}
	return tx.PutURI(s.newURI(op))
}

// dropNamespace takes the domain's account namespace from whoever has it.
func dropNamespace(tx Tx, domain federation.Domain) error {
	name := domain.AccountNamespace()
	if err := tx.DeleteNamespace(name); err != nil {
		return err
	}
	return tx.DeleteURI(name)
}

func (s *service) newURI(op *operation) URI {
	uri := URI{
		Name: op.uri.name, AppID: op.app.ID, Thumbprint: certificate.Thumbprint(op.Certificate),
		Attached: op.Now, ActiveFrom: op.Now.Add(s.activationDelay),
	}
	if !op.uri.namespace {
		uri.Proof = op.Proof.Value
	}
	return uri
}

// requirePrimaryDomain refuses unless the domain of the account namespace is the
// caller's and active.
func requirePrimaryDomain(tx Tx, op *operation) error {
	primary, found, err := tx.URI(string(op.uri.domain))
	switch {
	case err != nil:
		return err
	case !found || primary.AppID != op.app.ID:
		return refuse(broker.ProofOfDomainOwnershipFailed, "%s is not attached to AppID %s", op.uri.domain, op.app.ID)
	case primary.State(op.Now) != federation.Active:
		return refuse(broker.DomainNotActive, "%s is %s until %s", op.uri.domain, primary.State(op.Now), primary.ActiveFrom)
	}
	return nil
}

// removeURI gives a domain or an account namespace back. With the domain goes its account
// namespace, as when somebody takes the domain over: it belongs to who holds the domain.
func removeURI(tx Tx, op *operation) error {
	held, found, err := tx.URI(op.uri.name)
	if err != nil {
		return err
	}
	if !found || held.AppID != op.app.ID {
		return refuse(broker.URINotFound, "%s is not attached to AppID %s", op.uri.name, op.app.ID)
	}
	if !op.uri.namespace {
		if err := dropNamespace(tx, op.uri.domain); err != nil {
			return err
		}
	}
	return tx.DeleteURI(op.uri.name)
}
