package endpoint_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/calendar"
	"exfed/policy"
)

// The address of Anna's published calendar, and the one made of her mailbox's.
const (
	annaID     = "00112233445566778899aabbccddeeff"
	annaSecret = "ffeeddccbbaa99887766554433221100"
	annaPath   = "/owa/calendar/" + annaID + "@fabrikam.com/" + annaSecret
	annaPublic = "/owa/calendar/anna@fabrikam.com/Calendar"
)

// published is Anna's mailbox, published with full details but for the changes.
func published(changes ...func(*federation.Mailbox)) federation.Mailbox {
	m := mailbox("anna", federation.PermissionReviewer)
	folder := federation.DefaultCalendarFolder()
	folder.PublishEnabled, folder.PublishID, folder.PublishSecret, folder.DetailLevel = true, annaID, annaSecret, policy.PublishFullDetails
	m.CalendarFolder = &folder
	for _, change := range changes {
		change(&m)
	}
	return m
}

// allowing is the default policy with these rules.
func allowing(rules ...string) federation.SharingPolicy {
	return federation.SharingPolicy{Name: "Default", Enabled: true, Default: true, Domains: rules}
}

// everything is allowed to Anonymous.
func everything() federation.SharingPolicy {
	return allowing("Anonymous:CalendarSharingFreeBusyReviewer")
}

// publish has the world publish these mailboxes by these policies.
func (w *world) publish(mailboxes []federation.Mailbox, policies ...federation.SharingPolicy) {
	w.t.Helper()
	now := publishedBy(w.t, relationships(), mailboxes, policies...)
	w.change(func() { w.published, w.stamp = now, w.stamp+"+" })
}

