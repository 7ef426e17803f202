package cmd

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/dns/format"
)

type dnsRecordParams struct {
	domainNames opt[[]string]
	dnsFormParams
}

// dnsFormParams say which form records are shown in.
type dnsFormParams struct {
	zoneNames                                    opt[[]string]
	format, autodiscoverTarget, autodiscoverType opt[string]
	ttl                                          opt[int]
}

func getFederatedDNSRecord() spec[dnsRecordParams] {
	return spec[dnsRecordParams]{
		name:  "Get-FederatedDnsRecord",
		short: "Writes the DNS records each domain needs, in the form the DNS host takes",
		long: `For every domain: the TXT proof for the current certificate of the federation trust, and for
the next one while one is staged; the record that leads partners to Autodiscover; and proofs of
the previous certificate, which can be removed.

Without -Format they are shown as registrars' forms ask for them. Formats that replace all
records of a name, such as route53, include those that are live, for which they ask the name
servers in -DnsServer. Names are relative to the zone that these servers say, or else to the
registrable domain; -ZoneName says it otherwise. docs/dns.md has more about each format.`,
		gathers: true,
		view:    render.View{Kind: render.AsList, Columns: []string{"Action", "Name", "Type", "Value"}, Key: "Name"},
		examples: []string{
			"exfed get-federateddnsrecord",
			"exfed get-federateddnsrecord -DomainName contoso.com -Format bind -AutodiscoverTarget mail.contoso.com",
			"exfed get-federateddnsrecord -Format route53 -DnsServer ns1.contoso.com,ns2.contoso.com",
		},
		declare: func(p *dnsRecordParams, d *declaration) {
			d.list(&p.domainNames, "DomainName", "SmtpDomain[]", "The domains whose records are wanted.", at(1), piped, naming(acceptedDomainDomains()),
				defaults("every authoritative accepted domain and every federated one"))
			d.dnsForm(&p.dnsFormParams)
		},
		check: func(p *dnsRecordParams) error { return p.checkTTL() },
		run:   getDNSRecords,
	}
}

func (d *declaration) dnsForm(p *dnsFormParams) {
	p.autodiscoverType.value = string(federation.CNAMERecord)
	d.dnsFormat(p)
	d.text(&p.autodiscoverTarget, "AutodiscoverTarget", "Fqdn", "The host that Autodiscover of the domains is to lead to.",
		defaults("the host of the address kept by start-federationendpoint"))
	d.oneOf(&p.autodiscoverType, "AutodiscoverType", "Type", []string{string(federation.CNAMERecord), string(federation.SRVRecord)},
		"The type of the Autodiscover records.", defaults("CNAME"))
	d.zoneNames(p)
}

// dnsFormat declares the form of records.
func (d *declaration) dnsFormat(p *dnsFormParams) {
	p.ttl.value = 3600
	d.oneOf(&p.format, "Format", "Format", dnsFormats(), "The form of the DNS host or its tool.", defaults("human"))
	d.number(&p.ttl, "Ttl", "Int32", "The time to live in seconds, of records whose name and type have none yet.", defaults("3600"))
}

func (d *declaration) zoneNames(p *dnsFormParams) {
	d.list(&p.zoneNames, "ZoneName", "SmtpDomain[]", "The zones that the domains lie in.",
		defaults("what the name servers in -DnsServer say, or else the registrable domains"))
}

func (p *dnsFormParams) checkTTL() error {
	if p.ttl.value < 1 || p.ttl.value > math.MaxInt32 {
		return &psargs.UsageError{ID: "InvalidTtl", Param: "Ttl", Msg: fmt.Sprintf("-Ttl: %d is not between 1 and %d seconds", p.ttl.value, math.MaxInt32)}
	}
	return nil
}

func dnsFormats() []string {
	var words []string
	for _, f := range format.Formats() {
		words = append(words, string(f))
	}
	return words
}

