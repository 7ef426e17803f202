package federation

import (
	"context"
	"net/mail"
	"slices"
)

// SetIdentifierRequest changes the federated organization identifier; a nil field
// stays as it is, an empty one is cleared.
type SetIdentifierRequest struct {
	DelegationFederationTrust *string
	AccountNamespace          *string // the primary domain
	Enabled                   *bool
	DefaultDomain             *string
	OrganizationContact       *string
	Force                     bool // asks the broker also for a domain that it refused too often today
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
// the broker, together with its primary domain, whose proof is looked for in DNS first; running the same call again
// finishes a registration that was cut short.
func (o *Organization) SetIdentifier(ctx context.Context, request SetIdentifierRequest) error {
	if err := o.notInRepair(ctx); err != nil {
		return err
	}
	before, err := o.Identifier(ctx)
	if err != nil {
		return err
	}
	if err := o.setIdentifier(ctx, request); err != nil {
		return err
	}
	if after, err := o.Identifier(context.WithoutCancel(ctx)); err != nil || !after.sameToPartners(before) {
		o.tellPartners(ctx, noticeIdentifier)
	}
	return nil
}

func (o *Organization) setIdentifier(ctx context.Context, request SetIdentifierRequest) error {
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
	if err := changeIdentifier(tx, &id, request); err != nil || sameIdentifier(id, before) {
		return err
	}
	id.WhenChanged = o.moment()
	return tx.Identifier.Put(id)
}

// changeIdentifier makes the changes that need no broker, or says why it cannot.
func changeIdentifier(tx Tx, id *OrganizationIdentifier, request SetIdentifierRequest) (err error) {
	if request.DelegationFederationTrust != nil {
		if err := linkTrust(tx, id, *request.DelegationFederationTrust); err != nil {
			return err
		}
	}
	if request.DefaultDomain != nil {
		if err := setDefaultDomain(id, *request.DefaultDomain); err != nil {
			return err
		}
	}
	if request.OrganizationContact != nil {
		if id.OrganizationContact, err = smtpAddress(*request.OrganizationContact); err != nil {
			return err
		}
	}
	if request.Enabled == nil {
		return nil
	}
	switch {
	case *request.Enabled && id.AccountNamespace == "":
		return Errorf(Conflict, "NoAccountNamespace", identifierObject, "cannot be enabled before it has an account namespace")
	case *request.Enabled && id.unfinished():
		return Errorf(Conflict, "AccountNamespaceUnfinished", identifierObject,
			"cannot be enabled before the account namespace is registered completely")
	}
	id.Enabled = *request.Enabled
	return nil
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
