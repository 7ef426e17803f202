package endpoint_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/calendar"
	"exfed/federation/publish"
)

// reader is a world that publishes Anna's calendar, searchable and with all details.
func reader(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.calendars.keeps(t, "anna", secretCalendar)
	w.publish([]federation.Mailbox{published(searchable)}, everything())
	w.log.take()
	return w
}

// TestPublishedHeaders compares all headers, of GET and HEAD.
func TestPublishedHeaders(t *testing.T) {
	t.Parallel()
	w := reader(t)
	for path, secret := range map[string]bool{annaPath: true, annaPublic: false} {
		for file, want := range map[string]http.Header{
			"/calendar.ics":  {"Content-Type": {"text/calendar; charset=utf-8"}, "Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"}},
			"/calendar.html": {"Content-Type": {"text/html; charset=utf-8"}, "Content-Security-Policy": {publish.ContentSecurityPolicy()}},
		} {
			got, head := w.get(path+file), w.request(http.MethodHead, path+file)
			tag := got.header.Get("ETag")
			if len(tag) != len(`W/""`)+32 {
				t.Errorf("%s%s: ETag %q", path, file, tag)
			}
			want["Etag"], want["Content-Length"], want["Accept-Ranges"] = []string{tag}, []string{fmt.Sprint(len(got.body))}, []string{"bytes"}
			want["Cache-Control"], want["Referrer-Policy"], want["X-Content-Type-Options"] = []string{"private, no-cache"}, []string{"no-referrer"}, []string{"nosniff"}
			want["Date"] = []string{"Wed, 06 Feb 2030 12:00:01 GMT"}
			if secret {
				want["X-Robots-Tag"] = []string{"noindex, nofollow"}
			}
			if diff := cmp.Diff(want, got.header); diff != "" || got.status != http.StatusOK || len(got.body) < 500 {
				t.Errorf("%s%s: %d, %d bytes (-want +got):\n%s", path, file, got.status, len(got.body), diff)
			}
			if diff := cmp.Diff(want, head.header); diff != "" || head.status != http.StatusOK {
				t.Errorf("HEAD %s%s: %d (-want +got):\n%s", path, file, head.status, diff)
			}
		}
	}
	if policy := publish.ContentSecurityPolicy(); strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none';") {
		t.Errorf("the pages' policy is %q", policy)
	}
}

// TestPublishedMethods: only GET and HEAD, whether there is a calendar or not.
func TestPublishedMethods(t *testing.T) {
	t.Parallel()
	w := reader(t)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch, "PROPFIND"} {
		for _, path := range []string{annaPath, "/owa/calendar/nobody"} {
			got := w.request(method, path+"/calendar.ics")
			if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %d, Allow %q", method, path, got.status, got.header.Get("Allow"))
			}
		}
	}
	if w.calendars.asked != 0 {
		t.Errorf("calendars were read %d times", w.calendars.asked)
	}
}

// TestPublishedIsCached: who has a calendar is told so for as long as it says the same, and
// not when it is published no longer.
func TestPublishedIsCached(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"/calendar.ics", "/calendar.html", "/calendar.html?view=week&day=2030-02-06&tz=Europe/Berlin"} {
		w := reader(t)
		tag := w.get(annaPath + file).header.Get("ETag")
		again := func() answer { return w.request(http.MethodGet, annaPath+file, "If-None-Match", tag) }
		if got := again(); got.status != http.StatusNotModified || got.body != "" || got.header.Get("ETag") != tag || got.header.Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s at once: %d %v", file, got.status, got.header)
		}
		w.change(func() { w.now = w.now.Add(3 * time.Hour) })
		if got := again(); got.status != http.StatusNotModified {
			t.Errorf("%s later the same day: %d", file, got.status)
		}
		if got := w.request(http.MethodGet, annaPath+file, "If-None-Match", `"other", `+tag); got.status != http.StatusNotModified {
			t.Errorf("%s, one of several: %d", file, got.status)
		}
		if got := w.request(http.MethodGet, annaPath+file, "If-None-Match", `W/"00000000000000000000000000000000"`); got.status != http.StatusOK {
			t.Errorf("%s, another: %d", file, got.status)
		}
		w.publish([]federation.Mailbox{published()}, allowing("Anonymous:CalendarSharingFreeBusySimple"))
		if got := again(); got.status != http.StatusOK || got.header.Get("ETag") == tag {
			t.Errorf("%s, less is shown: %d", file, got.status)
		}
		w.publish([]federation.Mailbox{published()}, everything())
		if got := again(); got.status != http.StatusNotModified {
			t.Errorf("%s, as before: %d", file, got.status)
		}
		w.calendars.keeps(t, "anna", strings.Replace(secretCalendar, "T090000Z", "T091500Z", 1))
		if got := again(); got.status != http.StatusOK {
			t.Errorf("%s, moved: %d", file, got.status)
		}
		w.publish([]federation.Mailbox{published()})
		if got := again(); got.status != http.StatusNotFound {
			t.Errorf("%s, revoked: %d", file, got.status)
		}
	}
}

