package policy

import (
	"slices"
	"strings"
)

// SharingPolicy limits what users may share with people of other organizations.
type SharingPolicy struct {
	Name    string
	Enabled bool
	Default bool // of every mailbox without a policy of its own; true for exactly one
	Rules   []SharingRule
}

// SharingReason says what decided about sharing.
type SharingReason string

// The reasons, in the order in which they are looked at. The last one alone grants something.
const (
	SharingNoPolicy     SharingReason = "NoSharingPolicy"       // the mailbox's policy is not there
	SharingDisabled     SharingReason = "SharingPolicyDisabled" // nothing is shared by it
	SharingNoRule       SharingReason = "NoRuleForDomain"       // neither the domain nor "*" is named
	SharingNoCalendar   SharingReason = "NoCalendarAction"      // the rule is of contacts alone
	SharingNoContacts   SharingReason = "NoContactsAction"      // the rule is of calendars alone
	SharingAboveCeiling SharingReason = "AboveCeiling"          // more of the calendar than the rule allows
	SharingGranted      SharingReason = "Granted"
)

// The codes with which Exchange refuses an invitation (response codes of the sharing operations).
const (
	ErrorNotAllowedExternalSharingByPolicy = "ErrorNotAllowedExternalSharingByPolicy" // nothing may be shared with him
	ErrorPermissionNotAllowedByPolicy      = "ErrorPermissionNotAllowedByPolicy"      // less may
)

// SharingDecision is the answer to: may the user of this mailbox share that with him?
type SharingDecision struct {
	Allowed     bool
	Policy      string       // Name of the policy that decided; empty when there is none
	Rule        *SharingRule // that decided; nil when none did
	Level       Level        // the most of a calendar that may be shared with the recipient, whatever was asked
	Reason      SharingReason
	Explanation string // one sentence; names in it are quoted and cut off
}

// ResponseCode is what Exchange answers, "" if it is allowed.
func (d SharingDecision) ResponseCode() string {
	switch d.Reason {
	case SharingGranted:
		return ""
	case SharingNoPolicy, SharingDisabled, SharingNoRule:
		return ErrorNotAllowedExternalSharingByPolicy
	}
	return ErrorPermissionNotAllowedByPolicy
}

// Sharing decides whether the user of a mailbox may share what the action says with a
// recipient. assigned is the name of the mailbox's sharing policy, "" for the default one.
// recipient is his domain in canonical form, or Anonymous for somebody of no federated
// organization, who reads a published calendar.
//
// A rule for the domain itself decides alone, also when it allows less than "*"; a sub-domain
// is another domain. "*" is of federated organizations and not of Anonymous. That the
// recipient's organization is federated is taken for granted: a policy does not know.
func Sharing(policies []SharingPolicy, assigned, recipient string, asked SharingAction) SharingDecision {
	d := SharingDecision{Level: None}
	p := policyOf(policies, assigned)
	if p == nil {
		d.Reason = SharingNoPolicy
	} else {
		d.Policy = p.Name
		d.Rule = p.ruleFor(recipient)
		d.Reason = p.judge(d.Rule, asked)
		if p.Enabled && d.Rule != nil {
			d.Level = d.Rule.Level
		}
	}
	d.Allowed = d.Reason == SharingGranted
	d.Explanation = d.explain(recipient, asked)
	return d
}

// policyOf returns the policy of the name, or the default one, nil if it is not there.
func policyOf(policies []SharingPolicy, assigned string) *SharingPolicy {
	i := slices.IndexFunc(policies, func(p SharingPolicy) bool {
		return assigned == "" && p.Default || assigned != "" && strings.EqualFold(p.Name, assigned)
	})
	if i < 0 {
		return nil
	}
	return &policies[i]
}

// ruleFor returns the rule that is for the recipient, nil if none is.
func (p *SharingPolicy) ruleFor(recipient string) *SharingRule {
	names := []string{recipient, AnyFederated}
	if recipient == Anonymous {
		names = names[:1]
	} else if !isCanonicalDomain(recipient) {
		return nil
	}
	for _, name := range names {
		if i := slices.IndexFunc(p.Rules, func(r SharingRule) bool { return r.Domain == name }); i >= 0 {
			return &p.Rules[i]
		}
	}
	return nil
}

func (p *SharingPolicy) judge(rule *SharingRule, asked SharingAction) SharingReason {
	switch {
	case !p.Enabled:
		return SharingDisabled
	case rule == nil:
		return SharingNoRule
	case asked == ContactsSharing && !rule.Contact:
		return SharingNoContacts
	case asked == ContactsSharing:
		return SharingGranted
	case rule.Level.rank() == 0:
		return SharingNoCalendar
	case asked.Level().rank() == 0, asked.Level().rank() > rule.Level.rank(): // what does not exist is not granted
		return SharingAboveCeiling
	}
	return SharingGranted
}

// explain writes the sentence that belongs to a decision.
func (d SharingDecision) explain(recipient string, asked SharingAction) string {
	policy, whom := "Sharing policy "+quote(d.Policy), quote(recipient)
	rule := ""
	if d.Rule != nil {
		rule = quote(d.Rule.String())
	}
	switch d.Reason {
	case SharingNoPolicy:
		return "The sharing policy of the mailbox does not exist."
	case SharingDisabled:
		return policy + " is disabled."
	case SharingNoRule:
		return policy + " has no rule for " + whom + "."
	case SharingNoCalendar:
		return policy + " shares no calendars with " + whom + " (" + rule + ")."
	case SharingNoContacts:
		return policy + " shares no contacts with " + whom + " (" + rule + ")."
	case SharingAboveCeiling:
		return policy + " allows less than " + quote(string(asked)) + " with " + whom + " (" + rule + ")."
	}
	return policy + " allows " + quote(string(asked)) + " with " + whom + " (" + rule + ")."
}

// DetailLevel is how much a published calendar shows (Set-MailboxCalendarFolder).
type DetailLevel string

// The detail levels, each including those before it.
const (
	PublishAvailabilityOnly DetailLevel = "AvailabilityOnly"
	PublishLimitedDetails   DetailLevel = "LimitedDetails"
	PublishFullDetails      DetailLevel = "FullDetails"
)

// DetailLevels returns all detail levels in order.
func DetailLevels() []DetailLevel {
	return []DetailLevel{PublishAvailabilityOnly, PublishLimitedDetails, PublishFullDetails}
}

// DetailLevelOf is a level in the words of published calendars, "" for None.
func DetailLevelOf(l Level) DetailLevel {
	for _, d := range DetailLevels() {
		if d.Level() == l {
			return d
		}
	}
	return ""
}

// Level is the same in the words of permissions.
func (d DetailLevel) Level() Level {
	switch d {
	case PublishAvailabilityOnly:
		return AvailabilityOnly
	case PublishLimitedDetails:
		return LimitedDetails
	case PublishFullDetails:
		return Reviewer
	}
	return None
}

// Published decides how much of a published calendar the Internet sees: the lower of what the
// policy's rule for Anonymous allows and what the folder is set to. None is nothing at all.
func Published(policies []SharingPolicy, assigned string, folder DetailLevel) (Level, SharingDecision) {
	decision := Sharing(policies, assigned, Anonymous, CalendarSharingFreeBusySimple)
	if !decision.Allowed {
		return None, decision
	}
	if folder.Level().rank() < decision.Level.rank() {
		return folder.Level(), decision
	}
	return decision.Level, decision
}
