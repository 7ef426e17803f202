package endpoint_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/availability"
)

// TestRequestsRefused: what the protocol does not allow is refused as a whole, with its code.
func TestRequestsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pass := issue(t)
	many := make([]string, 101)
	for i := range many {
		many[i] = "anna@fabrikam.com"
	}
	cases := []struct {
		name   string
		change func(*availability.Request)
		want   string
	}{
		{"101 mailboxes", func(r *availability.Request) { *r = asking(many...) }, requestFault("ErrorIndividualMailboxLimitReached", "101 mailboxes, at most 100 are allowed")},
		{"no mailbox", func(r *availability.Request) { r.Mailboxes = nil }, requestFault("ErrorMissingArgument", "no mailbox is asked about")},
		{"43 days", func(r *availability.Request) { r.FreeBusy.End = r.FreeBusy.Start.AddDate(0, 0, 43) }, requestFault("ErrorTimeIntervalTooBig", "the window is longer than 42 days")},
		{"42 days and a second", func(r *availability.Request) { r.FreeBusy.End = r.FreeBusy.Start.AddDate(0, 0, 42).Add(time.Second) }, requestFault("ErrorTimeIntervalTooBig", "the window is longer than 42 days")},
		{"end before start", func(r *availability.Request) { r.FreeBusy.End = r.FreeBusy.Start.Add(-time.Second) }, requestFault("ErrorInvalidTimeInterval", "the window does not end after it starts")},
		{"end at start", func(r *availability.Request) { r.FreeBusy.End = r.FreeBusy.Start }, requestFault("ErrorInvalidTimeInterval", "the window does not end after it starts")},
		{"interval 4", func(r *availability.Request) { r.FreeBusy.Interval = 4 }, requestFault("ErrorInvalidMergedFreeBusyInterval", "an interval of 4 minutes, 5 to 1440 are allowed")},
		{"interval 1441", func(r *availability.Request) { r.FreeBusy.Interval = 1441 }, requestFault("ErrorInvalidMergedFreeBusyInterval", "an interval of 1441 minutes, 5 to 1440 are allowed")},
		{"view None", func(r *availability.Request) { r.FreeBusy.RequestedView = availability.ViewNone }, requestFault("ErrorInvalidFreeBusyViewType", `the view &#34;None&#34; is none to be asked for`)},
	}
	for _, c := range cases {
		request := asking("anna@fabrikam.com")
		c.change(&request)
		got := w.freeBusy(pass, request)
		if diff := cmp.Diff(c.want, got.body); diff != "" || got.status != http.StatusInternalServerError {
			t.Errorf("%s: %d (-want +got):\n%s", c.name, got.status, diff)
		}
	}
	if len(cases) < 9 || w.calendars.asked != 0 {
		t.Fatalf("%d cases, calendars were read %d times", len(cases), w.calendars.asked)
	}
	for name, change := range map[string]func(*availability.Request){
		"42 days": func(r *availability.Request) { r.FreeBusy.End = r.FreeBusy.Start.AddDate(0, 0, 42) }, "100 mailboxes": func(r *availability.Request) { *r = asking(many[1:]...) },
		"interval 5": func(r *availability.Request) { r.FreeBusy.Interval = 5 }, "interval 1440": func(r *availability.Request) { r.FreeBusy.Interval = 1440 },
	} {
		request := asking("anna@fabrikam.com")
		change(&request)
		if got := w.freeBusy(pass, request); got.status != http.StatusOK || strings.Count(got.body, "NoError") != len(request.Mailboxes) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

// TestWindow: calendars are asked about the window of the request, in UTC as well as in a
// zone that the header names.
func TestWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var from, to time.Time
	w.calendars.by["anna"] = func(_ context.Context, start, end time.Time) ([]availability.Event, error) {
		from, to = start, end
		return nil, nil
	}
	_ = w.freeBusy(issue(t), asking("anna@fabrikam.com"))
	if !from.Equal(noon().Add(-4*time.Hour)) || !to.Equal(noon()) {
		t.Errorf("asked about %s to %s", from, to)
	}
}

// TestCalendarDown: a calendar that cannot be read is the trouble of one mailbox alone.
func TestCalendarDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.calendars.has("anna", tea(), doctor())
	w.calendars.by["bob"] = failing
	want := availabilityOf(shown("DetailedMerged", digits+fullEvents), unreadable(), shown("DetailedMerged", digits+fullEvents))
	got := w.freeBusy(issue(t), asking("anna@fabrikam.com", "bob@fabrikam.com", "anna@fabrikam.com"))
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.calendars.has("anna", make([]availability.Event, 1)...)
	crowd := make([]availability.Event, availability.MaxEvents+1)
	for i := range crowd {
		crowd[i] = tea()
	}
	w.calendars.has("bob", crowd...)
	want = availabilityOf(failed("ErrorFreeBusyGenerationFailed", "The result set contains too many calendar entries. The allowed size = 1000; the actual size = 1001."))
	if diff := cmp.Diff(want, w.freeBusy(issue(t), asking("bob@fabrikam.com")).body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCalendarPanics: what a calendar does to the program that reads it is between the two.
func TestCalendarPanics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.calendars.has("anna", tea(), doctor())
	w.calendars.by["bob"] = func(context.Context, time.Time, time.Time) ([]availability.Event, error) { panic("no such day") }
	want := availabilityOf(unreadable(), shown("DetailedMerged", digits+fullEvents))
	got := w.freeBusy(issue(t), asking("bob@fabrikam.com", "anna@fabrikam.com"))
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if log := w.log.take(); !strings.Contains(log, "panic: no such day") {
		t.Errorf("the log does not tell of the panic:\n%s", log)
	}
}

