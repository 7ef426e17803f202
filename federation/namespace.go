package federation

import (
	"context"
	"slices"
	"strings"
	"time"

	"exfed/certificate"
)

// registerNamespace registers the account namespace and its primary domain.
func (o *Organization) registerNamespace(ctx context.Context, request SetIdentifierRequest) error {
	text := *request.AccountNamespace
	if d := PrimaryDomain(text); d != "" {
		text = string(d)
	}
	primary, err := ParseFederatedDomain(text)
	if err != nil {
		return err
	}
	var plan namespacePlan
	err = o.Store.View(ctx, func(tx Tx) (err error) {
		plan, err = planNamespace(tx, primary, request)
		return err
	})
	if err != nil || plan.done {
		return err
	}
	if plan.trust.ProvisionedElsewhere {
		return o.Store.Update(ctx, func(tx Tx) error { return o.finishNamespace(tx, plan, plan.trust.ApplicationIdentifier) })
	}
	r := registration{trust: plan.trust, thumbprint: plan.trust.Current, domains: []Domain{primary}, force: request.Force}
	if r.taken, err = o.namespaceBegun(ctx, plan); err != nil {
		return err
	}
	if err := o.admit(ctx, r); err != nil {
		return err
	}
	err = o.Store.Update(ctx, func(tx Tx) (err error) {
		// Planned again under the lock: somebody may have registered another one meanwhile.
		if plan, err = planNamespace(tx, primary, request); err != nil || plan.done {
			return err
		}
		if err := o.stillAdmitted(tx, r); err != nil {
			return err
		}
		return o.intendNamespace(tx, plan)
	})
	if err != nil || plan.done {
		return err
	}
	appID, begun, err := o.provisionNamespace(ctx, plan)
	if err != nil && !begun {
		return o.refused(ctx, err, r.domains, func(tx Tx) error { return restoreIdentifier(tx, plan) })
	}
	if err != nil {
		err = unfinished("account namespace "+quote(primary.AccountNamespace()), "its registration", err)
		return o.refused(ctx, err, r.domains, func(tx Tx) error { return keepAppID(tx, plan.trust.Name, appID) })
	}
	return o.conclude(ctx, func(tx Tx) error { return o.finishNamespace(tx, plan, appID) })
}

// namespaceBegun reports whether the broker has attached the primary domain in a call that
// was cut short. Without an AppID there is nobody to ask about.
func (o *Organization) namespaceBegun(ctx context.Context, plan namespacePlan) (bool, error) {
	trust := plan.trust
	if !plan.before.has(plan.primary) || trust.ApplicationIdentifier == "" {
		return false, nil
	}
	pair, err := o.pair(trust.Current)
	if err != nil {
		return false, err
	}
	broker, err := o.Broker(ctx, trust)
	if err != nil {
		return false, err
	}
	return heldAtBroker(ctx, broker, pair, trust.ApplicationIdentifier, plan.primary)
}

// namespacePlan is a registration that may be carried out.
type namespacePlan struct {
	primary Domain
	trust   FederationTrust
	before  OrganizationIdentifier
	existed bool // there was an identifier before
	done    bool // nothing is left to do
}

// planNamespace refuses a registration that cannot be, and everything else in the
// request that could not be done after it.
func planNamespace(tx Tx, primary Domain, request SetIdentifierRequest) (plan namespacePlan, err error) {
	plan.primary = primary
	if plan.before, plan.existed, err = tx.Identifier.Get(); err != nil {
		return plan, err
	}
	if plan.trust, err = chooseTrust(tx, request.DelegationFederationTrust, plan.before); err != nil {
		return plan, err
	}
	if err := requireAuthoritative(tx, primary); err != nil {
		return plan, err
	}
	if err := plan.compare(); err != nil {
		return plan, err
	}
	after := plan.before
	after.AccountNamespace, after.DelegationTrust = primary.AccountNamespace(), plan.trust.Name
	after.settle(primary)
	return plan, changeIdentifier(tx, &after, request)
}

// compare decides between a first registration, one to finish, and a conflict.
func (p *namespacePlan) compare() error {
	namespace := p.primary.AccountNamespace()
	object := "account namespace " + quote(namespace)
	if uri := p.trust.ApplicationURI; p.trust.ProvisionedElsewhere && uri != "" && !strings.EqualFold(uri, namespace) {
		return Errorf(Conflict, "ApplicationUriDiffers", object, "federation trust %q was registered elsewhere with %q", p.trust.Name, uri)
	}
	has := p.before.AccountNamespace
	if has == "" {
		return nil
	}
	if !strings.EqualFold(has, namespace) {
		return Errorf(Conflict, "AccountNamespaceSet", object,
			"the organization has %q; remove its domains first, %s last", has, PrimaryDomain(has))
	}
	i := p.before.index(p.primary)
	p.done = i >= 0 && p.before.Domains[i].Pending == ""
	return nil
}

// chooseTrust finds the trust to register with: the one named, the one linked, or the
// only one there is.
func chooseTrust(tx Tx, named *string, id OrganizationIdentifier) (FederationTrust, error) {
	switch {
	case named != nil && *named != "":
		return trustIn(tx, *named)
	case id.DelegationTrust != "":
		return trustIn(tx, id.DelegationTrust)
	}
	all, err := tx.Trusts.All()
	if err != nil {
		return FederationTrust{}, err
	}
	if len(all) != 1 {
		return FederationTrust{}, Errorf(NotFound, "NoFederationTrust", "federation trust", "there is none yet")
	}
	return all[0], nil
}

