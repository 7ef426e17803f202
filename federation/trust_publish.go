package federation

import (
	"context"

	"exfed/certificate"
)

// publish makes the staged certificate the current one, here and at the broker. The
// proofs made with it must be in DNS already; the broker takes the change on the old
// key's signature.
func (o *Organization) publish(ctx context.Context, trust FederationTrust, force bool) error {
	if trust.Next == "" {
		return Errorf(Conflict, "NoNextCertificate", trustObject(trust.Name), "no next certificate is staged")
	}
	if err := o.tellServices(ctx, trust); err != nil {
		return err
	}
	if trust.ProvisionedElsewhere {
		o.Warn("this trust was registered elsewhere: upload certificate %s to the broker by its own means", trust.Next)
		return o.promote(ctx, trust)
	}
	if trust.ApplicationIdentifier == "" {
		return Errorf(Conflict, "FederationTrustNotProvisioned", trustObject(trust.Name),
			"cannot update the certificate until the trust is provisioned with the broker")
	}
	old, next, err := o.publishPairs(trust)
	if err != nil {
		return err
	}
	broker, err := o.Broker(ctx, trust)
	if err != nil {
		return err
	}
	r, err := o.publication(ctx, broker, trust, next)
	if err != nil {
		return err
	}
	r.force = force
	if err := o.admit(ctx, r); err != nil {
		return err
	}
	err = o.Store.Update(ctx, func(tx Tx) error {
		if err := o.stillAdmitted(tx, r); err != nil {
			return err
		}
		return setPending(tx, trust, pendingUpdate)
	})
	if err != nil {
		return err
	}
	o.Step("publishing certificate %s at the broker", trust.Next)
	err = broker.UpdateCertificate(ctx, old, trust.ApplicationIdentifier, next.Certificate)
	if IsKind(err, Unavailable) {
		// The request may have arrived and only its answer been lost. Then the broker knows
		// the organization by the staged certificate alone, which must not be forgotten.
		return unfinished(trustObject(trust.Name), "the publication of certificate "+trust.Next, err)
	}
	if err != nil {
		return o.refused(ctx, err, r.domains, func(tx Tx) error {
			err := setPending(tx, trust, trust.Pending)
			if IsKind(err, Conflict) {
				return nil // somebody else has published, so nothing is to be taken back
			}
			return err
		})
	}
	return o.promote(ctx, trust, r.domains...)
}

// publication is what the broker is about to be asked: every federated domain must show the
// next certificate's proof, unless the broker took the certificate in a call that was cut
// short and knows the organization by it. The account namespace needs no proof.
func (o *Organization) publication(ctx context.Context, broker Broker, trust FederationTrust, next certificate.Pair) (registration, error) {
	r := registration{trust: trust, thumbprint: trust.Next}
	id, err := o.Identifier(ctx)
	if err != nil {
		return r, err
	}
	r.domains = id.provenDomains()
	if trust.Pending != pendingUpdate || len(r.domains) == 0 {
		return r, nil
	}
	_, err = broker.DomainInfo(ctx, next, trust.ApplicationIdentifier, string(r.domains[0]))
	r.taken = err == nil || isGone(err)
	if IsKind(err, Refused) { // as it refuses whom it does not know
		err = nil
	}
	return r, err
}

func (o *Organization) publishPairs(trust FederationTrust) (old, next certificate.Pair, err error) {
	if old, err = o.pair(trust.Current); err != nil {
		return old, next, err
	}
	next, err = o.pair(trust.Next)
	return old, next, err
}

// setPending writes what is begun with the trust, as long as it is the same to publish.
func setPending(tx Tx, planned FederationTrust, pending string) error {
	trust, err := unpublished(tx, planned)
	if err != nil {
		return err
	}
	trust.Pending = pending
	return tx.Trusts.Put(trust)
}

// unpublished is the trust as it is now, unless somebody has staged or published another
// certificate since it was planned.
func unpublished(tx Tx, planned FederationTrust) (FederationTrust, error) {
	trust, err := trustIn(tx, planned.GUID)
	if err == nil && (trust.Current != planned.Current || trust.Next != planned.Next) {
		err = nextChanged(trust)
	}
	return trust, err
}

func nextChanged(trust FederationTrust) error {
	return Errorf(Conflict, "NextCertificateChanged", trustObject(trust.Name), "somebody staged or published a certificate meanwhile")
}

// promote moves the slots on: next to current, current to previous. The broker has taken
// the domains' proofs.
func (o *Organization) promote(ctx context.Context, planned FederationTrust, proven ...Domain) error {
	return o.conclude(ctx, func(tx Tx) error {
		trust, err := unpublished(tx, planned)
		if err != nil {
			return err
		}
		trust.Previous, trust.Current, trust.Next, trust.Pending = trust.Current, trust.Next, "", ""
		trust.WhenChanged = o.moment()
		if err := o.forgetAttempts(tx, proven...); err != nil {
			return err
		}
		if err := o.noteRolloverPublished(tx, trust); err != nil {
			return err
		}
		return tx.Trusts.Put(trust)
	})
}