// TestPublishedRates: one address, or the 64 bits of IPv6 that somebody has, asks so often and
// no oftener, whether there is something or not; others are not hindered, and all together
// are bounded too.
func TestPublishedRates(t *testing.T) {
	t.Parallel()
	w := reader(t)
	w.calendars.occurrences = nil // empty, which is quick
	ask := func(remote, path string) answer {
		r := get(t, path)
		r.RemoteAddr = remote
		return w.send(r)
	}
	for i, remotes := range [][]string{{"192.0.2.7:1000", "192.0.2.7:2000", "[::ffff:192.0.2.7]:3"}, {"[2001:db8:1:2::1]:5", "[2001:db8:1:2:ffff::9]:6"}} {
		for n := range 60 {
			path := []string{annaPath + "/calendar.ics", "/owa/calendar/x/y/calendar.ics"}[n%2]
			if got := ask(remotes[n%len(remotes)], path); got.status != []int{http.StatusOK, http.StatusNotFound}[n%2] {
				t.Fatalf("%d, request %d: %d", i, n, got.status)
			}
		}
		for _, remote := range remotes {
			got := ask(remote, annaPath+"/calendar.ics")
			if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") != "1" || got.body != "too many requests, try again later\n" {
				t.Errorf("%s: %d, Retry-After %q: %s", remote, got.status, got.header.Get("Retry-After"), got.body)
			}
		}
	}
	for _, other := range []string{"192.0.2.8:1000", "[2001:db8:1:3::1]:5", "not an address"} {
		if got := ask(other, annaPath+"/calendar.ics"); got.status != http.StatusOK {
			t.Errorf("%s: %d", other, got.status)
		}
	}
	if log := w.log.take(); strings.Count(log, `"too many requests for published calendars"`) != 5 || strings.Contains(log, annaID) {
		t.Errorf("the log:\n%s", log)
	}
	w.change(func() {}) // a second later
	for n := range 3 {
		if got, want := ask("192.0.2.7:1000", annaPath+"/calendar.ics").status, []int{http.StatusOK, http.StatusOK, http.StatusTooManyRequests}[n]; got != want {
			t.Errorf("a second later, request %d: %d", n, got)
		}
	}
	refused := 0
	for n := range 600 {
		if ask(fmt.Sprintf("203.0.%d.%d:1", n/250, n%250), "/owa/calendar/x").status == http.StatusTooManyRequests {
			refused++
		}
	}
	// All have 500, of which 123 were taken, 100 came back in the second, and 2 were taken again.
	if refused != 600-(500-123+100-2) {
		t.Errorf("%d of 600 were refused", refused)
	}
}

