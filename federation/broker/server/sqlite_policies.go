package server

import (
	"strings"

	"exfed/federation/token"
)

// Policy implements Policies. Offers are kept in one text, separated by blanks.
func (t *sqliteTx) Policy(appID string) (Policy, error) {
	var enabled bool
	var offers string
	found, err := t.row(`SELECT enabled, offers FROM policy WHERE app_id = ?`, []any{appID}, []any{&enabled, &offers})
	if err != nil || !found {
		return Policy{}, err
	}
	p := Policy{Disabled: !enabled}
	for offer := range strings.FieldsSeq(offers) {
		p.AllowedOffers = append(p.AllowedOffers, token.Offer(offer))
	}
	return p, nil
}

// PutPolicy implements Policies.
func (t *sqliteTx) PutPolicy(appID string, p Policy) error {
	var offers []string
	for _, offer := range p.AllowedOffers {
		offers = append(offers, string(offer))
	}
	return t.exec(`INSERT OR REPLACE INTO policy (app_id, enabled, offers) VALUES (?, ?, ?)`, appID, !p.Disabled, strings.Join(offers, " "))
}
