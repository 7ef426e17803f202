package federation

import (
	"context"
	"errors"
	"slices"
	"strings"

	"exfed/certificate"
)

// What a federated domain may have begun at the broker.
const (
	pendingAdd    = "add"
	pendingRemove = "remove"
)

// AddDomain federates a further domain: it is proven to the broker and attached to the
// organization's AppID. An addition that was cut short is finished.
func (o *Organization) AddDomain(ctx context.Context, domain Domain) error {
	plan, err := o.planAddition(ctx, domain)
	if err != nil {
		return err
	}
	if plan.trust.ProvisionedElsewhere {
		return o.settleDomain(ctx, domain)
	}
	proof, err := NewDomainProof(plan.pair, domain, plan.trust.SecurityProfile)
	if err != nil {
		return err
	}
	if err := o.markDomain(ctx, domain, pendingAdd); err != nil {
		return err
	}
	o.Step("proving %s to the broker", domain)
	if err := plan.broker.AddURI(ctx, plan.pair, plan.trust.ApplicationIdentifier, string(domain), &proof); err != nil {
		return o.undo(ctx, err, func(tx Tx) error { return o.dropDomain(tx, domain) })
	}
	if err := o.awaitActive(ctx, plan.broker, plan.pair, plan.trust.ApplicationIdentifier, domain); err != nil {
		return err
	}
	return o.settleDomain(ctx, domain)
}

// domainPlan is what a change of a federated domain needs at the broker.
type domainPlan struct {
	trust  FederationTrust
	pair   certificate.Pair
	broker Broker
	id     OrganizationIdentifier
}

func (o *Organization) planAddition(ctx context.Context, domain Domain) (domainPlan, error) {
	var plan domainPlan
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		if plan.id, _, err = tx.Identifier.Get(); err != nil {
			return err
		}
		if plan.id.AccountNamespace == "" {
			return Errorf(Conflict, "NoAccountNamespace", identifierObject, "has no account namespace yet")
		}
		if i := plan.id.index(domain); i >= 0 && plan.id.Domains[i].Pending != pendingAdd {
			return Errorf(Exists, "DomainFederated", "domain "+quote(string(domain)), "is federated already")
		}
		if err := requireAuthoritative(tx, domain); err != nil {
			return err
		}
		plan.trust, err = trustIn(tx, plan.id.DelegationTrust)
		return err
	})
	if err != nil {
		return plan, err
	}
	return plan, o.reach(ctx, &plan)
}

// reach loads the key and finds the broker, unless the trust is managed elsewhere.
func (o *Organization) reach(ctx context.Context, plan *domainPlan) (err error) {
	if plan.trust.ProvisionedElsewhere {
		return nil
	}
	if plan.pair, err = o.pair(plan.trust.Current); err != nil {
		return err
	}
	plan.broker, err = o.Broker(ctx, plan.trust)
	return err
}

// RemoveDomain takes a domain out of the identifier and has the broker release it. The
// primary domain goes last, and the account namespace with it. With force the domain is
// dropped here also when the broker does not release it.
func (o *Organization) RemoveDomain(ctx context.Context, domain Domain, force bool) error {
	plan, err := o.planRemoval(ctx, domain)
	if err != nil {
		return err
	}
	err = o.reach(ctx, &plan)
	if err == nil && plan.broker != nil {
		if err := o.markDomain(ctx, domain, pendingRemove); err != nil {
			return err
		}
		err = o.release(ctx, plan, domain)
	}
	if err != nil && force {
		o.Warn("the broker did not release %s: %v", domain, err)
		err = nil
	}
	if err != nil {
		was := plan.id.Domains[plan.id.index(domain)].Pending
		return o.undo(ctx, err, func(tx Tx) error { return o.setDomainPending(tx, domain, was) })
	}
	return o.Store.Update(ctx, func(tx Tx) error { return o.dropDomain(tx, domain) })
}

