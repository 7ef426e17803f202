package calendar_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/calendar"
)

const password = "correct horse battery staple"

// stage is a web server whose behaviour a test changes as it goes, and a clock.
type stage struct {
	*httptest.Server
	mutex  sync.Mutex
	handle http.HandlerFunc
	asked  []string // method, path and what is told apart, of each request
	now    time.Time
}

func newStage(t *testing.T, handle http.HandlerFunc) *stage {
	s := &stage{handle: handle, now: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mutex.Lock()
		_, _, auth := r.BasicAuth()
		s.asked = append(s.asked, fmt.Sprintf("%s %s %q auth=%t", r.Method, r.URL.Path, r.Header.Get("If-None-Match")+r.Header.Get("If-Modified-Since"), auth))
		handle := s.handle
		s.mutex.Unlock()
		handle(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *stage) behave(handle http.HandlerFunc) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.handle = handle
}

func (s *stage) pass(d time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.now = s.now.Add(d)
}

func (s *stage) clock() time.Time {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.now
}

func (s *stage) requests() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.asked)
}

func (s *stage) server() calendar.Server {
	return calendar.Server{
		URL: s.URL + "/secret-path/basic.ics", User: "ann", Password: password, Transport: s.Client().Transport,
		Freshness: calendar.Freshness{Refresh: time.Minute, Grace: time.Hour, Retry: time.Second, Now: s.clock},
	}
}

func (s *stage) source(t *testing.T, server calendar.Server) calendar.Source {
	t.Helper()
	source, err := calendar.NewHTTPS(server)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func serve(etag string, subject string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", etag)
		_, _ = w.Write(ics(vevent("UID:1", "DTSTART:20260105T090000Z", "SUMMARY:"+subject)))
	}
}

func fail(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

// loaded returns the subject of the one event, or the identifier of the error.
func loaded(t *testing.T, source calendar.Source) string {
	t.Helper()
	c, err := source.Load(t.Context())
	if err != nil {
		for _, secret := range []string{password, "secret-path"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error says %q: %v", secret, err)
			}
		}
		return idOf(err)
	}
	events, err := c.Events(t.Context(), moment(t, "2026-01-05T00:00:00Z"), moment(t, "2026-01-06T00:00:00Z"), nil)
	if err != nil || len(events) != 1 {
		t.Fatalf("%v %v, one event is expected", events, err)
	}
	return events[0].Subject
}

// TestHTTPSHoldsACopy goes through the life of a copy: fresh, asked about, changed, kept
// while the server fails, given up.
func TestHTTPSHoldsACopy(t *testing.T) {
	t.Parallel()
	s := newStage(t, serve(`"1"`, "first"))
	source := s.source(t, s.server())
	var have []string
	step := func(d time.Duration, handle http.HandlerFunc) {
		s.pass(d)
		if handle != nil {
			s.behave(handle)
		}
		have = append(have, loaded(t, source))
	}
	step(0, nil)
	step(59*time.Second, serve(`"2"`, "second")) // not asked for yet
	step(time.Second, serve(`"1"`, "first"))     // 304
	step(time.Minute, serve(`"2"`, "second"))
	step(time.Minute, fail(500))
	step(time.Second/2, nil) // not asked again so soon
	step(time.Minute, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "BEGIN:VCALENDAR\n") })
	step(58*time.Minute, fail(500))
	step(time.Minute, nil)
	step(time.Minute, serve(`"3"`, "third"))
	want := []string{"first", "first", "first", "second", "second", "second", "second", "second", "CalendarUnreachable", "third"}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("-want +have\n%s", diff)
	}
	const get = "GET /secret-path/basic.ics "
	asked := []string{
		get + `"" auth=true`, get + `"\"1\"" auth=true`, get + `"\"1\"" auth=true`, get + `"\"2\"" auth=true`,
		get + `"\"2\"" auth=true`, get + `"\"2\"" auth=true`, get + `"\"2\"" auth=true`, get + `"\"2\"" auth=true`,
	}
	if diff := cmp.Diff(asked, s.requests()); diff != "" {
		t.Errorf("-want +asked\n%s", diff)
	}
}

