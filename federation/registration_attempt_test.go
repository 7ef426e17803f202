package federation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker"
)

// refusal is what a broker answers.
func refusal(name string) error {
	return federation.Errorf(federation.Refused, name, "trust broker", "%s: no", name)
}

// refuseDomains has the broker refuse whatever a proof is looked at for.
func (p *party) refuseDomains(err error) {
	p.broker.before = func(call string) error {
		switch name, _, _ := strings.Cut(call, " "); name {
		case "CreateAppId", "AddUri", "UpdateAppIdCertificate":
			return err
		}
		return nil
	}
}

// at sets the clock to so many hours after the first of a month.
func (p *party) at(hours float64) time.Time {
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours * float64(time.Hour)))
	p.Now = func() time.Time { return now }
	return now
}

// attempts is the ledger, without the names of the faults.
func (p *party) attempts() map[federation.Domain][]string {
	p.t.Helper()
	holds, err := p.RegistrationHolds(p.t.Context())
	p.must(err)
	got := map[federation.Domain][]string{}
	for _, hold := range holds {
		for _, a := range hold.Attempts {
			got[hold.Domain] = append(got[hold.Domain], a.Time.Format("2T15:04"))
		}
	}
	return got
}

// TestHeldBackAfterThreeRefusals has the broker refuse, hour by hour, and wants the fourth
// attempt not to reach it, until the first refusal is a day old; and a success to end it.
func TestHeldBackAfterThreeRefusals(t *testing.T) {
	t.Parallel()
	eachRegistering(t, func(t *testing.T, r registering, p *party) {
		var warnings []string
		p.Warn = func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
		p.at(0)
		before := p.file()
		p.refuseDomains(refusal("ProofOfDomainOwnershipFailed"))
		for hour := range 3 {
			p.at(float64(hour))
			fails(t, r.do(t.Context(), p, false), federation.Refused, "ProofOfDomainOwnershipFailed")
		}
		kept := p.file()
		p.at(3)
		p.broker.calls, p.records.asked = nil, nil
		err := r.do(t.Context(), p, false)
		fails(t, err, federation.Conflict, "TooManyFailedAttempts")
		const times = "2026-05-01T00:00:00Z (ProofOfDomainOwnershipFailed), 2026-05-01T01:00:00Z (ProofOfDomainOwnershipFailed), 2026-05-01T02:00:00Z (ProofOfDomainOwnershipFailed)"
		if want := "the broker refused it 3 times within 24 hours, at " + times + "; once more may lock it there for a day; it can be tried again at 2026-05-02T00:00:00Z"; !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v\ndoes not end in\n%s", err, want)
		}
		for _, domain := range r.domains {
			if !strings.Contains(err.Error(), string(domain)) {
				t.Errorf("%v does not name %s", err, domain)
			}
		}
		p.at(23.999)
		fails(t, r.do(t.Context(), p, false), federation.Conflict, "TooManyFailedAttempts")
		if len(p.broker.calls)+len(p.records.asked) > 0 {
			t.Errorf("held back, and asked for %v, looked for %v", p.broker.calls, p.records.asked)
		}
		p.unchanged(kept)
		if len(warnings) != 3 || !strings.Contains(warnings[0], "refused it once within") || !strings.Contains(warnings[2], "is held back until 2026-05-02T00:00:00Z") {
			t.Errorf("warnings: %q", warnings)
		}

		p.at(24) // the first refusal counts no longer, and goes with the next change
		fails(t, r.do(t.Context(), p, false), federation.Refused, "ProofOfDomainOwnershipFailed")
		want := map[federation.Domain][]string{}
		for _, domain := range r.domains {
			want[domain] = []string{"1T01:00", "1T02:00", "2T00:00"}
		}
		if diff := cmp.Diff(want, p.attempts()); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		fails(t, r.do(t.Context(), p, false), federation.Conflict, "TooManyFailedAttempts")
		if strings.Contains(p.file(), "2026-05-01T00:00:00Z\n      fault") {
			t.Errorf("an old attempt stays:\n%s", p.file())
		}
		p.at(80)
		if diff := cmp.Diff(map[federation.Domain][]string{}, p.attempts()); diff != "" {
			t.Errorf("attempts, days later (-want +got):\n%s", diff)
		}
		p.write(before)
		p.at(100)
		fails(t, r.do(t.Context(), p, false), federation.Refused, "ProofOfDomainOwnershipFailed")
		p.broker.before = nil
		p.must(r.do(t.Context(), p, false))
		if text := p.file(); strings.Contains(text, "registrationAttempts") {
			t.Errorf("taken, and the refusals stay:\n%s", text)
		}
	})
}

