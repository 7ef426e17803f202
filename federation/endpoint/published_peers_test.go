package endpoint_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/calendar"
)

// icalendar is Python with the module of that name (Debian: python3-icalendar).
func icalendar(t *testing.T) string {
	t.Helper()
	const path = "/usr/bin/python3" // for which the distribution's modules are
	if output, err := exec.Command(path, "-c", "import icalendar").CombinedOutput(); err != nil {
		if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
			t.Fatalf("python3 with icalendar is missing and EXFED_REQUIRE_PEERS=1: %v\n%s", err, output)
		}
		t.Skip("python3 with icalendar is missing")
	}
	return path
}

// readFeed has Python read a calendar file. It fails on what it had to pass over.
const readFeed = `
import datetime, json, sys, zoneinfo
import icalendar
berlin = zoneinfo.ZoneInfo("Europe/Berlin")
feed = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
for required in ("VERSION", "PRODID", "METHOD", "X-WR-CALNAME", "NAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"):
    assert required in feed, required
assert feed["METHOD"] == "PUBLISH" and feed["VERSION"] == "2.0"
assert feed["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
assert icalendar.vDuration.from_ical("PT1H") == datetime.timedelta(hours=1)
for name in ("REFRESH-INTERVAL", "X-PUBLISHED-TTL"):
    assert str(feed[name]) == "PT1H", feed[name]
out, uids = [], set()
for c in feed.walk():
    assert not c.errors, c.errors
    if c.name != "VEVENT":
        continue
    assert str(c["UID"]) not in uids, c["UID"]
    uids.add(str(c["UID"]))
    assert c["DTSTAMP"].dt.tzinfo is not None
    start = c["DTSTART"].dt
    end = c["DTEND"].dt if "DTEND" in c else start
    moments = []
    for t in (start, end):
        if not isinstance(t, datetime.datetime):
            t = datetime.datetime(t.year, t.month, t.day, tzinfo=berlin)
        moments.append(t.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S"))
    out.append({"Start": moments[0], "End": moments[1], "Busy": str(c["X-MICROSOFT-CDO-BUSYSTATUS"]), "Subject": str(c["SUMMARY"]), "Body": str(c.get("DESCRIPTION", "")), "Name": str(feed["X-WR-CALNAME"])})
print(json.dumps(out))
`

// taken is a stretch of time that is not free.
type taken struct{ Start, End, Busy, Subject, Body, Name string }