// TestAnswersAreBounded asks a hundred times about a calendar that has all the events it may.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	crowd := make([]availability.Event, availability.MaxEvents)
	for i := range crowd {
		crowd[i] = tea()
	}
	w.calendars.has("anna", crowd...)
	w.calendars.has("bob")
	var addresses []string
	for range 99 {
		addresses = append(addresses, "anna@fabrikam.com")
	}
	got := w.freeBusy(issue(t), asking(append(addresses, "bob@fabrikam.com")...)).body
	events, refused, fine := strings.Count(got, "<t:CalendarEvent>"), strings.Count(got, "Ask about fewer mailboxes at once."), strings.Count(got, "<m:ResponseCode>NoError<")
	if events != 10_000 || refused != 89 || fine != 11 {
		t.Errorf("%d events, %d mailboxes refused, %d not, want 10000, 89, 11", events, refused, fine)
	}
}

// hundred is a hundred mailboxes, each with a meeting as many minutes long as its number.
func hundred(t *testing.T, w *world) (addresses []string) {
	var all []federation.Mailbox
	for i := range 100 {
		m := mailbox(fmt.Sprintf("m%d", i), federation.PermissionReviewer)
		all = append(all, m)
		addresses = append(addresses, m.PrimarySMTPAddress)
		w.calendars.has(m.Name, availability.Event{Start: noon().Add(-time.Hour), End: noon().Add(time.Duration(i-60) * time.Minute), BusyType: availability.Busy})
	}
	w.change(func() { w.published, w.stamp = publishedBy(t, relationships(), all), "hundred" })
	return addresses
}

func meetingOf(i int) string {
	end := noon().Add(time.Duration(i-60) * time.Minute).Format("2006-01-02T15:04:05")
	return shown("FreeBusy", `<t:CalendarEventArray><t:CalendarEvent><t:StartTime>2030-02-06T11:00:00</t:StartTime><t:EndTime>`+end+
		`</t:EndTime><t:BusyType>Busy</t:BusyType></t:CalendarEvent></t:CalendarEventArray>`)
}

// TestSlowCalendars: of a hundred calendars fifty never answer. The others are answered
// when the patience of 25 seconds is over, each in its place.
func TestSlowCalendars(t *testing.T) {
	t.Parallel()
	pass := issue(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		addresses := hundred(t, w)
		var want []string
		for i := range addresses {
			if i%2 == 0 {
				want = append(want, meetingOf(i))
				continue
			}
			want = append(want, unreadable())
			w.calendars.by[fmt.Sprintf("m%d", i)] = func(ctx context.Context, _, _ time.Time) ([]availability.Event, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
		}
		request := asking(addresses...)
		request.FreeBusy.RequestedView = availability.ViewFreeBusy
		begun := time.Now() // of the bubble, in which only waiting takes time
		got := w.freeBusy(pass, request)
		if diff := cmp.Diff(availabilityOf(want...), got.body); diff != "" || got.status != http.StatusOK {
			t.Errorf("%d (-want +got):\n%s", got.status, diff)
		}
		if took := time.Since(begun); took != 25*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// TestCalendarsAtOnce: calendars are read side by side, so that the answer comes when the
// slowest has been read.
func TestCalendarsAtOnce(t *testing.T) {
	t.Parallel()
	pass := issue(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		addresses := hundred(t, w)
		var want []string
		for i := range addresses {
			want = append(want, meetingOf(i))
			read := w.calendars.by[fmt.Sprintf("m%d", i)]
			w.calendars.by[fmt.Sprintf("m%d", i)] = func(ctx context.Context, from, to time.Time) ([]availability.Event, error) {
				time.Sleep(time.Duration(100-i) * 100 * time.Millisecond) // of the bubble's time: the last is first
				return read(ctx, from, to)
			}
		}
		request := asking(addresses...)
		request.FreeBusy.RequestedView = availability.ViewFreeBusy
		begun := time.Now()
		if diff := cmp.Diff(availabilityOf(want...), w.freeBusy(pass, request).body); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// TestMailboxNamedOften: a mailbox that is named many times, in whatever way, is read once, and
// each place of the answer has it.
func TestMailboxNamedOften(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.calendars.has("anna", tea(), doctor())
	w.calendars.by["bob"] = failing
	var addresses []string
	var want []string
	refused := unreadable()
	for range 25 {
		addresses = append(addresses, "anna@fabrikam.com", "ANNA@Fabrikam.com", "bob@fabrikam.com", "nobody@fabrikam.com")
		full := shown("DetailedMerged", digits+fullEvents)
		want = append(want, full, full, refused, notFound())
	}
	if got := w.freeBusy(issue(t), asking(addresses...)); got.body != availabilityOf(want...) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if w.calendars.asked != 2 {
		t.Errorf("calendars were read %d times, not twice", w.calendars.asked)
	}
}
