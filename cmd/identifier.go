package cmd

import (
	"context"
	"strings"

	"exfed/cmd/render"
	"exfed/federation"
)

func identifierView() render.View {
	return render.View{Kind: render.AsList, Key: "AccountNamespace"}
}

// identifierName is what Exchange calls the only object of this kind.
const identifierName = "Federation"

func identifierRecord(id federation.OrganizationIdentifier, states map[federation.Domain]federation.DomainInfo) render.Record {
	var domains []string
	for _, d := range id.Domains {
		text := string(d.Domain)
		if states != nil {
			state := string(states[d.Domain].State)
			if state == "" {
				state = "Unknown"
			}
			text += " (" + state + ")"
		}
		domains = append(domains, text)
	}
	name := ""
	if id.GUID != "" {
		name = identifierName
	}
	return render.New(append([]render.Field{
		render.OptionalText("AccountNamespace", id.AccountNamespace),
		render.List("Domains", domains),
		render.OptionalText("DefaultDomain", id.DefaultDomain),
		render.Bool("Enabled", id.Enabled),
		render.OptionalText("OrganizationContact", id.OrganizationContact),
		render.OptionalText("DelegationTrustLink", id.DelegationTrust),
	}, objectFields(name, id.Meta)...)...)
}

type getIdentifierParams struct {
	identity opt[string]
	extended opt[bool]
}

func getFederatedOrganizationIdentifier() spec[getIdentifierParams] {
	return spec[getIdentifierParams]{
		name:  "Get-FederatedOrganizationIdentifier",
		short: "Shows the account namespace, the federated domains and whether federation is on",
		view:  identifierView(),
		examples: []string{
			"exfed get-federatedorganizationidentifier",
			"exfed get-federatedorganizationidentifier -IncludeExtendedDomainInfo -Property Domains",
		},
		declare: func(p *getIdentifierParams, d *declaration) {
			d.organizationIdentity(&p.identity)
			d.toggle(&p.extended, "IncludeExtendedDomainInfo", "Asks the broker for each domain's state and shows it beside the domain.")
			d.domainController()
		},
		run: func(ctx context.Context, e *env, p *getIdentifierParams) ([]render.Record, error) {
			if err := checkOrganization(p.identity); err != nil {
				return nil, err
			}
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			id, err := org.Identifier(ctx)
			if err != nil {
				return nil, err
			}
			for _, d := range id.Domains {
				if d.Pending != "" {
					e.warn("domain %s: %s was begun at the broker and its end is not recorded; run the cmdlet that began it again", d.Domain, d.Pending)
				}
			}
			if err := e.warnOfHolds(ctx, org, ""); err != nil {
				return nil, err
			}
			var states map[federation.Domain]federation.DomainInfo
			if p.extended.value {
				if states, err = org.DomainStates(ctx); err != nil {
					return nil, err
				}
			}
			return []render.Record{identifierRecord(id, states)}, nil
		},
	}
}

// checkOrganization refuses an Identity that is not the organization's only identifier.
func checkOrganization(identity opt[string]) error {
	if identity.value == "" || strings.EqualFold(identity.value, identifierName) {
		return nil
	}
	return federation.Errorf(federation.NotFound, "OrganizationIdentifierNotFound",
		"federated organization identifier \""+identity.value+"\"", "not found; there is one, and -Identity is left out")
}

type setIdentifierParams struct {
	identity, namespace, trust, defaultDomain, contact opt[string]
	enabled                                            opt[bool]
	registration                                       registrationParams
}

func setFederatedOrganizationIdentifier() spec[setIdentifierParams] {
	return spec[setIdentifierParams]{
		name:  "Set-FederatedOrganizationIdentifier",
		short: "Registers the account namespace with the broker, and turns federation on or off",
		long: `The primary domain's TXT proof must be in DNS first: get-federateddomainproof prints it. It is
looked for before the broker is asked, because a broker counts proofs that it does not find
and locks the domain for a day; see docs/dns-attempts.md. -SkipDnsCheck leaves that out.
The account namespace, FYDIBOHF25SPDLT. and the primary domain, needs no proof of its own.
-Enabled false switches every federation feature off and keeps the configuration.`,
		changes: true,
		examples: []string{
			`exfed set-federatedorganizationidentifier -DelegationFederationTrust "Azure AD authentication" -AccountNamespace contoso.com -Enabled true`,
			"exfed set-federatedorganizationidentifier -Enabled false",
		},
		declare: func(p *setIdentifierParams, d *declaration) {
			d.organizationIdentity(&p.identity)
			d.text(&p.namespace, "AccountNamespace", "SmtpDomain", "The primary domain, without the FYDIBOHF25SPDLT. prefix.", naming(acceptedDomainDomains()))
			d.text(&p.trust, "DelegationFederationTrust", "FederationTrustIdParameter", "The trust to register with.",
				defaults("the only one there is"), naming(trustNames()))
			d.boolean(&p.enabled, "Enabled", "Whether federation is on for the whole organization.")
			d.text(&p.defaultDomain, "DefaultDomain", "SmtpDomain", "The domain put into all delegation tokens; null goes back to each user's own.", naming(federatedDomainNames()))
			d.text(&p.contact, "OrganizationContact", "SmtpAddress", "The address of the person to ask about federation; null clears it.")
			d.registration(&p.registration)
			d.domainController()
		},
		target: func(*setIdentifierParams) string { return "the federated organization identifier" },
		run: func(ctx context.Context, e *env, p *setIdentifierParams) ([]render.Record, error) {
			if err := checkOrganization(p.identity); err != nil {
				return nil, err
			}
			org, err := e.registrar(p.registration)
			if err != nil {
				return nil, err
			}
			return nil, org.SetIdentifier(ctx, federation.SetIdentifierRequest{
				DelegationFederationTrust: p.trust.pointer(), AccountNamespace: p.namespace.pointer(), Enabled: p.enabled.pointer(),
				DefaultDomain: p.defaultDomain.pointer(), OrganizationContact: p.contact.pointer(),
				Force: p.registration.force.value,
			})
		},
	}
}
