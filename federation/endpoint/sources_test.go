package endpoint_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/endpoint"
)

// ics is a calendar with a meeting of that subject at 9 o'clock in UTC, and a whole day.
func ics(subject string) string {
	return strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20300101T000000Z
DTSTART:20300206T090000Z
DTEND:20300206T100000Z
SUMMARY:`+subject+`
LOCATION:Room 1
ATTENDEE:mailto:dan@fabrikam.com
CLASS:PRIVATE
X-MICROSOFT-CDO-BUSYSTATUS:OOF
RRULE:FREQ=DAILY
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT15M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTAMP:20300101T000000Z
DTSTART;VALUE=DATE:20300206
SUMMARY:Fair
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")
}

// icsEvents is what is in ics on the 6th, whole days being those of Berlin. What does not say
// how busy it makes does (RFC 5545 section 3.8.2.7).
func icsEvents(subject string) []availability.Event {
	return []availability.Event{
		{Start: time.Date(2030, 2, 5, 23, 0, 0, 0, time.UTC), End: time.Date(2030, 2, 6, 23, 0, 0, 0, time.UTC), BusyType: availability.Busy, Subject: "Fair", ID: "2"},
		{Start: noon().Add(-3 * time.Hour), End: noon().Add(-2 * time.Hour), BusyType: availability.OOF, Subject: subject, Location: "Room 1", ID: "1",
			IsMeeting: true, IsRecurring: true, IsReminderSet: true, IsPrivate: true},
	}
}

func newSources(t testing.TB) *endpoint.CalendarSources {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return &endpoint.CalendarSources{Folder: t.TempDir(), Floating: berlin, Getenv: func(string) string { return "" }, Now: time.Now}
}

func mailboxWith(source federation.CalendarSource) federation.Mailbox {
	return federation.Mailbox{Name: "Anna", PrimarySMTPAddress: "anna@fabrikam.com", CalendarSource: &source}
}