// odd is a calendar over the change of clocks with recurring entries, entries that were moved
// and cancelled, whole days, and texts that have to be escaped and folded.
const odd = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:standup@fabrikam.com
DTSTAMP:20300101T000000Z
DTSTART;TZID=Europe/Berlin:20300325T091500
DTEND;TZID=Europe/Berlin:20300325T093000
RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR
EXDATE;TZID=Europe/Berlin:20300327T091500
SUMMARY:Stand-up\, daily\; "bring\\wear" ÄÖÜ 😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀 end
DESCRIPTION:one\ntwo\\three\;
END:VEVENT
BEGIN:VEVENT
UID:standup@fabrikam.com
RECURRENCE-ID;TZID=Europe/Berlin:20300328T091500
DTSTAMP:20300101T000000Z
DTSTART;TZID=Europe/Berlin:20300328T160000
DTEND;TZID=Europe/Berlin:20300328T170000
SUMMARY:Stand-up in the afternoon
STATUS:TENTATIVE
END:VEVENT
BEGIN:VEVENT
UID:night@fabrikam.com
DTSTAMP:20300101T000000Z
DTSTART;TZID=Europe/Berlin:20300331T003000
DTEND;TZID=Europe/Berlin:20300331T043000
SUMMARY:Night of the change
X-MICROSOFT-CDO-BUSYSTATUS:OOF
END:VEVENT
BEGIN:VEVENT
UID:fair@fabrikam.com
DTSTAMP:20300101T000000Z
DTSTART;VALUE=DATE:20300330
DTEND;VALUE=DATE:20300402
SUMMARY:Fair
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
UID:home@fabrikam.com
DTSTAMP:20300101T000000Z
DTSTART:20300401T060000
DURATION:PT2H
SUMMARY:At home
X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE
END:VEVENT
BEGIN:VEVENT
UID:same@fabrikam.com
DTSTAMP:20300101T000000Z
DTSTART:20300402T100000Z
DTEND:20300402T110000Z
SUMMARY:Twice
CLASS:PRIVATE
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20300101T000000Z
DTSTART:20300402T100000Z
DTEND:20300402T110000Z
SUMMARY:No UID
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20300101T000000Z
DTSTART:20300402T100000Z
DTEND:20300402T110000Z
SUMMARY:No UID
END:VEVENT
BEGIN:VEVENT
UID:free@fabrikam.com
DTSTAMP:20300101T000000Z
DTSTART:20300403T100000Z
DTEND:20300403T110000Z
SUMMARY:Free
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
UID:moment@fabrikam.com
DTSTAMP:20300101T000000Z
DTSTART:20300403T120000Z
SUMMARY:A moment
END:VEVENT
END:VCALENDAR
`

// TestPublishedIsReadBack: another program reads in the calendar file the same busy times as
// partners are told of the same days.
func TestPublishedIsReadBack(t *testing.T) {
	t.Parallel()
	python := icalendar(t)
	w := newWorld(t)
	sources := newSources(t)
	write(t, filepath.Join(sources.Folder, "anna.ics"), strings.ReplaceAll(odd, "\n", "\r\n"))
	options := w.options()
	options.Calendars, options.TimeZone = sources, calendar.Location("Europe/Berlin")
	now := time.Date(2030, 3, 28, 12, 0, 0, 0, time.UTC)
	w.change(func() { w.now = now })
	w.restart(options)
	anna := published(func(m *federation.Mailbox) {
		m.Name = `Anna; "A", \x`
		m.CalendarSource.ICSPath = "anna.ics"
		m.CalendarFolder.PublishDateRangeFrom, m.CalendarFolder.PublishDateRangeTo = federation.OneWeek, federation.OneWeek
	})
	w.publish([]federation.Mailbox{anna}, everything())
	var feed []taken
	feedOf := w.get(annaPath + "/calendar.ics")
	if feedOf.status != http.StatusOK {
		t.Fatal(feedOf.status, feedOf.body)
	}
	command := exec.Command(python, "-W", "error", "-c", readFeed)
	command.Stdin = strings.NewReader(feedOf.body)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, feedOf.body)
	}
	if err := json.Unmarshal(output, &feed); err != nil {
		t.Fatal(err)
	}
	first := feed[0]
	if want := (taken{
		Start: "2030-03-25T08:15:00", End: "2030-03-25T08:30:00", Busy: "BUSY", Name: `Anna; "A", \x`,
		Subject: `Stand-up, daily; "bring\wear" ÄÖÜ 😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀 end`, Body: "one\ntwo\\three;",
	}); first != want {
		t.Errorf("got %+v, want %+v", first, want)
	}
	for i := range feed {
		feed[i].Subject, feed[i].Body, feed[i].Name = "", "", ""
	}
	told := w.tellsPartner(time.Date(2030, 3, 20, 23, 0, 0, 0, time.UTC), time.Date(2030, 4, 4, 22, 0, 0, 0, time.UTC)) // of Berlin
	order := func(a, b taken) int { return strings.Compare(a.Start+a.End+a.Busy, b.Start+b.End+b.Busy) }
	slices.SortFunc(feed, order)
	slices.SortFunc(told, order)
	if diff := cmp.Diff(told, feed); diff != "" || len(feed) < 14 {
		t.Errorf("%d entries (-free/busy +feed):\n%s", len(feed), diff)
	}
}

// tellsPartner is when Anna's time is taken, as a partner is told.
func (w *world) tellsPartner(from, to time.Time) []taken {
	w.t.Helper()
	request := asking("anna@fabrikam.com")
	request.FreeBusy.Start, request.FreeBusy.End, request.FreeBusy.RequestedView = from, to, availability.ViewDetailed
	var answer struct {
		Events []struct {
			StartTime, EndTime, BusyType string
		} `xml:"Body>GetUserAvailabilityResponse>FreeBusyResponseArray>FreeBusyResponse>FreeBusyView>CalendarEventArray>CalendarEvent"`
	}
	got := w.send(message(w.t, "/EWS/Exchange.asmx/WSSecurity", availability.Action, issueAt(w.t, w.now), request.Marshal(), availability.VersionBlock("Exchange2013")))
	if err := xml.Unmarshal([]byte(got.body), &answer); err != nil || got.status != http.StatusOK {
		w.t.Fatal(got.status, got.body, err)
	}
	var out []taken
	for _, e := range answer.Events {
		if e.BusyType != "Free" {
			out = append(out, taken{Start: e.StartTime, End: e.EndTime, Busy: strings.ToUpper(e.BusyType)})
		}
	}
	return out
}