// TestPublishedSlots: no more calendars than that are read at once, and of one address fewer.
func TestPublishedSlots(t *testing.T) {
	t.Parallel()
	w := reader(t)
	inside, release := make(chan struct{}), make(chan struct{})
	w.calendars.occurrences = map[string]func(context.Context, time.Time, time.Time) ([]calendar.Event, error){
		"anna": func(context.Context, time.Time, time.Time) ([]calendar.Event, error) {
			inside <- struct{}{}
			<-release
			return nil, nil
		},
	}
	var wg sync.WaitGroup
	for n := range 16 {
		wg.Go(func() {
			if got := w.readBy(n/4, annaPath+"/calendar.ics"); got.status != http.StatusOK {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
		<-inside
		if n == 3 {
			if got := w.readBy(0, annaPath+"/calendar.ics"); !isBusy(got) {
				t.Errorf("a fifth of one address: %d %s", got.status, got.body)
			}
		}
	}
	if got := w.readBy(9, annaPath+"/calendar.ics"); !isBusy(got) {
		t.Errorf("one more: %d %s", got.status, got.body)
	}
	if got := w.freeBusy(issue(t), asking("bob@fabrikam.com")); got.status != http.StatusOK {
		t.Errorf("a partner is kept out: %d", got.status)
	}
	close(release)
	go func() {
		for range inside {
		}
	}()
	wg.Wait()
	for n := range 20 {
		if got := w.readBy(n/4, annaPath+"/calendar.ics"); got.status != http.StatusOK {
			t.Errorf("afterwards: %d %s", got.status, got.body)
		}
	}
	close(inside)
}

// TestPublishedFails: a calendar that cannot be read is no empty one, and why stands in the
// log alone.
func TestPublishedFails(t *testing.T) {
	t.Parallel()
	reads := map[string]func(context.Context, time.Time, time.Time) ([]calendar.Event, error){
		"error": func(context.Context, time.Time, time.Time) ([]calendar.Event, error) {
			return nil, errors.New("secret.example is down")
		},
		"panic": func(context.Context, time.Time, time.Time) ([]calendar.Event, error) { panic("secret.example") },
	}
	for name, read := range reads {
		w := reader(t)
		w.calendars.occurrences = map[string]func(context.Context, time.Time, time.Time) ([]calendar.Event, error){"anna": read}
		for _, file := range []string{"/calendar.ics", "/calendar.html"} {
			got := w.get(annaPath + file)
			if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || strings.Contains(whole(got), "secret.example") {
				t.Errorf("%s%s: %s", name, file, whole(got))
			}
			if log := w.log.take(); !strings.Contains(log, "secret.example") || !strings.Contains(log, `"level":"ERROR"`) || strings.Contains(log, annaID) {
				t.Errorf("%s%s: the log:\n%s", name, file, log)
			}
		}
	}
	w := newWorld(t)
	w.publish([]federation.Mailbox{published(func(m *federation.Mailbox) { m.CalendarSource = nil })}, everything())
	if got := w.get(annaPath + "/calendar.ics"); got.status != http.StatusServiceUnavailable || !strings.Contains(w.log.take(), "no calendar source is set") {
		t.Errorf("no source: %d", got.status)
	}
}

// TestPublishedIsShared: readers who are slow do not have a copy of the calendar each. That
// they have the same one shows in the time it was made.
func TestPublishedIsShared(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"/calendar.ics", "/calendar.html?day=2030-02-06"} {
		w := reader(t)
		slow := &slowReader{ResponseRecorder: httptest.NewRecorder(), begun: make(chan struct{}), release: make(chan struct{})}
		handler := w.server.Handler()
		var wg sync.WaitGroup
		wg.Go(func() { handler.ServeHTTP(slow, get(t, annaPath+file)) })
		<-slow.begun
		w.change(func() { w.now = w.now.Add(time.Minute) })
		during := w.get(annaPath + file).body
		other := w.get(annaPath + "/calendar.html?view=week").body
		close(slow.release)
		wg.Wait()
		after := w.get(annaPath + file).body
		if first := slow.Body.String(); len(first) < 500 || during != first || after == first || other == first {
			t.Errorf("%s: the same meanwhile: %t, afterwards: %t, for another file: %t; %d bytes", file, during == first, after == first, other == first, len(first))
		}
	}
}

// slowReader takes nothing of an answer until it is released.
type slowReader struct {
	*httptest.ResponseRecorder
	once           sync.Once
	begun, release chan struct{}
}

func (s *slowReader) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.begun) })
	<-s.release
	return s.ResponseRecorder.Write(p)
}

// TestPublishedLog compares the lines; the address of a calendar is not in it.
func TestPublishedLog(t *testing.T) {
	t.Parallel()
	w := reader(t)
	for _, path := range []string{annaPath + "/calendar.ics", annaPublic + "/calendar.html?view=week", "/owa/calendar/" + annaID[:31] + "0@fabrikam.com/" + annaSecret + "/calendar.html", "/OWA/calendar/\x1b[31m", "/owa/calendar/"} {
		w.send(get(t, path))
	}
	const line = `{"level":"INFO","msg":"published calendar","request":"unnumbered","path":"%s","mailbox":"anna@fabrikam.com","file":"%s","granted":"Reviewer","policy":"Default","reason":"Granted","entries":6}` + "\n"
	const never = `{"level":"INFO","msg":"no such published calendar","request":"unnumbered","path":"%s"}` + "\n"
	want := fmt.Sprintf(line, "001122", "calendar.ics") + fmt.Sprintf(line, "anna@f", "calendar.html") +
		fmt.Sprintf(never, "001122") + fmt.Sprintf(never, "?[31m") + fmt.Sprintf(never, "")
	if diff := cmp.Diff(want, w.log.take()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// get is a request for a path that need not be fit for a URL.
func get(t *testing.T, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	path, r.URL.RawQuery, _ = strings.Cut(path, "?")
	r.URL.Path, r.RemoteAddr = path, "192.0.2.1:1234"
	return r
}
