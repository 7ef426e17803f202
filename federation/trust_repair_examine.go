package federation

import (
	"context"
	"strings"

	"exfed/certificate"
)

// ExamineRepair asks the broker whether the trust must be repaired, before anything is
// destroyed. It is refused where the broker still takes what is signed with the certificate, does
// not answer, or has another time than this machine, whose clock alone would make a certificate
// look expired. A repair that has given the trust up already has nothing to ask about.
func (o *Organization) ExamineRepair(ctx context.Context, plan *RepairPlan) error {
	if plan.Step != RepairProofs {
		return nil
	}
	broker, err := o.Broker(ctx, plan.Trust)
	if err != nil {
		return err
	}
	o.Step("asking the broker whether it still takes what is signed with certificate %s", plan.OldThumbprint)
	issuer, err := broker.Metadata(ctx)
	if err != nil {
		return err
	}
	if known := plan.Trust.Issuer.URI; known != "" && issuer.URI != known {
		return Errorf(Conflict, "TokenIssuerAnother", trustObject(plan.TrustName), "is with %s, and this is the metadata of %s", known, issuer.URI)
	}
	if plan.ApplicationIdentifier == "" || len(plan.Domains) == 0 {
		return plan.mustBe(nil)
	}
	pair, err := o.probePair(*plan)
	if err != nil {
		return err
	}
	_, err = broker.DomainInfo(ctx, pair, plan.ApplicationIdentifier, string(plan.Domains[0]))
	switch {
	case err == nil, isGone(err):
		return plan.Healthy("the broker takes what is signed with its certificate")
	case !strings.EqualFold(idOf(err), "AccessDenied"):
		return err
	}
	if plan.Cause == "" {
		plan.Cause = RepairUnknown
	}
	return plan.mustBe(o.tooSoonUnlessHeld(ctx, *plan))
}

// probePair is what the broker is asked with: the trust's own certificate, or one that nobody
// knows, since the answer to it tells a wrong clock as well.
func (o *Organization) probePair(plan RepairPlan) (certificate.Pair, error) {
	if pair, err := o.pair(plan.OldThumbprint); err == nil {
		return pair, nil
	}
	pair, err := certificate.NewSelfSigned(certificate.Request{DNSNames: []string{string(plan.Domains[0])}}, o.Rand, o.Now())
	return pair, FromCertificate(err)
}

// tooSoonUnlessHeld looks again once a cause is known, unless Force went past it already.
func (o *Organization) tooSoonUnlessHeld(ctx context.Context, plan RepairPlan) error {
	if plan.Cause != RepairUnknown || plan.Resumed || plan.Force {
		return nil
	}
	return o.Store.View(ctx, func(tx Tx) error { return o.tooSoon(tx, plan) })
}

// mustBe is err, or the refusal to repair what is in order.
func (p RepairPlan) mustBe(err error) error {
	if err == nil && p.Cause == "" {
		return p.Healthy("its certificate is valid and has its key")
	}
	return err
}

// Healthy is the refusal to repair a trust whose certificate can be replaced in another way.
func (p RepairPlan) Healthy(reason string) error {
	return Errorf(Conflict, "FederationTrustHealthy", trustObject(p.TrustName), "need not be made anew: %s", reason)
}
