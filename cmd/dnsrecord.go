package cmd

import (
	"context"
	"strings"

	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/dns/format"
)

type dnsRecordParams struct {
	domainNames        opt[[]string]
	format             opt[string]
	ttl                opt[int]
	autodiscoverTarget opt[string]
}

func getFederatedDNSRecord() spec[dnsRecordParams] {
	return spec[dnsRecordParams]{
		name:     "Get-FederatedDnsRecord",
		short:    "Writes the DNS records each domain needs, in the form the DNS host takes",
		view:     render.View{Kind: render.AsList, Key: "Name"},
		examples: []string{"exfed get-federateddnsrecord", "exfed get-federateddnsrecord -DomainName contoso.com -Format bind"},
		declare: func(p *dnsRecordParams, d *declaration) {
			p.ttl.value = 3600
			d.list(&p.domainNames, "DomainName", "SmtpDomain[]", "The domains whose records are wanted.", piped, naming(acceptedDomainDomains()),
				defaults("every authoritative accepted domain and every federated one"))
			d.oneOf(&p.format, "Format", "Format", dnsFormats(), "The form of the DNS host or its tool.")
			d.number(&p.ttl, "Ttl", "Int32", "The time to live of the records, in seconds.", defaults("3600"))
			d.text(&p.autodiscoverTarget, "AutodiscoverTarget", "Fqdn", "The host that autodiscover.DOMAIN is to lead to.")
		},
		run: getDNSRecords,
	}
}

func dnsFormats() []string {
	var words []string
	for _, f := range format.Formats() {
		words = append(words, string(f))
	}
	return words
}

func getDNSRecords(ctx context.Context, e *env, p *dnsRecordParams) ([]render.Record, error) {
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	request := federation.DNSPlanRequest{AutodiscoverTarget: p.autodiscoverTarget.value}
	for _, text := range p.domainNames.value {
		domain, err := federation.ParseDomain(text)
		if err != nil {
			return nil, err
		}
		request.Domains = append(request.Domains, domain)
	}
	plan, err := org.PlanDNS(ctx, request)
	if err != nil {
		return nil, err
	}
	for _, note := range plan.Notes {
		e.warn("%s", note)
	}
	if !p.format.given {
		return dnsRecords(plan, p.ttl.value), nil
	}
	var zones []format.Zone
	for _, record := range plan.Records {
		if !record.Remove {
			zones = append(zones, format.Zone{Apex: string(record.Domain), Sets: []format.Set{
				{Name: record.Name, Type: record.Type, Add: []federation.PlannedRecord{record}},
			}})
		}
	}
	text, err := format.Write(format.Format(p.format.value), zones, uint32(p.ttl.value))
	if err != nil {
		return nil, err
	}
	return []render.Record{{Lines: strings.Split(strings.TrimSuffix(text, "\n"), "\n")}}, nil
}

func dnsRecords(plan federation.DNSPlan, ttl int) []render.Record {
	var records []render.Record
	for _, r := range plan.Records {
		action := "Add"
		if r.Remove {
			action = "Remove"
		}
		records = append(records, render.New(
			render.Text("DomainName", r.Domain),
			render.Text("Action", action),
			render.Text("Purpose", r.Purpose),
			render.Text("Name", r.Name),
			render.Text("Type", r.Type),
			render.Text("Value", r.Value()),
			render.Int("Ttl", ttl),
			render.OptionalText("CertificateSlot", r.Slot),
			render.OptionalText("Thumbprint", r.Thumbprint),
		))
	}
	return records
}