func events(t testing.TB, c *endpoint.CalendarSources, source federation.CalendarSource) ([]availability.Event, error) {
	t.Helper()
	found, err := c.Events(t.Context(), mailboxWith(source), noon().Add(-4*time.Hour), noon())
	for i := range found { // in which location times are does not matter
		found[i].Start, found[i].End = found[i].Start.UTC(), found[i].End.UTC()
	}
	return found, err
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestFileSources: a file beside the state file, a folder, and one after the other.
func TestFileSources(t *testing.T) {
	t.Parallel()
	c := newSources(t)
	source := federation.CalendarSource{ICSPath: "calendars/anna"}
	path := filepath.Join(c.Folder, "calendars", "anna")
	expect := func(subject string) {
		t.Helper()
		got, err := events(t, c, source)
		if diff := cmp.Diff(icsEvents(subject), got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if _, err := events(t, c, source); !federation.IsKind(err, federation.NotFound) {
		t.Errorf("%v", err)
	}
	write(t, path, ics("Tea"))
	expect("Tea")
	write(t, path, ics("Coffee"))
	expect("Coffee")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(path, "1.ics"), ics("Milk"))
	expect("Milk")
}

// davServer is a calendar server that wants a password; it counts who got in and who did not.
type davServer struct {
	mu             sync.Mutex
	password       string
	served, denied int
}

func (d *davServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if user, password, _ := r.BasicAuth(); user != "exfed" || password != d.password {
		d.denied++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	d.served++
	if r.Method == "REPORT" {
		w.WriteHeader(http.StatusMultiStatus)
		fmt.Fprintf(w, `<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:response><D:href>/1</D:href><D:propstat><D:prop><C:calendar-data>%s</C:calendar-data></D:prop>`+
			`<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`, ics("Tea"))
		return
	}
	fmt.Fprint(w, ics("Tea"))
}

// TestServerSources: on this machine without TLS, with a password of a file and of a variable
// that are looked at each time, and asked again only when the interval has passed.
func TestServerSources(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"IcsUrl", "CalDavUrl"} {
		dav := &davServer{password: "first"}
		server := httptest.NewServer(dav)
		t.Cleanup(server.Close)
		c := newSources(t)
		now, variable := noon(), ""
		c.Now, c.Getenv = func() time.Time { return now }, func(name string) string { return map[string]string{"DAV": variable}[name] }
		source := federation.CalendarSource{UserName: "exfed", PasswordFile: "dav.password", RefreshInterval: federation.Interval(2 * time.Minute)}
		if source.ICSURL = server.URL; kind == "CalDavUrl" {
			source.ICSURL, source.CalDAVURL = "", server.URL
		}
		expect := func(served, denied int) {
			t.Helper()
			got, err := events(t, c, source)
			if diff := cmp.Diff(icsEvents("Tea"), got); diff != "" || err != nil || dav.served != served || dav.denied != denied {
				t.Errorf("%s: %v, served %d, denied %d (-want +got):\n%s", kind, err, dav.served, dav.denied, diff)
			}
		}
		refused := func(id string) {
			t.Helper()
			var fault *federation.Error
			if _, err := events(t, c, source); !errors.As(err, &fault) || fault.ID != id {
				t.Errorf("%s: %v, not %s", kind, err, id)
			}
		}
		refused("PasswordFileNotFound")
		file := filepath.Join(c.Folder, "dav.password")
		write(t, file, "wrong\n")
		refused("CalendarRefused")
		write(t, file, "first\n")
		expect(1, 1)
		now = now.Add(2*time.Minute - time.Second)
		expect(1, 1)
		now = now.Add(time.Second)
		expect(2, 1)
		dav.password = "second"
		write(t, file, "second\n")
		expect(3, 1)
		source.PasswordFile, source.PasswordVariable = "", "DAV"
		refused("PasswordVariableEmpty")
		variable = "second"
		expect(4, 1)
	}
}

// TestSourcesAreForgotten: one that nobody asked about for an hour is given up as soon as
// somebody asks about another, and then read anew.
func TestSourcesAreForgotten(t *testing.T) {
	t.Parallel()
	dav := &davServer{password: "x"}
	server := httptest.NewServer(dav)
	t.Cleanup(server.Close)
	c := newSources(t)
	now := noon()
	c.Now, c.Getenv = func() time.Time { return now }, func(string) string { return "x" }
	source := federation.CalendarSource{ICSURL: server.URL, UserName: "exfed", PasswordVariable: "X", RefreshInterval: federation.Interval(24 * time.Hour)}
	for i, step := range []struct {
		later  time.Duration
		served int
	}{{0, 1}, {59 * time.Minute, 1}, {59 * time.Minute, 1}, {60 * time.Minute, 2}} {
		now = now.Add(step.later)
		_, _ = events(t, c, federation.CalendarSource{ICSPath: "another"})
		if _, err := events(t, c, source); err != nil || dav.served != step.served {
			t.Errorf("%d: %v, served %d times", i, err, dav.served)
		}
	}
}

// TestSourcesAreBounded: of more calendars than are kept the one asked about longest ago is
// given up.
func TestSourcesAreBounded(t *testing.T) {
	t.Parallel()
	dav := &davServer{password: "x"}
	server := httptest.NewServer(dav)
	t.Cleanup(server.Close)
	c := newSources(t)
	now := noon()
	c.Now, c.Getenv = func() time.Time { return now }, func(string) string { return "x" }
	source := federation.CalendarSource{ICSURL: server.URL, UserName: "exfed", PasswordVariable: "X", RefreshInterval: federation.Interval(24 * time.Hour)}
	ask := func(source federation.CalendarSource, served int) {
		t.Helper()
		now = now.Add(time.Millisecond)
		if _, err := events(t, c, source); source.ICSURL != "" && (err != nil || dav.served != served) {
			t.Errorf("%v, served %d times", err, dav.served)
		}
	}
	ask(source, 1)
	for i := range 4999 {
		ask(federation.CalendarSource{ICSPath: fmt.Sprint("missing", i)}, 0)
	}
	ask(source, 1)
	for i := range 5000 {
		ask(federation.CalendarSource{ICSPath: fmt.Sprint("missing again", i)}, 0)
	}
	ask(source, 2)
}

// stuck is a server that does not answer and does not care whether anybody waits, as a disk
// that hangs.
type stuck struct {
	asked   chan struct{}
	release chan struct{}
}

func (s stuck) RoundTrip(*http.Request) (*http.Response, error) {
	s.asked <- struct{}{}
	<-s.release
	return nil, errors.New("never mind")
}

// TestStuckSource: nobody waits longer than he wants to, and only one waits in earnest.
func TestStuckSource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := stuck{make(chan struct{}, 10), make(chan struct{})}
		c := newSources(t)
		c.Transport = s
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			begun := time.Now()
			_, err := c.Events(ctx, mailboxWith(federation.CalendarSource{ICSURL: "https://calendar.example/a.ics"}), noon(), noon().Add(time.Hour))
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != time.Second {
				t.Errorf("%v after %s", err, time.Since(begun))
			}
			cancel()
			time.Sleep(2 * time.Hour) // of the bubble's: long enough to be forgotten when another is asked about
			_, _ = events(t, c, federation.CalendarSource{ICSPath: "another"})
		}
		if n := len(s.asked); n != 1 {
			t.Errorf("%d wait for it", n)
		}
		close(s.release)
	})
}

// panicking is a transport that cannot go on.
type panicking struct{}

func (panicking) RoundTrip(*http.Request) (*http.Response, error) { panic("no such host") }

// TestPanickingSource: reading a source is done aside, and a panic there is an error as well.
func TestPanickingSource(t *testing.T) {
	t.Parallel()
	c := newSources(t)
	c.Transport = panicking{}
	for range 2 { // the source is not stuck afterwards
		if _, err := events(t, c, federation.CalendarSource{ICSURL: "https://calendar.fabrikam.com/anna.ics"}); err == nil || !strings.HasPrefix(err.Error(), "panic: no such host") {
			t.Errorf("%v", err)
		}
	}
}

// TestLocations: names of Windows, of IANA, and what is none.
func TestLocations(t *testing.T) {
	t.Parallel()
	c := newSources(t)
	cases := map[string]string{
		"W. Europe Standard Time": "Europe/Berlin", "Eastern Standard Time": "America/New_York", "Europe/Berlin": "Europe/Berlin", "UTC": "UTC",
		"": "", "Local": "", "Europe/Atlantis": "", "../../etc/passwd": "", "/etc/localtime": "", "/Europe/Berlin": "",
	}
	for name, want := range cases {
		got := ""
		if location := c.Location(name); location != nil {
			got = location.String()
		}
		if got != want && !(name == "UTC" && strings.HasSuffix(got, "UTC")) {
			t.Errorf("%q is %q, not %q", name, got, want)
		}
	}
	if len(cases) != 10 {
		t.Fatal("cases are missing")
	}
}
