package federation

import (
	"context"
	"errors"
	"strings"
)

// RemoveDomain takes a domain out of the identifier and has the broker release it. The
// primary domain goes last, and the account namespace with it. With force the domain is
// dropped here also when the broker does not release it, but not after an interruption.
func (o *Organization) RemoveDomain(ctx context.Context, domain Domain, force bool) error {
	if err := o.notInRepair(ctx); err != nil {
		return err
	}
	err := o.removeDomain(ctx, domain, force)
	if err == nil {
		o.tellPartners(ctx, noticeDomains)
	}
	return err
}

func (o *Organization) removeDomain(ctx context.Context, domain Domain, force bool) error {
	plan, err := o.planDomain(ctx, func(tx Tx) (domainPlan, error) { return planRemoval(tx, domain) })
	if err != nil {
		return err
	}
	begun := false
	err = o.reach(ctx, &plan)
	if err == nil && plan.broker != nil {
		if err := o.intendRemoval(ctx, domain); err != nil {
			return err
		}
		begun, err = o.release(ctx, plan, domain)
	}
	if err != nil && force && !errors.Is(ctx.Err(), context.Canceled) {
		o.Warn("the broker did not release %s: %v", domain, err)
		err = nil
	}
	if err != nil && begun {
		return unfinished("domain "+quote(string(domain)), "its removal", err)
	}
	if err != nil {
		return o.undo(ctx, err, func(tx Tx) error { return restorePending(tx, domain, plan.pending(domain)) })
	}
	return o.conclude(ctx, func(tx Tx) error { return o.dropDomain(tx, domain) })
}

// planRemoval refuses the removal of a domain that is not there or not next.
func planRemoval(tx Tx, domain Domain) (plan domainPlan, err error) {
	if plan.id, _, err = tx.Identifier.Get(); err != nil {
		return plan, err
	}
	if !plan.id.has(domain) {
		return plan, Errorf(NotFound, "DomainNotFederated", "domain "+quote(string(domain)), "is not federated")
	}
	if domain == PrimaryDomain(plan.id.AccountNamespace) && len(plan.id.Domains) > 1 {
		order := removalOrder(plan.id)
		return plan, Errorf(Conflict, "PrimaryDomainLast", "domain "+quote(string(domain)),
			"is the primary domain and goes last; remove these first: %s", strings.Join(order[:len(order)-1], ", "))
	}
	plan.trust, err = trustIn(tx, plan.id.DelegationTrust)
	return plan, err
}

// intendRemoval writes the intention, planned again under the lock: somebody may have
// added a domain meanwhile.
func (o *Organization) intendRemoval(ctx context.Context, domain Domain) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		if _, err := planRemoval(tx, domain); err != nil {
			return err
		}
		return setDomainPending(tx, domain, pendingRemove)
	})
}

// restorePending writes back what was begun with the domain before, unless somebody has
// removed the domain meanwhile.
func restorePending(tx Tx, domain Domain, pending string) error {
	id, _, err := tx.Identifier.Get()
	if err != nil || !id.has(domain) {
		return err
	}
	return setDomainPending(tx, domain, pending)
}

// release detaches the domain at the broker. What the broker does not know is released.
// When it fails, begun says whether a part is done.
func (o *Organization) release(ctx context.Context, plan domainPlan, domain Domain) (begun bool, err error) {
	appID, namespace := plan.trust.ApplicationIdentifier, plan.id.AccountNamespace
	var calls []func() error
	if domain == PrimaryDomain(namespace) {
		calls = append(calls,
			func() error { return plan.broker.RemoveURI(ctx, plan.pair, appID, namespace) },
			func() error { return plan.broker.ReleaseDomain(ctx, plan.pair, appID, namespace) })
	}
	calls = append(calls, func() error { return plan.broker.RemoveURI(ctx, plan.pair, appID, string(domain)) })
	o.Step("releasing %s at the broker", domain)
	for _, call := range calls {
		err := call()
		if err != nil && !isGone(err) {
			return begun, &Error{Kind: KindOf(err), ID: idOf(err), Object: "domain " + quote(string(domain)),
				Reason: "the URI on application identifier " + quote(appID) + " couldn't be released", Err: err}
		}
		begun = begun || err == nil
	}
	return begun, nil
}

// isGone reports whether the broker says that it does not hold what is to be released.
func isGone(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.ID == "UriNotFound" || e.ID == "DomainNotFound")
}

// dropDomain takes the domain out of the identifier; with the primary domain goes the
// account namespace, and federation is off.
func (o *Organization) dropDomain(tx Tx, domain Domain) error {
	id, _, err := tx.Identifier.Get()
	if err != nil || !id.has(domain) {
		return err
	}
	id.drop(domain)
	id.WhenChanged = o.moment()
	if domain != PrimaryDomain(id.AccountNamespace) {
		return tx.Identifier.Put(id)
	}
	id.AccountNamespace, id.Enabled = "", false
	if err := tx.Identifier.Put(id); err != nil {
		return err
	}
	trust, err := trustIn(tx, id.DelegationTrust)
	if err != nil || trust.ProvisionedElsewhere {
		return err // its application URI is what it was registered with, elsewhere
	}
	trust.ApplicationURI = ""
	trust.WhenChanged = o.moment()
	return tx.Trusts.Put(trust)
}
