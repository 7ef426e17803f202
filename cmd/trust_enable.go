package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/cmd/terminal"
	"exfed/federation"
)

type enableTrustParams struct {
	domainNames                            opt[[]string]
	name, thumbprint, metadataURL, profile opt[string]
	wait, skipDNSCheck                     opt[bool]
	dnsFormParams
}

func enableFederationTrust() spec[enableTrustParams] {
	return spec[enableTrustParams]{
		name:  "Enable-FederationTrust",
		short: "The guided way: certificate, trust, DNS records, and the domains federated once they are live",
		long: `Makes what is missing: the accepted domains, a certificate, the federation trust. Then it
writes the DNS records to publish to standard output, with -Format in the form of the DNS host.
Once the proofs are live it registers the account namespace of the first domain, switches
federation on and federates the other domains.

On a terminal it asks for the domains and the broker if they are not given, and whether to wait
for the records. In a script it looks once, and ends with exit code 3 while a proof is missing,
or waits for them with -Wait, an hour at most unless -Timeout says otherwise. The same command,
run again, goes on where the last one stopped.`,
		view:    render.View{Kind: render.AsList, Key: "Name"},
		changes: true,
		endless: true,
		examples: []string{
			"exfed enable-federationtrust -DomainName contoso.com,contoso.co.uk",
			"exfed enable-federationtrust -DomainName contoso.com -MetadataUrl https://broker.example.org/FederationMetadata/2006-12/FederationMetadata.xml -Format bind -Wait -Timeout 2h",
		},
		declare: declareEnableTrust,
		target: func(p *enableTrustParams) string {
			return strings.TrimSpace("federation of " + strings.Join(p.domainNames.value, ", "))
		},
		check: func(p *enableTrustParams) error {
			if p.wait.value && p.skipDNSCheck.value {
				return &psargs.UsageError{ID: "ParameterSet", Param: "Wait", Msg: "-Wait and -SkipDnsCheck exclude each other"}
			}
			return p.checkTTL()
		},
		run: runEnableTrust,
	}
}

func declareEnableTrust(p *enableTrustParams, d *declaration) {
	d.list(&p.domainNames, "DomainName", "SmtpDomain[]", "The domains to federate, the primary one first. Those that are not accepted yet become authoritative accepted domains.",
		at(1), naming(acceptedDomainDomains()), defaults("asked for on a terminal"))
	d.text(&p.name, "Name", "String", "The name of the trust.", defaults(federation.DefaultTrustName))
	d.text(&p.metadataURL, "MetadataUrl", "Uri", "Where the broker publishes its federation metadata; also EXFED_METADATA_URL.", defaults("asked for on a terminal, else the embedded broker"))
	d.securityProfile(&p.profile, defaults("modern; exchange for the Microsoft gateway"))
	d.text(&p.thumbprint, "Thumbprint", "String", "The certificate that becomes the organization's.", naming(certificateThumbprints()),
		defaults("the federation certificate that is there, or a new one"))
	d.toggle(&p.wait, "Wait", "Waits until the proofs are live.")
	d.toggle(&p.skipDNSCheck, "SkipDnsCheck", "Does not look for the proofs in DNS before the broker does.")
	d.dnsForm(&p.dnsFormParams)
}