// TestLockedAtBroker: after MaxUriReached the domain is not tried for a day, once is enough.
func TestLockedAtBroker(t *testing.T) {
	t.Parallel()
	eachRegistering(t, func(t *testing.T, r registering, p *party) {
		p.at(0)
		p.refuseDomains(refusal("ProofOfDomainOwnershipFailed"))
		fails(t, r.do(t.Context(), p, false), federation.Refused, "ProofOfDomainOwnershipFailed")
		p.at(5)
		p.refuseDomains(refusal("MaxUriReached"))
		fails(t, r.do(t.Context(), p, false), federation.Refused, "MaxUriReached")
		p.broker.calls = nil
		for _, hour := range []float64{5, 24, 28.99} {
			p.at(hour)
			err := r.do(t.Context(), p, false)
			fails(t, err, federation.Conflict, "DomainLockedAtBroker")
			if !strings.HasSuffix(err.Error(), "with MaxUriReached it is locked there for a day and can be tried again at 2026-05-02T05:00:00Z") {
				t.Errorf("error: %v", err)
			}
		}
		if len(p.broker.calls) > 0 {
			t.Errorf("locked, and asked for %v", p.broker.calls)
		}
		p.broker.before = nil
		p.at(29)
		p.must(r.do(t.Context(), p, false))
	})
}

// TestGoingOnAllTheSame: with force the broker is asked, and asked in the same way; what it
// refuses then is remembered too, the last ten times.
func TestGoingOnAllTheSame(t *testing.T) {
	t.Parallel()
	eachRegistering(t, func(t *testing.T, r registering, p *party) {
		var warnings []string
		p.Warn = func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
		p.refuseDomains(refusal("MaxUriReached"))
		var last []string
		for hour := range 12 {
			last = append(last, p.at(float64(hour)).Format("2T15:04"))
			fails(t, r.do(t.Context(), p, true), federation.Refused, "MaxUriReached")
		}
		want := map[federation.Domain][]string{}
		for _, domain := range r.domains {
			want[domain] = last[2:]
		}
		if diff := cmp.Diff(want, p.attempts()); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		going := 0
		for _, warning := range warnings {
			if strings.HasPrefix(warning, "going on all the same: ") {
				going++
			}
		}
		if going != 11 {
			t.Errorf("warned %d times of going on, not 11: %q", going, warnings)
		}
		p.broker.before = nil
		p.must(r.do(t.Context(), p, true))
		if diff := cmp.Diff(map[federation.Domain][]string{}, p.attempts()); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

// TestWhichFaultsCount goes through every fault there is at registration, and what else can
// happen: only what the broker says about the domain counts.
func TestWhichFaultsCount(t *testing.T) {
	t.Parallel()
	counts := []string{"MaxUriReached", "ProofOfDomainOwnershipFailed"}
	type failure struct {
		err  error
		want string // the fault in the ledger, "" if it does not count
	}
	var failures []failure
	for _, kind := range broker.FaultKinds() {
		f := failure{err: federation.Errorf(kind.Kind, string(kind.Name), "trust broker", "%s", kind.Text)}
		if slices.Contains(counts, string(kind.Name)) {
			f.want = string(kind.Name)
		}
		failures = append(failures, f)
	}
	failures = append(failures,
		failure{unreachable(), ""}, failure{refusal("BrokerForbidden"), ""}, failure{refusal("ClockOff"), ""},
		failure{federation.Errorf(federation.Untrusted, "BrokerAnswerNotTrusted", "trust broker", "HTML"), ""},
		failure{federation.Errorf(federation.Unavailable, "MaxUriReached", "trust broker", "not a refusal"), ""},
		failure{errors.New("disk full"), ""},
		failure{refusal("DomainAlreadyReserved"), "DomainAlreadyReserved"},
		failure{refusal("BrokerFault"), "BrokerFault"},
		failure{refusal("not a name: \x1b[31m"), "BrokerFault"},
		failure{refusal(""), "BrokerFault"},
	)
	if len(failures) < 22 {
		t.Errorf("only %d failures", len(failures))
	}
	p := federated(t)
	before := p.file()
	for _, f := range failures {
		p.write(before)
		p.refuseDomains(f.err)
		if err := p.AddDomain(t.Context(), "contoso.co.uk", false); !errors.Is(err, f.err) {
			t.Errorf("%v ended with %v", f.err, err)
		}
		holds, err := p.RegistrationHolds(t.Context())
		p.must(err)
		got := ""
		for _, hold := range holds {
			for _, a := range hold.Attempts {
				got += a.Fault
			}
		}
		if got != f.want {
			t.Errorf("%v: the ledger has %q, not %q", f.err, got, f.want)
		}
		if f.want == "" {
			p.unchanged(before)
		}
	}
}
