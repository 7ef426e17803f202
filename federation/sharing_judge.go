package federation

import (
	"context"
	"slices"
	"strings"

	"exfed/policy"
)

// SharingQuestion asks whether the user of a mailbox may share something.
type SharingQuestion struct {
	Mailbox   string // by name, address or GUID
	Recipient string // his address or domain, or policy.Anonymous
	Action    policy.SharingAction
}

// SharingAnswer is what the policies say about a question.
type SharingAnswer struct {
	policy.SharingDecision
	Mailbox   Mailbox
	Recipient string // as it was judged: a domain in canonical form, or policy.Anonymous
}

// JudgeSharing answers a question by the policies alone. What else sharing needs and is not
// there is warned of: the federation trust, and the identifier.
func (o *Organization) JudgeSharing(ctx context.Context, q SharingQuestion) (SharingAnswer, error) {
	var answer SharingAnswer
	recipient, err := sharingRecipient(q.Recipient)
	if err != nil {
		return answer, err
	}
	err = o.Store.View(ctx, func(tx Tx) error {
		m, err := mailboxIn(tx, q.Mailbox)
		if err != nil {
			return err
		}
		policies, err := sharingPoliciesIn(tx)
		if err != nil {
			return err
		}
		answer = SharingAnswer{policy.Sharing(policies, m.SharingPolicy, recipient, q.Action), m, recipient}
		if recipient != policy.Anonymous {
			o.warnAll(missingFederation(tx))
		}
		return o.warnOfOwnDomain(tx, recipient)
	})
	return answer, err
}

// sharingRecipient reads whom something is shared with.
func sharingRecipient(text string) (string, error) {
	if strings.EqualFold(text, policy.Anonymous) {
		return policy.Anonymous, nil
	}
	if strings.Contains(text, "@") {
		address, err := ParseAddress(text)
		return string(DomainOf(address)), err
	}
	domain, err := ParseDomain(text)
	return string(domain), err
}

// warnOfOwnDomain says that policies are not about people of the organization itself.
func (o *Organization) warnOfOwnDomain(tx Tx, recipient string) error {
	accepted, err := tx.AcceptedDomains.All()
	if err != nil {
		return err
	}
	if recipient != policy.Anonymous && Accepted(accepted, Domain(recipient)) {
		o.Warn("%s is a domain of this organization; what its own people share with each other is no matter of sharing policies", recipient)
	}
	return nil
}

// sharingPoliciesIn returns the policies as they are judged.
func sharingPoliciesIn(tx Tx) ([]policy.SharingPolicy, error) {
	all, err := tx.SharingPolicies.All()
	if err != nil {
		return nil, err
	}
	return JudgedPolicies(all)
}

// JudgedPolicies are sharing policies as package policy judges them.
func JudgedPolicies(all []SharingPolicy) ([]policy.SharingPolicy, error) {
	var judged []policy.SharingPolicy
	for _, p := range all {
		rules, err := p.Rules()
		if err != nil {
			return nil, &Error{Kind: Corrupt, ID: "SharingPolicyDamaged", Object: policyObject(p.Name), Reason: "its rules cannot be read", Err: err}
		}
		judged = append(judged, policy.SharingPolicy{Name: p.Name, Enabled: p.Enabled, Default: p.Default, Rules: rules})
	}
	return judged, nil
}

// SharingCeiling is the most that the user of a mailbox may share with one domain.
type SharingCeiling struct {
	Mailbox Mailbox
	Domain  string // as the rule has it, "*" and policy.Anonymous included
	Policy  string
	Level   policy.Level // of the calendar
	Contact bool
}

// SharingCeilings returns what each mailbox, or the one that is named, may share with each
// domain of its policy. A mailbox that may share nothing has one, without a domain.
func (o *Organization) SharingCeilings(ctx context.Context, mailbox string) ([]SharingCeiling, error) {
	var ceilings []SharingCeiling
	err := o.Store.View(ctx, func(tx Tx) error {
		mailboxes, err := tx.Mailboxes.All()
		if err != nil {
			return err
		}
		if mailbox != "" {
			m, err := mailboxIn(tx, mailbox)
			if err != nil {
				return err
			}
			mailboxes = []Mailbox{m}
		}
		policies, err := sharingPoliciesIn(tx)
		if err != nil {
			return err
		}
		federated := false
		for _, m := range mailboxes {
			own := ceilingsOf(policies, m)
			ceilings = append(ceilings, own...)
			federated = federated || slices.ContainsFunc(own, func(c SharingCeiling) bool { return c.Domain != "" && c.Domain != policy.Anonymous })
		}
		if federated {
			o.warnAll(missingFederation(tx))
		}
		return nil
	})
	return ceilings, err
}

func ceilingsOf(policies []policy.SharingPolicy, m Mailbox) []SharingCeiling {
	var ceilings []SharingCeiling
	name := ""
	for _, p := range policies {
		if m.SharingPolicy == "" && !p.Default || m.SharingPolicy != "" && !strings.EqualFold(p.Name, m.SharingPolicy) {
			continue
		}
		name = p.Name
		for _, r := range p.Rules {
			if p.Enabled {
				ceilings = append(ceilings, SharingCeiling{Mailbox: m, Domain: r.Domain, Policy: p.Name, Level: r.Level, Contact: r.Contact})
			}
		}
	}
	if len(ceilings) == 0 {
		return []SharingCeiling{{Mailbox: m, Policy: name, Level: policy.None}}
	}
	return ceilings
}
