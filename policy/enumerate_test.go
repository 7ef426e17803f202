package policy_test

import (
	"testing"

	"exfed/policy"
)

// TestFreeBusyEveryCombination holds every combination of what can matter to the rule
// written once more, as tables of what is forbidden and of which is less.
func TestFreeBusyEveryCombination(t *testing.T) {
	t.Parallel()
	levels := []policy.Level{"None", "AvailabilityOnly", "LimitedDetails", "", "Bogus"}
	permissions := []policy.Level{"None", "AvailabilityOnly", "LimitedDetails", "Reviewer", "", "Bogus"}
	memberships := [][]string{nil, {"Managers"}, {"Staff"}, {"Staff", "managers"}}
	counted, granted := 0, map[policy.Level]int{}
	reasons := map[policy.FreeBusyReason]int{}
	for _, domain := range []string{"contoso.com", "fabrikam.com"} {
		for _, enabled := range []bool{true, false} {
			for _, access := range []bool{true, false} {
				for _, scope := range []string{"", "Managers"} {
					for _, level := range levels {
						for _, permission := range permissions {
							for _, groups := range memberships {
								r := policy.Relationship{
									Name: "Contoso", Enabled: enabled, DomainNames: []string{"contoso.com"},
									FreeBusyAccessEnabled: access, FreeBusyAccessLevel: level, FreeBusyAccessScope: scope,
								}
								got := policy.FreeBusy([]policy.Relationship{r}, calendar(permission, groups...), domain)
								wantLevel, wantReason := bruteForce(domain, enabled, access, scope, string(level), string(permission), groups)
								if string(got.Level) != wantLevel || string(got.Reason) != wantReason {
									t.Errorf("%s %+v %s %v: %s %s, want %s %s", domain, r, permission, groups, got.Level, got.Reason, wantLevel, wantReason)
								}
								counted++
								granted[got.Level]++
								reasons[got.Reason]++
							}
						}
					}
				}
			}
		}
	}
	if counted < 1900 || len(granted) != 3 || len(reasons) != 9 {
		t.Errorf("%d combinations, %v, %v", counted, granted, reasons)
	}
}

// bruteForce says what is granted by going through what is shown, one thing at a time: a
// thing is shown when both sides show it.
func bruteForce(domain string, enabled, access bool, scope, level, permission string, groups []string) (string, string) {
	shows := map[string]string{"AvailabilityOnly": "t", "LimitedDetails": "ts", "Reviewer": "ts"}
	member := scope == ""
	for _, g := range groups {
		member = member || g == "Managers" || g == "managers"
	}
	refusals := []struct {
		refused bool
		reason  string
	}{
		{domain != "contoso.com", "NoOrganizationRelationship"}, {!enabled, "OrganizationRelationshipDisabled"},
		{!access, "FreeBusyAccessDisabled"}, {shows[level] == "", "FreeBusyAccessLevelNone"},
		{!member, "MailboxOutsideFreeBusyAccessScope"}, {shows[permission] == "", "DefaultCalendarPermissionNone"},
	}
	for _, r := range refusals {
		if r.refused {
			return "None", r.reason
		}
	}
	switch shows[level] + "/" + shows[permission] {
	case "t/t":
		return "AvailabilityOnly", "Granted"
	case "ts/ts":
		return "LimitedDetails", "Granted"
	case "t/ts":
		return "AvailabilityOnly", "LimitedByFreeBusyAccessLevel"
	}
	return "AvailabilityOnly", "LimitedByDefaultCalendarPermission"
}
