package policy

import "fmt"

// explain writes the sentence that belongs to a decision.
func (d FreeBusyDecision) explain(requesterDomain string) string {
	domain, relationship := quote(requesterDomain), "organization relationship "+quote(d.Relationship)
	switch d.Reason {
	case FreeBusyNoRelationship:
		return "No organization relationship has the domain " + domain + "."
	case FreeBusyRelationshipDisabled:
		return "The " + relationship + " for " + domain + " is disabled."
	case FreeBusyAccessDisabled:
		return "The " + relationship + " for " + domain + " has FreeBusyAccessEnabled off."
	case FreeBusyLevelNone:
		return "The " + relationship + " for " + domain + " has no FreeBusyAccessLevel that grants anything."
	case FreeBusyOutsideScope:
		return "The mailbox is outside the FreeBusyAccessScope of the " + relationship + " for " + domain + "."
	case FreeBusyPermissionNone:
		return "The " + relationship + " grants " + domain + " access, but the default permission of the calendar grants nobody any."
	case FreeBusyLimitedByMailbox:
		return "The " + relationship + " grants " + domain + " more, but the default permission of the calendar is " + string(d.Level) + "."
	case FreeBusyLimitedByRelationship:
		return "The default permission of the calendar grants more, but the " + relationship + " grants " + domain + " " + string(d.Level) + "."
	}
	return "The " + relationship + " grants " + domain + " " + string(d.Level) + "."
}

// quote makes a name fit for a log line: escaped, and cut off after 80 characters.
func quote(name string) string { return fmt.Sprintf("%.80q", name) }
