package federation

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"exfed/policy"
)

// SharingPolicyRequest makes or changes a sharing policy; a nil field stays as it is.
type SharingPolicyRequest struct {
	Name    *string
	Domains ListChange // rules; what is removed is named by its domain, with or without actions
	Enabled *bool
	Default *bool // true makes it the default one, in place of the one that was
}

// NewSharingPolicy makes a sharing policy, which is enabled until the request says otherwise.
// The first one is the default one, whatever the request says.
//
// Errors: InvalidSharingPolicy, whose cause is a *policy.SharingRuleError unless there is no rule
// at all; SharingPolicyExists.
func (o *Organization) NewSharingPolicy(ctx context.Context, request SharingPolicyRequest) (SharingPolicy, error) {
	p := SharingPolicy{Enabled: true}
	set(&p.Name, request.Name)
	if err := CheckName("sharing policy", p.Name); err != nil {
		return p, err
	}
	var err error
	if p.Meta, err = o.newMeta(); err != nil {
		return p, err
	}
	var notes []string
	err = o.Store.Update(ctx, func(tx Tx) error {
		if _, exists, err := tx.SharingPolicies.Get(p.Name); err != nil || exists {
			return orElse(err, Errorf(Exists, "SharingPolicyExists", policyObject(p.Name), "exists already"))
		}
		all, err := tx.SharingPolicies.All()
		if err != nil {
			return err
		}
		if len(all) == 0 && (request.Default == nil || !*request.Default) {
			first := true
			request.Default = &first
			notes = append(notes, "it is the first sharing policy, and so the default one, of every mailbox without one of its own")
		}
		more, err := o.changePolicy(tx, &p, request)
		notes = append(notes, more...)
		if err != nil {
			return err
		}
		if len(p.Domains) == 0 { // as of a variable that is not set
			return Errorf(Invalid, "InvalidSharingPolicy", policyObject(p.Name), "has no rule; it needs one at least")
		}
		return tx.SharingPolicies.Put(p)
	})
	if err == nil {
		o.warnPolicy(p.Name, notes)
	}
	return p, err
}

// SharingPolicies returns all sharing policies.
func (o *Organization) SharingPolicies(ctx context.Context) ([]SharingPolicy, error) {
	var all []SharingPolicy
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.SharingPolicies.All()
		return err
	})
	return all, err
}

// SharingPolicy returns the sharing policy with the name or GUID.
func (o *Organization) SharingPolicy(ctx context.Context, identity string) (SharingPolicy, error) {
	var p SharingPolicy
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		p, err = policyIn(tx, identity)
		return err
	})
	return p, err
}

// SetSharingPolicy changes a sharing policy. The mailboxes it is of follow it to another name.
func (o *Organization) SetSharingPolicy(ctx context.Context, identity string, request SharingPolicyRequest) error {
	var notes []string
	name := identity
	err := o.Store.Update(ctx, func(tx Tx) error {
		p, err := policyIn(tx, identity)
		if err != nil {
			return err
		}
		before := p
		name = p.Name
		if notes, err = o.changePolicy(tx, &p, request); err != nil {
			return err
		}
		if request.Name != nil && *request.Name != p.Name {
			if err := renamePolicy(tx, &p, *request.Name); err != nil {
				return err
			}
		}
		if reflect.DeepEqual(p, before) {
			return nil
		}
		p.WhenChanged = o.moment()
		return tx.SharingPolicies.Put(p)
	})
	if err == nil {
		o.warnPolicy(name, notes)
	}
	return err
}

// RemoveSharingPolicy removes a sharing policy that no mailbox has. The default one is that of
// every mailbox without one of its own; it goes last, when there are no such mailboxes.
func (o *Organization) RemoveSharingPolicy(ctx context.Context, identity string) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		p, err := policyIn(tx, identity)
		if err != nil {
			return err
		}
		all, err := tx.SharingPolicies.All()
		if err != nil {
			return err
		}
		users, err := policyUsers(tx, p)
		if err != nil {
			return err
		}
		switch {
		case p.Default && len(all) > 1:
			return Errorf(Conflict, "SharingPolicyIsDefault", policyObject(p.Name), "is the default one, which another must be first")
		case len(users) > 0:
			return Errorf(Conflict, "SharingPolicyInUse", policyObject(p.Name), "is that of %s", someOf(users))
		}
		return tx.SharingPolicies.Delete(p.Name)
	})
}

// Rules returns what the policy says of each domain.
func (p SharingPolicy) Rules() ([]policy.SharingRule, error) {
	if len(p.Domains) == 0 {
		return nil, nil
	}
	return parseRules(strings.Join(p.Domains, ","))
}

// FormatSharingRules writes rules as a policy keeps them.
func FormatSharingRules(rules []policy.SharingRule) []string {
	var texts []string
	for _, r := range rules {
		texts = append(texts, r.String())
	}
	return texts
}

func parseRules(text string) ([]policy.SharingRule, error) {
	return policy.ParseSharingRules(text, func(domain string) (string, error) {
		parsed, err := ParseDomain(domain)
		if err != nil {
			return "", reasonOf(err)
		}
		return string(parsed), nil
	})
}

func policyObject(name string) string { return "sharing policy " + quote(name) }

func policyIn(tx Tx, identity string) (SharingPolicy, error) {
	p, ok, err := tx.SharingPolicies.Get(identity)
	if err != nil || ok {
		return p, err
	}
	all, err := tx.SharingPolicies.All()
	if err != nil {
		return p, err
	}
	for _, p := range all {
		if strings.EqualFold(p.GUID, identity) {
			return p, nil
		}
	}
	return p, Errorf(NotFound, "SharingPolicyNotFound", policyObject(identity), "not found")
}

// policyUsers returns the names of the mailboxes whose policy it is.
func policyUsers(tx Tx, p SharingPolicy) ([]string, error) {
	mailboxes, err := tx.Mailboxes.All()
	var users []string
	for _, m := range mailboxes {
		if strings.EqualFold(m.SharingPolicy, p.Name) || m.SharingPolicy == "" && p.Default {
			users = append(users, m.Name)
		}
	}
	return users, err
}

// someOf names the first few of many.
func someOf(mailboxes []string) string {
	const few = 5
	quoted := make([]string, 0, few)
	for _, name := range mailboxes[:min(few, len(mailboxes))] {
		quoted = append(quoted, mailboxObject(name))
	}
	text := strings.Join(quoted, ", ")
	if more := len(mailboxes) - few; more > 0 {
		text += fmt.Sprintf(" and of %d more", more)
	}
	return text
}
