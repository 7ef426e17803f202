package cmd

import (
	"context"

	"exfed/cmd/render"
	"exfed/federation/broker/server"
)

type updateKeyParams struct {
	store opt[string]
	now   opt[bool]
}

func updateFederationBrokerKey() spec[updateKeyParams] {
	return spec[updateKeyParams]{
		name:  "Update-FederationBrokerKey",
		short: "Replaces the key with which a trust broker signs tokens",
		long: `Run it where the broker's registry is, as the user that runs the broker; a running broker takes the change at once. The next
key stands in the metadata for a week before it signs, so that every organization that reads
the metadata in that week (set-federationtrust -RefreshMetadata) goes on without noticing.
Doing it again shows when that will be. A next key whose file is lost or damaged is replaced
by another one, which has the whole week.

-Now is for a key that must not be used any longer. It is out of the metadata at once, so that
an organization that has read it again accepts the new key's tokens and no others.`,
		view:    render.View{Kind: render.AsTable, Columns: []string{"Slot", "Thumbprint", "Published", "Since"}, Key: "Thumbprint"},
		changes: true,
		examples: []string{
			"exfed update-federationbrokerkey -Store /var/lib/exfed/registry.db",
			"exfed update-federationbrokerkey -Store /var/lib/exfed/registry.db -Now",
		},
		declare: func(p *updateKeyParams, d *declaration) {
			d.brokerStore(&p.store)
			d.toggle(&p.now, "Now", "Signs with the next key from now on, without the week's notice.")
		},
		target: func(p *updateKeyParams) string { return "the signing key of the trust broker" },
		run:    runUpdateKey,
	}
}

func runUpdateKey(ctx context.Context, e *env, p *updateKeyParams) ([]render.Record, error) {
	operator, err := e.brokerOperator(ctx, p.store)
	if err != nil {
		return nil, err
	}
	var rolled server.Rollover
	if e.whatIf != nil {
		rolled.Keys, err = operator.SigningKeys(ctx)
	} else {
		rolled, err = operator.RollKey(ctx, p.now.value)
	}
	if err != nil {
		return nil, err
	}
	if rolled.Dropped != nil {
		e.warn("%v", rolled.Dropped)
		e.warn("another next key takes its place: one that comes back from a backup now is nobody's")
	}
	var records []render.Record
	for _, k := range rolled.Keys {
		records = append(records, render.New(
			render.Text("Slot", k.Slot),
			render.Text("Thumbprint", k.Thumbprint),
			render.Time("Published", k.Published),
			render.Time("Since", k.Since),
		))
	}
	return records, nil
}
