package cmd

import (
	"context"

	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/dns"
)

type domainProofParams struct{ domainName, thumbprint opt[string] }

func getFederatedDomainProof() spec[domainProofParams] {
	return spec[domainProofParams]{
		name:  "Get-FederatedDomainProof",
		short: "Computes the TXT record that proves a domain to the broker",
		long: `One record for each certificate in the trust, the next one before the current one. Publish
DnsRecord in the zone of the domain itself; each federated domain and sub-domain needs its own.`,
		view:     render.View{Kind: render.AsList, Key: "Proof"},
		examples: []string{"exfed get-federateddomainproof -DomainName contoso.com", "exfed get-federateddomainproof -DomainName contoso.com -Property DnsRecord"},
		declare: func(p *domainProofParams, d *declaration) {
			d.text(&p.domainName, "DomainName", "SmtpDomain", "The domain to prove.", required, piped, naming(acceptedDomainDomains()))
			d.text(&p.thumbprint, "Thumbprint", "String", "This certificate of the trust alone, the previous one's too.", naming(certificateThumbprints()))
			d.domainController()
		},
		run: func(ctx context.Context, e *env, p *domainProofParams) ([]render.Record, error) {
			domain, err := federation.ParseFederatedDomain(p.domainName.value)
			if err != nil {
				return nil, err
			}
			print := ""
			if p.thumbprint.value != "" {
				if print, err = thumbprint(p.thumbprint.value); err != nil {
					return nil, err
				}
			}
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			proofs, err := org.DomainProofs(ctx, domain, print)
			if err != nil {
				return nil, err
			}
			if err := e.warnOfHolds(ctx, org, domain); err != nil {
				return nil, err
			}
			var records []render.Record
			for _, proof := range proofs {
				records = append(records, render.New(
					render.Text("DomainName", proof.Domain),
					render.Text("Name", proof.Slot),
					render.Text("Thumbprint", proof.Thumbprint),
					render.Text("Proof", proof.Value),
					render.Text("DnsRecord", dns.ProofRecord(proof.Domain, proof.Value, 0)),
				))
			}
			return records, nil
		},
	}
}
