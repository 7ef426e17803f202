package federation_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/policy"
)

// TestDirectoryPublishes: what anybody may read is what is published, as far as the policy of
// the mailbox allows.
func TestDirectoryPublishes(t *testing.T) {
	t.Parallel()
	p, _ := newParty(t)
	policies := map[string]string{"Default": "Anonymous:CalendarSharingFreeBusyDetail", "Strict": "*:CalendarSharingFreeBusyReviewer"}
	for _, name := range []string{"Default", "Strict"} {
		rules := []string{policies[name]}
		_, err := p.NewSharingPolicy(t.Context(), federation.SharingPolicyRequest{Name: &name, Domains: federation.ListChange{Replace: &rules}})
		p.must(err)
	}
	for _, name := range []string{"Less", "More", "Off", "Never", "Moved"} {
		p.mailbox(name, name+"@contoso.com")
	}
	for name, level := range map[string]policy.DetailLevel{"Less": policy.PublishAvailabilityOnly, "More": policy.PublishLimitedDetails, "Off": policy.PublishLimitedDetails, "Moved": policy.PublishLimitedDetails} {
		p.must(p.SetCalendarFolder(t.Context(), name+`:\Calendar`, federation.CalendarFolderRequest{PublishEnabled: new(true), DetailLevel: &level}))
	}
	p.must(p.SetCalendarFolder(t.Context(), "Off", federation.CalendarFolderRequest{PublishEnabled: new(false)}))
	p.must(p.SetMailbox(t.Context(), "Moved", federation.MailboxRequest{SharingPolicy: new("Strict")}))
	got := map[string]policy.Level{}
	directory, err := p.Directory(t.Context())
	p.must(err)
	for _, c := range directory.Published() {
		got[c.Mailbox.Name] = c.Level
	}
	if diff := cmp.Diff(map[string]policy.Level{"Less": policy.AvailabilityOnly, "More": policy.LimitedDetails}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPublishedAddresses: an address is drawn once, kept, and replaced when that is asked for.
func TestPublishedAddresses(t *testing.T) {
	t.Parallel()
	p, _ := newParty(t)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p.Now = func() time.Time { return at }
	_, err := p.NewSharingPolicy(t.Context(), federation.SharingPolicyRequest{Name: new("Default"), Domains: federation.ListChange{Replace: &[]string{"Anonymous:CalendarSharingFreeBusySimple"}}})
	p.must(err)
	p.mailbox("Sales", "sales@contoso.com")
	publish := func(request federation.CalendarFolderRequest) federation.CalendarFolder {
		t.Helper()
		p.must(p.SetCalendarFolder(t.Context(), "Sales", request))
		m, err := p.Mailbox(t.Context(), "Sales")
		p.must(err)
		return *m.CalendarFolder
	}
	p.Rand = counting{}
	first := publish(federation.CalendarFolderRequest{PublishEnabled: new(true)})
	want := federation.CalendarFolder{
		PublishEnabled: true, PublishDateRangeFrom: "ThreeMonths", PublishDateRangeTo: "ThreeMonths", DetailLevel: "AvailabilityOnly",
		PublishID: "000102030405060708090a0b0c0d0e0f", PublishSecret: "101112131415161718191a1b1c1d1e1f",
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p.Rand = failing{}
	before := p.file()
	publish(federation.CalendarFolderRequest{PublishEnabled: new(true)})
	p.unchanged(before)
	publish(federation.CalendarFolderRequest{PublishEnabled: new(false)})
	if again := publish(federation.CalendarFolderRequest{PublishEnabled: new(true)}); again != first {
		t.Errorf("published again it is %+v", again)
	}
	before = p.file()
	if err := p.SetCalendarFolder(t.Context(), "Sales", federation.CalendarFolderRequest{ResetURL: true}); !errors.Is(err, errNoEntropy) {
		t.Errorf("without random numbers: %v", err)
	}
	p.unchanged(before)
	m, err := p.Mailbox(t.Context(), "Sales")
	p.must(err)
	page, ical := m.PublishedURLs("https://mail.contoso.com:8443")
	const at8443 = "https://mail.contoso.com:8443/owa/calendar/000102030405060708090a0b0c0d0e0f@contoso.com/101112131415161718191a1b1c1d1e1f/"
	if page != at8443+"calendar.html" || ical != at8443+"calendar.ics" {
		t.Errorf("got %s and %s", page, ical)
	}
	m.CalendarFolder.SearchableURLEnabled, m.PrimarySMTPAddress = true, `a b?/#%@contoso.com`
	if page, _ := m.PublishedURLs("https://mail.contoso.com"); page != "https://mail.contoso.com/owa/calendar/a%20b%3F/%23%25@contoso.com/Calendar/calendar.html" {
		t.Errorf("got %s", page)
	}
	for _, base := range []string{"", "http://mail.contoso.com", "https://mail.contoso.com/x"} {
		if page, ical := m.PublishedURLs(base); page != "" || ical != "" {
			t.Errorf("%q: got %s and %s", base, page, ical)
		}
	}
}

// TestResetKeepsSearchableAddress: who draws another address is told of the one that stays.
func TestResetKeepsSearchableAddress(t *testing.T) {
	t.Parallel()
	p := newBareParty(t, time.Now)
	_, err := p.NewAcceptedDomain(t.Context(), "contoso.com", "contoso.com", federation.Authoritative)
	p.must(err)
	_, err = p.NewSharingPolicy(t.Context(), federation.SharingPolicyRequest{Name: new("Default"), Domains: federation.ListChange{Replace: &[]string{"Anonymous:CalendarSharingFreeBusySimple"}}})
	p.must(err)
	p.mailbox("Sales", "sales@contoso.com")
	p.must(p.SetCalendarSource(t.Context(), "Sales", federation.CalendarSourceRequest{ICSPath: new("sales.ics")}))
	for _, tc := range []struct {
		searchable bool
		warned     []string
	}{
		{false, nil},
		{true, []string{`calendar of mailbox "Sales": it is still published under the mailbox's address, which anybody can guess`}},
	} {
		p.must(p.SetCalendarFolder(t.Context(), "Sales", federation.CalendarFolderRequest{PublishEnabled: new(true), SearchableURLEnabled: &tc.searchable}))
		warned := p.warnings()
		p.must(p.SetCalendarFolder(t.Context(), "Sales", federation.CalendarFolderRequest{ResetURL: true}))
		if diff := cmp.Diff(tc.warned, *warned); diff != "" {
			t.Errorf("searchable %v (-want +got):\n%s", tc.searchable, diff)
		}
	}
}

// counting reads as 0, 1, 2 and so on.
type counting struct{}

func (counting) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i)
	}
	return len(p), nil
}

var errNoEntropy = errors.New("no random numbers")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errNoEntropy }