func (o *Organization) intendNamespace(tx Tx, plan namespacePlan) error {
	id, err := o.identifierIn(tx)
	if err != nil {
		return err
	}
	id.AccountNamespace = plan.primary.AccountNamespace()
	id.DelegationTrust = plan.trust.Name
	if !id.has(plan.primary) {
		id.Domains = append(id.Domains, FederatedDomain{Domain: plan.primary, Pending: pendingAdd})
	}
	return tx.Identifier.Put(id)
}

// restoreIdentifier takes the intention back and leaves what others wrote meanwhile.
func restoreIdentifier(tx Tx, plan namespacePlan) error {
	id, ok, err := tx.Identifier.Get()
	if err != nil || !ok {
		return err
	}
	id.AccountNamespace, id.DelegationTrust = plan.before.AccountNamespace, plan.before.DelegationTrust
	if !plan.before.has(plan.primary) {
		id.drop(plan.primary)
	}
	if !plan.existed && sameIdentifier(id, OrganizationIdentifier{}) {
		return tx.Identifier.Delete()
	}
	return tx.Identifier.Put(id)
}

// keepAppID writes down the AppID of a registration that is begun: finishing it and
// giving it up both need it.
func keepAppID(tx Tx, name, appID string) error {
	trust, err := trustIn(tx, name)
	if err != nil {
		return err
	}
	trust.setAppID(appID)
	return tx.Trusts.Put(trust)
}

// setAppID records the AppID; with it the trust's own registration is done as well.
func (t *FederationTrust) setAppID(appID string) {
	t.ApplicationIdentifier = appID
	if t.Pending == pendingCreate {
		t.Pending = ""
	}
}

// provisionNamespace makes the calls; begun says whether the broker has accepted any.
func (o *Organization) provisionNamespace(ctx context.Context, plan namespacePlan) (appID string, begun bool, err error) {
	trust, primary := plan.trust, plan.primary
	pair, err := o.pair(trust.Current)
	if err != nil {
		return "", false, err
	}
	proof, err := NewDomainProof(pair, primary, trust.SecurityProfile)
	if err != nil {
		return "", false, err
	}
	broker, err := o.Broker(ctx, trust)
	if err != nil {
		return "", false, err
	}
	appID = trust.ApplicationIdentifier
	o.Step("proving %s to the broker", primary)
	if appID == "" {
		appID, err = broker.CreateAppID(ctx, pair, string(primary), &proof)
	} else {
		err = broker.AddURI(ctx, pair, appID, string(primary), &proof)
	}
	if err != nil {
		return "", false, notTaken(primary, err)
	}
	namespace := primary.AccountNamespace()
	o.Step("reserving %s", namespace)
	if err := broker.ReserveDomain(ctx, pair, appID, namespace, &proof); err != nil {
		return appID, true, err
	}
	if err := broker.AddURI(ctx, pair, appID, namespace, &proof); err != nil {
		return appID, true, err
	}
	return appID, true, o.awaitActive(ctx, broker, pair, appID, primary)
}

func (o *Organization) finishNamespace(tx Tx, plan namespacePlan, appID string) error {
	id, err := o.identifierIn(tx)
	if err != nil {
		return err
	}
	id.AccountNamespace = plan.primary.AccountNamespace()
	id.DelegationTrust = plan.trust.Name
	id.settle(plan.primary)
	id.WhenChanged = o.moment()
	if err := tx.Identifier.Put(id); err != nil {
		return err
	}
	if err := o.forgetAttempts(tx, plan.primary); err != nil {
		return err
	}
	trust, err := trustIn(tx, plan.trust.Name)
	if err != nil {
		return err
	}
	trust.setAppID(appID)
	trust.ApplicationURI = id.AccountNamespace
	trust.WhenChanged = o.moment()
	return tx.Trusts.Put(trust)
}

// unfinished reports whether the registration of the account namespace, or its release,
// was begun and not finished.
func (id OrganizationIdentifier) unfinished() bool {
	i := id.index(PrimaryDomain(id.AccountNamespace))
	return i >= 0 && id.Domains[i].Pending != ""
}

// settle records that the domain is registered.
func (id *OrganizationIdentifier) settle(d Domain) {
	domains := slices.Clone(id.Domains)
	if i := id.index(d); i >= 0 {
		domains[i].Pending = ""
	} else {
		domains = append(domains, FederatedDomain{Domain: d})
	}
	id.Domains = domains
}

// awaitActive asks for the domain's state until it is Active: a broker may need time
// to spread the news.
func (o *Organization) awaitActive(ctx context.Context, broker Broker, pair certificate.Pair, appID string, domain Domain) error {
	const first, longest = time.Second, 30 * time.Second
	for pause := first; ; pause = min(2*pause, longest) {
		info, err := broker.DomainInfo(ctx, pair, appID, string(domain))
		if err != nil {
			return err
		}
		if info.State == Active {
			return nil
		}
		o.Step("%s is %s at the broker; asking again in %s", domain, info.State, pause)
		if err := o.Wait(ctx, pause); err != nil {
			return &Error{Kind: Unavailable, ID: "DomainNotActiveYet", Object: "domain " + quote(string(domain)),
				Reason: "is still " + string(info.State) + " at the broker; run the same command again", Err: err}
		}
	}
}
