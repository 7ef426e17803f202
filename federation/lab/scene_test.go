package lab_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/dns"
	"exfed/federation/lab"
)

// calls is how many cmdlets the scene runs, whole how many steps it has.
const (
	calls = 88
	whole = 100
)

// play starts a lab, has the scene played and stops it. What Report was told is what Play
// returned, and the steps are numbered.
func play(t *testing.T, s *shell, change ...func(*lab.Options)) (steps []lab.Step, err error) {
	t.Helper()
	traced(t, func(ctx context.Context) {
		var reported []lab.Step
		var l *lab.Lab
		change = append([]func(*lab.Options){func(o *lab.Options) {
			o.Run, o.Report = s.run, func(step lab.Step) { reported = append(reported, step) }
			o.Endpoint, o.Fetch = s.endpoint, s.fetch
		}}, change...)
		if l, err = startLab(ctx, t, change...); err != nil {
			t.Fatal(err)
		}
		where := addresses(t, l)
		steps, err = l.Play(ctx)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		wantListening(t, where, false)
		if diff := cmp.Diff(reported, steps); diff != "" {
			t.Errorf("what was reported, and what Play returned:\n%s", diff)
		}
		for i, step := range steps {
			if step.Number != i+1 {
				t.Errorf("step %d has the number %d", i+1, step.Number)
			}
		}
	})
	return steps, err
}

// wantFailed checks that the last step failed, for that reason, and no other did.
func wantFailed(t *testing.T, steps []lab.Step, err error, reason string) {
	t.Helper()
	failed := slices.IndexFunc(steps, func(s lab.Step) bool { return s.Outcome != lab.Success })
	if len(steps) == 0 || failed != len(steps)-1 {
		t.Fatalf("step %d of %d is the first that failed: %v", failed+1, len(steps), err)
	}
	last := steps[failed]
	if err == nil || last.Outcome != lab.Failure || last.Detail != err.Error() || !strings.Contains(last.Detail, reason) {
		t.Errorf("the last step is %+v, the error %v, want %q", last, err, reason)
	}
}

// establishing are the cmdlets with which an organization with so many domains establishes its
// trust, and sharing those with which it publishes its calendars.
func establishing(domains int) []string {
	return slices.Concat(slices.Repeat([]string{"new-accepteddomain"}, domains),
		[]string{"new-exchangecertificate", "new-federationtrust"},
		slices.Repeat([]string{"get-federateddomainproof"}, 2*domains),
		[]string{"set-federationtrust", "set-federatedorganizationidentifier"},
		slices.Repeat([]string{"add-federateddomain"}, domains-1),
		[]string{"get-federatedorganizationidentifier"})
}

func sharing() []string { return slices.Repeat([]string{"new-mailbox", "set-calendarsource"}, 3) }

// TestScene plays the whole scene: every organization works on its own state file, and its
// proofs stand in DNS.
func TestScene(t *testing.T) {
	t.Parallel()
	s, dir := &shell{}, filepath.Join(t.TempDir(), "lab")
	l, err := startLab(t.Context(), t, func(o *lab.Options) { o.Dir, o.Run, o.Endpoint, o.Fetch = dir, s.run, s.endpoint, s.fetch })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	steps, err := l.Play(t.Context())
	if err != nil || len(s.commands) != calls || len(steps) != whole {
		t.Fatalf("%d cmdlets, %d steps, %v", len(s.commands), len(steps), err)
	}
	var want, got []string
	has := func(organization string, cmdlets ...string) {
		for _, cmdlet := range cmdlets {
			want = append(want, filepath.Join(dir, organization, "exfed.yaml")+" "+cmdlet)
		}
	}
	has("contoso", establishing(3)...)
	has("fabrikam", establishing(3)...)
	has("adatum", establishing(1)...)
	for _, organization := range []string{"contoso", "fabrikam", "adatum"} {
		has(organization, "test-federationtrust")
	}
	has("contoso", "get-delegationtoken")
	has("fabrikam", "test-delegationtoken")
	has("contoso", sharing()...)
	has("fabrikam", sharing()...)
	relating := []string{"get-federationinformation", "new-organizationrelationship"}
	has("contoso", relating...)
	has("fabrikam", relating...)
	has("contoso", "test-organizationrelationship")
	has("fabrikam", "test-organizationrelationship")
	has("contoso", "get-useravailability")
	has("fabrikam", "set-organizationrelationship")
	has("contoso", "get-useravailability")
	has("fabrikam", "set-organizationrelationship")
	has("contoso", "get-useravailability")
	has("fabrikam", "set-organizationrelationship")
	has("adatum", append(relating, "get-useravailability")...)
	has("contoso", "new-sharingpolicy", "new-sharingpolicy", "set-mailbox", "test-sharingpolicy", "test-sharingpolicy",
		"set-mailboxcalendarfolder", "get-mailboxcalendarfolder", "get-mailboxcalendarfolder")
	has("contoso", "get-delegationtoken")
	has("fabrikam", "update-federationcertificate")
	has("contoso", "get-useravailability")
	has("fabrikam", "update-federationcertificate")
	has("contoso", "get-useravailability", "get-delegationtoken")
	has("fabrikam", "test-delegationtoken", "test-delegationtoken")
	for i, config := range s.configs {
		got = append(got, config+" "+strings.Fields(s.commands[i])[0])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what ran on which state (-want +got):\n%s", diff)
	}
	resolver := &dns.Resolver{Servers: []string{l.Environment()["EXFED_DNS_SERVER"]}}
	for _, domain := range []string{"contoso.com", "contoso.co.uk", "contoso.ca", "fabrikam.com", "fabrikam.org", "fabrikam.net", "adatum.com"} {
		texts, err := resolver.LookupTXT(t.Context(), domain)
		slices.Sort(texts)
		shown := []string{"proof of " + domain, "v=spf1 -all"}
		if strings.HasPrefix(domain, "fabrikam.") { // which has rolled over
			shown = append([]string{"next proof of " + domain}, shown...)
		}
		if diff := cmp.Diff(shown, texts); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", domain, err, diff)
		}
	}
}

