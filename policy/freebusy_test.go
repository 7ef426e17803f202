package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/policy"
)

// open is a relationship that grants contoso.com everything.
func open() policy.Relationship {
	return policy.Relationship{
		Name: "Contoso", Enabled: true, DomainNames: []string{"contoso.com", "sales.contoso.com"},
		FreeBusyAccessEnabled: true, FreeBusyAccessLevel: policy.LimitedDetails,
	}
}

func with(change func(*policy.Relationship)) []policy.Relationship {
	r := open()
	change(&r)
	return []policy.Relationship{r}
}

func named(domains ...string) []policy.Relationship {
	return with(func(r *policy.Relationship) { r.DomainNames = domains })
}

func calendar(permission policy.Level, groups ...string) policy.Mailbox {
	return policy.Mailbox{DefaultCalendarPermission: permission, MemberOf: groups}
}

func TestFreeBusy(t *testing.T) {
	t.Parallel()
	const quoted = `organization relationship "Contoso"`
	limited := calendar(policy.LimitedDetails)
	as := func(level policy.Level, reason policy.FreeBusyReason, explanation string) policy.FreeBusyDecision {
		return policy.FreeBusyDecision{Level: level, Relationship: "Contoso", Reason: reason, Explanation: explanation}
	}
	granted := as("LimitedDetails", "Granted", "The "+quoted+` grants "contoso.com" LimitedDetails.`)
	outside := as("None", "MailboxOutsideFreeBusyAccessScope", "The mailbox is outside the FreeBusyAccessScope of the "+quoted+` for "contoso.com".`)
	disabled := as("None", "OrganizationRelationshipDisabled", "The "+quoted+` for "contoso.com" is disabled.`)
	noLevel := as("None", "FreeBusyAccessLevelNone", "The "+quoted+` for "contoso.com" has no FreeBusyAccessLevel that grants anything.`)
	noPermission := as("None", "DefaultCalendarPermissionNone",
		"The "+quoted+` grants "contoso.com" access, but the default permission of the calendar grants nobody any.`)
	none := func(domain string) policy.FreeBusyDecision {
		return policy.FreeBusyDecision{Level: "None", Reason: "NoOrganizationRelationship",
			Explanation: fmt.Sprintf("No organization relationship has the domain %.80q.", domain)}
	}
	scope := func(name string) []policy.Relationship {
		return with(func(r *policy.Relationship) { r.FreeBusyAccessScope = name })
	}
	long := strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 62)
	cases := []struct {
		name          string
		relationships []policy.Relationship
		mailbox       policy.Mailbox
		domain        string
		want          policy.FreeBusyDecision
	}{
		{"everything", []policy.Relationship{open()}, limited, "contoso.com", granted},
		{"no relationships", nil, limited, "contoso.com", none("contoso.com")},
		{"another's", []policy.Relationship{open()}, limited, "fabrikam.com", none("fabrikam.com")},
		{"a relationship without domains", named(), limited, "contoso.com", none("contoso.com")},
		{"disabled", with(func(r *policy.Relationship) { r.Enabled = false }), limited, "contoso.com", disabled},
		{"free/busy disabled", with(func(r *policy.Relationship) { r.FreeBusyAccessEnabled = false }), limited, "contoso.com",
			as("None", "FreeBusyAccessDisabled", "The "+quoted+` for "contoso.com" has FreeBusyAccessEnabled off.`)},
		{"level none", with(func(r *policy.Relationship) { r.FreeBusyAccessLevel = policy.None }), limited, "contoso.com", noLevel},
		{"no level", with(func(r *policy.Relationship) { r.FreeBusyAccessLevel = "" }), limited, "contoso.com", noLevel},
		{"level misspelt", with(func(r *policy.Relationship) { r.FreeBusyAccessLevel = "limiteddetails" }), limited, "contoso.com", noLevel},
		{"a permission for a level", with(func(r *policy.Relationship) { r.FreeBusyAccessLevel = policy.Reviewer }), limited, "contoso.com", noLevel},
		{"permission none", []policy.Relationship{open()}, calendar(policy.None), "contoso.com", noPermission},
		{"no permission", []policy.Relationship{open()}, calendar(""), "contoso.com", noPermission},
		{"permission unknown", []policy.Relationship{open()}, calendar("Owner"), "contoso.com", noPermission},
		{"the mailbox's less", []policy.Relationship{open()}, calendar(policy.AvailabilityOnly), "contoso.com",
			as("AvailabilityOnly", "LimitedByDefaultCalendarPermission",
				"The "+quoted+` grants "contoso.com" more, but the default permission of the calendar is AvailabilityOnly.`)},
		{"the relationship's less", with(func(r *policy.Relationship) { r.FreeBusyAccessLevel = policy.AvailabilityOnly }), limited, "contoso.com",
			as("AvailabilityOnly", "LimitedByFreeBusyAccessLevel",
				"The default permission of the calendar grants more, but the "+quoted+` grants "contoso.com" AvailabilityOnly.`)},
		{"a reviewer gets no more", []policy.Relationship{open()}, calendar(policy.Reviewer), "contoso.com", granted},
		{"in scope", scope("Managers"), calendar(policy.LimitedDetails, "Staff", "Managers"), "contoso.com", granted},
		{"in scope, other case", scope("managers"), calendar(policy.LimitedDetails, "MANAGERS"), "contoso.com", granted},
		{"out of scope", scope("Managers"), calendar(policy.LimitedDetails, "Staff"), "contoso.com", outside},
		{"out of scope, in no group", scope("Managers"), limited, "contoso.com", outside},
		{"out of scope, part of a name", scope("Managers"), calendar(policy.LimitedDetails, "Manager", "Managers2"), "contoso.com", outside},
		{"scope of blanks", scope(" "), calendar(policy.LimitedDetails, ""), "contoso.com", outside},
		{"the second domain", []policy.Relationship{open()}, limited, "sales.contoso.com",
			as("LimitedDetails", "Granted", "The "+quoted+` grants "sales.contoso.com" LimitedDetails.`)},
		{"a sub-domain", []policy.Relationship{open()}, limited, "hr.contoso.com", none("hr.contoso.com")},
		{"the parent", named("sales.contoso.com"), limited, "contoso.com", none("contoso.com")},
		{"a look-alike", []policy.Relationship{open()}, limited, "c0ntoso.com", none("c0ntoso.com")},
		{"a longer name", []policy.Relationship{open()}, limited, "notcontoso.com", none("notcontoso.com")},
		{"a name behind", []policy.Relationship{open()}, limited, "contoso.com.evil.example", none("contoso.com.evil.example")},
		{"a Cyrillic letter", []policy.Relationship{open()}, limited, "c\u043entoso.com", none("c\u043entoso.com")},
		{"a trailing dot", []policy.Relationship{open()}, limited, "contoso.com.", none("contoso.com.")},
		{"a trailing dot on both sides", named("contoso.com."), limited, "contoso.com.", none("contoso.com.")},
		{"upper case", []policy.Relationship{open()}, limited, "Contoso.com", none("Contoso.com")},
		{"upper case on both sides", named("Contoso.com"), limited, "Contoso.com", none("Contoso.com")},
		{"upper case stored", named("Contoso.com"), limited, "contoso.com", none("contoso.com")},
		{"A-labels", named("xn--mnchen-3ya.example"), limited, "xn--mnchen-3ya.example",
			as("LimitedDetails", "Granted", "The "+quoted+` grants "xn--mnchen-3ya.example" LimitedDetails.`)},
		{"a U-label asks", named("xn--mnchen-3ya.example"), limited, "münchen.example", none("münchen.example")},
		{"a U-label stored", named("münchen.example"), limited, "xn--mnchen-3ya.example", none("xn--mnchen-3ya.example")},
		{"U-labels on both sides", named("münchen.example"), limited, "münchen.example", none("münchen.example")},
		{"a wildcard stored", named("*.contoso.com"), limited, "sales.contoso.com", none("sales.contoso.com")},
		{"a wildcard on both sides", named("*.contoso.com"), limited, "*.contoso.com", none("*.contoso.com")},
		{"one label", named("contoso"), limited, "contoso", none("contoso")},
		{"nothing", named(""), limited, "", none("")},
		{"a dot", named("."), limited, ".", none(".")},
		{"an empty label", named("contoso..com"), limited, "contoso..com", none("contoso..com")},
		{"blanks", named("contoso.com "), limited, "contoso.com ", none("contoso.com ")},
		{"hyphens outside", named("-contoso.com", "contoso-.com"), limited, "contoso-.com", none("contoso-.com")},
		{"hyphens first", named("-contoso.com"), limited, "-contoso.com", none("-contoso.com")},
		{"a label too long", named(strings.Repeat("a", 64) + ".com"), limited, strings.Repeat("a", 64) + ".com", none(strings.Repeat("a", 64) + ".com")},
		{"as long as can be", named(long[:253]), limited, long[:253],
			as("LimitedDetails", "Granted", "The "+quoted+fmt.Sprintf(" grants %.80q LimitedDetails.", long))},
		{"too long", named(long), limited, long, none(long)},
		{"hostile", []policy.Relationship{open()}, limited, "\x1b[31m\n\u202e.com", none("\x1b[31m\n\u202e.com")},
	}
	if len(cases) < 50 || len(long) != 254 {
		t.Fatalf("%d cases, %d characters", len(cases), len(long))
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, policy.FreeBusy(c.relationships, c.mailbox, c.domain)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestFreeBusyOfSeveral: the least that any relationship of the domain grants, in whatever
// order they come.
func TestFreeBusyOfSeveral(t *testing.T) {
	t.Parallel()
	full, less, off, other := open(), open(), open(), open()
	full.Name, less.Name, off.Name, other.Name = "Full", "Less", "Off", "Other"
	less.FreeBusyAccessLevel, off.Enabled, other.DomainNames = policy.AvailabilityOnly, false, []string{"fabrikam.com"}
	again := full
	again.Name = "Again"
	cases := []struct {
		relationships []policy.Relationship
		want          string
	}{
		{[]policy.Relationship{full, less}, "Less AvailabilityOnly"}, {[]policy.Relationship{less, full}, "Less AvailabilityOnly"},
		{[]policy.Relationship{full, off, less}, "Off None"}, {[]policy.Relationship{off, full}, "Off None"},
		{[]policy.Relationship{full, again}, "Full LimitedDetails"}, {[]policy.Relationship{again, full}, "Again LimitedDetails"},
		{[]policy.Relationship{other, full}, "Full LimitedDetails"}, {[]policy.Relationship{other}, " None"},
	}
	for _, c := range cases {
		got := policy.FreeBusy(c.relationships, calendar(policy.Reviewer), "contoso.com")
		if text := got.Relationship + " " + string(got.Level); text != c.want {
			t.Errorf("%q, want %q", text, c.want)
		}
	}
	if len(cases) < 8 {
		t.Fatalf("%d cases", len(cases))
	}
}
