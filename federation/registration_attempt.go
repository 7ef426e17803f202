package federation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// RegistrationAttempt is an attempt to register a domain that the broker refused. The
// organization remembers them for a day, because brokers count them too and lock a domain
// that was tried too often.
type RegistrationAttempt struct {
	Domain Domain    `yaml:"domain"`
	Time   time.Time `yaml:"time"`
	Fault  string    `yaml:"fault"` // the broker's name for why: IsFaultName
}

// The faults that brokers are known to answer when they refuse a domain ([MS-OXWSLVID]
// leaves their names open; these are known from the field, KB 3027942 has the second).
const (
	ProofFailedFault = "ProofOfDomainOwnershipFailed" // the proof was not found
	LockedFault      = "MaxUriReached"                // tried too often: locked for 24 hours
)

// MaxFailedAttempts is after how many refusals within 24 hours a domain is held back. The
// number at which the Microsoft gateway locks a domain is not published. Three is what
// administrators report as the last number that went well, and leaves room for a record
// that was mistyped, corrected, and not yet everywhere.
const MaxFailedAttempts = 3

// attemptWindow is how long a refusal counts, and how long a lock lasts (KB 3027942).
const attemptWindow = 24 * time.Hour

// How many refusals are kept: more come together only by going on in spite of them.
const (
	maxAttemptsOfDomain = 10
	maxAttempts         = 1000
)

// RegistrationHold is what the recent refusals of a domain come to.
type RegistrationHold struct {
	Domain   Domain
	Attempts []RegistrationAttempt // of the last 24 hours, the oldest first; at least one
	Until    time.Time             // when the domain may be tried again; zero: now
}

