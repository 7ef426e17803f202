package federation

import (
	"context"
	"errors"
	"slices"
	"strings"

	"exfed/certificate"
)

// ProofsNotLive is the error of an operation that the broker was not asked for because
// it would not find the proofs of these domains. It unwraps to an *Error of kind Refused, or
// Unavailable where no name server could be asked.
type ProofsNotLive struct {
	Summary *Error
	// Findings are those of type Error, for all domains.
	Findings []DNSFinding
}

func (p *ProofsNotLive) Error() string { return p.Summary.Error() }

// Unwrap returns the summary.
func (p *ProofsNotLive) Unwrap() error { return p.Summary }

// checkProofs looks in DNS for what the broker will look for.
func (o *Organization) checkProofs(ctx context.Context, r registration) error {
	if o.Records == nil {
		o.Step("no proof is looked for in DNS before the broker is asked")
		return nil
	}
	if len(r.domains) == 0 {
		return nil
	}
	expected, err := o.expectedProofs(ctx, r)
	if err != nil {
		return err
	}
	o.Step("looking in DNS for the proof of %s", domainsObject(r.domains))
	findings, err := o.Records.CheckRecords(ctx, expected)
	switch {
	case errors.Is(err, context.Canceled), IsKind(err, Invalid):
		return err
	case err != nil:
		return &ProofsNotLive{Summary: notChecked(r.domains, err)}
	}
	return o.judgeFindings(r, findings)
}

func notChecked(domains []Domain, err error) *Error {
	return &Error{Kind: Unavailable, ID: "ProofNotChecked", Object: domainsObject(domains),
		Reason: "its proof could not be looked for in DNS", Err: err}
}

// judgeFindings passes warnings on and turns faults into an error. A fault that is known
// counts for more than a question that found no answer.
func (o *Organization) judgeFindings(r registration, findings []DNSFinding) error {
	var faults, silences []DNSFinding
	for _, f := range findings {
		switch {
		case f.Type == EventWarning:
			o.Warn("domain %s: %s", f.Domain, oneLine(f.Message))
		case f.Type == EventError && f.Cause == NoNameServerCause:
			silences = append(silences, f)
		case f.Type == EventError:
			faults = append(faults, f)
		}
	}
	switch {
	case len(faults) > 0:
		return &ProofsNotLive{proofNotInDNS(r, faults), append(faults, silences...)}
	case len(silences) > 0:
		return &ProofsNotLive{notChecked(domainsOf(silences), nil), silences}
	}
	return nil
}

// proofNotInDNS sums up the faults. Its ID is the cause all of them have in common.
func proofNotInDNS(r registration, faults []DNSFinding) *Error {
	id := faults[0].Cause
	for _, f := range faults {
		if f.Cause != id {
			id = ProofAbsentCause
		}
	}
	if id == ProofAbsentCause || id == "" {
		id = "ProofNotInDns"
	}
	return Errorf(Refused, id, domainsObject(domainsOf(faults)),
		"the broker was not asked: name servers do not show the proof of certificate %s as it must be", r.thumbprint)
}

func domainsOf(findings []DNSFinding) []Domain {
	var domains []Domain
	for _, f := range findings {
		if !slices.Contains(domains, f.Domain) {
			domains = append(domains, f.Domain)
		}
	}
	return domains
}

// oneLine puts a text that may quote what came from outside into one line of bounded length.
func oneLine(text string) string {
	const most = 500
	text = strings.Join(strings.Fields(text), " ")
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}

// maxOtherProofs is with how many other certificates a published proof is compared.
const maxOtherProofs = 20

// keyInSlot is a certificate with which proofs are made.
type keyInSlot struct {
	pair       certificate.Pair
	slot       DomainProofSlot // "" of a certificate that is in none
	thumbprint string
}

// expectedProofs are the records the broker will look for, each with the domain's proofs
// made with other certificates: one of them may have been published in its place.
func (o *Organization) expectedProofs(ctx context.Context, r registration) ([]ExpectedRecord, error) {
	own, err := o.pair(r.thumbprint)
	if err != nil {
		return nil, err
	}
	others, err := o.otherKeys(ctx, r)
	if err != nil {
		return nil, err
	}
	var expected []ExpectedRecord
	for _, domain := range r.domains {
		proof, err := NewDomainProof(own, domain, r.trust.SecurityProfile)
		if err != nil {
			return nil, err
		}
		record := ExpectedRecord{PlannedRecord: PlannedRecord{
			DNSRecord: DNSRecord{Name: string(domain), Type: TXTRecord, Text: proof.Value},
			Domain:    domain, Purpose: ProofPurpose, Slot: slotOf(r.trust, r.thumbprint), Thumbprint: r.thumbprint,
		}}
		for _, other := range others {
			proof, err := NewDomainProof(other.pair, domain, r.trust.SecurityProfile)
			if err != nil {
				continue // it proves nothing, so nobody has published it
			}
			proof.Signature = nil
			record.Others = append(record.Others, SlotProof{DomainProof: proof, Slot: other.slot, Thumbprint: other.thumbprint})
		}
		expected = append(expected, record)
	}
	return expected, nil
}

// otherKeys are the organization's other certificates, those of the trust first. Keys that
// cannot be read are left out: they serve to explain, not to decide.
func (o *Organization) otherKeys(ctx context.Context, r registration) ([]keyInSlot, error) {
	thumbprints := []string{r.trust.Current, r.trust.Next, r.trust.Previous}
	err := o.Store.View(ctx, func(tx Tx) error {
		all, err := tx.Certificates.All()
		for _, c := range all {
			thumbprints = append(thumbprints, c.Thumbprint)
		}
		return err
	})
	seen := map[string]bool{"": true, r.thumbprint: true}
	var keys []keyInSlot
	for _, thumbprint := range thumbprints {
		if seen[thumbprint] || len(keys) == maxOtherProofs {
			continue
		}
		seen[thumbprint] = true
		if pair, err := o.pair(thumbprint); err == nil {
			keys = append(keys, keyInSlot{pair, slotOf(r.trust, thumbprint), thumbprint})
		}
	}
	return keys, err
}

// slotOf is where the trust keeps the certificate, "" if it does not.
func slotOf(trust FederationTrust, thumbprint string) DomainProofSlot {
	switch thumbprint {
	case trust.Current:
		return CurrentSlot
	case trust.Next:
		return NextSlot
	case trust.Previous:
		return PreviousSlot
	}
	return ""
}
