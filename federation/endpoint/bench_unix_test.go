//go:build unix

package endpoint_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/endpoint"
)

// week is a calendar with so many events within seven days from noon on.
func week(events int) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n")
	for i := range events {
		start := noon().Add(time.Duration(i) * 10_000 / time.Duration(events) * time.Minute)
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:event-%d\r\nDTSTAMP:20300101T000000Z\r\nDTSTART:%s\r\nDURATION:PT45M\r\nSUMMARY:Subject of event %d\r\nLOCATION:Room %d\r\nEND:VEVENT\r\n",
			i, start.Format("20060102T150405Z"), i, i%20)
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

// busy is a world of so many mailboxes with a calendar of so many events each, read from files already.
func busy(b *testing.B, mailboxes, events int) (w *world, request availability.Request, sources *endpoint.CalendarSources) {
	w = newWorld(b)
	sources = newSources(b)
	var all []federation.Mailbox
	request = asking()
	request.TimeZone = availability.TimeZone{ // as most have it, with summer time
		Bias: -60, Standard: availability.TimeZoneTime{Time: 3 * time.Hour, DayOrder: 5, Month: 10}, Daylight: availability.TimeZoneTime{Bias: -60, Time: 2 * time.Hour, DayOrder: 5, Month: 3},
	}
	request.FreeBusy = availability.FreeBusyViewOptions{Start: noon(), End: noon().AddDate(0, 0, 7), Interval: 30, RequestedView: availability.ViewDetailedMerged}
	for i := range mailboxes {
		m := mailbox(fmt.Sprintf("m%d", i), federation.PermissionReviewer)
		write(b, filepath.Join(sources.Folder, m.Name), week(events))
		all = append(all, m)
		request.Mailboxes = append(request.Mailboxes, availability.MailboxData{Address: m.PrimarySMTPAddress, AttendeeType: availability.Required})
	}
	sources.Now = func() time.Time { return time.Now().Add(time.Hour) } // to which the files are old enough to be kept
	w.change(func() { w.published, w.stamp = publishedBy(b, relationships(), all), "busy" })
	options := w.options()
	options.Calendars = sources
	var err error
	if w.server, err = endpoint.New(b.Context(), options); err != nil {
		b.Fatal(err)
	}
	return w, request, sources
}

// cpu is how much time of processors the function takes.
func cpu(b *testing.B, f func()) time.Duration {
	used := func() time.Duration {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			b.Fatal(err)
		}
		return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	begun := used()
	f()
	return used() - begun
}

func (w *world) answered(b *testing.B, token []byte, request availability.Request, events int) {
	if got := w.freeBusy(token, request); strings.Count(got.body, "<t:CalendarEvent>") != events*len(request.Mailboxes) {
		b.Fatalf("%d %.2000s", got.status, got.body)
	}
}

// unread is where an answer goes that nobody reads.
type unread struct {
	header http.Header
	status int
}

func (u *unread) Header() http.Header         { return u.header }
func (u *unread) Write(p []byte) (int, error) { return len(p), nil }
func (u *unread) WriteHeader(status int)      { u.status = status }

// answer returns what handles one request that is made now.
func (w *world) answer(b *testing.B, token []byte, request availability.Request) func() {
	r := message(b, "/EWS/Exchange.asmx/WSSecurity", availability.Action, token, request.Marshal())
	return func() {
		u := &unread{header: http.Header{}}
		if w.server.Handler().ServeHTTP(u, r); u.status != http.StatusOK {
			b.Fatal(u.status)
		}
	}
}

// BenchmarkAnswer compares, in turns, the processor time of answers about one mailbox to
// tokens that were never seen before with that to a token which was: token is which part of
// the former is the verification of the token.
func BenchmarkAnswer(b *testing.B) {
	w, request, _ := busy(b, 1, 200)
	known := issue(b)
	w.answered(b, known, request, 200)
	fresh, repeated := make([]func(), b.N), make([]func(), b.N)
	for i := range fresh {
		fresh[i], repeated[i] = w.answer(b, issue(b), request), w.answer(b, known, request)
	}
	var first, again time.Duration
	b.ResetTimer()
	const turn = 50
	for i := 0; i < b.N; i += turn {
		first += cpu(b, func() { each(fresh[i:min(i+turn, b.N)]) })
		again += cpu(b, func() { each(repeated[i:min(i+turn, b.N)]) })
	}
	b.ReportMetric(float64(first-again)/float64(first), "token")
}

func each(all []func()) {
	for _, f := range all {
		f()
	}
}

// BenchmarkHundred compares, in turns, the processor time of answers about a hundred mailboxes
// with that of an answer about one and of reading the other calendars: ratio is how much more
// that is.
func BenchmarkHundred(b *testing.B) {
	const events = 100 // of each: more do not fit into one answer
	w, request, sources := busy(b, 100, events)
	one := request
	one.Mailboxes = request.Mailboxes[:1]
	known := issue(b)
	w.answered(b, known, request, events)
	var hundred, parts time.Duration
	for b.Loop() {
		all, first := w.answer(b, known, request), w.answer(b, known, one)
		hundred += cpu(b, all)
		parts += cpu(b, func() {
			first()
			for i := range request.Mailboxes[1:] {
				read, err := sources.Events(b.Context(), mailbox(fmt.Sprintf("m%d", i+1), federation.PermissionReviewer), request.FreeBusy.Start, request.FreeBusy.End)
				if err != nil {
					b.Fatal(err)
				}
				answer := availability.Respond(availability.Calendar{Events: read}, "LimitedDetails", request.FreeBusy, "")
				if len(answer.View.Events) != events {
					b.Fatal(answer)
				}
			}
		})
	}
	b.ReportMetric(float64(hundred)/float64(parts), "ratio")
}