func (o *Organization) planRemoval(ctx context.Context, domain Domain) (domainPlan, error) {
	var plan domainPlan
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		if plan.id, _, err = tx.Identifier.Get(); err != nil {
			return err
		}
		if !plan.id.has(domain) {
			return Errorf(NotFound, "DomainNotFederated", "domain "+quote(string(domain)), "is not federated")
		}
		if domain == PrimaryDomain(plan.id.AccountNamespace) && len(plan.id.Domains) > 1 {
			order := removalOrder(plan.id)
			return Errorf(Conflict, "PrimaryDomainLast", "domain "+quote(string(domain)),
				"is the primary domain and goes last; remove these first: %s", strings.Join(order[:len(order)-1], ", "))
		}
		plan.trust, err = trustIn(tx, plan.id.DelegationTrust)
		return err
	})
	return plan, err
}

// release detaches the domain at the broker. What the broker does not know is released.
func (o *Organization) release(ctx context.Context, plan domainPlan, domain Domain) error {
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
		if err := call(); err != nil && !isGone(err) {
			return &Error{Kind: KindOf(err), ID: idOf(err), Object: "domain " + quote(string(domain)),
				Reason: "the URI on application identifier " + quote(appID) + " couldn't be released", Err: err}
		}
	}
	return nil
}

// isGone reports whether the broker says that it does not hold what is to be released.
func isGone(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.ID == "UriNotFound" || e.ID == "DomainNotFound")
}

// markDomain writes what is about to be done with the domain at the broker.
func (o *Organization) markDomain(ctx context.Context, domain Domain, pending string) error {
	return o.Store.Update(ctx, func(tx Tx) error { return o.setDomainPending(tx, domain, pending) })
}

func (o *Organization) setDomainPending(tx Tx, domain Domain, pending string) error {
	id, _, err := tx.Identifier.Get()
	if err != nil {
		return err
	}
	id.Domains = slices.Clone(id.Domains)
	if i := id.index(domain); i >= 0 {
		id.Domains[i].Pending = pending
	} else {
		id.Domains = append(id.Domains, FederatedDomain{Domain: domain, Pending: pending})
	}
	return tx.Identifier.Put(id)
}

func (o *Organization) settleDomain(ctx context.Context, domain Domain) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		id, _, err := tx.Identifier.Get()
		if err != nil {
			return err
		}
		id.settle(domain)
		id.WhenChanged = o.moment()
		return tx.Identifier.Put(id)
	})
}

// dropDomain takes the domain out of the identifier; with the primary domain goes the
// account namespace, and federation is off.
func (o *Organization) dropDomain(tx Tx, domain Domain) error {
	id, _, err := tx.Identifier.Get()
	if err != nil || !id.has(domain) {
		return err
	}
	id.Domains = slices.DeleteFunc(slices.Clone(id.Domains), func(f FederatedDomain) bool { return f.Domain == domain })
	if id.DefaultDomain == domain {
		id.DefaultDomain = ""
	}
	if domain != PrimaryDomain(id.AccountNamespace) {
		return tx.Identifier.Put(id)
	}
	id.AccountNamespace, id.Enabled = "", false
	id.WhenChanged = o.moment()
	if err := tx.Identifier.Put(id); err != nil {
		return err
	}
	trust, err := trustIn(tx, id.DelegationTrust)
	if err != nil {
		return err
	}
	trust.ApplicationURI = ""
	return tx.Trusts.Put(trust)
}

// DomainStates asks the broker for the state of each federated domain.
func (o *Organization) DomainStates(ctx context.Context) (map[Domain]DomainInfo, error) {
	id, err := o.Identifier(ctx)
	if err != nil || len(id.Domains) == 0 {
		return nil, err
	}
	plan := domainPlan{id: id}
	if plan.trust, err = o.Trust(ctx, id.DelegationTrust); err != nil {
		return nil, err
	}
	if err := o.reach(ctx, &plan); err != nil {
		return nil, err
	}
	if plan.broker == nil {
		return nil, Errorf(Conflict, "TrustProvisionedElsewhere", trustObject(plan.trust.Name),
			"was registered elsewhere; exfed has no way to ask its broker for the state of domains")
	}
	states := map[Domain]DomainInfo{}
	for _, d := range id.Domains {
		info, err := plan.broker.DomainInfo(ctx, plan.pair, plan.trust.ApplicationIdentifier, string(d.Domain))
		if err != nil && !isGone(err) {
			return nil, err
		}
		states[d.Domain] = info
	}
	return states, nil
}