// IsFaultName reports whether the text can be the name of a broker's fault: 1 to 64
// letters and digits of ASCII.
func IsFaultName(text string) bool {
	return text != "" && len(text) <= 64 && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

// RegistrationHolds returns the domains that the broker refused within the last 24 hours.
func (o *Organization) RegistrationHolds(ctx context.Context) (holds []RegistrationHold, err error) {
	err = o.Store.View(ctx, func(tx Tx) error {
		all, _, err := tx.Attempts.Get()
		holds = holdsIn(all, o.moment())
		return err
	})
	return holds, err
}

// holdsIn sorts what is recent by domain, in the order of the names.
func holdsIn(all []RegistrationAttempt, now time.Time) []RegistrationHold {
	byDomain := map[Domain][]RegistrationAttempt{}
	for _, a := range recent(all, now) {
		byDomain[a.Domain] = append(byDomain[a.Domain], a)
	}
	var holds []RegistrationHold
	for domain, attempts := range byDomain {
		holds = append(holds, RegistrationHold{Domain: domain, Attempts: attempts, Until: heldUntil(attempts)})
	}
	slices.SortFunc(holds, func(a, b RegistrationHold) int { return strings.Compare(string(a.Domain), string(b.Domain)) })
	return holds
}

// recent are the attempts that count, the oldest first. The clock may have been wrong when
// one was written down, so one that lies in the future counts for no longer either.
func recent(all []RegistrationAttempt, now time.Time) []RegistrationAttempt {
	kept := slices.DeleteFunc(slices.Clone(all), func(a RegistrationAttempt) bool { return now.Sub(a.Time).Abs() >= attemptWindow })
	slices.SortStableFunc(kept, func(a, b RegistrationAttempt) int { return a.Time.Compare(b.Time) })
	return kept
}

// heldUntil is when fewer than MaxFailedAttempts of these count, and no lock lasts.
func heldUntil(attempts []RegistrationAttempt) (until time.Time) {
	if n := len(attempts); n >= MaxFailedAttempts {
		until = attempts[n-MaxFailedAttempts].Time.Add(attemptWindow)
	}
	for _, a := range attempts {
		if end := a.Time.Add(attemptWindow); a.Fault == LockedFault && end.After(until) {
			until = end
		}
	}
	return until
}

// Locked reports whether the broker itself said that it has locked the domain.
func (h RegistrationHold) Locked() bool {
	return slices.ContainsFunc(h.Attempts, func(a RegistrationAttempt) bool { return a.Fault == LockedFault })
}

// String says how often the broker refused the domain and when.
func (h RegistrationHold) String() string {
	var times []string
	for _, a := range h.Attempts {
		times = append(times, fmt.Sprintf("%s (%s)", clock(a.Time), a.Fault))
	}
	return fmt.Sprintf("the broker refused it %s within 24 hours, at %s", often(len(times)), strings.Join(times, ", "))
}

func often(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// heldBack refuses to ask the broker for a domain that must wait.
func (o *Organization) heldBack(tx Tx, domains []Domain) error {
	all, _, err := tx.Attempts.Get()
	if err != nil {
		return err
	}
	var held []Domain
	var last RegistrationHold
	for _, hold := range holdsIn(all, o.moment()) {
		if hold.Until.IsZero() || !slices.Contains(domains, hold.Domain) {
			continue
		}
		held = append(held, hold.Domain)
		if hold.Until.After(last.Until) {
			last = hold
		}
	}
	switch {
	case len(held) == 0:
		return nil
	case last.Locked():
		return Errorf(Conflict, "DomainLockedAtBroker", domainsObject(held), "%s; with %s it is locked there for a day and can be tried again at %s",
			last, LockedFault, clock(last.Until))
	}
	return Errorf(Conflict, "TooManyFailedAttempts", domainsObject(held), "%s; once more may lock it there for a day; it can be tried again at %s",
		last, clock(last.Until))
}

// recordAttempt remembers that the broker refused the domains; other failures are none
// of theirs.
func (o *Organization) recordAttempt(tx Tx, cause error, domains []Domain) error {
	if !refusesDomain(cause) {
		return nil
	}
	all, _, err := tx.Attempts.Get()
	if err != nil {
		return err
	}
	now := o.moment()
	all = recent(all, now)
	for _, domain := range domains {
		all = append(all, RegistrationAttempt{Domain: domain, Time: now, Fault: faultOf(cause)})
		all = withinBounds(all, domain)
	}
	return tx.Attempts.Put(all[max(0, len(all)-maxAttempts):])
}

// withinBounds drops the oldest attempts of a domain that has too many.
func withinBounds(all []RegistrationAttempt, domain Domain) []RegistrationAttempt {
	excess := -maxAttemptsOfDomain
	for _, a := range all {
		if a.Domain == domain {
			excess++
		}
	}
	return slices.DeleteFunc(all, func(a RegistrationAttempt) bool {
		drop := a.Domain == domain && excess > 0
		if drop {
			excess--
		}
		return drop
	})
}

// forgetAttempts drops the refusals of domains that the broker has taken, and old ones.
func (o *Organization) forgetAttempts(tx Tx, domains ...Domain) error {
	all, found, err := tx.Attempts.Get()
	if err != nil || !found {
		return err
	}
	return tx.Attempts.Put(slices.DeleteFunc(recent(all, o.moment()), func(a RegistrationAttempt) bool {
		return slices.Contains(domains, a.Domain)
	}))
}

// refusesDomain reports whether the broker said no to the domain. What it says about the
// request, its sender or itself is no attempt on the domain. A name that is not known is
// taken for one: counted too often costs a day at most, and so does counting too little.
func refusesDomain(err error) bool {
	if !IsKind(err, Refused) {
		return false
	}
	switch idOf(err) {
	case "AccessDenied", "ClockOff", "BrokerForbidden", "OrganizationDisabled", "InvalidArgument", "InvalidCertificate",
		"InvalidUri", "InternalError", "UriNotFound", "DomainNotFound":
		return false
	}
	return true
}

func faultOf(err error) string {
	if name := idOf(err); IsFaultName(name) {
		return name
	}
	return "BrokerFault"
}
