package federation

import "context"

// Published is what an organization tells partners about itself, and what it judges their
// requests by.
type Published struct {
	Identifier OrganizationIdentifier // zero while the organization has none
	Trust      FederationTrust        // zero without a trust
	Party      RelyingParty
	Directory  *Directory
}

// Federated reports whether the organization takes part in the federation: it has a trust,
// and an identifier that is enabled and set up to its end.
func (p Published) Federated() bool {
	return p.Trust.Name != "" && p.Identifier.requireEnabled() == nil
}

// Domains returns the federated domains, but for those that are being added or removed.
func (p Published) Domains() []Domain {
	var domains []Domain
	for _, d := range p.Identifier.Domains {
		if d.Pending == "" {
			domains = append(domains, d.Domain)
		}
	}
	return domains
}

// Published reads what is published. An organization that does not take part in the
// federation yet is no error.
func (o *Organization) Published(ctx context.Context) (Published, error) {
	var p Published
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		trusts, err := tx.Trusts.All()
		if err != nil {
			return err
		}
		if len(trusts) > 0 {
			p.Trust = trusts[0]
		}
		if p.Identifier, _, err = tx.Identifier.Get(); err != nil {
			return err
		}
		p.Directory, err = directoryIn(tx)
		return err
	})
	if err != nil || p.Trust.Name == "" {
		return p, err
	}
	p.Party, err = o.relyingParty(p.Trust)
	return p, err
}
