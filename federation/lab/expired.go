package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What a lab can play.
const (
	Sharing = "sharing" // two organizations establish their trusts and share calendars
	Expired = "expired" // a federation certificate expires, and the trust is repaired
)

// Scenarios lists what a lab can play, the usual one first.
func Scenarios() []string { return []string{Sharing, Expired} }

// PlayScenario plays one of Scenarios, as Play does. In the expired one an organization has a
// certificate that somebody made years ago and that has a few weeks left: tokens flow, until the
// day comes. Then it gets none, and the broker refuses the change that would mend it. Made anew
// the trust works again, and the partner takes its tokens as before.
func (l *Lab) PlayScenario(ctx context.Context, name string) ([]Step, error) {
	if name != Expired {
		return l.Play(ctx)
	}
	var steps []Step
	all := organizations()
	contoso, fabrikam := &actor{lab: l, organization: all[0], steps: &steps}, &actor{lab: l, organization: all[1], steps: &steps}
	for _, scene := range []func(context.Context) error{
		func(ctx context.Context) error { return contoso.establishWith(ctx, contoso.certifyLongAgo) },
		fabrikam.establish,
		func(ctx context.Context) error { return contoso.works(ctx, fabrikam, "before.xml") },
		func(ctx context.Context) error {
			_, err := contoso.run(ctx, "Name", "new-organizationrelationship", "-Name", fabrikam.organization.name,
				"-DomainNames", strings.Join(fabrikam.organization.domains, ","), "-FreeBusyAccessEnabled", "true", "-FreeBusyAccessLevel", "LimitedDetails")
			return err
		},
		func(ctx context.Context) error { return contoso.expire(ctx, fabrikam) },
		contoso.repair,
		func(ctx context.Context) error { return contoso.works(ctx, fabrikam, "after.xml") },
	} {
		if err := scene(ctx); err != nil {
			return steps, err
		}
	}
	return steps, nil
}

// How long the certificate is still valid when the scene begins, and how long it takes.
const (
	daysLeft   = 20
	daysPassed = 21
	lifeYears  = 5 // of Exchange's self-signed certificates
)

// certifyLongAgo makes a certificate that has daysLeft left.
func (a *actor) certifyLongAgo(ctx context.Context) (string, error) {
	now := a.lab.options.Now()
	back := now.Sub(now.AddDate(-lifeYears, 0, daysLeft))
	a.turnClock(fmt.Sprintf("back by %d years less %d days", lifeYears, daysLeft), -back)
	thumbprint, err := a.certify(ctx)
	a.turnClock("forward to today", back)
	return thumbprint, err
}

// turnClock has time pass for everybody in the lab.
func (a *actor) turnClock(how string, by time.Duration) {
	a.lab.options.Advance(by)
	_ = a.ended("(clock) turn "+how, "it is "+a.lab.options.Now().UTC().Format(time.RFC3339), nil)
}

// works tests the trust and has the partner judge a token.
func (a *actor) works(ctx context.Context, partner *actor, file string) error {
	if _, err := a.run(ctx, "Message", "test-federationtrust"); err != nil {
		return err
	}
	return a.lab.introduce(ctx, a, partner, file)
}

// expire has the certificate's time run out: there is no token any more, and its successor is
// refused by the broker, because the one that signs the request has expired.
func (a *actor) expire(ctx context.Context, partner *actor) error {
	a.turnClock(fmt.Sprintf("forward by %d days", daysPassed), daysPassed*24*time.Hour)
	if err := a.expect(ctx, "OrganizationCertificate", "test-federationtrust"); err != nil {
		return err
	}
	if err := a.expect(ctx, "is valid from", "get-delegationtoken", "-UserIdentity", a.user("sales"), "-Target", partner.organization.domains[0], "-Offer", freeBusy); err != nil {
		return err
	}
	next, err := a.certify(ctx)
	if err != nil {
		return err
	}
	if _, err := a.run(ctx, "", "set-federationtrust", "-Identity", trustName, "-Thumbprint", next); err != nil {
		return err
	}
	return a.expect(ctx, "1007 AccessDenied", "set-federationtrust", "-Identity", trustName, "-PublishFederationCertificate", "-SkipDnsCheck")
}

// expect runs a cmdlet that is to fail, for that reason.
func (a *actor) expect(ctx context.Context, reason string, args ...string) error {
	result := a.execute(ctx, nil, append(args, "-Output", "json", "-Quiet")...)
	said := failureText(result.Stderr)
	var err error
	switch {
	case result.ExitCode == 0:
		err = errors.New("it was to fail and did not")
	case !strings.Contains(said, reason):
		err = failureOf(result)
	}
	return a.ended(commandLine(args), "as it must: "+said, err)
}

// repair makes the trust anew: the first run says which records to publish, the second does it.
func (a *actor) repair(ctx context.Context) error {
	args := []string{"repair-federationtrust", "-Confirm:false"}
	result := a.execute(ctx, nil, append(args, "-Output", "json", "-Quiet")...)
	var records []struct{ Action, Name, Value string }
	err := json.Unmarshal(result.Stdout, &records)
	if result.ExitCode == 0 || err != nil || len(records) == 0 {
		err = failureOf(result)
	}
	if err := a.ended(commandLine(args), fmt.Sprintf("%d records, and nothing is removed before they are live", len(records)), err); err != nil {
		return err
	}
	for _, r := range records {
		if r.Action != "Add" {
			continue
		}
		if err := a.ended("(name server) publish "+r.Name+" TXT "+r.Value, "the zone shows it in place of the old one",
			a.lab.names.Set(r.Name, "TXT", "v=spf1 -all", r.Value)); err != nil {
			return err
		}
	}
	_, err = a.run(ctx, "Message", args...)
	return err
}
