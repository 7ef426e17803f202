package federation

import (
	"slices"
	"strings"

	"exfed/policy"
)

// changePolicy makes the changes and refuses what cannot be. notes are what is allowed and
// probably not meant.
func (o *Organization) changePolicy(tx Tx, p *SharingPolicy, request SharingPolicyRequest) (notes []string, err error) {
	if notes, err = changeRules(tx, p, request.Domains); err != nil {
		return nil, err
	}
	set(&p.Enabled, request.Enabled)
	switch {
	case request.Default == nil || *request.Default == p.Default:
		return notes, nil
	case p.Default:
		return nil, Errorf(Conflict, "SharingPolicyIsDefault", policyObject(p.Name), "stays the default one until another is made that")
	}
	p.Default = true
	return notes, o.undefault(tx, *p)
}

// undefault takes the place of the default policy from whichever other has it.
func (o *Organization) undefault(tx Tx, p SharingPolicy) error {
	all, err := tx.SharingPolicies.All()
	if err != nil {
		return err
	}
	for _, other := range all {
		if !other.Default || other.GUID == p.GUID {
			continue
		}
		other.Default, other.WhenChanged = false, o.moment()
		if err := tx.SharingPolicies.Put(other); err != nil {
			return err
		}
	}
	return nil
}

// changeRules replaces the rules, or removes some and adds others.
func changeRules(tx Tx, p *SharingPolicy, change ListChange) (notes []string, err error) {
	rules, err := p.Rules()
	if err != nil {
		return nil, err
	}
	switch {
	case change.Replace != nil:
		rules = nil
		change.Add = *change.Replace
	default:
		if rules, notes, err = withoutRules(p.Name, rules, change.Remove); err != nil {
			return nil, err
		}
	}
	if len(change.Add) > 0 {
		added, err := readRules(p.Name, change.Add)
		if err != nil {
			return nil, err
		}
		for _, rule := range added {
			if i := ruleOf(rules, rule.Domain); i >= 0 {
				return nil, Errorf(Conflict, "SharingRuleExists", policyObject(p.Name), "has a rule for %s already, %q", rule.Domain, rules[i].String())
			}
			rules = append(rules, rule)
		}
		sub, err := subDomainNotes(tx, rules)
		if err != nil {
			return nil, err
		}
		notes = append(notes, sub...)
	}
	p.Domains = FormatSharingRules(rules)
	return notes, nil
}

// withoutRules takes rules out, each named by its domain; actions behind it must be its own.
func withoutRules(name string, rules []policy.SharingRule, remove []string) (rest []policy.SharingRule, notes []string, err error) {
	rest = slices.Clone(rules)
	for _, text := range joinActions(remove) {
		domain, _, actions := strings.Cut(text, ":")
		wanted, err := ruleDomain(strings.TrimSpace(domain))
		if err != nil {
			return nil, nil, err
		}
		i := ruleOf(rest, wanted)
		if i < 0 {
			notes = append(notes, "it has no rule for "+wanted+", so none is removed")
			continue
		}
		if actions {
			given, err := readRules(name, []string{text})
			if err != nil {
				return nil, nil, err
			}
			if given[0] != rest[i] {
				notes = append(notes, "its rule for "+wanted+" is "+quote(rest[i].String())+" and no other, so it is not removed")
				continue
			}
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return rest, notes, nil
}

// joinActions puts each action that stood behind a comma to the rule before it. One without
// such a rule stays alone: it is no domain, which is said of it.
func joinActions(words []string) []string {
	var texts []string
	for _, word := range words {
		if last := len(texts) - 1; last >= 0 && isAction(word) && strings.Contains(texts[last], ":") {
			texts[last] += "," + word
			continue
		}
		texts = append(texts, word)
	}
	return texts
}

func isAction(text string) bool {
	return slices.ContainsFunc(policy.SharingActions(), func(a policy.SharingAction) bool {
		return strings.EqualFold(strings.TrimSpace(text), string(a))
	})
}

func ruleDomain(text string) (string, error) {
	switch {
	case text == policy.AnyFederated:
		return text, nil
	case strings.EqualFold(text, policy.Anonymous):
		return policy.Anonymous, nil
	}
	domain, err := ParseDomain(text)
	return string(domain), err
}

func ruleOf(rules []policy.SharingRule, domain string) int {
	return slices.IndexFunc(rules, func(r policy.SharingRule) bool { return r.Domain == domain })
}

// readRules reads rules as they were given: what stood between commas.
func readRules(name string, words []string) ([]policy.SharingRule, error) {
	rules, err := parseRules(strings.Join(words, ","))
	if err == nil {
		return rules, nil
	}
	object := "sharing policy"
	if name != "" {
		object = policyObject(name)
	}
	return nil, &Error{Kind: Invalid, ID: "InvalidSharingPolicy", Object: object, Err: err}
}

// subDomainNotes names the known domains that people take for included in a rule and that are
// not: those of the organization and of its partners.
func subDomainNotes(tx Tx, rules []policy.SharingRule) ([]string, error) {
	var known []string
	accepted, err := tx.AcceptedDomains.All()
	if err != nil {
		return nil, err
	}
	for _, d := range accepted {
		known = append(known, strings.TrimPrefix(d.DomainName, "*."))
	}
	relationships, err := tx.Relationships.All()
	if err != nil {
		return nil, err
	}
	for _, r := range relationships {
		for _, d := range r.DomainNames {
			known = append(known, string(d))
		}
	}
	var notes []string
	for _, d := range policy.UncoveredSubDomains(rules, known) {
		notes = append(notes, "a domain does not include its sub-domains: "+d+" has no rule of its own")
	}
	return notes, nil
}

// renamePolicy gives a policy another name, and tells the mailboxes it is of.
func renamePolicy(tx Tx, p *SharingPolicy, name string) error {
	if err := CheckName("sharing policy", name); err != nil {
		return err
	}
	old := p.Name
	other, taken, err := tx.SharingPolicies.Get(name)
	if err != nil || taken && other.GUID != p.GUID {
		return orElse(err, Errorf(Exists, "SharingPolicyExists", policyObject(name), "exists already"))
	}
	p.Name = name
	if err := tx.SharingPolicies.Rename(old, *p); err != nil {
		return err
	}
	mailboxes, err := tx.Mailboxes.All()
	if err != nil {
		return err
	}
	for _, m := range mailboxes {
		if !strings.EqualFold(m.SharingPolicy, old) {
			continue
		}
		m.SharingPolicy = name
		if err := tx.Mailboxes.Put(m); err != nil {
			return err
		}
	}
	return nil
}

// assignPolicy gives the mailbox a policy of its own, or with "" the default one.
func assignPolicy(tx Tx, m *Mailbox, identity *string) error {
	if identity == nil || *identity == "" {
		set(&m.SharingPolicy, identity)
		return nil
	}
	p, err := policyIn(tx, *identity)
	m.SharingPolicy = p.Name
	return err
}

func (o *Organization) warnPolicy(name string, notes []string) {
	for _, note := range notes {
		o.Warn("%s: %s", policyObject(name), note)
	}
}
