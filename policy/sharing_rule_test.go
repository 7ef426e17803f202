package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/policy"
)

// plainDomain takes what has a dot and no blank for a domain.
func plainDomain(text string) (string, error) {
	if !strings.Contains(text, ".") || strings.ContainsAny(text, " \t") {
		return "", errors.New("it is no domain")
	}
	return strings.ToLower(text), nil
}

func TestParseSharingRules(t *testing.T) {
	t.Parallel()
	cases := map[string][]policy.SharingRule{
		"contoso.com: CalendarSharingFreeBusySimple":                                {{Domain: "contoso.com", Level: "AvailabilityOnly"}},
		"contoso.com:CalendarSharingFreeBusyDetail":                                 {{Domain: "contoso.com", Level: "LimitedDetails"}},
		" CONTOSO.com :\tcalendarsharingfreebusyREVIEWER ":                          {{Domain: "contoso.com", Level: "Reviewer"}},
		"contoso.com: ContactsSharing":                                              {{Domain: "contoso.com", Level: "None", Contact: true}},
		"contoso.com: CalendarSharingFreeBusyDetail, ContactsSharing":               {{Domain: "contoso.com", Level: "LimitedDetails", Contact: true}},
		"contoso.com: ContactsSharing,CalendarSharingFreeBusyDetail":                {{Domain: "contoso.com", Level: "LimitedDetails", Contact: true}},
		"*:CalendarSharingFreeBusySimple,anonymous:CalendarSharingFreeBusyReviewer": {{Domain: "*", Level: "AvailabilityOnly"}, {Domain: "Anonymous", Level: "Reviewer"}},
		"a.example: ContactsSharing , CalendarSharingFreeBusySimple, b.example: ContactsSharing": {
			{Domain: "a.example", Level: "AvailabilityOnly", Contact: true}, {Domain: "b.example", Level: "None", Contact: true}},
	}
	for text, want := range cases {
		got, err := policy.ParseSharingRules(text, plainDomain)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	if len(cases) < 8 {
		t.Errorf("%d cases", len(cases))
	}
}

// TestParseSharingRulesFaults has the fault between brackets in the text.
func TestParseSharingRulesFaults(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"contoso.com: [CalendarSharingEverything]":                                    "UnknownSharingAction",
		"contoso.com: CalendarSharingFreeBusySimple, [Contacts]":                      "UnknownSharingAction",
		"contoso.com: CalendarSharingFreeBusySimple, [CalendarSharingFreeBusyDetail]": "TwoCalendarActions",
		"contoso.com: ContactsSharing, [ContactsSharing]":                             "DuplicateSharingAction",
		"contoso.com: CalendarSharingFreeBusySimple,[CalendarSharingFreeBusySimple]":  "DuplicateSharingAction",
		"contoso.com[] CalendarSharingFreeBusySimple":                                 "MissingColon",
		"contoso.com[]": "MissingColon",
		"a.example: ContactsSharing, b.example[], c.example: ContactsSharing":    "MissingColon",
		"a.example: ContactsSharing, anonymous[]":                                "MissingColon",
		"[]: CalendarSharingFreeBusySimple":                                      "EmptyDomain",
		"a.example: ContactsSharing, []: ContactsSharing":                        "EmptyDomain",
		"[]CalendarSharingFreeBusySimple":                                        "EmptyDomain",
		"contoso.com:[]":                                                         "MissingAction",
		"contoso.com: ContactsSharing,[]":                                        "MissingAction",
		"[con toso]: ContactsSharing":                                            "InvalidDomain",
		"a.example: ContactsSharing, [A.Example]: CalendarSharingFreeBusySimple": "DuplicateDomain",
		"*: ContactsSharing, [*]: CalendarSharingFreeBusySimple":                 "DuplicateDomain",
		"Anonymous: ContactsSharing, [ANONYMOUS]: CalendarSharingFreeBusySimple": "DuplicateDomain",
	}
	for marked, id := range cases {
		begin := strings.IndexByte(marked, '[')
		text := strings.NewReplacer("[", "", "]", "").Replace(marked)
		want := policy.SharingRuleError{Text: text, Offset: begin, Length: strings.IndexByte(marked, ']') - begin - 1, ID: id}
		_, err := policy.ParseSharingRules(text, plainDomain)
		var got *policy.SharingRuleError
		if !errors.As(err, &got) {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got.Reason == "" {
			t.Errorf("%q: no reason", text)
		}
		want.Reason = got.Reason
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	if len(cases) < 18 {
		t.Errorf("%d cases", len(cases))
	}
}

func TestParseSharingRulesBounds(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 501 {
		many = append(many, strings.Repeat("a", 1+i%60)+"."+strings.Repeat("b", 1+i/60)+".example:ContactsSharing")
	}
	if got, err := policy.ParseSharingRules(strings.Join(many[:500], ","), plainDomain); err != nil || len(got) != 500 {
		t.Errorf("500: %d, %v", len(got), err)
	}
	for _, text := range []string{strings.Join(many, ","), strings.Repeat("x", 65_537)} {
		_, err := policy.ParseSharingRules(text, plainDomain)
		var got *policy.SharingRuleError
		if !errors.As(err, &got) || got.ID != "TooManyRules" {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func TestSharingRuleString(t *testing.T) {
	t.Parallel()
	for want, rule := range map[string]policy.SharingRule{
		"contoso.com:CalendarSharingFreeBusyDetail, ContactsSharing": {Domain: "contoso.com", Level: "LimitedDetails", Contact: true},
		"*:CalendarSharingFreeBusySimple":                            {Domain: "*", Level: "AvailabilityOnly"},
		"Anonymous:CalendarSharingFreeBusyReviewer":                  {Domain: "Anonymous", Level: "Reviewer"},
		"contoso.com:ContactsSharing":                                {Domain: "contoso.com", Level: "None", Contact: true},
	} {
		if got := rule.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// FuzzParseSharingRules holds that what is read is written so that it is read the same, and
// that a fault lies within the text.
func FuzzParseSharingRules(f *testing.F) {
	for _, seed := range []string{
		"contoso.com: CalendarSharingFreeBusyDetail, ContactsSharing", "*:ContactsSharing,Anonymous:CalendarSharingFreeBusySimple",
		"contoso.com", ":", ",", "a.b:x:y", "\xff.\xff:ContactsSharing",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := policy.ParseSharingRules(text, plainDomain)
		if err != nil {
			var fault *policy.SharingRuleError
			if !errors.As(err, &fault) || fault.Offset < 0 || fault.Offset+fault.Length > len(text) || fault.ID == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		var words []string
		for _, r := range rules {
			words = append(words, r.String())
		}
		again, err := policy.ParseSharingRules(strings.Join(words, ","), plainDomain)
		if err != nil {
			t.Fatalf("%q, written %q: %v", text, words, err)
		}
		if diff := cmp.Diff(rules, again); diff != "" {
			t.Fatalf("%q (-read +read again):\n%s", text, diff)
		}
	})
}

func TestUncoveredSubDomains(t *testing.T) {
	t.Parallel()
	rules := []policy.SharingRule{{Domain: "fabrikam.com"}, {Domain: "sales.fabrikam.com"}, {Domain: "*"}, {Domain: "Anonymous"}}
	got := policy.UncoveredSubDomains(rules, []string{"fabrikam.com", "hr.fabrikam.com", "sales.fabrikam.com", "x.sales.fabrikam.com", "notfabrikam.com", "hr.fabrikam.com", "contoso.com"})
	if diff := cmp.Diff([]string{"hr.fabrikam.com", "x.sales.fabrikam.com"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
