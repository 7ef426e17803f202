package cmd

import (
	"context"
	"errors"
	"time"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

type rolloverParams struct {
	identity, thumbprint, user opt[string]
	wait                       opt[bool]
	registration               registrationParams
	dnsFormParams
}

func updateFederationCertificate() spec[rolloverParams] {
	return spec[rolloverParams]{
		name:  "Update-FederationCertificate",
		short: "The guided rollover: a new certificate, its proofs in DNS, published and tested",
		long: `Replaces the certificate of the federation trust before it expires. It makes a certificate like
the current one, or takes that of -Thumbprint, stages it as the next one and writes the TXT
records to publish to standard output, with -Format in the form of the DNS host. The present
records must stay beside the new ones for now. Once every name server shows the new proofs, the
broker is given the certificate and the trust is tested.

On a terminal it asks whether to wait for the records. In a script it looks once, and ends with
exit code 3 while a proof is missing, or waits for them with -Wait, an hour at most unless
-Timeout says otherwise. Nothing is published while a proof is missing. Each step is written
down; the same command, run again, goes on where the last one stopped, whatever stopped it.

The replaced certificate stays in the trust as the previous one, so that tokens that partners got
before can be read. For 72 hours the broker takes requests with it; after that the same command
lists its TXT records to remove. Run again it changes nothing until 60 days before the end of the
certificate, unless -Thumbprint asks for another one. That would drop the replaced one: without
-Force it is refused for 16 days, until the tokens of sharing invitations have run out.

-WhatIf shows the timetable. A certificate that has expired already cannot be replaced:
repair-federationtrust begins anew.`,
		view:    render.View{Kind: render.AsList, Columns: []string{"Action", "Name", "Type", "Value"}, Key: "Name"},
		changes: true,
		endless: true,
		examples: []string{
			"exfed update-federationcertificate",
			"exfed update-federationcertificate -Format nsupdate -Wait -Timeout 4h",
			"exfed update-federationcertificate -Thumbprint AC00F35CBA8359953F4126E0984B5CCAFA2F4F17 -WhatIf",
		},
		declare: declareRollover,
		target: func(p *rolloverParams) string {
			if p.identity.value == "" {
				return "the certificate of the federation trust"
			}
			return "the certificate of federation trust " + p.identity.value
		},
		check: func(p *rolloverParams) error {
			if p.wait.value && p.registration.skipDNSCheck.value {
				return &psargs.UsageError{ID: "ParameterSet", Param: "Wait", Msg: "-Wait and -SkipDnsCheck exclude each other"}
			}
			return p.checkTTL()
		},
		run: runRollover,
	}
}

func declareRollover(p *rolloverParams, d *declaration) {
	d.text(&p.identity, "Identity", "FederationTrustIdParameter", "The trust, by name or GUID.", at(1), naming(trustNames()), defaults("the only one"))
	d.text(&p.thumbprint, "Thumbprint", "String", "The certificate that becomes the organization's.", naming(certificateThumbprints()),
		defaults("the one that is staged, or a new one like the current one"))
	d.toggle(&p.wait, "Wait", "Waits until the proofs are live.")
	d.toggle(&p.registration.skipDNSCheck, "SkipDnsCheck", "Does not look for the proofs in DNS before the broker does.")
	d.toggle(&p.registration.force, "Force", "Takes another certificate although there may be tokens for the one replaced last, and asks the broker also for a domain that it refused too often within 24 hours, or says is locked.")
	d.text(&p.user, "UserIdentity", "RecipientIdParameter", "The user to test the trust as, an address in a federated domain.",
		defaults("federation-test in the default or primary domain"))
	d.dnsFormat(&p.dnsFormParams)
	d.zoneNames(&p.dnsFormParams)
}

func runRollover(ctx context.Context, e *env, p *rolloverParams) ([]render.Record, error) {
	if err := e.checkDNSFormat(&p.dnsFormParams); err != nil {
		return nil, err
	}
	wanted, err := p.request()
	if err != nil {
		return nil, err
	}
	request := federation.RolloverRequest{Trust: p.identity.value, Force: p.registration.force.value}
	if p.thumbprint.value != "" {
		if request.Thumbprint, err = thumbprint(p.thumbprint.value); err != nil {
			return nil, err
		}
	}
	org, err := e.registrar(p.registration)
	if err != nil {
		return nil, err
	}
	if e.whatIf != nil {
		return p.rehearse(ctx, e, org, request)
	}
	org.Step = e.guide
	if _, err := org.PlanRollover(ctx, request); err != nil {
		return nil, err // before a file is made to claim it
	}
	release, err := org.Claim("rollover")
	if err != nil {
		return nil, err
	}
	e.onClose(release)
	plan, err := org.PrepareRollover(ctx, request)
	if err != nil {
		return nil, err
	}
	if plan.Rollover.Published() {
		return p.afterwards(ctx, e, org, plan, wanted)
	}
	return p.propose(ctx, e, org, plan, wanted)
}

// rehearse tells the timetable, and what all steps would do if nothing had to be waited for.
func (p *rolloverParams) rehearse(ctx context.Context, e *env, org *federation.Organization, request federation.RolloverRequest) ([]render.Record, error) {
	plan, err := org.PlanRollover(ctx, request)
	if err != nil {
		return nil, err
	}
	for _, step := range plan.Timetable(e.process.Now(), time.Duration(p.ttl.value)*time.Second) {
		e.whatIf.steps = append(e.whatIf.steps, step.Line()+".")
	}
	if plan, err = org.PrepareRollover(ctx, request); err != nil {
		return nil, err
	}
	records, err := org.RolloverRecords(ctx, plan)
	if err != nil {
		return nil, err
	}
	_, err = org.PublishRollover(ctx, plan, request.Force)
	return p.listedRecords(records), err
}

// propose shows the records to publish; what comes after them is done later.
func (p *rolloverParams) propose(ctx context.Context, e *env, org *federation.Organization, plan federation.RolloverPlan, wanted federation.DNSPlanRequest) ([]render.Record, error) {
	for _, domain := range plan.Domains {
		if err := e.warnOfHolds(ctx, org, domain); err != nil {
			return nil, err
		}
	}
	records, err := org.RolloverRecords(ctx, plan)
	if err != nil {
		return nil, err
	}
	e.later(func(ctx context.Context) error { return p.publish(ctx, e, org, plan) })
	return e.showRecords(ctx, &p.dnsFormParams, wanted, records)
}

// publish goes on once the records have been shown: when the proofs are live.
func (p *rolloverParams) publish(ctx context.Context, e *env, org *federation.Organization, plan federation.RolloverPlan) error {
	if len(plan.Domains) > 0 && !p.registration.skipDNSCheck.value {
		expected, err := org.RolloverProofs(ctx, plan)
		if err != nil {
			return err
		}
		if err := e.awaitProofs(ctx, proofWait{domains: plan.Domains, expected: expected, wait: p.wait.value}); errors.Is(err, context.Canceled) {
			return federation.Errorf(federation.Interrupted, "Interrupted", "rollover to certificate "+plan.Rollover.New,
				"interrupted before its proofs were live; the same command goes on from here")
		} else if err != nil {
			return err
		}
		if err := org.RolloverProven(ctx, plan); err != nil {
			return err
		}
	}
	org.Records = nil // they were looked at
	done, err := org.PublishRollover(ctx, plan, p.registration.force.value)
	if err != nil {
		return err
	}
	plan.Rollover = done
	e.guide("certificate %s is published and the current one", done.New)
	return p.test(ctx, e, org, plan)
}

// test tests the trust with its new certificate. What fails is told, and nothing is taken back:
// the broker knows the organization by the new certificate.
func (p *rolloverParams) test(ctx context.Context, e *env, org *federation.Organization, plan federation.RolloverPlan) error {
	org.Step = e.verbose
	results, err := e.testTrust(ctx, org, p.user.value)
	var failed *checksFailed
	if errors.As(err, &failed) {
		for _, result := range results {
			if result.Type == federation.EventError {
				e.warn("%s: %s", result.ID, result.Message)
			}
		}
		failed.next = "the new certificate stays published: run the same command again to test again"
	}
	if err != nil {
		return err
	}
	if err := org.RolloverTested(ctx, plan); err != nil {
		return err
	}
	e.guide("the federation trust has passed its test")
	p.sayUntil(e, plan)
	return nil
}

func (p *rolloverParams) sayUntil(e *env, plan federation.RolloverPlan) {
	until := plan.Rollover.OldAskedUntil().UTC().Format(time.RFC3339)
	e.guide("certificate %s stays as the previous one, for tokens that partners got before; run this command again after %s to see which TXT records can be removed", plan.Rollover.Old, until)
}

// afterwards is for a rollover that is published: what is left of it, or what can be removed.
func (p *rolloverParams) afterwards(ctx context.Context, e *env, org *federation.Organization, plan federation.RolloverPlan, wanted federation.DNSPlanRequest) ([]render.Record, error) {
	r := plan.Rollover
	e.guide("certificate %s was published at %s", r.New, r.WhenPublished.UTC().Format(time.RFC3339))
	if r.WhenTested.IsZero() {
		e.later(func(ctx context.Context) error { return p.test(ctx, e, org, plan) })
		return nil, nil
	}
	if e.process.Now().Before(r.OldAskedUntil()) {
		p.sayUntil(e, plan)
		return nil, nil
	}
	e.guide("certificate %s stays in the trust as the previous one; the broker gives out no token for a request with it any more, and its TXT records can be removed", r.Old)
	stale, err := org.StaleRecords(ctx, plan)
	if err != nil {
		return nil, err
	}
	return e.showRecords(ctx, &p.dnsFormParams, wanted, stale)
}
