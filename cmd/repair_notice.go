package cmd

import (
	"context"
	"fmt"
	"strings"

	"exfed/cmd/render"
	"exfed/federation"
)

// partnerNotices are the texts for the partners, one for each organization relationship. With
// -Format, whose output is for a DNS host, they go to standard error.
func (r *trustRepair) partnerNotices(ctx context.Context) ([]render.Record, error) {
	partners, err := r.org.OrganizationRelationships(ctx)
	if err != nil {
		return nil, err
	}
	trust, err := r.org.Trust(ctx, r.repair.TrustName)
	if err != nil {
		return nil, err
	}
	var records []render.Record
	for _, partner := range partners {
		text := r.partnerNotice(trust, partner)
		if r.p.format.given && r.whatIf == nil {
			r.guide("%s\n", strings.Join(text, "\n"))
			continue
		}
		record := partnerRecord(partner, strings.Join(text, " "))
		record.Lines = text
		records = append(records, record)
	}
	return records, nil
}

func partnerRecord(partner federation.OrganizationRelationship, message string) render.Record {
	return render.New(
		render.Text("Action", "Tell"),
		render.Text("Name", partner.Name),
		render.Bool("Enabled", partner.Enabled),
		render.OptionalText("OrganizationContact", partner.OrganizationContact),
		render.Text("Message", message),
	)
}

// partnerNotice is what to send to a partner: what changed, since when, and what to run, with
// exfed and with Exchange. The partner's own relationship has a name that is not known here.
func (r *trustRepair) partnerNotice(trust federation.FederationTrust, partner federation.OrganizationRelationship) []string {
	to := "To " + partner.Name
	if partner.OrganizationContact != "" {
		to += " (" + partner.OrganizationContact + ")"
	}
	lines := []string{
		fmt.Sprintf("%s: our federation trust was made anew on %s, because %s.", to, trust.WhenCreated.UTC().Format("2006-01-02 15:04 UTC"), causeForPartners(r.repair.Cause)),
		"Until then free/busy and other sharing between us may have failed.",
	}
	if len(r.repair.Domains) == 0 {
		return lines
	}
	primary := r.repair.Domains[0]
	return append(lines,
		fmt.Sprintf("Our domains are as before (%s), and so is our application URI, %s; our application identifier at the broker and our certificate are new.",
			joinDomains(r.repair.Domains), primary.AccountNamespace()),
		"Please read what we publish again and test it; NAME is your organization relationship with us, and USER one of your own addresses.",
		fmt.Sprintf("Exchange: Get-FederationInformation -DomainName %s | Set-OrganizationRelationship -Identity NAME, then Test-OrganizationRelationship -UserIdentity USER -Identity NAME.", primary),
		fmt.Sprintf("exfed: exfed get-federationinformation -DomainName %s -Output jsonl | exfed set-organizationrelationship NAME, then exfed test-organizationrelationship -UserIdentity USER -Identity NAME.", primary),
	)
}

func causeForPartners(cause federation.RepairCause) string {
	switch cause {
	case federation.RepairExpired:
		return "its certificate had expired"
	case federation.RepairKeyLost:
		return "the key of its certificate was lost"
	}
	return "the broker did not know its certificate any more"
}
