package federation

import (
	"context"
	"slices"

	"exfed/certificate"
)

// What a federated domain may have begun at the broker.
const (
	pendingAdd    = "add"
	pendingRemove = "remove"
)

// AddDomain federates a further domain: it is proven to the broker and attached to the
// organization's AppID. An addition that was cut short is finished, a removal that was
// cut short is taken back. Before the broker is asked, the proof is looked for in DNS. With
// force it is asked also for a domain that it refused too often today.
func (o *Organization) AddDomain(ctx context.Context, domain Domain, force bool) error {
	if err := o.notInRepair(ctx); err != nil {
		return err
	}
	err := o.addDomain(ctx, domain, force)
	if err == nil {
		o.tellPartners(ctx, noticeDomains)
	}
	return err
}

func (o *Organization) addDomain(ctx context.Context, domain Domain, force bool) error {
	plan, err := o.planDomain(ctx, func(tx Tx) (domainPlan, error) { return planAddition(tx, domain) })
	if err != nil {
		return err
	}
	if err := o.reach(ctx, &plan); err != nil {
		return err
	}
	if plan.trust.ProvisionedElsewhere {
		return o.Store.Update(ctx, func(tx Tx) error { return o.settleDomain(tx, domain) })
	}
	proof, err := NewDomainProof(plan.pair, domain, plan.trust.SecurityProfile)
	if err != nil {
		return err
	}
	r := registration{trust: plan.trust, thumbprint: plan.trust.Current, domains: []Domain{domain}, force: force}
	if plan.pending(domain) != "" {
		if r.taken, err = heldAtBroker(ctx, plan.broker, plan.pair, plan.trust.ApplicationIdentifier, domain); err != nil {
			return err
		}
	}
	if err := o.admit(ctx, r); err != nil {
		return err
	}
	err = o.Store.Update(ctx, func(tx Tx) error {
		if _, err := planAddition(tx, domain); err != nil {
			return err
		}
		if err := o.stillAdmitted(tx, r); err != nil {
			return err
		}
		return setDomainPending(tx, domain, pendingAdd)
	})
	if err != nil {
		return err
	}
	o.Step("proving %s to the broker", domain)
	err = notTaken(domain, plan.broker.AddURI(ctx, plan.pair, plan.trust.ApplicationIdentifier, string(domain), &proof))
	if begun := plan.pending(domain); err != nil && begun != "" {
		// An earlier call may have been carried out, so what was begun then stays.
		return o.refused(ctx, err, r.domains, func(tx Tx) error { return restorePending(tx, domain, begun) })
	}
	if err != nil {
		return o.refused(ctx, err, r.domains, func(tx Tx) error { return forgetDomain(tx, domain) })
	}
	if err := o.awaitActive(ctx, plan.broker, plan.pair, plan.trust.ApplicationIdentifier, domain); err != nil {
		return unfinished("domain "+quote(string(domain)), "its addition", err)
	}
	return o.conclude(ctx, func(tx Tx) error { return o.settleDomain(tx, domain) })
}

// notTaken names the domain in the error of a broker that did not take it; what a fault
// says leaves it out.
func notTaken(domain Domain, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: KindOf(err), ID: idOf(err), Object: "domain " + quote(string(domain)), Reason: "the broker did not take it", Err: err}
}

// domainPlan is what a change of a federated domain needs at the broker.
type domainPlan struct {
	trust  FederationTrust
	pair   certificate.Pair
	broker Broker
	id     OrganizationIdentifier
}

// pending is what was begun with the domain before.
func (p domainPlan) pending(domain Domain) string {
	if i := p.id.index(domain); i >= 0 {
		return p.id.Domains[i].Pending
	}
	return ""
}

// planDomain looks at the state without the lock. What it finds is looked at again when
// the intention is written.
func (o *Organization) planDomain(ctx context.Context, plan func(Tx) (domainPlan, error)) (planned domainPlan, err error) {
	err = o.Store.View(ctx, func(tx Tx) (err error) {
		planned, err = plan(tx)
		return err
	})
	return planned, err
}

// planAddition refuses a domain that cannot be added.
func planAddition(tx Tx, domain Domain) (plan domainPlan, err error) {
	if plan.id, _, err = tx.Identifier.Get(); err != nil {
		return plan, err
	}
	object := "domain " + quote(string(domain))
	switch {
	case plan.id.AccountNamespace == "":
		return plan, Errorf(Conflict, "NoAccountNamespace", identifierObject, "has no account namespace yet")
	case plan.id.has(domain) && plan.pending(domain) == "":
		return plan, Errorf(Exists, "DomainFederated", object, "is federated already")
	case plan.id.unfinished():
		return plan, Errorf(Conflict, "AccountNamespaceUnfinished", object,
			"cannot be added before the account namespace is registered completely")
	}
	if err := requireAuthoritative(tx, domain); err != nil {
		return plan, err
	}
	plan.trust, err = trustIn(tx, plan.id.DelegationTrust)
	return plan, err
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

// setDomainPending writes what is about to be done with the domain at the broker.
func setDomainPending(tx Tx, domain Domain, pending string) error {
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

func (o *Organization) settleDomain(tx Tx, domain Domain) error {
	id, _, err := tx.Identifier.Get()
	if err != nil {
		return err
	}
	id.settle(domain)
	id.WhenChanged = o.moment()
	if err := tx.Identifier.Put(id); err != nil {
		return err
	}
	return o.forgetAttempts(tx, domain)
}

// forgetDomain takes the domain out of the identifier as if it had never been there.
func forgetDomain(tx Tx, domain Domain) error {
	id, _, err := tx.Identifier.Get()
	if err != nil || !id.has(domain) {
		return err
	}
	id.drop(domain)
	return tx.Identifier.Put(id)
}

// drop takes the domain out, and with it the default domain if it is that.
func (id *OrganizationIdentifier) drop(domain Domain) {
	id.Domains = slices.DeleteFunc(slices.Clone(id.Domains), func(f FederatedDomain) bool { return f.Domain == domain })
	if id.DefaultDomain == domain {
		id.DefaultDomain = ""
	}
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
