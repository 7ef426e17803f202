package server

import (
	"slices"

	"exfed/federation/broker"
	"exfed/federation/token"
)

// Policy is what the broker's operator decided about an organization. The zero Policy is
// what holds for one about which he decided nothing.
type Policy struct {
	Disabled      bool          // it gets no tokens, nobody gets one for it, and its management calls are refused
	AllowedOffers []token.Offer // what tokens it may ask for; empty for every offer
}

// allows reports whether the organization may ask for tokens for the offer.
func (p Policy) allows(offer token.Offer) bool {
	return len(p.AllowedOffers) == 0 || slices.Contains(p.AllowedOffers, offer)
}

// admitCaller refuses the calls of a disabled organization.
func admitCaller(tx Tx, app App) error {
	policy, err := tx.Policy(app.ID)
	if err == nil && policy.Disabled {
		return refuse(broker.OrganizationDisabled, "AppID %s is disabled", app.ID)
	}
	return err
}

// admitTakeover refuses a domain that a disabled organization holds: whoever disabled it
// did not mean it to come back with another certificate.
func admitTakeover(tx Tx, op *operation) error {
	held, found, err := tx.URI(op.uri.name)
	if err != nil || !found {
		return err
	}
	policy, err := tx.Policy(held.AppID)
	if err == nil && policy.Disabled {
		return refuse(broker.OrganizationDisabled, "%s is AppID %s's, which is disabled", op.uri.name, held.AppID)
	}
	return err
}
