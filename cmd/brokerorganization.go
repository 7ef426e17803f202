package cmd

import (
	"context"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation/broker/server"
	"exfed/federation/token"
)

func organizationView() render.View {
	return render.View{Kind: render.AsTable, Columns: []string{"AppId", "Enabled", "AllowedOffers", "Uris"}, Key: "AppId"}
}

type getBrokerOrganizationParams struct{ identity, store opt[string] }

func getFederationBrokerOrganization() spec[getBrokerOrganizationParams] {
	return spec[getBrokerOrganizationParams]{
		name:  "Get-FederationBrokerOrganization",
		short: "Shows the organizations that are registered with a trust broker",
		long: `Run it where the broker's registry is, as the user that runs the broker. No AllowedOffers
stands for every offer.`,
		view: organizationView(),
		examples: []string{
			"exfed get-federationbrokerorganization -Store /var/lib/exfed/registry.db",
			"exfed get-federationbrokerorganization contoso.com -Output list",
		},
		declare: func(p *getBrokerOrganizationParams, d *declaration) {
			d.text(&p.identity, "Identity", "AppId", "The organization to show, by its AppID or by a domain or application URI it holds; in an AppID, * and ? stand for any characters.", at(1), piped)
			d.brokerStore(&p.store)
		},
		run: func(ctx context.Context, e *env, p *getBrokerOrganizationParams) ([]render.Record, error) {
			operator, err := e.brokerOperator(ctx, p.store)
			if err != nil {
				return nil, err
			}
			found, err := matching(p.identity,
				func() ([]server.Organization, error) { return operator.Organizations(ctx) },
				func(name string) (server.Organization, error) { return operator.Organization(ctx, name) },
				func(o server.Organization) string { return o.AppID })
			var records []render.Record
			for _, o := range found {
				records = append(records, organizationRecord(o))
			}
			return records, err
		},
	}
}

func organizationRecord(o server.Organization) render.Record {
	return render.New(
		render.Text("AppId", o.AppID),
		render.Text("Identity", o.AppID),
		render.Bool("Enabled", !o.Disabled),
		render.List("AllowedOffers", o.AllowedOffers),
		render.List("Uris", o.URIs),
		render.Text("Thumbprint", o.Thumbprint),
		render.Time("WhenCreated", o.Created),
	)
}

type setBrokerOrganizationParams struct {
	identity, store opt[string]
	enabled         opt[bool]
	offers          opt[[]string]
}

func setFederationBrokerOrganization() spec[setBrokerOrganizationParams] {
	return spec[setBrokerOrganizationParams]{
		name:  "Set-FederationBrokerOrganization",
		short: "Disables an organization at a trust broker, or restricts the tokens it may ask for",
		long: `Run it where the broker's registry is, as the user that runs the broker; a running broker
obeys from its next request on.

A disabled organization gets no tokens, nobody gets a token for it, and the calls by which
it manages its registration are refused (OrganizationDisabled). It keeps what it has: its
domains cannot be taken over either, so its owner comes back when it is enabled again.
Tokens that were issued before are valid until their end.`,
		changes: true,
		examples: []string{
			"exfed set-federationbrokerorganization 00000000603D24C1 -Enabled false -Store /var/lib/exfed/registry.db",
			"exfed set-federationbrokerorganization contoso.com -AllowedOffers MSExchange.Autodiscover,MSExchange.SharingCalendarFreeBusy",
			"exfed set-federationbrokerorganization contoso.com -AllowedOffers '$null'",
		},
		declare: func(p *setBrokerOrganizationParams, d *declaration) {
			d.text(&p.identity, "Identity", "AppId", "The organization to change, by its AppID or by a domain or application URI it holds.", required, at(1), piped)
			d.boolean(&p.enabled, "Enabled", "Whether the broker works for the organization.")
			d.list(&p.offers, "AllowedOffers", "MultiValuedProperty", "The offers the organization may ask for tokens for, and no others; $null for every offer.", among(offerNames()))
			d.brokerStore(&p.store)
		},
		target: func(p *setBrokerOrganizationParams) string {
			return "organization " + p.identity.value + " of the trust broker"
		},
		run: runSetBrokerOrganization,
	}
}

func runSetBrokerOrganization(ctx context.Context, e *env, p *setBrokerOrganizationParams) ([]render.Record, error) {
	if !p.enabled.given && !p.offers.given {
		return nil, &psargs.UsageError{ID: "MissingParameter", Param: "Enabled", Msg: "-Enabled or -AllowedOffers says what to change"}
	}
	operator, err := e.brokerOperator(ctx, p.store)
	if err != nil {
		return nil, err
	}
	if e.whatIf != nil {
		_, err := operator.Organization(ctx, p.identity.value)
		return nil, err
	}
	change := server.PolicyChange{Enabled: p.enabled.pointer()}
	if p.offers.given {
		change.AllowedOffers = &[]token.Offer{}
		for _, offer := range p.offers.value {
			*change.AllowedOffers = append(*change.AllowedOffers, token.Offer(offer))
		}
	}
	return nil, operator.SetOrganization(ctx, p.identity.value, change)
}
