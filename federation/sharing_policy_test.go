package federation_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// TestRulesAreRemovedAsNamed: a rule is removed by its domain, or as a whole; nobody removes one
// that says something else than he thinks.
func TestRulesAreRemovedAsNamed(t *testing.T) {
	t.Parallel()
	const simple, both, others = "a.example:CalendarSharingFreeBusySimple", "b.example:CalendarSharingFreeBusyDetail, ContactsSharing", "*:ContactsSharing"
	cases := []struct {
		remove, left, warned []string
		fails                string
	}{
		{remove: []string{"A.example"}, left: []string{both, others}},
		{remove: []string{"a.example: calendarsharingfreebusysimple", "*"}, left: []string{both}},
		{remove: []string{"b.example: ContactsSharing", "CalendarSharingFreeBusyDetail", "a.example"}, left: []string{others}},
		{remove: []string{"a.example: CalendarSharingFreeBusyReviewer"}, left: []string{simple, both, others},
			warned: []string{`sharing policy "P": its rule for a.example is "a.example:CalendarSharingFreeBusySimple" and no other, so it is not removed`}},
		{remove: []string{"b.example: ContactsSharing"}, left: []string{simple, both, others},
			warned: []string{`sharing policy "P": its rule for b.example is "b.example:CalendarSharingFreeBusyDetail, ContactsSharing" and no other, so it is not removed`}},
		{remove: []string{"c.example"}, left: []string{simple, both, others}, warned: []string{`sharing policy "P": it has no rule for c.example, so none is removed`}},
		{remove: []string{"ContactsSharing"}, left: []string{simple, both, others}, fails: "InvalidDomain"},
		{remove: []string{"b.example", "ContactsSharing"}, left: []string{simple, both, others}, fails: "InvalidDomain"},
		{remove: []string{"a.example: Nothing"}, left: []string{simple, both, others}, fails: "InvalidSharingPolicy"},
	}
	for _, tc := range cases {
		p := newBareParty(t, time.Now)
		_, err := p.NewSharingPolicy(t.Context(), federation.SharingPolicyRequest{Name: new("P"), Domains: federation.ListChange{Replace: &[]string{simple, both, others}}})
		p.must(err)
		warned := p.warnings()
		err = p.SetSharingPolicy(t.Context(), "P", federation.SharingPolicyRequest{Domains: federation.ListChange{Remove: tc.remove}})
		var refused *federation.Error
		if errors.As(err, &refused) != (tc.fails != "") || refused != nil && refused.ID != tc.fails {
			t.Errorf("%q: %v, want %q", tc.remove, err, tc.fails)
		}
		now, err := p.SharingPolicy(t.Context(), "P")
		p.must(err)
		if diff := cmp.Diff(tc.left, now.Domains); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tc.remove, diff)
		}
		if diff := cmp.Diff(tc.warned, *warned); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tc.remove, diff)
		}
	}
	if len(cases) < 9 {
		t.Errorf("%d cases, at least 9 are expected", len(cases))
	}
}
