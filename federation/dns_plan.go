package federation

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// DNSPlanRequest says which records are wanted.
type DNSPlanRequest struct {
	// Domains are those whose records are wanted; none: every authoritative accepted domain
	// and every federated one.
	Domains []Domain
	// AutodiscoverTarget is the host partners are led to, as ParseAutodiscoverTarget returns
	// it; "": that of the endpoint's address in the state file.
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
	var plan DNSPlan
	domains, err := o.dnsDomains(ctx, request.Domains, &plan)
	if err != nil {
		return DNSPlan{}, err
	}
	proofs, err := o.plannedProofs(ctx, trust, domains, &plan)
	if err != nil {
		return DNSPlan{}, err
	}
	autodiscover, err := o.planAutodiscover(ctx, domains, request, &plan)
	if err != nil {
		return DNSPlan{}, err
	}
	for i, domain := range domains {
		plan.Records = append(plan.Records, proofs[i]...)
		if record, ok := autodiscover.record(domain, &plan); ok {
			plan.Records = append(plan.Records, record)
		}
	}
	return plan, nil
}

// dnsDomains are the domains asked for, each once, or all that are or can be federated. The
// account namespace, which needs nothing in DNS, is none of them.
func (o *Organization) dnsDomains(ctx context.Context, asked []Domain, plan *DNSPlan) ([]Domain, error) {
	var own []Domain
	seen := map[Domain]bool{}
	add := func(domain Domain) {
		if !seen[domain] && PrimaryDomain(string(domain)) == "" {
			own = append(own, domain)
		}
		seen[domain] = true
	}
	err := o.Store.View(ctx, func(tx Tx) error {
		accepted, err := tx.AcceptedDomains.All()
		if err != nil {
			return err
		}
		for _, d := range accepted {
			if d.DomainType == Authoritative && !strings.HasPrefix(d.DomainName, "*") {
				add(Domain(d.DomainName))
			}
		}
		id, _, err := tx.Identifier.Get()
		for _, d := range id.Domains {
			add(d.Domain)
		}
		return err
	})
	if err != nil || len(asked) == 0 {
		return own, err
	}
	var domains []Domain
	for _, domain := range asked {
		if slices.Contains(domains, domain) {
			continue
		}
		domains = append(domains, domain)
		if !seen[domain] {
			plan.note("%s is no authoritative accepted domain; it must be one before it can be federated", domain)
		}
	}
	return domains, nil
}

// slotKeys reads the key of each certificate in the trust, the current one first. That the
// previous one's is lost is only noted: nothing but the removal of its proofs needs it.
func (o *Organization) slotKeys(trust FederationTrust, plan *DNSPlan) ([]keyInSlot, error) {
	var keys []keyInSlot
	for _, key := range []keyInSlot{{slot: CurrentSlot, thumbprint: trust.Current}, {slot: NextSlot, thumbprint: trust.Next}, {slot: PreviousSlot, thumbprint: trust.Previous}} {
		if key.thumbprint == "" {
			continue
		}
		var err error
		if key.pair, err = o.pair(key.thumbprint); err != nil {
			if key.slot != PreviousSlot {
				return nil, err
			}
			plan.note("the proofs of the previous certificate, which can be removed, are not listed: %v", err)
			continue
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// plannedProofs are the proofs of each domain: those to publish, then those to remove. Every
// proof is an RSA signature, so that thousands of them want all processors.
func (o *Organization) plannedProofs(ctx context.Context, trust FederationTrust, domains []Domain, plan *DNSPlan) ([][]PlannedRecord, error) {
	keys, err := o.slotKeys(trust, plan)
	if err != nil {
		return nil, err
	}
	proofs, errs := make([][]PlannedRecord, len(domains)), make([]error, len(domains))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(domains)) {
		workers.Go(func() {
			for i := range next {
				proofs[i], errs[i] = proofsOf(domains[i], keys, trust.SecurityProfile)
			}
		})
	}
	for i, domain := range domains {
		if len(domain) > MaxFederatedDomain {
			plan.note("%s has %d characters, at most %d can be federated: no proof of it is listed", domain, len(domain), MaxFederatedDomain)
		} else if ctx.Err() == nil {
			next <- i
		}
	}
	close(next)
	workers.Wait()
	for _, err := range append(errs, ctx.Err()) {
		if err != nil {
			return nil, err
		}
	}
	return proofs, nil
}

// proofsOf makes the proofs of one domain.
func proofsOf(domain Domain, keys []keyInSlot, profile SecurityProfile) ([]PlannedRecord, error) {
	var records []PlannedRecord
	for _, key := range keys {
		proof, err := NewDomainProof(key.pair, domain, profile)
		if err != nil {
			return nil, err
		}
		records = append(records, PlannedRecord{
			DNSRecord: DNSRecord{Name: string(domain), Type: TXTRecord, Text: proof.Value},
			Domain:    domain, Purpose: ProofPurpose, Slot: key.slot, Thumbprint: key.thumbprint, Remove: key.slot == PreviousSlot,
		})
	}
	return records, nil
}
