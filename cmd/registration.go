package cmd

import (
	"context"
	"errors"

	"exfed/federation"
)

// registrationParams are those of cmdlets that have a broker look for proofs.
type registrationParams struct{ skipDNSCheck, force opt[bool] }

func (d *declaration) registration(p *registrationParams) {
	d.toggle(&p.skipDNSCheck, "SkipDnsCheck", "Does not look for the proof in DNS before the broker does.")
	d.toggle(&p.force, "Force", "Asks the broker also for a domain that it refused too often within 24 hours, or says is locked.")
}

// registrar is the organization, with the check of DNS that was asked for.
func (e *env) registrar(p registrationParams) (*federation.Organization, error) {
	org, err := e.organization()
	switch {
	case err != nil || !p.skipDNSCheck.value:
		return org, err
	case e.whatIf != nil:
		org.Records = rehearsedRecords{e.whatIf, true}
	default:
		org.Records = nil
	}
	return org, nil
}

// proofChecker looks for proofs where test-federateddnsrecord does. It is put together when
// it is asked, for most cmdlets never ask.
type proofChecker struct{ *env }

func (c proofChecker) CheckRecords(ctx context.Context, expected []federation.ExpectedRecord) ([]federation.DNSFinding, error) {
	checker, err := c.recordChecker(nil)
	if err != nil {
		return nil, err
	}
	findings, err := checker.CheckRecords(ctx, expected)
	if federation.IsKind(err, federation.Invalid) { // nobody is known to ask; here that is no fault of the command line
		err = errors.New(err.Error())
	}
	return findings, err
}

// warnOfHolds says which domains the broker refused within the last 24 hours: all of them, or
// the one that is named.
func (e *env) warnOfHolds(ctx context.Context, org *federation.Organization, only federation.Domain) error {
	holds, err := org.RegistrationHolds(ctx)
	for _, hold := range holds {
		if only == "" || only == hold.Domain {
			e.warn("%s", hold.Warning())
		}
	}
	return err
}