func runEnableTrust(ctx context.Context, e *env, p *enableTrustParams) ([]render.Record, error) {
	if err := e.checkDNSFormat(&p.dnsFormParams); err != nil {
		return nil, err
	}
	wanted, err := p.request()
	if err != nil {
		return nil, err
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	request, err := p.enableRequest(ctx, e, org)
	if err != nil {
		return nil, err
	}
	return p.prepare(ctx, e, org, request, wanted)
}

// prepare makes what is missing, and shows the records to publish; what comes after them is done
// later.
func (p *enableTrustParams) prepare(ctx context.Context, e *env, org *federation.Organization, request federation.EnableTrustRequest, wanted federation.DNSPlanRequest) ([]render.Record, error) {
	if e.whatIf == nil {
		org.Step = e.guide
	}
	before, err := org.Trusts(ctx)
	if err != nil {
		return nil, err
	}
	trust, err := org.PrepareTrust(ctx, request)
	if err != nil {
		return nil, err
	}
	if len(before) == 0 && trust.MetadataURL == "" && e.whatIf == nil {
		e.guide("the trust is with the embedded broker, as no -MetadataUrl was given")
	}
	wanted.Domains = request.Domains
	plan, err := org.PlanDNS(ctx, wanted)
	if err != nil {
		return nil, err
	}
	plan.Records = slices.DeleteFunc(plan.Records, func(r federation.PlannedRecord) bool { return r.Remove }) // nothing depends on those
	if e.whatIf != nil {                                                                                      // the records tell which properties there will be
		return p.listedRecords(plan), org.EnableDomains(ctx, trust, request.Domains)
	}
	for _, domain := range request.Domains {
		if err := e.warnOfHolds(ctx, org, domain); err != nil {
			return nil, err
		}
	}
	e.later(func(ctx context.Context) error { return p.federate(ctx, e, org, trust, request.Domains) })
	return e.showRecords(ctx, &p.dnsFormParams, wanted, plan)
}

// guide tells a step of a guided way, which is told unless nobody wants to hear it.
func (e *env) guide(format string, args ...any) {
	if !e.common.quiet.value {
		fmt.Fprintln(e.process.Streams.Err, cleanLines(fmt.Sprintf(format, args...)))
	}
}

// enableRequest puts the request together, and asks for what is not given where somebody can
// answer.
func (p *enableTrustParams) enableRequest(ctx context.Context, e *env, org *federation.Organization) (request federation.EnableTrustRequest, err error) {
	trusts, err := org.Trusts(ctx)
	if err != nil {
		return request, err
	}
	if !p.domainNames.given {
		if err := p.askDomains(ctx, e, org); err != nil {
			return request, err
		}
	}
	for _, text := range p.domainNames.value {
		domain, err := federation.ParseFederatedDomain(text)
		if err != nil {
			return request, err
		}
		if !slices.Contains(request.Domains, domain) {
			request.Domains = append(request.Domains, domain)
		}
	}
	request.Trust.Name, request.Trust.MetadataURL = p.name.value, e.setting(p.metadataURL, "EXFED_METADATA_URL")
	if request.Trust.MetadataURL == "" && !p.metadataURL.given && len(trusts) == 0 && e.whatIf == nil {
		if request.Trust.MetadataURL, err = e.askBroker(ctx); err != nil {
			return request, err
		}
	}
	if err := checkMetadataURL(request.Trust.MetadataURL); err != nil {
		return request, err
	}
	if p.name.value != "" {
		if err := federation.CheckName("federation trust", p.name.value); err != nil {
			return request, err
		}
	}
	request.Trust.SecurityProfile = federation.SecurityProfile(p.profile.value)
	if p.thumbprint.value != "" {
		request.Trust.Thumbprint, err = thumbprint(p.thumbprint.value)
	}
	return request, err
}

// askDomains asks for the domains; the answer may be those that are federated or accepted.
func (p *enableTrustParams) askDomains(ctx context.Context, e *env, org *federation.Organization) error {
	federable, err := org.FederableDomains(ctx)
	if err != nil {
		return err
	}
	missing := &psargs.UsageError{ID: "MissingParameter", Param: "DomainName", Msg: "-DomainName is missing",
		Hints: []string{"name the domains to federate, the primary one first: -DomainName contoso.com,contoso.co.uk"}}
	if e.whatIf != nil {
		return missing
	}
	answer, err := e.prompter.Ask(ctx, "The domains to federate, the primary one first, with commas between", joinDomains(federable))
	var silent *terminal.NoTerminal
	if errors.As(err, &silent) || err == nil && answer == "" {
		return missing
	}
	if err != nil {
		return err
	}
	p.domainNames.value, p.domainNames.given = answeredDomains(answer), true
	if len(p.domainNames.value) == 0 {
		return missing
	}
	return nil
}

// answeredDomains are the domains of an answer, whatever people put between them.
func answeredDomains(answer string) []string {
	return strings.FieldsFunc(answer, func(r rune) bool { return strings.ContainsRune(",; \t", r) })
}

// askBroker asks which broker the trust is with. Where nobody can answer it is the embedded one.
func (e *env) askBroker(ctx context.Context) (string, error) {
	answer, err := e.prompter.Ask(ctx, "The broker's metadata URL; nothing for the embedded broker", "")
	var silent *terminal.NoTerminal
	if errors.As(err, &silent) {
		return "", nil
	}
	return answer, err
}

// federate goes on once the records have been shown: when the proofs are live.
func (p *enableTrustParams) federate(ctx context.Context, e *env, org *federation.Organization, trust federation.FederationTrust, domains []federation.Domain) error {
	open, err := org.Unfederated(ctx, domains)
	if err != nil {
		return err
	}
	if len(open) > 0 && !p.skipDNSCheck.value {
		expected, err := org.ExpectedProofs(ctx, trust, open)
		if err != nil {
			return err
		}
		if err := e.awaitProofs(ctx, proofWait{domains: open, expected: expected, wait: p.wait.value}); errors.Is(err, context.Canceled) {
			return federation.Errorf(federation.Interrupted, "Interrupted", "federation of "+joinDomains(domains),
				"interrupted before its proofs were live; the same command goes on from here")
		} else if err != nil {
			return err
		}
	}
	org.Records = nil // they were looked at
	if err := org.EnableDomains(ctx, trust, domains); err != nil {
		return err
	}
	e.guide("federation is on: %s", joinDomains(domains))
	return nil
}

func joinDomains(domains []federation.Domain) string {
	var texts []string
	for _, d := range domains {
		texts = append(texts, string(d))
	}
	return strings.Join(texts, ", ")
}
