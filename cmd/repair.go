package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/dns/verify"
)

type repairParams struct {
	identity, thumbprint opt[string]
	wait                 opt[bool]
	registration         registrationParams
	dnsFormParams
}

func repairFederationTrust() spec[repairParams] {
	return spec[repairParams]{
		name:  "Repair-FederationTrust",
		short: "Makes a federation trust anew whose certificate has expired or whose key is lost",
		long: `The broker takes nothing more from such a trust, so its domains and the trust itself are removed
here and made anew with another certificate: the same name, broker, domains and settings, and
another application identifier. Partners keep their relationships; what to tell each of them
is shown at the end, as Message.

Nothing is removed before the broker has answered, a copy of the state file lies beside it, and
the proofs of the new certificate are live. They are shown as enable-federationtrust shows them:
in a script it looks once and ends with exit code 3 while one is missing, or waits with -Wait, an
hour at most unless -Timeout says otherwise. The same command, run again, goes on from wherever it
was stopped.

docs/repair.md tells each step. It asks before it begins, unless -Force or -Confirm:false is given. A trust whose certificate is
valid and has its key is left alone. If there is a backup of the key, put it back instead.`,
		view:    render.View{Kind: render.AsList, Columns: []string{"Action", "Name", "Type", "Value", "Message"}, Key: "Name"},
		changes: true,
		endless: true,
		examples: []string{
			"exfed repair-federationtrust -WhatIf",
			"exfed repair-federationtrust -Format bind -Wait -Timeout 2h",
			"exfed repair-federationtrust -Confirm:false -Output json",
		},
		declare: func(p *repairParams, d *declaration) {
			d.text(&p.identity, "Identity", "FederationTrustIdParameter", "The trust to make anew, by name or GUID.",
				at(1), piped, naming(trustNames()), defaults("the only one there is"))
			d.text(&p.thumbprint, "Thumbprint", "String", "The certificate to begin anew with.", naming(certificateThumbprints()),
				defaults("the one that is staged or made for it, or a new one like the old"))
			d.toggle(&p.wait, "Wait", "Waits until the proofs are live.")
			d.toggle(&p.registration.skipDNSCheck, "SkipDnsCheck", "Does not look for the proofs in DNS before the broker does.")
			d.toggle(&p.registration.force, "Force", "Does not ask, and goes on where the broker may lock the domains for a day.")
			d.dnsForm(&p.dnsFormParams)
		},
		target: func(p *repairParams) string { return "federation trust " + p.identity.value },
		check: func(p *repairParams) error {
			if p.wait.value && p.registration.skipDNSCheck.value {
				return &psargs.UsageError{ID: "ParameterSet", Param: "Wait", Msg: "-Wait and -SkipDnsCheck exclude each other"}
			}
			return p.checkTTL()
		},
		run: runRepair,
	}
}

// trustRepair is a repair under way.
type trustRepair struct {
	*env
	org    *federation.Organization
	p      *repairParams
	repair federation.TrustRepair
}

func runRepair(ctx context.Context, e *env, p *repairParams) ([]render.Record, error) {
	if err := e.checkDNSFormat(&p.dnsFormParams); err != nil {
		return nil, err
	}
	request := federation.RepairRequest{Name: p.identity.value, Force: p.registration.force.value}
	if p.thumbprint.value != "" {
		var err error
		if request.Thumbprint, err = thumbprint(p.thumbprint.value); err != nil {
			return nil, err
		}
	}
	org, err := e.registrar(p.registration)
	if err != nil {
		return nil, err
	}
	plan, err := org.PlanRepair(ctx, request)
	if err != nil {
		return nil, err
	}
	if plan.Held != nil {
		e.warn("going on all the same: %v", plan.Held)
	}
	r := &trustRepair{env: e, org: org, p: p}
	if e.whatIf != nil {
		return r.rehearse(ctx, plan)
	}
	release, err := org.Claim("repair")
	if err != nil {
		return nil, err
	}
	e.onClose(release)
	if plan, err = org.PlanRepair(ctx, request); err != nil { // another process may have had it
		return nil, err
	}
	if yes, err := r.mayBegin(ctx, &plan); err != nil || !yes {
		return nil, err
	}
	org.Step = e.guide
	if r.repair, err = org.BeginRepair(ctx, plan); err != nil {
		return nil, err
	}
	return r.proceed(ctx)
}

