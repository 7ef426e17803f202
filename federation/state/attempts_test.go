package state

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// withAttempts is valid with two refused registrations, which somebody has commented on.
func withAttempts() string {
	return strings.Replace(valid(), "acceptedDomains:", `  registrationAttempts: # see the ticket
    # by hand
    - {fault: MaxUriReached, time: 2026-01-31T13:00:00+01:00, domain: c.example}
    - domain: b.example
      time: 2026-01-31T12:30:00Z # after lunch
      fault: ProofOfDomainOwnershipFailed
acceptedDomains:`, 1)
}

func attempt(domain federation.Domain, minute int, fault string) federation.RegistrationAttempt {
	return federation.RegistrationAttempt{Domain: domain, Time: time.Date(2026, 1, 31, 12, minute, 0, 0, time.UTC), Fault: fault}
}

// TestAttemptsAreKept reads what somebody wrote by hand, adds to it and takes it away, and
// wants every byte outside of the list to stay.
func TestAttemptsAreKept(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	write(t, f.Path(), withAttempts())
	two := []federation.RegistrationAttempt{attempt("c.example", 0, "MaxUriReached"), attempt("b.example", 30, "ProofOfDomainOwnershipFailed")}
	if err := update(f, func(tx federation.Tx) error {
		got, found, err := tx.Attempts.Get()
		if diff := cmp.Diff(two, got); diff != "" || !found {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		if err != nil {
			return err
		}
		return tx.Attempts.Put(append(got, attempt("b.example", 45, "ProofOfDomainOwnershipFailed")))
	}); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(valid(), "acceptedDomains:", `  registrationAttempts: # see the ticket
    - domain: c.example
      time: 2026-01-31T13:00:00+01:00
      fault: MaxUriReached
    - domain: b.example
      time: 2026-01-31T12:30:00Z
      fault: ProofOfDomainOwnershipFailed
    - domain: b.example
      time: 2026-01-31T12:45:00Z
      fault: ProofOfDomainOwnershipFailed
acceptedDomains:`, 1)
	if diff := cmp.Diff(want, read(t, f.Path())); diff != "" {
		t.Errorf("added (-want +got):\n%s", diff)
	}
	if err := update(f, func(tx federation.Tx) error { return tx.Attempts.Put(two[1:]) }); err != nil {
		t.Fatal(err)
	}
	if text := read(t, f.Path()); strings.Contains(text, "c.example") || !strings.Contains(text, "# see the ticket") {
		t.Errorf("one removed:\n%s", text)
	}
	if err := update(f, func(tx federation.Tx) error { return tx.Attempts.Delete() }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(valid(), read(t, f.Path())); diff != "" {
		t.Errorf("all removed (-want +got):\n%s", diff)
	}
}

// TestAttemptsAndIdentifier: the two parts of one section come and go by themselves, also
// within one change.
func TestAttemptsAndIdentifier(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	id := federation.OrganizationIdentifier{AccountNamespace: "FYDIBOHF25SPDLT.a.example", Meta: federation.Meta{GUID: testGUID(1)}}
	one := []federation.RegistrationAttempt{attempt("a.example", 0, "MaxUriReached")}
	for _, c := range []struct {
		change     func(federation.Tx) error
		identifier bool
		attempts   []federation.RegistrationAttempt
	}{
		{func(tx federation.Tx) error { return tx.Attempts.Put(one) }, false, one},
		{func(tx federation.Tx) error { return tx.Identifier.Put(id) }, true, one},
		{func(tx federation.Tx) error { return tx.Identifier.Delete() }, false, one},
		{func(tx federation.Tx) error { return tx.Attempts.Delete() }, false, nil},
		{func(tx federation.Tx) error {
			if err := tx.Identifier.Put(id); err != nil {
				return err
			}
			return tx.Attempts.Put(one)
		}, true, one},
		{func(tx federation.Tx) error { return tx.Attempts.Put(nil) }, true, nil},
	} {
		if err := update(f, c.change); err != nil {
			t.Fatal(err)
		}
		err := f.View(t.Context(), func(tx federation.Tx) error {
			_, found, err := tx.Identifier.Get()
			if found != c.identifier {
				t.Errorf("there is an identifier: %v, want %v", found, c.identifier)
			}
			if err != nil {
				return err
			}
			got, some, err := tx.Attempts.Get()
			if diff := cmp.Diff(c.attempts, got); diff != "" || some != (len(got) > 0) {
				t.Errorf("attempts, some %v (-want +got):\n%s", some, diff)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := f.View(t.Context(), func(tx federation.Tx) error { return tx.Attempts.Put(one) })
	if federation.KindOf(err) != federation.Other || !strings.Contains(err.Error(), "only viewed") {
		t.Errorf("changed while it is only viewed: %v", err)
	}
}

func TestEveryRuleOfAttemptsIsChecked(t *testing.T) {
	t.Parallel()
	const path = "organization.registrationAttempts[1]."
	cases := []struct{ name, old, new, want string }{
		{"domain", "- domain: b.example\n      time", "- domain: B.example\n      time", `line 16, column 15: ` + path + `domain: "B.example" is written "b.example" here`},
		{"no domain", "- domain: b.example\n      time", "- time", `line 16, column 7: ` + path + `domain: domain "": is empty`},
		{"time missing", "      time: 2026-01-31T12:30:00Z # after lunch\n", "", `line 16, column 7: ` + path + `time: is missing`},
		{"no time", "2026-01-31T12:30:00Z", "noon", `line 17, column 13: ` + path + `time: is not a time such as 2026-01-31T12:00:00Z`},
		{"fault", ": ProofOfDomain", ": Proof of Domain", `line 18, column 14: ` + path + `fault: "Proof of DomainOwnershipFailed" is not the name of a fault such as ProofOfDomainOwnershipFailed`},
		{"fault too long", ": ProofOfDomain", ": " + strings.Repeat("x", 64), `line 18, column 14: ` + path + `fault: "` + strings.Repeat("x", 64) + `OwnershipFailed" is not the name of a fault such as ProofOfDomainOwnershipFailed`},
		{"unknown key", "fault: Proof", "reason: none\n      fault: Proof", `line 18, column 7: ` + strings.TrimSuffix(path, ".") + `: unknown key "reason"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(withAttempts(), c.old, c.new, 1)
			if text == withAttempts() {
				t.Fatalf("%q is not in the document", c.old)
			}
			f := Open(statePath(t), Options{})
			write(t, f.Path(), text)
			checkCorrupt(t, f, c.want)
		})
	}
	if len(cases) < 7 {
		t.Errorf("only %d cases", len(cases))
	}
	f := Open(statePath(t), Options{})
	write(t, f.Path(), withAttempts())
	if err := f.Check(); err != nil {
		t.Error(err)
	}
}
