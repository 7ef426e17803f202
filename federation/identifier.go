package federation

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"

	"exfed/certificate"
)

// SetIdentifierRequest changes the federated organization identifier; a nil field
// stays as it is, an empty one is cleared.
type SetIdentifierRequest struct {
	DelegationFederationTrust *string
	AccountNamespace          *string // the primary domain
	Enabled                   *bool
	DefaultDomain             *string
	OrganizationContact       *string
}

// Identifier returns the organization's identifier. There is always one: before it is
// set it is empty and disabled.
func (o *Organization) Identifier(ctx context.Context) (OrganizationIdentifier, error) {
	var id OrganizationIdentifier
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		id, _, err = tx.Identifier.Get()
		return err
	})
	return id, err
}

// SetIdentifier changes the identifier. The first account namespace is registered with
// the broker, together with its proven primary domain; running the same call again
// finishes a registration that was cut short.
func (o *Organization) SetIdentifier(ctx context.Context, request SetIdentifierRequest) error {
	if request.AccountNamespace != nil {
		if err := o.registerNamespace(ctx, request); err != nil {
			return err
		}
	}
	return o.Store.Update(ctx, func(tx Tx) error { return o.applyIdentifier(tx, request) })
}

func (o *Organization) applyIdentifier(tx Tx, request SetIdentifierRequest) error {
	id, err := o.identifierIn(tx)
	if err != nil {
		return err
	}
	before := id
	if request.DelegationFederationTrust != nil {
		if err := linkTrust(tx, &id, *request.DelegationFederationTrust); err != nil {
			return err
		}
	}
	if request.DefaultDomain != nil {
		if err := setDefaultDomain(&id, *request.DefaultDomain); err != nil {
			return err
		}
	}
	if request.OrganizationContact != nil {
		if id.OrganizationContact, err = smtpAddress(*request.OrganizationContact); err != nil {
			return err
		}
	}
	if request.Enabled != nil {
		if *request.Enabled && id.AccountNamespace == "" {
			return Errorf(Conflict, "NoAccountNamespace", identifierObject, "cannot be enabled before it has an account namespace")
		}
		id.Enabled = *request.Enabled
	}
	if sameIdentifier(id, before) {
		return nil
	}
	id.WhenChanged = o.moment()
	return tx.Identifier.Put(id)
}

const identifierObject = "federated organization identifier"

// identifierIn returns the identifier, a new one if there is none yet.
func (o *Organization) identifierIn(tx Tx) (OrganizationIdentifier, error) {
	id, ok, err := tx.Identifier.Get()
	if err == nil && !ok {
		id.Meta, err = o.newMeta()
	}
	return id, err
}

func linkTrust(tx Tx, id *OrganizationIdentifier, name string) error {
	if name == "" {
		if len(id.Domains) > 0 {
			return Errorf(Conflict, "FederatedDomainsRemain", identifierObject, "its domains are federated through trust %q", id.DelegationTrust)
		}
		id.DelegationTrust = ""
		return nil
	}
	trust, err := trustIn(tx, name)
	if err != nil {
		return err
	}
	id.DelegationTrust = trust.Name
	return nil
}

func setDefaultDomain(id *OrganizationIdentifier, text string) error {
	if text == "" {
		id.DefaultDomain = ""
		return nil
	}
	d, err := ParseDomain(text)
	if err != nil {
		return err
	}
	if !id.has(d) {
		return Errorf(Conflict, "DomainNotFederated", "domain "+quote(string(d)), "cannot be the default domain: it is not federated")
	}
	id.DefaultDomain = d
	return nil
}

func smtpAddress(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text {
		return "", Errorf(Invalid, "InvalidSmtpAddress", "address "+quote(text), "is not an SMTP address")
	}
	return text, nil
}

func sameIdentifier(a, b OrganizationIdentifier) bool {
	return a.AccountNamespace == b.AccountNamespace && a.DefaultDomain == b.DefaultDomain && a.Enabled == b.Enabled &&
		a.OrganizationContact == b.OrganizationContact && a.DelegationTrust == b.DelegationTrust && slices.Equal(a.Domains, b.Domains)
}

func (id OrganizationIdentifier) has(d Domain) bool { return id.index(d) >= 0 }

func (id OrganizationIdentifier) index(d Domain) int {
	return slices.IndexFunc(id.Domains, func(f FederatedDomain) bool { return f.Domain == d })
}

// removalOrder lists the domains as they must be removed: the primary last.
func removalOrder(id OrganizationIdentifier) []string {
	var names []string
	primary := PrimaryDomain(id.AccountNamespace)
	for _, d := range id.Domains {
		if d.Domain != primary {
			names = append(names, string(d.Domain))
		}
	}
	if id.has(primary) {
		names = append(names, string(primary))
	}
	return names
}

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
	plan, err := o.planNamespace(ctx, primary, request)
	if err != nil || plan.done {
		return err
	}
	if plan.trust.ProvisionedElsewhere {
		return o.Store.Update(ctx, func(tx Tx) error { return o.finishNamespace(tx, plan, plan.trust.ApplicationIdentifier) })
	}
	if err := o.Store.Update(ctx, func(tx Tx) error { return o.intendNamespace(tx, plan) }); err != nil {
		return err
	}
	appID, begun, err := o.provisionNamespace(ctx, plan)
	if err != nil && !begun {
		return o.undo(ctx, err, func(tx Tx) error { return restoreIdentifier(tx, plan) })
	}
	if err != nil {
		return &Error{Kind: KindOf(err), ID: idOf(err), Object: "account namespace " + quote(primary.AccountNamespace()),
			Reason: "its registration is begun and not finished; run the same command again", Err: err}
	}
	return o.Store.Update(ctx, func(tx Tx) error { return o.finishNamespace(tx, plan, appID) })
}

// namespacePlan is a registration that may be carried out.
type namespacePlan struct {
	primary Domain
	trust   FederationTrust
	before  OrganizationIdentifier
	existed bool // there was an identifier before
	done    bool // nothing is left to do
}

func (o *Organization) planNamespace(ctx context.Context, primary Domain, request SetIdentifierRequest) (namespacePlan, error) {
	plan := namespacePlan{primary: primary}
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		if plan.before, plan.existed, err = tx.Identifier.Get(); err != nil {
			return err
		}
		if plan.trust, err = chooseTrust(tx, request.DelegationFederationTrust, plan.before); err != nil {
			return err
		}
		if err := requireAuthoritative(tx, primary); err != nil {
			return err
		}
		return plan.compare()
	})
	return plan, err
}

// compare decides between a first registration, one to finish, and a conflict.
func (p *namespacePlan) compare() error {
	has := p.before.AccountNamespace
	if has == "" {
		return nil
	}
	if !strings.EqualFold(has, p.primary.AccountNamespace()) {
		return Errorf(Conflict, "AccountNamespaceSet", "account namespace "+quote(p.primary.AccountNamespace()),
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

func restoreIdentifier(tx Tx, plan namespacePlan) error {
	if !plan.existed {
		return tx.Identifier.Delete()
	}
	return tx.Identifier.Put(plan.before)
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
		return "", false, err
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
	trust, err := trustIn(tx, plan.trust.Name)
	if err != nil {
		return err
	}
	trust.ApplicationIdentifier = appID
	trust.ApplicationURI = id.AccountNamespace
	trust.WhenChanged = o.moment()
	return tx.Trusts.Put(trust)
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

func idOf(err error) string {
	if e, ok := asError(err); ok {
		return e.ID
	}
	return ""
}
