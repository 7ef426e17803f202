package federation

import (
	"strings"
)

// planAnew plans a rollover that is not begun. A certificate that somebody staged is taken: it is
// the same rollover, begun by hand.
func (o *Organization) planAnew(tx Tx, plan *RolloverPlan, request RolloverRequest) error {
	trust := plan.Trust
	plan.Rollover = CertificateRollover{Trust: trust.GUID, Old: trust.Current}
	switch {
	case trust.Next == "" && request.Thumbprint == "":
		return nil
	case trust.Next == "":
		probe := trust
		if err := o.putNext(tx, &probe, request.Thumbprint, nil); err != nil {
			return err
		}
		plan.Rollover.New = probe.Next
		return nil
	case request.Thumbprint == "" || strings.EqualFold(request.Thumbprint, trust.Next):
		plan.Rollover.New = trust.Next
		plan.note("taking certificate " + trust.Next + ", which is staged already")
		return nil
	}
	return anotherStaged(trust, request.Thumbprint)
}

// planUnderWay goes on with a rollover that is begun and not published.
func (o *Organization) planUnderWay(tx Tx, plan *RolloverPlan, kept CertificateRollover, request RolloverRequest) error {
	trust := plan.Trust
	wants := request.Thumbprint
	same := wants == "" || strings.EqualFold(wants, kept.New)
	_, there, err := tx.Certificates.Get(kept.New)
	switch {
	case err != nil:
		return err
	case trust.Next != "" && !strings.EqualFold(trust.Next, kept.New):
		if !strings.EqualFold(wants, trust.Next) {
			return anotherStaged(trust, kept.New)
		}
		plan.note("the rollover to certificate " + kept.New + " is given up: " + trust.Next + " was staged in its place")
		return o.planAnew(tx, plan, request)
	case !same && trust.Next != "":
		return Errorf(Conflict, "AnotherRollover", trustObject(trust.Name),
			"a rollover to certificate %s is under way, and not to %s", kept.New, wants)
	case !same || !there && !kept.WhenStaged.IsZero():
		plan.note("the rollover to certificate " + kept.New + " is given up, as it is not staged any more")
		plan.abandon(tx, kept)
		return o.planAnew(tx, plan, request)
	}
	plan.Rollover = kept
	plan.note("going on with the rollover to certificate " + kept.New + ", begun at " + clock(kept.WhenBegun))
	if there && trust.Next == "" {
		plan.note("it was unstaged meanwhile, and is staged again")
	}
	return nil
}

// planAfterwards goes on once the certificate is published. Another rollover is begun only when
// that is meant: the same command, run once more, must not do everything again.
func (o *Organization) planAfterwards(tx Tx, plan *RolloverPlan, kept CertificateRollover, request RolloverRequest) error {
	another := request.Thumbprint != "" && !strings.EqualFold(request.Thumbprint, kept.New)
	soon := plan.Current.X509.NotAfter.Sub(o.Now()) < DefaultWarningDays*day
	needed := o.Now().Before(kept.OldReadUntil())
	staged := plan.Trust.Next != "" // by hand
	switch {
	case (another || soon || staged) && (!needed || request.Force):
		return o.planAnew(tx, plan, request)
	case another || staged:
		return Errorf(Conflict, "ReplacedCertificateNeeded", trustObject(plan.Trust.Name),
			"its certificate was replaced at %s, and there may be tokens for the replaced one, %s, until %s; another rollover would drop it",
			clock(kept.WhenPublished), kept.Old, clock(kept.OldReadUntil()))
	}
	plan.Rollover = kept
	return nil
}

func anotherStaged(trust FederationTrust, wanted string) error {
	return Errorf(Conflict, "AnotherCertificateStaged", trustObject(trust.Name),
		"certificate %s is staged as the next one, and not %s", trust.Next, wanted)
}

// abandon notes that a certificate is not made after all: its key may be there already.
func (p *RolloverPlan) abandon(tx Tx, kept CertificateRollover) {
	if _, there, err := tx.Certificates.Get(kept.New); err == nil && !there {
		p.abandoned = kept.New
	}
}
