package federation

import (
	"context"
	"fmt"
	"strings"

	"exfed/certificate"
)

// registration is what is about to be asked of a broker that looks for proofs and counts
// refusals: to take domains, or to take a certificate in their name.
type registration struct {
	trust      FederationTrust
	thumbprint string // of the certificate whose proofs the broker looks for
	domains    []Domain
	force      bool // go on although a domain must wait
	taken      bool // the broker took them in a call that was cut short: it is no attempt any more
}

// admit refuses what the broker would refuse, or must not be asked for yet. Nothing is
// written before it, so nothing is left behind.
func (o *Organization) admit(ctx context.Context, r registration) error {
	if r.taken {
		return nil
	}
	err := o.Store.View(ctx, func(tx Tx) error { return o.heldBack(tx, r.domains) })
	if err != nil && !r.force {
		return err
	}
	if err != nil {
		o.Warn("going on all the same: %v", err)
	}
	return o.checkProofs(ctx, r)
}

// stillAdmitted looks at the refusals again under the lock: others may have had some.
func (o *Organization) stillAdmitted(tx Tx, r registration) error {
	if r.force || r.taken {
		return nil
	}
	return o.heldBack(tx, r.domains)
}

// refused is undo after a call about domains. If it is them the broker refused, that is
// remembered, and told: so often and no more.
func (o *Organization) refused(ctx context.Context, cause error, domains []Domain, restore func(Tx) error) error {
	err := o.undo(ctx, cause, func(tx Tx) error {
		if err := restore(tx); err != nil {
			return err
		}
		return o.recordAttempt(tx, cause, domains)
	})
	if refusesDomain(cause) && len(domains) > 0 {
		o.warnOfHold(context.WithoutCancel(ctx), domains)
	}
	return err
}

// warnOfHold says how near a domain is to being held back, or that it is.
func (o *Organization) warnOfHold(ctx context.Context, domains []Domain) {
	holds, err := o.RegistrationHolds(ctx)
	if err != nil {
		return // what failed before is told, and this is no more than a remark on it
	}
	for _, hold := range holds {
		if hold.Domain == domains[0] { // those of one call have the same refusals, but for older ones
			o.Warn("%s", hold.Warning())
		}
	}
}

// Warning says how often the broker refused the domain, and what follows.
func (h RegistrationHold) Warning() string {
	if !h.Until.IsZero() {
		return fmt.Sprintf("domain %s is held back until %s: %s", h.Domain, clock(h.Until), h)
	}
	return fmt.Sprintf("domain %s: %s; after %d refusals it is held back, before the broker locks it for a day", h.Domain, h, MaxFailedAttempts)
}

// heldAtBroker reports whether the broker has attached the domain already, so that a
// registration that was cut short is only finished and no proof is looked at any more.
func heldAtBroker(ctx context.Context, broker Broker, pair certificate.Pair, appID string, domain Domain) (bool, error) {
	info, err := broker.DomainInfo(ctx, pair, appID, string(domain))
	if isGone(err) {
		return false, nil
	}
	return err == nil && info.AppID == appID && info.State != PendingRelease, err
}

// domainsObject names the domains an error is about.
func domainsObject(domains []Domain) string {
	const most = 10
	if len(domains) == 1 {
		return "domain " + quote(string(domains[0]))
	}
	var names []string
	for _, d := range domains[:min(len(domains), most)] {
		names = append(names, quote(string(d)))
	}
	if more := len(domains) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return "domains " + strings.Join(names, ", ")
}
