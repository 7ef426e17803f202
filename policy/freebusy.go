package policy

import (
	"slices"
	"strings"
)

// Level is how much of a calendar is shown. The names are those of Exchange, both for the
// FreeBusyAccessLevel of an organization relationship and for the Default permission of a
// calendar folder.
type Level string

// The levels, each including those before it.
const (
	None             Level = "None"
	AvailabilityOnly Level = "AvailabilityOnly" // times and how busy
	LimitedDetails   Level = "LimitedDetails"   // besides, subject and location
	Reviewer         Level = "Reviewer"         // whole items; a permission only, no relationship has it
)

// rank orders the levels. One that does not exist is None.
func (l Level) rank() int {
	return max(0, slices.Index([]Level{None, AvailabilityOnly, LimitedDetails, Reviewer}, l))
}

// Relationship is what an organization relationship says about free/busy
// (New-OrganizationRelationship).
type Relationship struct {
	Name                  string
	Enabled               bool
	DomainNames           []string // A-labels in lower case, no trailing dot
	FreeBusyAccessEnabled bool
	FreeBusyAccessLevel   Level  // None, AvailabilityOnly or LimitedDetails
	FreeBusyAccessScope   string // the group whose members' calendars are shown; empty for everybody's
}

// Mailbox is the mailbox whose calendar is asked about.
type Mailbox struct {
	DefaultCalendarPermission Level    // of the calendar folder, for everybody without one of his own
	MemberOf                  []string // groups, indirect membership included
}

// FreeBusyReason says which rule decided about free/busy.
type FreeBusyReason string

// The reasons, in the order in which the rules are applied. The last three grant something.
const (
	FreeBusyNoRelationship        FreeBusyReason = "NoOrganizationRelationship"
	FreeBusyRelationshipDisabled  FreeBusyReason = "OrganizationRelationshipDisabled"
	FreeBusyAccessDisabled        FreeBusyReason = "FreeBusyAccessDisabled"
	FreeBusyLevelNone             FreeBusyReason = "FreeBusyAccessLevelNone"
	FreeBusyOutsideScope          FreeBusyReason = "MailboxOutsideFreeBusyAccessScope"
	FreeBusyPermissionNone        FreeBusyReason = "DefaultCalendarPermissionNone"
	FreeBusyLimitedByMailbox      FreeBusyReason = "LimitedByDefaultCalendarPermission"
	FreeBusyLimitedByRelationship FreeBusyReason = "LimitedByFreeBusyAccessLevel"
	FreeBusyGranted               FreeBusyReason = "Granted"
)

// FreeBusyDecision is the answer to: what may the requester see of this calendar?
type FreeBusyDecision struct {
	Level        Level  // None, AvailabilityOnly or LimitedDetails
	Relationship string // Name of the one that decided; empty when there is none
	Reason       FreeBusyReason
	Explanation  string // one sentence for the audit log; names in it are quoted and cut off
}

// FreeBusy decides what a requester of that e-mail domain may see of a mailbox's calendar:
// the lower of what the relationship grants his organization and what the calendar grants
// everybody.
//
// The relationship is the one whose DomainNames hold the domain itself. A sub-domain is
// another domain. Domains are compared byte for byte in canonical form, A-labels in lower
// case without a trailing dot. That is how upper and lower case come to be the same: by
// bringing a domain into that form before it is stored or asked about. One that is in
// another form, upper case included, equals none, itself neither, so that no two spellings
// can be taken for each other here. Names of groups are compared without regard to case, as
// Exchange does.
//
// A domain belongs to one relationship. Should several name it all the same, the one that
// grants least decides, the first among equals, so that a mistake never opens more than
// either administrator meant to.
//
// Reviewer of a calendar counts as LimitedDetails: free/busy has no more to show.
func FreeBusy(relationships []Relationship, mailbox Mailbox, requesterDomain string) FreeBusyDecision {
	decision := FreeBusyDecision{Level: None, Reason: FreeBusyNoRelationship}
	found := false
	for _, r := range relationships {
		if !r.names(requesterDomain) {
			continue
		}
		level, reason := r.freeBusy(mailbox)
		if !found || level.rank() < decision.Level.rank() {
			decision = FreeBusyDecision{Level: level, Relationship: r.Name, Reason: reason}
		}
		found = true
	}
	decision.Explanation = decision.explain(requesterDomain)
	return decision
}

func (r Relationship) names(domain string) bool {
	return isCanonicalDomain(domain) && slices.Contains(r.DomainNames, domain)
}

// freeBusy applies the rules of one relationship, in the order of the reasons.
func (r Relationship) freeBusy(mailbox Mailbox) (Level, FreeBusyReason) {
	offered, permitted := r.FreeBusyAccessLevel, mailbox.DefaultCalendarPermission
	if permitted == Reviewer {
		permitted = LimitedDetails
	}
	switch {
	case !r.Enabled:
		return None, FreeBusyRelationshipDisabled
	case !r.FreeBusyAccessEnabled:
		return None, FreeBusyAccessDisabled
	case offered != AvailabilityOnly && offered != LimitedDetails:
		return None, FreeBusyLevelNone
	case !mailbox.isWithin(r.FreeBusyAccessScope):
		return None, FreeBusyOutsideScope
	case permitted.rank() == None.rank():
		return None, FreeBusyPermissionNone
	case permitted.rank() < offered.rank():
		return permitted, FreeBusyLimitedByMailbox
	case offered.rank() < permitted.rank():
		return offered, FreeBusyLimitedByRelationship
	}
	return offered, FreeBusyGranted
}

// isWithin reports whether the mailbox is in the scope, the empty one being everybody.
func (m Mailbox) isWithin(scope string) bool {
	return scope == "" || slices.ContainsFunc(m.MemberOf, func(group string) bool { return strings.EqualFold(group, scope) })
}