func getDNSRecords(ctx context.Context, e *env, p *dnsRecordParams) ([]render.Record, error) {
	if err := e.checkDNSFormat(&p.dnsFormParams); err != nil {
		return nil, err
	}
	request, err := p.request()
	if err == nil {
		request.Domains, err = parseDomains(p.domainNames.value)
	}
	if err != nil {
		return nil, err
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	plan, err := org.PlanDNS(ctx, request)
	if err != nil {
		return nil, err
	}
	return e.showRecords(ctx, &p.dnsFormParams, request, plan)
}

// showRecords shows the records of a plan in the form that was asked for.
func (e *env) showRecords(ctx context.Context, p *dnsFormParams, request federation.DNSPlanRequest, plan federation.DNSPlan) ([]render.Record, error) {
	for _, note := range plan.Notes {
		if strings.HasPrefix(note, federation.NoAutodiscover) {
			note += "; -AutodiscoverTarget HOST names the host that it is to lead to"
		}
		e.warn("%s", note)
	}
	switch {
	case p.format.given:
		return e.writtenRecords(ctx, p, plan)
	case e.common.output.given || len(e.common.property.value) > 0 || e.process.getenv("EXFED_OUTPUT") != "":
		return p.listedRecords(plan), nil
	}
	return e.drawnRecords(ctx, p, plan)
}

// listedRecords are the records of a plan with their properties alone.
func (p *dnsFormParams) listedRecords(plan federation.DNSPlan) (records []render.Record) {
	for _, record := range plan.Records {
		records = append(records, dnsRecord(record, p.ttl.value))
	}
	return records
}

// checkDNSFormat refuses what cannot go with -Format.
func (e *env) checkDNSFormat(p *dnsFormParams) error {
	if !p.format.given {
		return nil
	}
	for _, other := range []struct {
		name  string
		given bool
	}{{"Output", e.common.output.given}, {"Property", e.common.property.given}} {
		if other.given {
			return &psargs.UsageError{ID: "ParameterSet", Param: "Format", Msg: "-Format and -" + other.name + " exclude each other",
				Hints: []string{"-Format is for DNS hosts; leave it out for records as properties"}}
		}
	}
	servers, err := e.dnsServers()
	if f := format.Format(p.format.value); err == nil && f.Replaces() && len(servers) == 0 {
		return &psargs.UsageError{ID: "MissingParameter", Param: "DnsServer",
			Msg: fmt.Sprintf("-DnsServer is missing: -Format %s replaces all records of a name and type, and which ones are live must be asked", f),
			Hints: []string{"-DnsServer HOST:PORT[,...]: the name servers of the zones; what they show is kept, and all must show the same",
				"these formats add records and touch no others: bind, nsupdate, azure, cloudflare, terraform-cloudflare, dnscontrol, powershell"}}
	}
	return err
}

// request is for all domains, unless some are named in it.
func (p *dnsFormParams) request() (request federation.DNSPlanRequest, err error) {
	request.Service = p.autodiscoverType.value == string(federation.SRVRecord)
	if p.autodiscoverTarget.value != "" {
		if request.AutodiscoverTarget, err = federation.ParseAutodiscoverTarget(p.autodiscoverTarget.value); err != nil {
			return request, err
		}
	}
	_, err = parseDomains(p.zoneNames.value)
	return request, err
}

func parseDomains(texts []string) ([]federation.Domain, error) {
	var domains []federation.Domain
	for _, text := range texts {
		domain, err := federation.ParseDomain(text)
		if err != nil {
			return nil, err
		}
		domains = append(domains, domain)
	}
	return domains, nil
}

// writtenRecords writes the records in the format that was asked for.
func (e *env) writtenRecords(ctx context.Context, p *dnsFormParams, plan federation.DNSPlan) ([]render.Record, error) {
	f := format.Format(p.format.value)
	zones, err := e.dnsZones(ctx, p, f, plan)
	if err != nil {
		return nil, err
	}
	text, notes, err := format.Write(f, zones, uint32(p.ttl.value))
	if err != nil {
		return nil, err
	}
	for _, note := range notes {
		e.warn("%s", note)
	}
	if text == "" {
		if len(plan.Records) > 0 {
			e.warn("there is nothing to write: what is to be added is live already")
		}
		return nil, nil
	}
	return []render.Record{{Lines: strings.Split(strings.TrimSuffix(text, "\n"), "\n")}}, nil
}

// drawnRecords shows the records as registrars' forms ask for them.
func (e *env) drawnRecords(ctx context.Context, p *dnsFormParams, plan federation.DNSPlan) ([]render.Record, error) {
	zones, err := e.dnsZones(ctx, p, format.Human, plan)
	if err != nil {
		return nil, err
	}
	var records []render.Record
	for _, zone := range zones {
		for _, set := range zone.Sets {
			for _, planned := range slices.Concat(set.Add, set.Remove) {
				record := dnsRecord(planned, p.ttl.value)
				record.Lines = format.Block(zone, set, planned, uint32(p.ttl.value))
				records = append(records, record)
			}
		}
	}
	return records, nil
}

func dnsRecord(r federation.PlannedRecord, ttl int) render.Record {
	action := "Add"
	if r.Remove {
		action = "Remove"
	}
	return render.New(
		render.Text("DomainName", r.Domain),
		render.Text("Action", action),
		render.Text("Purpose", r.Purpose),
		render.Text("Name", r.Name),
		render.Text("Type", r.Type),
		render.Text("Value", r.Value()),
		render.Int("Ttl", ttl),
		render.OptionalText("CertificateSlot", r.Slot),
		render.OptionalText("Thumbprint", r.Thumbprint),
	)
}