// TestHTTPSRefuses gives answers that no calendar comes from.
func TestHTTPSRefuses(t *testing.T) {
	t.Parallel()
	elsewhere := newStage(t, serve(`"1"`, "elsewhere"))
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	cases := []struct {
		name   string
		handle http.HandlerFunc
		want   string
	}{
		{"unauthorized", fail(401), "CalendarRefused"},
		{"not found", fail(404), "CalendarNotFound"},
		{"server error", fail(500), "CalendarUnreachable"},
		{"304 to nothing held", fail(304), "CalendarUnreachable"},
		{"a page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, "CalendarMalformed"},
		{"http", redirect("http://127.0.0.1:1/x"), "CalendarRedirected"},
		{"another scheme", redirect("file:///etc/passwd"), "CalendarRedirected"},
		{"in circles", redirect("/secret-path/again"), "CalendarRedirected"},
		{"nowhere", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) }, "CalendarRedirected"},
		{"to another host, without the password", redirect(elsewhere.URL + "/there"), "elsewhere"},
		{"never", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); panic(http.ErrAbortHandler) }, "CalendarUnreachable"},
		{"longer than it is", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, "BEGIN:VCALENDAR\nEND:VCALENDAR\n")
		}, "CalendarUnreachable"},
		{"announced to be gigantic", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "200000000") }, "CalendarTooLarge"},
	}
	for _, tc := range cases {
		s := newStage(t, tc.handle)
		server := s.server()
		server.Timeout = 2 * time.Second
		if have := loaded(t, s.source(t, server)); have != tc.want {
			t.Errorf("%s: %s, %s is expected", tc.name, have, tc.want)
		}
	}
	if diff := cmp.Diff([]string{`GET /there "" auth=false`}, elsewhere.requests()); diff != "" {
		t.Errorf("-want +asked elsewhere\n%s", diff)
	}
	if len(cases) < 13 {
		t.Errorf("%d cases, at least 13 are expected", len(cases))
	}
}

// TestHTTPSGigantic serves 200 MB without saying so, and watches what is allocated.
func TestHTTPSGigantic(t *testing.T) {
	s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
		block := []byte(strings.Repeat("X-FILLER:0123456789\r\n", 1<<15))
		for range 300 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	server := s.server()
	server.Limits.Bytes = 1 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	have := loaded(t, s.source(t, server))
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; have != "CalendarTooLarge" || grown > 20<<20 {
		t.Errorf("%s and %d bytes allocated, CalendarTooLarge and at most 20 MiB are expected", have, grown)
	}
}

func TestServerIsJudged(t *testing.T) {
	t.Parallel()
	urls := []string{"http://a.example/x", "https://u:" + "p@a.example/x", "ftp://a.example/", "https:///x", "a.ics", "https://a.example/\x7f"}
	for _, url := range urls {
		_, err := calendar.NewHTTPS(calendar.Server{URL: url})
		_, same := calendar.NewCalDAV(calendar.CalDAV{Server: calendar.Server{URL: url}})
		if idOf(err) != "InvalidCalendarUrl" || idOf(same) != "InvalidCalendarUrl" || strings.Contains(err.Error(), "u:p") {
			t.Errorf("%q: %v, %v", url, err, same)
		}
	}
}

// TestNobodyWaits cancels a request, which is no reason to hold it against the server.
func TestNobodyWaits(t *testing.T) {
	t.Parallel()
	s := newStage(t, serve(`"1"`, "first"))
	source := s.source(t, s.server())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := source.Load(ctx); idOf(err) != "CalendarInterrupted" {
		t.Errorf("%v, CalendarInterrupted is expected", err)
	}
	if have := loaded(t, source); have != "first" {
		t.Errorf("%s, first is expected", have)
	}
}