// secretCalendar has something in every property that could give somebody away.
const secretCalendar = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Fabrikam secret maker//EN
X-WR-CALNAME:Annas private diary
BEGIN:VEVENT
UID:meeting-4711-dan@adatum.com
DTSTAMP:20300101T000000Z
DTSTART:20300206T090000Z
DTEND:20300206T100000Z
SUMMARY:Merger with Northwind
LOCATION:Boardroom 7
DESCRIPTION:Bring the contract\nand the cheque
ORGANIZER;CN=Dan Adatum:mailto:dan@adatum.com
ATTENDEE;CN=Eve Tailspin:mailto:eve@tailspin.example
CATEGORIES:Takeover
COMMENT:Not before noon
CONTACT:Frank 555-0100
URL:https://intranet.fabrikam.com/merger
ATTACH:https://intranet.fabrikam.com/contract.docx
X-ALT-DESC;FMTTYPE=text/html:<b>cheque</b>
RRULE:FREQ=DAILY;COUNT=3
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Wake up
TRIGGER:-PT15M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:surgery-anna@fabrikam.com
DTSTAMP:20300101T000000Z
DTSTART:20300206T130000Z
DTEND:20300206T140000Z
SUMMARY:Surgery
LOCATION:Hospital
DESCRIPTION:Fasting
CLASS:PRIVATE
X-MICROSOFT-CDO-BUSYSTATUS:OOF
END:VEVENT
BEGIN:VEVENT
UID:wedding@fabrikam.com
DTSTAMP:20300101T000000Z
DTSTART;VALUE=DATE:20300207
SUMMARY:Wedding
LOCATION:Chapel
CLASS:CONFIDENTIAL
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
UID:birthday@fabrikam.com
DTSTAMP:20300101T000000Z
DTSTART;VALUE=DATE:20300208
SUMMARY:Birthday of Grace
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
UID:maybe@fabrikam.com
DTSTAMP:20300101T000000Z
DTSTART:20300208T150000Z
DTEND:20300208T160000Z
STATUS:TENTATIVE
SUMMARY:Golf perhaps
END:VEVENT
END:VCALENDAR
`

// keeps has the double read this calendar, whole days being those of Berlin.
func (c *calendars) keeps(t testing.TB, name, text string) {
	t.Helper()
	read, err := calendar.Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n")), calendar.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if read.SkippedCount() > 0 {
		t.Fatal(read.Skipped())
	}
	berlin := calendar.Location("Europe/Berlin")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.occurrences = map[string]func(context.Context, time.Time, time.Time) ([]calendar.Event, error){
		name: func(ctx context.Context, from, to time.Time) ([]calendar.Event, error) {
			return read.Events(ctx, from, to, berlin)
		},
	}
}

// hidden are the texts of secretCalendar by the lowest level that shows them. "" never does.
func hidden() map[policy.Level][]string {
	return map[policy.Level][]string{
		policy.LimitedDetails: {"Merger with Northwind", "Boardroom 7", "Golf perhaps"},
		policy.Reviewer:       {"Bring the contract", "and the cheque"},
		"": {
			"Fabrikam secret maker", "private diary", "4711", "dan@adatum.com", "Dan Adatum", "eve@tailspin.example", "Eve Tailspin", "Takeover",
			"Not before noon", "555-0100", "intranet", "contract.docx", "<b>", "Wake up", "Surgery", "surgery", "Hospital", "Fasting", "Wedding", "wedding",
			"Chapel", "Birthday", "birthday", "Grace", "mailto:", "ORGANIZER", "ATTENDEE", "RRULE", "PRIVATE", "CONFIDENTIAL", "@fabrikam.com", annaSecret,
		},
	}
}

// TestPublishedLevels: the lower of what the policy allows and the folder is set to is shown,
// as page and as calendar file, and every text of the source that this does not show is
// looked for.
func TestPublishedLevels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.calendars.keeps(t, "anna", secretCalendar)
	rank := map[policy.Level]int{policy.None: 0, policy.AvailabilityOnly: 1, policy.LimitedDetails: 2, policy.Reviewer: 3, "": 9}
	policies := []struct {
		name   string
		all    []federation.SharingPolicy
		allows policy.Level
	}{
		{"no policy", nil, policy.None},
		{"no rule", []federation.SharingPolicy{allowing("*:CalendarSharingFreeBusyReviewer", "fabrikam.com:CalendarSharingFreeBusyReviewer")}, policy.None},
		{"contacts", []federation.SharingPolicy{allowing("Anonymous:ContactsSharing")}, policy.None},
		{"disabled", []federation.SharingPolicy{{Name: "Default", Default: true, Domains: []string{"Anonymous:CalendarSharingFreeBusyReviewer"}}}, policy.None},
		{"simple", []federation.SharingPolicy{allowing("Anonymous:CalendarSharingFreeBusySimple", "*:CalendarSharingFreeBusyReviewer")}, policy.AvailabilityOnly},
		{"detail", []federation.SharingPolicy{allowing("Anonymous:CalendarSharingFreeBusyDetail, ContactsSharing")}, policy.LimitedDetails},
		{"everything", []federation.SharingPolicy{everything()}, policy.Reviewer},
		{"another's", []federation.SharingPolicy{{Name: "Other", Enabled: true, Domains: []string{"Anonymous:CalendarSharingFreeBusyReviewer"}}, allowing("*:ContactsSharing")}, policy.None},
	}
	folders := map[policy.DetailLevel]policy.Level{
		policy.PublishAvailabilityOnly: policy.AvailabilityOnly, policy.PublishLimitedDetails: policy.LimitedDetails, policy.PublishFullDetails: policy.Reviewer,
	}
	cases := 0
	for _, p := range policies {
		for folder, most := range folders {
			level := most
			if rank[p.allows] < rank[level] {
				level = p.allows
			}
			w.publish([]federation.Mailbox{published(func(m *federation.Mailbox) { m.CalendarFolder.DetailLevel = folder })}, p.all...)
			for _, file := range []string{"/calendar.ics", "/calendar.html?view=week&day=2030-02-06"} {
				cases++
				name := fmt.Sprint(p.name, ", ", folder, file)
				w.change(func() { w.now = w.now.Add(time.Minute) })
				got := w.get(annaPath + file)
				if level == policy.None {
					if got.status != http.StatusNotFound {
						t.Errorf("%s: %d", name, got.status)
					}
					continue
				}
				if got.status != http.StatusOK {
					t.Fatalf("%s: %d %s", name, got.status, got.body)
				}
				for shownBy, texts := range hidden() {
					for _, text := range texts {
						if has, want := strings.Contains(got.body, text), rank[shownBy] <= rank[level]; has != want {
							t.Errorf("%s: %q is there: %t\n%s", name, text, has, got.body)
						}
					}
				}
				if !strings.Contains(got.body, "Out of office") || !strings.Contains(got.body, "Busy") {
					t.Errorf("%s: it does not show what is private:\n%s", name, got.body)
				}
			}
		}
	}
	if cases != 48 {
		t.Errorf("%d cases", cases)
	}
}

// TestPublishedFile compares the whole file of the least level.
func TestPublishedFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.calendars.keeps(t, "anna", secretCalendar)
	w.publish([]federation.Mailbox{published()}, allowing("Anonymous:CalendarSharingFreeBusySimple"))
	got := w.get(annaPath + "/calendar.ics")
	var ids, rest []string
	for line := range strings.SplitSeq(got.body, "\r\n") {
		if id, ok := strings.CutPrefix(line, "UID:"); ok {
			ids = append(ids, id)
			continue
		}
		rest = append(rest, line)
	}
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] || len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" {
			t.Errorf("UID %q", id)
		}
		seen[id] = true
	}
	one := func(times, summary, status, busy string) string {
		return "BEGIN:VEVENT\nDTSTAMP:20300206T120001Z\n" + times + "SUMMARY:" + summary + "\nCLASS:PUBLIC\nTRANSP:OPAQUE\nSTATUS:" + status + "\nX-MICROSOFT-CDO-BUSYSTATUS:" + busy + "\nEND:VEVENT\n"
	}
	want := `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//exfed//published calendar//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
