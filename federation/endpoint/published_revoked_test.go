package endpoint_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/calendar"
	"exfed/federation/endpoint"
)

// TestRevokedNeverWas: an address that is not one any more, or not by the policy, is answered
// like one that never was, byte for byte, and no calendar is read for it.
func TestRevokedNeverWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.calendars.keeps(t, "anna", secretCalendar)
	options := w.options()
	options.Now = noon
	w.restart(options)
	never := whole(w.get("/owa/calendar/12345678901234567890123456789012@fabrikam.com/12345678901234567890123456789012/calendar.html"))
	if !strings.HasPrefix(never, "404\n") {
		t.Fatal(never)
	}
	folder := func(change func(*federation.CalendarFolder)) federation.Mailbox {
		return published(func(m *federation.Mailbox) { change(m.CalendarFolder) })
	}
	unassigned := published(func(m *federation.Mailbox) { m.SharingPolicy = "Strict" })
	strict := federation.SharingPolicy{Name: "Strict", Enabled: true, Domains: []string{"*:CalendarSharingFreeBusyReviewer"}}
	off := everything()
	off.Enabled = false
	cases := []struct {
		name, path string
		mailboxes  []federation.Mailbox
		policies   []federation.SharingPolicy
	}{
		{"unpublished", annaPath, []federation.Mailbox{folder(func(f *federation.CalendarFolder) { f.PublishEnabled = false })}, []federation.SharingPolicy{everything()}},
		{"reset", annaPath, []federation.Mailbox{folder(func(f *federation.CalendarFolder) {
			f.PublishID, f.PublishSecret = "abcdef00abcdef00abcdef00abcdef00", "abcdef00abcdef00abcdef00abcdef01"
		})}, []federation.SharingPolicy{everything()}},
		{"another secret", "/owa/calendar/" + annaID + "@fabrikam.com/" + annaID, []federation.Mailbox{published()}, []federation.SharingPolicy{everything()}},
		{"no secret", "/owa/calendar/" + annaID + "@fabrikam.com", []federation.Mailbox{published()}, []federation.SharingPolicy{everything()}},
		{"another domain", strings.Replace(annaPath, "fabrikam", "contoso", 1), []federation.Mailbox{published()}, []federation.SharingPolicy{everything()}},
		{"mailbox gone", annaPath, nil, []federation.SharingPolicy{everything()}},
		{"never published", annaPath, []federation.Mailbox{mailbox("anna", federation.PermissionReviewer)}, []federation.SharingPolicy{everything()}},
		{"policy disabled", annaPath, []federation.Mailbox{published()}, []federation.SharingPolicy{off}},
		{"policy without Anonymous", annaPath, []federation.Mailbox{published()}, []federation.SharingPolicy{allowing("*:CalendarSharingFreeBusyReviewer")}},
		{"policy gone", annaPath, []federation.Mailbox{published()}, nil},
		{"moved to another policy", annaPath, []federation.Mailbox{unassigned}, []federation.SharingPolicy{everything(), strict}},
		{"not searchable", annaPublic, []federation.Mailbox{published()}, []federation.SharingPolicy{everything()}},
		{"another address", "/owa/calendar/bob@fabrikam.com/Calendar", []federation.Mailbox{published(searchable)}, []federation.SharingPolicy{everything()}},
	}
	for i, c := range cases {
		w.publish(c.mailboxes, c.policies...)
		for _, file := range []string{"/calendar.html", "/calendar.ics", "/calendar.html?view=week", "", "/", "/Calendar.txt"} {
			if diff := cmp.Diff(never, whole(w.readBy(i, c.path+file))); diff != "" {
				t.Errorf("%s%s (-never +got):\n%s", c.name, file, diff)
			}
		}
	}
	if len(cases) < 13 {
		t.Errorf("%d cases", len(cases))
	}
	if w.calendars.asked != 0 {
		t.Errorf("calendars were read %d times", w.calendars.asked)
	}
	w.publish([]federation.Mailbox{published(searchable)}, everything())
	for _, path := range []string{annaPath, annaPublic, strings.ToUpper(annaPath), strings.ToLower(annaPublic), strings.Replace(annaPublic, "@", "%40", 1)} {
		if got := w.get(path + "/calendar.ics"); got.status != http.StatusOK {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

// TestPublishedFiles: a path without the name of a file is none, also where there is a calendar.
func TestPublishedFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish([]federation.Mailbox{published()}, everything())
	for _, rest := range []string{"", "/", "/calendar", "/calendar.htm", "/calendar.ics/", "/x/calendar.ics", "//calendar.ics"} {
		if got := w.get(annaPath + rest); got.status != http.StatusNotFound {
			t.Errorf("%q: %d", rest, got.status)
		}
	}
}

func searchable(m *federation.Mailbox) { m.CalendarFolder.SearchableURLEnabled = true }

// TestPublishedWithoutFederation: that the organization is in no federation, or not any more,
// does not concern what is published on the Internet.
func TestPublishedWithoutFederation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish([]federation.Mailbox{published()}, everything())
	w.change(func() {
		w.published.Identifier, w.published.Trust, w.published.Party = federation.OrganizationIdentifier{}, federation.FederationTrust{}, federation.RelyingParty{}
		w.stamp = "alone"
	})
	if got := w.get(annaPath + "/calendar.ics"); got.status != http.StatusOK {
		t.Errorf("%d", got.status)
	}
}

