package federation

import (
	"context"
	"slices"
	"strings"
)

// DNSPlanRequest says which records are wanted.
type DNSPlanRequest struct {
	// Domains are those whose records are wanted; none: every authoritative accepted domain
	// and every federated one.
	Domains []Domain
	// AutodiscoverTarget is the host partners are led to; "": that of the endpoint's address
	// in the state file.
	AutodiscoverTarget string
	// Service asks for SRV records in place of CNAME records for Autodiscover.
	Service bool
}

// PlanDNS returns the records that must be in DNS: the proof of each domain for the current
// certificate of the trust, and for the next one while one is staged, and what leads to
// Autodiscover. Proofs of the previous certificate are listed to be removed.
func (o *Organization) PlanDNS(ctx context.Context, request DNSPlanRequest) (DNSPlan, error) {
	trust, err := o.onlyTrust(ctx)
	if err != nil {
		return DNSPlan{}, err
	}
	domains, err := o.dnsDomains(ctx, request.Domains)
	if err != nil {
		return DNSPlan{}, err
	}
	var plan DNSPlan
	for _, domain := range domains {
		proofs, err := o.plannedProofs(trust, domain)
		if err != nil {
			return DNSPlan{}, err
		}
		plan.Records = append(plan.Records, proofs...)
		if request.AutodiscoverTarget != "" {
			plan.Records = append(plan.Records, autodiscoverRecord(domain, request))
		}
	}
	if request.AutodiscoverTarget == "" {
		plan.Notes = append(plan.Notes, "no Autodiscover record is listed: the host it leads to is not known")
	}
	return plan, nil
}

// dnsDomains are the domains asked for, or all that are or can be federated.
func (o *Organization) dnsDomains(ctx context.Context, asked []Domain) ([]Domain, error) {
	if len(asked) > 0 {
		return asked, nil
	}
	var domains []Domain
	err := o.Store.View(ctx, func(tx Tx) error {
		accepted, err := tx.AcceptedDomains.All()
		if err != nil {
			return err
		}
		for _, d := range accepted {
			if d.DomainType == Authoritative && !strings.HasPrefix(d.DomainName, "*") {
				domains = append(domains, Domain(d.DomainName))
			}
		}
		id, _, err := tx.Identifier.Get()
		for _, d := range id.Domains {
			if !slices.Contains(domains, d.Domain) {
				domains = append(domains, d.Domain)
			}
		}
		return err
	})
	return domains, err
}

// plannedProofs are the proofs of a domain: those to publish, then those to remove.
func (o *Organization) plannedProofs(trust FederationTrust, domain Domain) ([]PlannedRecord, error) {
	var records []PlannedRecord
	for _, s := range []struct {
		slot       DomainProofSlot
		thumbprint string
	}{{CurrentSlot, trust.Current}, {NextSlot, trust.Next}, {PreviousSlot, trust.Previous}} {
		if s.thumbprint == "" {
			continue
		}
		proof, err := o.proof(trust, s.thumbprint, domain)
		if err != nil {
			return nil, err
		}
		records = append(records, PlannedRecord{
			DNSRecord: DNSRecord{Name: string(domain), Type: TXTRecord, Text: proof.Value},
			Domain:    domain, Purpose: ProofPurpose, Slot: s.slot, Thumbprint: s.thumbprint, Remove: s.slot == PreviousSlot,
		})
	}
	return records, nil
}

// autodiscoverRecord leads partners who look for the domain's Autodiscover to the target
// ([MS-OXDISCO] section 3.1.5.1 for the SRV record).
func autodiscoverRecord(domain Domain, request DNSPlanRequest) PlannedRecord {
	record := DNSRecord{Name: "autodiscover." + string(domain), Type: CNAMERecord, Target: request.AutodiscoverTarget}
	if request.Service {
		record = DNSRecord{Name: "_autodiscover._tcp." + string(domain), Type: SRVRecord, Target: request.AutodiscoverTarget, Port: 443}
	}
	return PlannedRecord{DNSRecord: record, Domain: domain, Purpose: AutodiscoverPurpose}
}
