package cmd

import (
	"context"
	"slices"

	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/autodiscover"
)

// anyHost in -TrustedHostnames stands for every host.
const anyHost = "*"

// mostDropped is how many domains that are left out are each told of.
const mostDropped = 5

type federationInformationParams struct {
	domainName    opt[string]
	force, bypass opt[bool]
	trusted       opt[[]string]
}

func getFederationInformation() spec[federationInformationParams] {
	return spec[federationInformationParams]{
		name:  "Get-FederationInformation",
		short: "Asks a partner's Autodiscover what an organization relationship with it needs",
		long: `The partner's Autodiscover service is looked for where the domain says: at its host autodiscover,
at the domain itself, by a redirect and by an SRV record. -Verbose tells each attempt; when all
fail, the error shows them with their reasons.

A host whose certificate is for another name is asked about first, and so is one to which only
such a host, a redirect without TLS or a record in DNS leads. Without a terminal that is exit code 8:
-TrustedHostnames names the hosts to trust, and -Force trusts whatever is found.

Each further domain the partner names is looked up as well, by -TrustedHostnames alone, and left out with a warning when
it does not lead to the same organization. An application URI of the form FYDIBOHF25SPDLT.DOMAIN
is refused unless DOMAIN is the one asked about, or leads to the same organization and that names
the one asked about; -BypassAdditionalDomainValidation and -Force do not change that.`,
		view: render.View{Kind: render.AsList, Key: "TargetApplicationUri"},
		examples: []string{
			"exfed get-federationinformation -DomainName contoso.com",
			"exfed get-federationinformation -DomainName contoso.com -TrustedHostnames mail.contoso.com -Verbose",
			"exfed get-federationinformation -DomainName contoso.com -Output jsonl | exfed new-organizationrelationship -Name Contoso -FreeBusyAccessEnabled true -FreeBusyAccessLevel LimitedDetails",
		},
		declare: func(p *federationInformationParams, d *declaration) {
			d.text(&p.domainName, "DomainName", "SmtpDomain", "A federated domain of the partner.", required)
			d.toggle(&p.bypass, "BypassAdditionalDomainValidation", "Takes the partner's word for its further domains, but for the one in its application URI.")
			d.toggle(&p.force, "Force", "Asks nothing, warns of nothing, and trusts every host that is found.")
			d.list(&p.trusted, "TrustedHostnames", "MultiValuedProperty",
				"Hosts that may answer for the domain though their certificate or the way to them does not say so; * is every host.")
		},
		run: runGetFederationInformation,
	}
}

func runGetFederationInformation(ctx context.Context, e *env, p *federationInformationParams) ([]render.Record, error) {
	domain, err := federation.ParseDomain(p.domainName.value)
	if err != nil {
		return nil, err
	}
	client, err := e.discoverer()
	if err != nil {
		return nil, err
	}
	client.BypassAdditionalDomainValidation = p.bypass.value
	if client.TrustedHostnames, err = p.hosts(); err != nil {
		return nil, err
	}
	switch {
	case p.force.value:
		client.Trust = e.trustEverybody("-Force")
	case slices.Contains(p.trusted.value, anyHost):
		client.Trust = e.trustEverybody("-TrustedHostnames")
	default:
		client.Trust = e.askTrust(ctx)
	}
	info, err := client.Discover(ctx, domain)
	if err != nil {
		return nil, newUndiscovered(err, domain, info.Attempts)
	}
	if !p.force.value {
		e.warnOfInformation(info)
	}
	return []render.Record{federationInformationRecord(info)}, nil
}

// hosts are those of -TrustedHostnames that are named.
func (p *federationInformationParams) hosts() ([]string, error) {
	var hosts []string
	for _, text := range p.trusted.value {
		if text == anyHost {
			continue
		}
		host, err := federation.ParseDomain(text)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, string(host))
	}
	return hosts, nil
}

// warnOfInformation says what is left out, and what will not work later.
func (e *env) warnOfInformation(info autodiscover.FederationInformation) {
	if info.AudienceUnproven {
		e.warn("TokenAudienceNotProven: nothing shows that the application URI %s is of %s alone: tokens for it are good wherever else it is used, so ask the partner whether it is right", info.TargetApplicationURI, info.DomainNames[0])
	}
	for _, dropped := range info.Dropped[:min(len(info.Dropped), mostDropped)] {
		e.warn("domain %s is left out: it %s", dropped.Domain, dropped.Reason)
	}
	if n := len(info.Dropped) - mostDropped; n > 0 {
		e.warn("%d more domains are left out; -Verbose tells how each was looked for", n)
	}
	for _, a := range info.Attempts {
		if a.Outcome == autodiscover.NameMismatch && autodiscover.WSSecurityURL(a.URL) == info.TargetAutodiscoverEPR {
			e.warn("requests with tokens to %s will be refused, for %s: give the relationship a -TargetAutodiscoverEpr with a name of the certificate", info.TargetAutodiscoverEPR, a.Reason)
			return
		}
	}
}

func federationInformationRecord(info autodiscover.FederationInformation) render.Record {
	return render.New(
		render.Unset("RunspaceId"), // of a remote session, which there is none of
		render.Text("TargetApplicationUri", info.TargetApplicationURI),
		render.List("DomainNames", info.DomainNames),
		render.Text("TargetAutodiscoverEpr", info.TargetAutodiscoverEPR),
		render.List("TokenIssuerUris", info.TokenIssuerURIs),
		render.Unset("Identity"),
		render.Bool("IsValid", true),
		render.Text("ObjectState", "Unchanged"),
	)
}