// TestPublishedWindow: what is read are whole days where the endpoint is, today included.
func TestPublishedWindow(t *testing.T) {
	t.Parallel()
	cases := []struct {
		from, to                    federation.DateRange
		now, wantFrom, wantTo, zone string
	}{
		{"OneDay", "OneDay", "2030-02-06T12:00:00Z", "2030-02-05T00:00:00Z", "2030-02-08T00:00:00Z", "UTC"},
		{"OneDay", "ThreeDays", "2030-02-06T23:30:00Z", "2030-02-05T23:00:00Z", "2030-02-10T23:00:00Z", "Europe/Berlin"},
		{"OneWeek", "OneMonth", "2030-02-06T12:00:00Z", "2030-01-30T00:00:00Z", "2030-03-07T00:00:00Z", "UTC"},
		{"ThreeMonths", "SixMonths", "2030-02-06T12:00:00Z", "2029-11-05T23:00:00Z", "2030-08-06T22:00:00Z", "Europe/Berlin"},
		{"OneYear", "OneYear", "2030-02-06T12:00:00Z", "2029-02-06T05:00:00Z", "2031-02-07T05:00:00Z", "America/New_York"},
	}
	for _, c := range cases {
		w := newWorld(t)
		options := w.options()
		options.TimeZone = calendar.Location(c.zone)
		at, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		options.Now = func() time.Time { return at }
		w.restart(options)
		var from, to time.Time
		w.calendars.occurrences = map[string]func(context.Context, time.Time, time.Time) ([]calendar.Event, error){
			"anna": func(_ context.Context, first, last time.Time) ([]calendar.Event, error) {
				from, to = first, last
				return nil, nil
			},
		}
		w.publish([]federation.Mailbox{published(func(m *federation.Mailbox) {
			m.CalendarFolder.PublishDateRangeFrom, m.CalendarFolder.PublishDateRangeTo = c.from, c.to
		})}, everything())
		w.get(annaPath + "/calendar.ics")
		got := []string{from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339)}
		if diff := cmp.Diff([]string{c.wantFrom, c.wantTo}, got); diff != "" {
			t.Errorf("%s, %s in %s (-want +got):\n%s", c.from, c.to, c.zone, diff)
		}
	}
	if len(cases) < 5 {
		t.Errorf("%d cases", len(cases))
	}
}

// readBy asks for a path from another address for each reader.
func (w *world) readBy(reader int, path string) answer {
	r := httptest.NewRequest(http.MethodGet, base+path, nil)
	r.RemoteAddr = fmt.Sprintf("198.51.100.%d:4711", reader)
	return w.send(r)
}

// restart replaces the endpoint by one with other options.
func (w *world) restart(options endpoint.Options) {
	w.t.Helper()
	var err error
	if w.server, err = endpoint.New(w.t.Context(), options); err != nil {
		w.t.Fatal(err)
	}
}

// request sends a request of the method, with headers as pairs.
func (w *world) request(method, path string, headers ...string) answer {
	r := httptest.NewRequest(method, base+path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return w.send(r)
}
