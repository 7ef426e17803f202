package federation

import (
	"context"
	"errors"
	"slices"
	"strings"
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
	if o.Records == nil || len(r.domains) == 0 {
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

// expectedProofs are the records the broker will look for.
func (o *Organization) expectedProofs(ctx context.Context, r registration) ([]ExpectedRecord, error) {
	pair, err := o.pair(r.thumbprint)
	if err != nil {
		return nil, err
	}
	key := keyInSlot{slot: r.trust.SlotOf(r.thumbprint), thumbprint: r.thumbprint, pair: pair}
	var records []PlannedRecord
	for _, domain := range r.domains {
		proofs, err := proofsOf(domain, []keyInSlot{key}, r.trust.SecurityProfile)
		if err != nil {
			return nil, err
		}
		records = append(records, proofs...)
	}
	return o.ExpectRecords(ctx, records)
}