// TestEachCmdletFails has each cmdlet of the scene fail. The step it is in says so, and what
// the cmdlet said; nothing is run after it, and nothing is left.
func TestEachCmdletFails(t *testing.T) {
	t.Parallel()
	ran := 0
	defer func() {
		if ran != calls {
			t.Errorf("%d cmdlets failed", ran)
		}
	}()
	right := &shell{}
	if _, err := play(t, right); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= calls; n++ {
		reason := fmt.Sprintf("reason %d", n)
		s := &shell{instead: func(_ context.Context, number int) *lab.Result {
			if number != n {
				return nil
			}
			return &lab.Result{ExitCode: 4, Stderr: []byte(`{"error":{"message":"` + reason + `"}}`)}
		}}
		steps, err := play(t, s)
		wantFailed(t, steps, err, "exit code 4: "+reason)
		// A certificate has an identifier of its own each time.
		if got, want := s.commands[len(s.commands)-1], right.commands[n-1]; len(s.commands) != n || strings.Fields(got)[0] != strings.Fields(want)[0] {
			t.Errorf("when %d failed, %d were run, the last one: %s", n, len(s.commands), got)
		}
		ran++
	}
}

// TestUnexpectedAnswers has cmdlets succeed with something else than the scene goes on with.
func TestUnexpectedAnswers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		number int // of the cmdlet
		result lab.Result
		reason string
	}{
		{"no JSON", 1, lab.Result{Stdout: []byte("DomainName : contoso.com")}, "new-accepteddomain printed no record"},
		{"nothing", 1, lab.Result{}, "new-accepteddomain printed no record"},
		{"no record", 1, lab.Result{Stdout: []byte("[]")}, "new-accepteddomain printed no record"},
		{"another property", 4, lab.Result{Stdout: records(map[string]any{"Name": "x"})}, "new-exchangecertificate printed no Thumbprint"},
		{"a number", 4, lab.Result{Stdout: records(map[string]any{"Thumbprint": 1})}, "new-exchangecertificate printed no Thumbprint"},
		{"no proof", 7, lab.Result{Stdout: records(map[string]any{"DnsRecord": "x"})}, "get-federateddomainproof printed no Proof"},
		{"a domain that waits", 16, lab.Result{Stdout: records(map[string]any{"Domains": []string{"contoso.com (Active)", "contoso.co.uk (PendingActivation)", "contoso.ca (Active)"}})},
			"contoso.co.uk is not Active at the broker"},
		{"a rollover that waits for nothing", 82, lab.Result{Stdout: []byte("[]")}, "it did not wait for its proofs"},
		{"a rollover with one proof", 82, lab.Result{ExitCode: 3, Stdout: records(map[string]any{"DomainName": "fabrikam.com", "Value": "x"})}, "1 proofs of fabrikam.com, not the current and the next one"},
		{"a rollover without JSON", 82, lab.Result{ExitCode: 3, Stdout: []byte("Value : x")}, "invalid character"},
		{"a plain message", 2, lab.Result{ExitCode: 2, Stderr: []byte("panic: a bug\n")}, "exit code 2: panic: a bug"},
	}
	if len(cases) < 11 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			steps, err := play(t, &shell{instead: func(_ context.Context, number int) *lab.Result {
				if number != c.number {
					return nil
				}
				return &c.result
			}})
			wantFailed(t, steps, err, c.reason)
		})
	}
}

// TestNoIdentifier has randomness run out when the first certificate is to be made.
func TestNoIdentifier(t *testing.T) {
	t.Parallel()
	var source exhaustible
	s := &shell{}
	s.instead = func(_ context.Context, number int) *lab.Result {
		source.empty = number >= 3
		return nil
	}
	steps, err := play(t, s, func(o *lab.Options) { source.Reader, o.Rand = o.Rand, &source })
	wantFailed(t, steps, err, "no randomness")
	if len(s.commands) != 3 {
		t.Errorf("%d cmdlets were run", len(s.commands))
	}
}

// exhaustible is randomness that runs out when a test says so.
type exhaustible struct {
	io.Reader
	empty bool
}

func (e *exhaustible) Read(p []byte) (int, error) {
	if e.empty {
		return exhausted{}.Read(p)
	}
	return e.Reader.Read(p)
}

// TestInterrupted cancels the context in the middle of a cmdlet, which returns as it does
// when it is interrupted. The lab goes on serving until it is closed.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	const number = 12
	traced(t, func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		s := &shell{instead: func(ctx context.Context, n int) *lab.Result {
			if n != number {
				return nil
			}
			cancel()
			<-ctx.Done() // it is the caller's
			return &lab.Result{ExitCode: 130, Stderr: []byte("interrupted")}
		}}
		l, err := startLab(ctx, t, func(o *lab.Options) { o.Run, o.Endpoint, o.Fetch = s.run, s.endpoint, s.fetch })
		if err != nil {
			t.Fatal(err)
		}
		steps, err := l.Play(ctx)
		wantFailed(t, steps, err, "exit code 130: interrupted")
		if len(s.commands) != number {
			t.Errorf("%d cmdlets were run", len(s.commands))
		}
		where := addresses(t, l)
		wantListening(t, where, true)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		wantListening(t, where, false)
	})
	// Interrupted before it has begun, it does not begin.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	traced(t, func(context.Context) {
		l, err := startLab(ctx, t)
		if l != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("lab %v, error %v", l, err)
		}
	})
}