NAME:anna
X-WR-CALNAME:anna
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
` + one("DTSTART:20300206T090000Z\nDTEND:20300206T100000Z\n", "Busy", "CONFIRMED", "BUSY") +
		one("DTSTART:20300206T130000Z\nDTEND:20300206T140000Z\n", "Out of office", "CONFIRMED", "OOF") +
		one("DTSTART;VALUE=DATE:20300207\nDTEND;VALUE=DATE:20300208\n", "Busy", "CONFIRMED", "BUSY") +
		one("DTSTART:20300207T090000Z\nDTEND:20300207T100000Z\n", "Busy", "CONFIRMED", "BUSY") +
		one("DTSTART:20300208T090000Z\nDTEND:20300208T100000Z\n", "Busy", "CONFIRMED", "BUSY") +
		one("DTSTART:20300208T150000Z\nDTEND:20300208T160000Z\n", "Tentative", "TENTATIVE", "TENTATIVE") +
		"END:VCALENDAR\n"
	if diff := cmp.Diff(want, strings.Join(rest, "\n")); diff != "" || len(ids) != 6 {
		t.Errorf("%d UIDs (-want +got):\n%s", len(ids), diff)
	}
	if want := "0576ddcf5113e50dbfaf5b206751c00e"; ids[0] != want { // made with Python's hmac
		t.Errorf("UID %s, want %s", ids[0], want)
	}
	again := w.get(annaPath + "/calendar.ics")
	if again.body != got.body {
		t.Error("the same is another at the same time")
	}
}

// whole is all of an answer.
func whole(a answer) string {
	var b strings.Builder
	_ = a.header.Write(&b)
	return fmt.Sprint(a.status, "\n", b.String(), "\n", a.body)
}
