package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// rollOver has an organization replace its certificate while a partner goes on as before: he gets
// tokens for it and sees its calendars before, while both proofs are published, and after. Also
// the token that he got before is read after.
func (l *Lab) rollOver(ctx context.Context, owner, partner *actor) error {
	before, after := partner.path("token-before.xml"), partner.path("token-after.xml")
	if err := partner.obtain(ctx, owner, before); err != nil {
		return err
	}
	proofs, err := owner.stageCertificate(ctx)
	if err != nil {
		return err
	}
	for _, d := range owner.organization.domains {
		values := append([]string{"v=spf1 -all"}, proofs[d]...)
		if err := owner.ended("(name server) publish the next proof of "+d, "the zone shows it beside the current one", l.names.Set(d, "TXT", values...)); err != nil {
			return err
		}
	}
	for _, step := range []func() error{
		func() error { return partner.see(ctx, owner, "DetailedMerged", subject+", "+location) },
		func() error { _, err := owner.run(ctx, "", rollover()...); return err },
		func() error { return partner.see(ctx, owner, "DetailedMerged", subject+", "+location) },
		func() error { return partner.obtain(ctx, owner, after) },
		func() error { return owner.judge(ctx, before) },
		func() error { return owner.judge(ctx, after) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// rollover is the cmdlet, which goes on where it stopped.
func rollover() []string { return []string{"update-federationcertificate", "-Identity", trustName} }

// proofsMissing is the exit code of a rollover that waits for records to be published.
const proofsMissing = 3

// stageCertificate begins the rollover, which ends where people publish records, and returns the
// proofs of each domain, the current one first.
func (a *actor) stageCertificate(ctx context.Context) (map[string][]string, error) {
	result := a.execute(ctx, nil, append(rollover(), "-Output", "json", "-Quiet")...)
	proofs := map[string][]string{}
	var records []struct{ DomainName, Value string }
	var err error
	switch {
	case result.ExitCode == 0:
		err = errors.New("it did not wait for its proofs")
	case result.ExitCode != proofsMissing:
		err = failureOf(result)
	default:
		err = json.Unmarshal(result.Stdout, &records)
	}
	for _, r := range records {
		proofs[r.DomainName] = append(proofs[r.DomainName], r.Value)
	}
	for _, d := range a.organization.domains {
		if err == nil && len(proofs[d]) != 2 {
			err = fmt.Errorf("%d proofs of %s, not the current and the next one", len(proofs[d]), d)
		}
	}
	return proofs, a.ended(commandLine(rollover()), "a new certificate is staged, and waits for its proofs in DNS", err)
}

// obtain gets a token for another organization into a file.
func (a *actor) obtain(ctx context.Context, target *actor, path string) error {
	_, err := a.run(ctx, "Audience", "get-delegationtoken", "-UserIdentity", a.user("sales"), "-Target", target.organization.domains[0], "-Offer", freeBusy, "-Path", path)
	return err
}

// judge has the organization open a token that it was presented.
func (a *actor) judge(ctx context.Context, path string) error {
	_, err := a.run(ctx, "EmailAddress", "test-delegationtoken", "-Path", path, "-Offer", freeBusy)
	return err
}
