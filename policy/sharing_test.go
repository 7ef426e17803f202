package policy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/policy"
)

// sharingPolicies are those of TestSharing: the first letter of each rule's level and "c" for
// contacts stand in their names.
func sharingPolicies(t *testing.T) []policy.SharingPolicy {
	t.Helper()
	rules := func(text string) []policy.SharingRule {
		parsed, err := policy.ParseSharingRules(text, func(d string) (string, error) { return strings.ToLower(d), nil })
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	return []policy.SharingPolicy{
		{Name: "Standard", Enabled: true, Default: true, Rules: rules("*:CalendarSharingFreeBusySimple,fabrikam.com:CalendarSharingFreeBusyDetail,ContactsSharing,Anonymous:CalendarSharingFreeBusyReviewer")},
		{Name: "Less for one", Enabled: true, Rules: rules("*:CalendarSharingFreeBusyReviewer,ContactsSharing,fabrikam.com:CalendarSharingFreeBusySimple")},
		{Name: "Contacts", Enabled: true, Rules: rules("fabrikam.com:ContactsSharing,Anonymous:ContactsSharing")},
		{Name: "Partners", Enabled: true, Rules: rules("fabrikam.com:CalendarSharingFreeBusyReviewer,sales.fabrikam.com:CalendarSharingFreeBusySimple")},
		{Name: "Internet", Enabled: true, Rules: rules("Anonymous:CalendarSharingFreeBusyDetail")},
		{Name: "Off", Enabled: false, Rules: rules("*:CalendarSharingFreeBusyReviewer,ContactsSharing,Anonymous:CalendarSharingFreeBusyReviewer")},
		{Name: "Empty", Enabled: true},
	}
}

// TestSharing asks every policy for every action. The columns are what comes of asking for
// times, for details, for whole items and for contacts; then the ceiling, then the rule.
func TestSharing(t *testing.T) {
	t.Parallel()
	const (
		y = policy.SharingGranted
		a = policy.SharingAboveCeiling
		c = policy.SharingNoCalendar
		k = policy.SharingNoContacts
		n = policy.SharingNoRule
		o = policy.SharingDisabled
		p = policy.SharingNoPolicy
	)
	type reasons [4]policy.SharingReason
	cases := []struct {
		assigned, recipient string
		want                reasons
		level               policy.Level
		decided             string // policy: domain of the rule
	}{
		// The default policy is that of who has none of his own. The domain goes before "*".
		{"", "fabrikam.com", reasons{y, y, a, y}, "LimitedDetails", "Standard: fabrikam.com"},
		{"", "adatum.com", reasons{y, a, a, k}, "AvailabilityOnly", "Standard: *"},
		{"", "sales.fabrikam.com", reasons{y, a, a, k}, "AvailabilityOnly", "Standard: *"},
		{"", "Anonymous", reasons{y, y, y, k}, "Reviewer", "Standard: Anonymous"},
		{"standard", "fabrikam.com", reasons{y, y, a, y}, "LimitedDetails", "Standard: fabrikam.com"},
		// Also where it allows less.
		{"Less for one", "fabrikam.com", reasons{y, a, a, k}, "AvailabilityOnly", "Less for one: fabrikam.com"},
		{"Less for one", "adatum.com", reasons{y, y, y, y}, "Reviewer", "Less for one: *"},
		{"less FOR one", "www.fabrikam.com", reasons{y, y, y, y}, "Reviewer", "Less for one: *"},
		// "*" is not the Internet.
		{"Less for one", "Anonymous", reasons{n, n, n, n}, "None", "Less for one: "},
		{"Partners", "Anonymous", reasons{n, n, n, n}, "None", "Partners: "},
		// Contacts without a calendar.
		{"Contacts", "fabrikam.com", reasons{c, c, c, y}, "None", "Contacts: fabrikam.com"},
		{"Contacts", "Anonymous", reasons{c, c, c, y}, "None", "Contacts: Anonymous"},
		{"Contacts", "adatum.com", reasons{n, n, n, n}, "None", "Contacts: "},
		// A sub-domain is another domain, in both directions.
		{"Partners", "fabrikam.com", reasons{y, y, y, k}, "Reviewer", "Partners: fabrikam.com"},
		{"Partners", "sales.fabrikam.com", reasons{y, a, a, k}, "AvailabilityOnly", "Partners: sales.fabrikam.com"},
		{"Partners", "x.sales.fabrikam.com", reasons{n, n, n, n}, "None", "Partners: "},
		{"Partners", "notfabrikam.com", reasons{n, n, n, n}, "None", "Partners: "},
		{"Partners", "com", reasons{n, n, n, n}, "None", "Partners: "},
		// The Internet alone.
		{"Internet", "Anonymous", reasons{y, y, a, k}, "LimitedDetails", "Internet: Anonymous"},
		{"Internet", "fabrikam.com", reasons{n, n, n, n}, "None", "Internet: "},
		// A disabled policy shares nothing, whatever its rules are, and no other stands in for it.
		{"Off", "fabrikam.com", reasons{o, o, o, o}, "None", "Off: *"},
		{"Off", "Anonymous", reasons{o, o, o, o}, "None", "Off: Anonymous"},
		// No rules, and no policy.
		{"Empty", "fabrikam.com", reasons{n, n, n, n}, "None", "Empty: "},
		{"Empty", "Anonymous", reasons{n, n, n, n}, "None", "Empty: "},
		{"Gone", "fabrikam.com", reasons{p, p, p, p}, "None", ": "},
		{"Gone", "Anonymous", reasons{p, p, p, p}, "None", ": "},
		// What is in no canonical form is nobody: neither a rule of its own nor "*".
		{"", "Fabrikam.com", reasons{n, n, n, n}, "None", "Standard: "},
		{"", "fabrikam.com.", reasons{n, n, n, n}, "None", "Standard: "},
		{"", "anonymous", reasons{n, n, n, n}, "None", "Standard: "},
		{"", "*", reasons{n, n, n, n}, "None", "Standard: "},
		{"", "", reasons{n, n, n, n}, "None", "Standard: "},
	}
	counted := 0
	for _, c := range cases {
		for i, asked := range policy.SharingActions() {
			counted++
			got := policy.Sharing(sharingPolicies(t), c.assigned, c.recipient, asked)
			rule := ""
			if got.Rule != nil {
				rule = got.Rule.Domain
			}
			type outcome struct {
				reason  policy.SharingReason
				level   policy.Level
				decided string
				allowed bool
				code    string
			}
			codes := map[policy.SharingReason]string{
				y: "", a: "ErrorPermissionNotAllowedByPolicy", "NoCalendarAction": "ErrorPermissionNotAllowedByPolicy", k: "ErrorPermissionNotAllowedByPolicy",
				n: "ErrorNotAllowedExternalSharingByPolicy", o: "ErrorNotAllowedExternalSharingByPolicy", p: "ErrorNotAllowedExternalSharingByPolicy",
			}
			want := outcome{c.want[i], c.level, c.decided, c.want[i] == y, codes[c.want[i]]}
			if diff := cmp.Diff(want, outcome{got.Reason, got.Level, got.Policy + ": " + rule, got.Allowed, got.ResponseCode()}, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("%q to %q, %s (-want +got):\n%s", c.assigned, c.recipient, asked, diff)
			}
			if !strings.HasSuffix(got.Explanation, ".") || strings.Contains(got.Explanation, "\n") {
				t.Errorf("%q to %q, %s: explanation %q", c.assigned, c.recipient, asked, got.Explanation)
			}
		}
	}
	if counted < 120 {
		t.Errorf("%d cases", counted)
	}
}

func TestSharingUnknownAction(t *testing.T) {
	t.Parallel()
	for _, asked := range []policy.SharingAction{"", "Everything", "calendarsharingfreebusysimple"} {
		if got := policy.Sharing(sharingPolicies(t), "", "fabrikam.com", asked); got.Allowed || got.Reason != policy.SharingAboveCeiling {
			t.Errorf("%q: %+v", asked, got)
		}
	}
}

func TestSharingExplains(t *testing.T) {
	t.Parallel()
	for want, c := range map[string][3]string{
		`The sharing policy of the mailbox does not exist.`:                                                                                          {"Gone", "fabrikam.com", "ContactsSharing"},
		`Sharing policy "Off" is disabled.`:                                                                                                          {"Off", "fabrikam.com", "ContactsSharing"},
		`Sharing policy "Partners" has no rule for "adatum.com".`:                                                                                    {"Partners", "adatum.com", "ContactsSharing"},
		`Sharing policy "Contacts" shares no calendars with "fabrikam.com" ("fabrikam.com:ContactsSharing").`:                                        {"Contacts", "fabrikam.com", "CalendarSharingFreeBusySimple"},
		`Sharing policy "Internet" shares no contacts with "Anonymous" ("Anonymous:CalendarSharingFreeBusyDetail").`:                                 {"Internet", "Anonymous", "ContactsSharing"},
		`Sharing policy "Internet" allows less than "CalendarSharingFreeBusyReviewer" with "Anonymous" ("Anonymous:CalendarSharingFreeBusyDetail").`: {"Internet", "Anonymous", "CalendarSharingFreeBusyReviewer"},
		`Sharing policy "Internet" allows "CalendarSharingFreeBusyDetail" with "Anonymous" ("Anonymous:CalendarSharingFreeBusyDetail").`:             {"Internet", "Anonymous", "CalendarSharingFreeBusyDetail"},
	} {
		got := policy.Sharing(sharingPolicies(t), c[0], c[1], policy.SharingAction(c[2]))
		if diff := cmp.Diff(want, got.Explanation); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c, diff)
		}
	}
}

// TestPublished has the lower of the rule for Anonymous and of the folder.
func TestPublished(t *testing.T) {
	t.Parallel()
	folders := []policy.DetailLevel{"AvailabilityOnly", "LimitedDetails", "FullDetails", "", "Everything"}
	counted := 0
	for assigned, want := range map[string][5]policy.Level{
		"":             {"AvailabilityOnly", "LimitedDetails", "Reviewer", "None", "None"},
		"Internet":     {"AvailabilityOnly", "LimitedDetails", "LimitedDetails", "None", "None"},
		"Less for one": {"None", "None", "None", "None", "None"},
		"Contacts":     {"None", "None", "None", "None", "None"},
		"Off":          {"None", "None", "None", "None", "None"},
		"Gone":         {"None", "None", "None", "None", "None"},
	} {
		for i, folder := range folders {
			counted++
			if got, _ := policy.Published(sharingPolicies(t), assigned, folder); got != want[i] {
				t.Errorf("%q, folder %q: %s, want %s", assigned, folder, got, want[i])
			}
		}
	}
	if counted != 30 {
		t.Errorf("%d cases", counted)
	}
}