// mayBegin asks the broker, then the administrator, and keeps a copy of the state.
func (r *trustRepair) mayBegin(ctx context.Context, plan *federation.RepairPlan) (bool, error) {
	err := r.org.ExamineRepair(ctx, plan)
	if plan.Resumed {
		var healthy *federation.Error
		if errors.As(err, &healthy) && healthy.ID == "FederationTrustHealthy" {
			if failed := r.org.EndRepair(ctx); failed != nil {
				return false, failed
			}
			r.guide("the repair that was begun is given up; it had removed nothing")
		}
		return true, err
	}
	if err != nil {
		return false, err
	}
	if plan.Cause == federation.RepairKeyLost {
		r.warn("if there is a backup of the key file of certificate %s, put it back or import it (import-exchangecertificate), and nothing need be made anew", plan.OldThumbprint)
	}
	if !r.common.confirm.given && !r.p.registration.force.value {
		yes, err := r.prompter.Confirm(ctx, "The federation trust is made anew: the broker takes nothing from it any more ("+string(plan.Cause)+").", repairTarget(*plan))
		if err != nil {
			return false, fmt.Errorf("%s: %w", repairTarget(*plan), err)
		}
		if !yes {
			return false, nil
		}
	}
	path, err := r.snapshot(plan.Began)
	if err == nil {
		r.guide("the state as it was is kept in %s", path)
	}
	return true, err
}

// proceed goes on where the repair is. Proofs that are not live yet are shown first.
func (r *trustRepair) proceed(ctx context.Context) ([]render.Record, error) {
	if r.repair.Step != federation.RepairProofs || r.p.registration.skipDNSCheck.value || len(r.repair.Domains) == 0 {
		return r.finish(ctx)
	}
	plan, err := r.org.RepairRecords(ctx, r.repair)
	if err != nil {
		return nil, err
	}
	expected, err := r.org.ExpectRecords(ctx, slices.DeleteFunc(slices.Clone(plan.Records), func(p federation.PlannedRecord) bool { return p.Remove }))
	if err != nil {
		return nil, err
	}
	checker, err := r.recordChecker(nil)
	if err != nil {
		return nil, err
	}
	checker.Reach = nil // the broker does not look at hosts
	findings, err := r.lookAtRecords(ctx, checker, expected, 0)
	if err != nil {
		return nil, err
	}
	if !verify.Failed(findings) {
		r.org.Records = nil // they were looked at
		return r.finish(ctx)
	}
	r.laterShow(func(ctx context.Context) ([]render.Record, error) {
		err := r.awaitProofs(ctx, proofWait{domains: r.repair.Domains, expected: expected, wait: r.p.wait.value})
		if errors.Is(err, context.Canceled) {
			return nil, federation.Errorf(federation.Interrupted, "Interrupted", "repair of federation trust "+r.repair.TrustName,
				"interrupted before its proofs were live, and nothing was removed; the same command goes on from here")
		}
		if err != nil {
			return nil, err
		}
		r.org.Records = nil
		return r.finish(ctx)
	})
	return r.showRecords(ctx, &r.p.dnsFormParams, federation.DNSPlanRequest{Domains: r.repair.Domains}, plan)
}

// finish makes the trust anew, tests it, and shows what to tell the partners. The repair is
// forgotten when that has been shown.
func (r *trustRepair) finish(ctx context.Context) ([]render.Record, error) {
	if err := r.org.CarryOutRepair(ctx, r.repair, r.p.registration.force.value); err != nil {
		return nil, err
	}
	if r.whatIf == nil {
		if err := r.test(ctx); err != nil {
			return nil, err
		}
		r.guide("federation trust %s is made anew, and works", r.repair.TrustName)
	}
	r.later(r.org.EndRepair)
	return r.partnerNotices(ctx)
}

// test looks whether the new trust works; an organization that had federation switched off is
// left alone.
func (r *trustRepair) test(ctx context.Context) error {
	if !r.repair.Enabled || len(r.repair.Domains) == 0 {
		r.guide("the new trust is not tested: federation is switched off, as it was")
		return nil
	}
	r.guide("testing the new trust")
	r.org.Step = r.verbose
	results, err := r.org.TestTrust(ctx, federation.TrustTest{Judge: r.judgeToken})
	if err != nil {
		return err
	}
	var causes []*federation.Error
	for _, result := range results {
		if result.Type == federation.EventError {
			causes = append(causes, causeOf(result))
		}
	}
	err = newChecksFailed("FederationTrustTestFailed", "federation trust", causes)
	var failed *checksFailed
	if errors.As(err, &failed) {
		failed.next = "the trust is made anew; run the same command again, which tests it again and shows what to tell the partners"
	}
	return err
}
