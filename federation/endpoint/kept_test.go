package endpoint_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// TestKeptBytesAreBounded: of calendars that are too long together that which was asked about
// longest ago is read anew. What a calendar weighs is what it was when it was read last.
func TestKeptBytesAreBounded(t *testing.T) {
	t.Parallel()
	dav := &davServer{password: "x"}
	server := httptest.NewServer(dav)
	t.Cleanup(server.Close)
	c := newSources(t)
	now := noon()
	c.Now, c.Getenv = func() time.Time { return now }, func(string) string { return "x" }
	c.MaxBytes = 3*len(ics("Tea")) + 40
	asked := 0
	ask := func(name string, served int) {
		t.Helper()
		asked++
		now = now.Add(time.Millisecond)
		source := federation.CalendarSource{ICSURL: server.URL + "/" + name, UserName: "exfed", PasswordVariable: "X", RefreshInterval: federation.Interval(24 * time.Hour)}
		if _, err := events(t, c, source); err != nil || dav.served != served {
			t.Errorf("%d, %s: %v, served %d times, not %d", asked, name, err, dav.served, served)
		}
	}
	ask("a", 1)
	ask("b", 2)
	ask("c", 3)
	for range 3 { // three fit
		ask("a", 3)
		ask("b", 3)
		ask("c", 3)
	}
	ask("d", 4) // and a is given up
	ask("b", 4)
	ask("c", 4)
	ask("d", 4)
	ask("a", 5) // and b is given up
	ask("c", 5)
	// A file takes the place of two others, and leaves one when it is half as long.
	file := federation.CalendarSource{ICSPath: "file"}
	grow := func(filler int) {
		t.Helper()
		write(t, filepath.Join(c.Folder, "file"), strings.Replace(ics("Tea"), "VERSION", "X-FILLER:"+strings.Repeat("x", filler)+"\r\nVERSION", 1))
		now = now.Add(time.Millisecond)
		if _, err := events(t, c, file); err != nil {
			t.Error(err)
		}
	}
	grow(len(ics("Tea")) - 50) // d and a are given up
	ask("c", 5)
	grow(0)
	ask("a", 6)
	ask("c", 6)
	ask("d", 7) // and the file is given up
	ask("a", 7)
	if asked != 23 {
		t.Errorf("asked %d times", asked)
	}
}

// TestLeftOutIsLogged: what was not understood of a calendar is in the log once, until it is
// something else.
func TestLeftOutIsLogged(t *testing.T) {
	t.Parallel()
	c := newSources(t)
	log := &lines{}
	c.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{ReplaceAttr: untimed}))
	bad := func(count int) string {
		var b strings.Builder
		for i := range count {
			fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:bad\u202e%d\r\nDTSTART:never\r\nEND:VEVENT\r\n", i)
		}
		return strings.Replace(ics("Tea"), "END:VCALENDAR", b.String()+"END:VCALENDAR", 1)
	}
	const begin = `{"level":"WARN","msg":"calendar entries left out","request":"","mailbox":"anna@fabrikam.com",`
	reason := func(i int) string { return fmt.Sprintf(`"bad?%d: DTSTART \"never\" is not a date and time"`, i) }
	steps := []struct{ content, want string }{
		{ics("Tea"), ""},
		{bad(1), begin + `"count":1,"first":[` + reason(0) + "]}\n"},
		{bad(1), ""},
		{bad(120), begin + `"count":120,"first":[` + reason(0) + "," + reason(1) + "," + reason(2) + "]}\n"},
		{ics("Tea"), ""},
		{bad(1), begin + `"count":1,"first":[` + reason(0) + "]}\n"},
	}
	for i, step := range steps {
		write(t, filepath.Join(c.Folder, "anna"), step.content)
		for repeat := range 2 {
			if _, err := events(t, c, federation.CalendarSource{ICSPath: "anna"}); err != nil {
				t.Error(err)
			}
			if repeat == 1 {
				step.want = ""
			}
			if diff := cmp.Diff(step.want, log.take()); diff != "" {
				t.Errorf("%d, %d (-want +got):\n%s", i, repeat, diff)
			}
		}
	}
	if len(steps) < 6 {
		t.Fatal("steps are missing")
	}
}
