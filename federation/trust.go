package federation

import (
	"context"
	"net/url"
	"strings"
)

// MicrosoftMetadataHost publishes the metadata of the Microsoft gateway, which speaks
// the exchange profile and does not name its management endpoint.
const MicrosoftMetadataHost = "nexus.microsoftonline-p.com"

// DefaultProfile is the profile that the broker speaks whose metadata is at the URL; "" is
// the embedded broker.
func DefaultProfile(metadataURL string) SecurityProfile {
	if IsMicrosoftMetadata(metadataURL) {
		return Exchange
	}
	return Modern
}

// IsMicrosoftMetadata reports whether the URL is one of the Microsoft gateway.
func IsMicrosoftMetadata(metadataURL string) bool {
	u, err := url.Parse(metadataURL)
	return err == nil && strings.EqualFold(u.Hostname(), MicrosoftMetadataHost)
}

// Trusts returns all federation trusts.
func (o *Organization) Trusts(ctx context.Context) ([]FederationTrust, error) {
	var all []FederationTrust
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.Trusts.All()
		return err
	})
	return all, err
}

// Trust returns the trust with the name.
func (o *Organization) Trust(ctx context.Context, name string) (FederationTrust, error) {
	var trust FederationTrust
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		trust, err = trustIn(tx, name)
		return err
	})
	return trust, err
}

// trustIn finds a trust by its name or GUID.
func trustIn(tx Tx, name string) (FederationTrust, error) {
	trust, ok, err := tx.Trusts.Get(name)
	if err != nil || ok {
		return trust, err
	}
	all, err := tx.Trusts.All()
	if err != nil {
		return FederationTrust{}, err
	}
	for _, t := range all {
		if strings.EqualFold(t.GUID, name) {
			return t, nil
		}
	}
	return FederationTrust{}, Errorf(NotFound, "FederationTrustNotFound", trustObject(name), "not found")
}

// onlyTrust returns the organization's trust; there is at most one.
func (o *Organization) onlyTrust(ctx context.Context) (FederationTrust, error) {
	all, err := o.Trusts(ctx)
	if err != nil {
		return FederationTrust{}, err
	}
	if len(all) == 0 {
		return FederationTrust{}, noTrust()
	}
	return all[0], nil
}

func noTrust() error {
	return Errorf(NotFound, "NoFederationTrust", "federation trust", "there is none yet")
}

// RemoveTrust removes a trust. All federated domains must be gone first: the secondary
// ones, then the primary.
func (o *Organization) RemoveTrust(ctx context.Context, name string) error {
	if err := o.notInRepair(ctx); err != nil {
		return err
	}
	err := o.removeTrust(ctx, name)
	if err == nil {
		o.tellPartners(ctx, noticeTrust)
	}
	return err
}

func (o *Organization) removeTrust(ctx context.Context, name string) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		trust, err := trustIn(tx, name)
		if err != nil {
			return err
		}
		id, _, err := tx.Identifier.Get()
		if err != nil {
			return err
		}
		if strings.EqualFold(id.DelegationTrust, trust.Name) {
			if len(id.Domains) > 0 {
				return Errorf(Conflict, "FederatedDomainsRemain", trustObject(trust.Name),
					"these domains are still federated: %s; remove the secondary ones first, the primary domain last",
					strings.Join(removalOrder(id), ", "))
			}
			id.DelegationTrust = ""
			id.WhenChanged = o.moment()
			if err := tx.Identifier.Put(id); err != nil {
				return err
			}
		}
		return tx.Trusts.Delete(trust.Name)
	})
}

func trustObject(name string) string { return "federation trust " + quote(name) }
