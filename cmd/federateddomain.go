package cmd

import (
	"context"

	"exfed/cmd/render"
	"exfed/federation"
)

type federatedDomainParams struct {
	identity, domainName opt[string]
	registration         registrationParams // Remove- has its own meaning of -Force
}

func addFederatedDomain() spec[federatedDomainParams] {
	return spec[federatedDomainParams]{
		name:  "Add-FederatedDomain",
		short: "Federates a further accepted domain",
		long: `The domain's TXT proof must be in DNS first: get-federateddomainproof prints it. It is looked
for before the broker is asked, because a broker counts proofs that it does not find and locks
the domain for a day; see docs/dns-attempts.md. -SkipDnsCheck leaves that out.`,
		changes:  true,
		examples: []string{"exfed add-federateddomain -DomainName sales.contoso.com"},
		declare: func(p *federatedDomainParams, d *declaration) {
			d.organizationIdentity(&p.identity)
			d.text(&p.domainName, "DomainName", "SmtpDomain", "The domain to federate: an authoritative accepted domain of at most 32 characters.",
				required, naming(acceptedDomainDomains()))
			d.registration(&p.registration)
			d.domainController()
		},
		target: func(p *federatedDomainParams) string { return "domain " + p.domainName.value },
		run: func(ctx context.Context, e *env, p *federatedDomainParams) ([]render.Record, error) {
			return nil, p.with(e, federation.ParseFederatedDomain, func(org *federation.Organization, domain federation.Domain) error {
				return org.AddDomain(ctx, domain, p.registration.force.value)
			})
		},
	}
}

func removeFederatedDomain() spec[federatedDomainParams] {
	return spec[federatedDomainParams]{
		name:  "Remove-FederatedDomain",
		short: "Takes a domain out of federation",
		long: `Secondary domains go first, the primary one last: with it goes the account namespace, and
federation is off. -Force drops the domain here also when the broker does not release it,
as it does when the certificate has expired.`,
		changes:  true,
		examples: []string{"exfed remove-federateddomain -DomainName sales.contoso.com", "exfed remove-federateddomain -DomainName contoso.com -Force"},
		declare: func(p *federatedDomainParams, d *declaration) {
			d.organizationIdentity(&p.identity)
			d.text(&p.domainName, "DomainName", "SmtpDomain", "The federated domain to release.", required, naming(federatedDomainNames()))
			d.toggle(&p.registration.force, "Force", "Does not ask, and drops the domain here even if the broker refuses.")
			d.domainController()
		},
		target: func(p *federatedDomainParams) string { return "federated domain " + p.domainName.value },
		run: func(ctx context.Context, e *env, p *federatedDomainParams) ([]render.Record, error) {
			return nil, p.with(e, federation.ParseDomain, func(org *federation.Organization, domain federation.Domain) error {
				return org.RemoveDomain(ctx, domain, p.registration.force.value)
			})
		},
	}
}

// with reads the domain and runs fn for the organization.
func (p *federatedDomainParams) with(e *env, parse func(string) (federation.Domain, error), fn func(*federation.Organization, federation.Domain) error) error {
	if err := checkOrganization(p.identity); err != nil {
		return err
	}
	domain, err := parse(p.domainName.value)
	if err != nil {
		return err
	}
	org, err := e.registrar(p.registration)
	if err != nil {
		return err
	}
	return fn(org, domain)
}
