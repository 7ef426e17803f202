package federation

import (
	"context"
	"sync"

	"exfed/certificate"
)

// With how many other certificates, and with how many other domains, a published proof is
// compared.
const (
	maxOtherKeys    = 20
	maxOtherDomains = 100
)

// keyInSlot is a certificate with which proofs are made.
type keyInSlot struct {
	slot       DomainProofSlot // "" of a certificate that is in none
	thumbprint string
	pair       certificate.Pair
}

// ExpectRecords adds to records what faults are told apart by: which of the organization's
// other certificates or domains a proof is of that was published in the place of the right one.
func (o *Organization) ExpectRecords(ctx context.Context, records []PlannedRecord) ([]ExpectedRecord, error) {
	trust, err := o.onlyTrust(ctx)
	if err != nil {
		return nil, err
	}
	own, err := o.Certificates(ctx)
	if err != nil {
		return nil, err
	}
	domains, err := o.dnsDomains(ctx, nil, &DNSPlan{})
	if err != nil {
		return nil, err
	}
	keys := sync.OnceValue(func() []keyInSlot { return o.keysOf(trust, own) })
	expected := make([]ExpectedRecord, len(records))
	for i, record := range records {
		expected[i].PlannedRecord = record
		if record.Purpose == ProofPurpose {
			expected[i].Others = func() []SlotProof { return otherProofs(record, keys(), domains, trust.SecurityProfile) }
		}
	}
	return expected, nil
}

// keysOf are the organization's keys, those of the trust first. What cannot be read is left
// out: it serves to explain, not to decide.
func (o *Organization) keysOf(trust FederationTrust, own []OwnCertificate) []keyInSlot {
	thumbprints := []string{trust.Current, trust.Next, trust.Previous}
	for _, c := range own {
		thumbprints = append(thumbprints, c.Thumbprint)
	}
	seen := map[string]bool{"": true}
	var keys []keyInSlot
	for _, thumbprint := range thumbprints {
		if seen[thumbprint] || len(keys) == maxOtherKeys {
			continue
		}
		seen[thumbprint] = true
		if pair, err := o.pair(thumbprint); err == nil {
			keys = append(keys, keyInSlot{trust.SlotOf(thumbprint), thumbprint, pair})
		}
	}
	return keys
}

// otherProofs are the proofs of the record's domain with every key but its own, and those of
// other domains with its own.
func otherProofs(record PlannedRecord, keys []keyInSlot, domains []Domain, profile SecurityProfile) []SlotProof {
	var others []SlotProof
	add := func(key keyInSlot, domain Domain) {
		proof, err := NewDomainProof(key.pair, domain, profile)
		if err != nil {
			return // a key that proves nothing has no proof that could be published
		}
		proof.Signature = nil
		others = append(others, SlotProof{DomainProof: proof, Slot: key.slot, Thumbprint: key.thumbprint})
	}
	for _, key := range keys {
		if key.thumbprint != record.Thumbprint {
			add(key, record.Domain)
			continue
		}
		for _, domain := range domains[:min(len(domains), maxOtherDomains)] {
			if domain != record.Domain {
				add(key, domain)
			}
		}
	}
	return others
}
