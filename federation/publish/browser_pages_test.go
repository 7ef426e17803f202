package publish_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/publish"
	"exfed/policy"
)

// TestBrowser opens pages in Chromium, whose own time zone is Asia/Tokyo, while the
// calendar's is Europe/Berlin. One browser answers all questions.
func TestBrowser(t *testing.T) {
	t.Parallel()
	empty := sales(t)
	empty.Entries, empty.Level = nil, policy.AvailabilityOnly
	b := startBrowser(t, map[string]publish.Calendar{"sales": sales(t), "empty": empty, "hostile": hostileCalendar(t)})
	t.Run("layout and accessibility", b.audits)
	t.Run("keyboard", b.keyboard)
	t.Run("zone of the viewer", b.ownZone)
	t.Run("without script", b.withoutScript)
	t.Run("print", b.printed)
	t.Run("hostile texts", b.hostileTexts)
	if folder := os.Getenv("EXFED_PICTURES"); folder != "" {
		t.Run("pictures", func(t *testing.T) { b.pictures(t, folder) })
	}
}

// looks are the pages and windows that a page is looked at in.
func looks() []question {
	var out []question
	for _, page := range []string{
		"/sales?tz=Europe/Berlin&day=2026-11-30&view=month", "/sales?tz=Europe/Berlin&day=2026-12-02&view=week",
	} {
		for _, width := range []int{320, 800, 1280} {
			for _, dark := range []bool{false, true} {
				out = append(out, question{URL: page, Width: width, Dark: dark})
			}
		}
	}
	return append(out,
		question{URL: "/empty?tz=Mars/Phobos&view=week&day=2026-08-26", Width: 320},
		question{URL: "/empty?tz=Asia/Tokyo&view=month&day=2027-03-01", Width: 1280, Dark: true},
		question{URL: "/hostile?tz=Asia/Tokyo&view=month", Width: 320, Dark: true},
		question{URL: "/hostile?tz=Asia/Tokyo&view=month", Width: 1280},
		question{URL: "/hostile?tz=Asia/Tokyo&view=week", Width: 320},
	)
}

// audits wants no page wider than its window and none with a violation of accessibility.
func (b *browser) audits(t *testing.T) {
	seen := 0
	for _, q := range looks() {
		q.Ask = "audit"
		if q.Width == 800 {
			q.Ask = "layout" // what hinders people is looked for in narrow and wide windows
		}
		a := b.ask(t, q)
		if a.Window != q.Width || a.Scroll > q.Width || len(a.Wide) > 0 {
			t.Errorf("%+v: the page is %d wide in a window of %d: %q", q, a.Scroll, a.Window, a.Wide)
		}
		if q.Ask == "audit" && (len(a.Violations) > 0 || len(a.Incomplete) > 0 || a.Passes < 40) {
			t.Errorf("%+v: %d rules are kept, violated %q, undecided %q", q, a.Passes, a.Violations, a.Incomplete)
		}
		seen++
	}
	if seen < 17 {
		t.Errorf("%d pages were seen, at least 17 are expected", seen)
	}
}

// keyboard wants the TAB key to come to everything that can be used, in the order of the
// page, and to show where it is.
func (b *browser) keyboard(t *testing.T) {
	stops := 0
	for _, page := range []string{"month&day=2026-11-30", "week&day=2026-12-02"} {
		for _, width := range []int{320, 800, 1280} {
			q := question{URL: "/sales?tz=Europe/Berlin&view=" + page, Width: width, Dark: width == 800, Ask: "tab"}
			a := b.ask(t, q)
			if diff := cmp.Diff(a.All, a.Stops); diff != "" {
				t.Errorf("%+v: what there is and where TAB goes (-want +got):\n%s", q, diff)
			}
			for _, unseen := range a.Unseen {
				t.Errorf("%+v: not to be seen, or too small: %s", q, unseen)
			}
			stops += len(a.Stops)
		}
	}
	if stops < 70 {
		t.Errorf("%d stops, at least 70 are expected", stops)
	}
	a := b.ask(t, question{URL: "/sales?tz=Europe/Berlin&view=week", Ask: "skip"})
	if diff := cmp.Diff([]string{"Skip to the calendar", "main"}, append([]string{a.Text}, a.Stops...)); diff != "" {
		t.Errorf("the first link, and where TAB goes from there (-want +got):\n%s", diff)
	}
	a = b.ask(t, question{URL: "/sales?tz=Europe/Berlin&view=week&day=2026-12-02", Ask: "follow", Link: "Week 50"})
	wantPage(t, a, b.server+"/sales?day=2026-12-07&tz=Europe%2FBerlin&view=week", "7 to 13 December 2026")
}

// ownZone wants the times of a viewer in Tokyo, unless he asked for others.
func (b *browser) ownZone(t *testing.T) {
	a := b.ask(t, question{URL: "/sales?view=week&day=2026-12-02", Ask: "text", Settles: true})
	wantPage(t, a, b.server+"/sales?view=week&day=2026-12-02&tz=Asia%2FTokyo",
		"Times in Asia/Tokyo (UTC+09:00)", "17:00–17:30 Busy\nStand-up", "06:00–10:00 Busy\nMaintenance of the web shop",
		"18:00–19:00 Busy\nCall with <Northwind & Sons>", "5 December\n00:00 Busy\nSend the offer")
	a = b.ask(t, question{URL: "/sales?view=week&day=2026-12-02&tz=Europe/Berlin", Ask: "text", Settles: true})
	wantPage(t, a, b.server+"/sales?view=week&day=2026-12-02&tz=Europe/Berlin",
		"Times in Europe/Berlin (UTC+01:00)", "Show times in Asia/Tokyo", "09:00–09:30 Busy\nStand-up", "1 Dec, 22:00 – 2 Dec, 02:00 Busy")
	a = b.ask(t, question{URL: "/sales?view=week&day=2026-12-02&tz=Europe/Berlin", Ask: "follow", Link: "Show times in Asia/Tokyo"})
	wantPage(t, a, b.server+"/sales?view=week&day=2026-12-02&tz=Asia%2FTokyo", "17:00–17:30 Busy\nStand-up")
	if strings.Contains(a.Text, "Show times in") {
		t.Error("the zone that is shown is offered")
	}
}

// withoutScript wants everything to be read and used when the browser runs no script.
func (b *browser) withoutScript(t *testing.T) {
	a := b.ask(t, question{URL: "/sales?view=week", Ask: "text", NoScript: true, Settles: true})
	wantPage(t, a, b.server+"/sales?view=week", "30 November to 6 December 2026", "Times in Europe/Berlin (UTC+01:00)", "09:00–09:30 Busy\nStand-up")
	if strings.Contains(a.Text, "Your time zone") {
		t.Error("a link that only the script can lead somewhere is shown")
	}
	a = b.ask(t, question{URL: "/sales?view=week", Ask: "follow", Link: "Month", NoScript: true})
	wantPage(t, a, b.server+"/sales?day=2026-12-02&view=month", "December 2026", "1 Dec, 22:00 – 2 Dec, 02:00 Busy")
	a = b.ask(t, question{URL: "/sales?view=week", Ask: "choose", Zone: "America/New_York", NoScript: true})
	wantPage(t, a, b.server+"/sales?view=week&day=2026-12-02&tz=America%2FNew_York", "Times in America/New_York (UTC-05:00)", "03:00–03:30 Busy\nStand-up")
}

// printed wants what is to be read on paper, and nothing to be pressed.
func (b *browser) printed(t *testing.T) {
	address := "/empty?tz=Europe/Berlin&view=week&day=2027-01-15"
	a := b.ask(t, question{URL: address, Ask: "print", Dark: true})
	want := `Calendar of Sales
11 to 17 January 2027
Times in Europe/Berlin (UTC+01:00).
No appointments are published in this week.
Monday
11 January
No appointments
Tuesday
12 January
No appointments
Wednesday
13 January
No appointments
Thursday
14 January
No appointments
Friday
15 January
No appointments
Saturday
16 January
No appointments
Sunday
17 January
No appointments
Published are times alone, from 29 August 2026 to 28 February 2027. Read on 2 December 2026, 08:00.`
	if diff := cmp.Diff(want, strings.TrimSpace(a.Text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// wantPage compares where the browser is, and looks for texts in what it shows.
func wantPage(t *testing.T, a answer, url string, wanted ...string) {
	t.Helper()
	if a.URL != url {
		t.Errorf("the page is %s, not %s", a.URL, url)
	}
	for _, text := range wanted {
		if !strings.Contains(a.Text, text) {
			t.Errorf("%q is not in the page:\n%s", text, a.Text)
		}
	}
}

// attacks are texts that would set window.executed, open a dialog or load something.
func attacks() []string {
	return []string{
		"<script>window.executed = 1</script>",
		"</bdi></p></td><script>window.executed = 1; alert(1)</script>",
		`<img src="/picture" onerror="window.executed = 1">`,
		`"><svg onload="alert(1)"><iframe src="/frame"></iframe>`,
		"</title></style><script>alert(1)</script>",
		`' onfocus='alert(1)' autofocus='`,
		"<b onmouseover=alert(1)>javascript:alert(1)</b>",
		"{{constructor.constructor('alert(1)')()}}",
		"\u202e\u2066 right to left \x00\x1b[2J",
		strings.Repeat("long", 2500),
		strings.Repeat("Z\u0310\u0311\u0312\u0313\u0314\u0315", 100),
	}
}

func hostileCalendar(t *testing.T) publish.Calendar {
	t.Helper()
	var c publish.Calendar
	for _, text := range attacks() {
		next := one(t, text, text, text)
		c.Entries = append(c.Entries, next.Entries...)
		c.Level = next.Level
	}
	c.Owner = attacks()[1]
	return c
}

// hostileTexts wants nothing of an entry to be run, loaded or made an element.
func (b *browser) hostileTexts(t *testing.T) {
	if len(attacks()) < 11 {
		t.Fatalf("%d attacks, at least 11 are expected", len(attacks()))
	}
	for _, page := range []string{"/hostile?view=month&tz=Asia/Tokyo", "/hostile?view=week&tz=Asia/Tokyo", "/sales?tz=%3Cscript%3Ealert(1)%3C/script%3E&view=%22%3E%3Cb%3E"} {
		a := b.ask(t, question{URL: page, Ask: "executed", Settles: true})
		if a.Global != "undefined" || a.Elements != 0 {
			t.Errorf("%s: window.executed is %s, %d elements are of an entry", page, a.Global, a.Elements)
		}
		want := []string{b.server + page}
		a.Requests = slices.DeleteFunc(a.Requests, func(url string) bool { return url == b.server+"/favicon.ico" })
		if diff := cmp.Diff(want, a.Requests); diff != "" {
			t.Errorf("%s: requests (-want +got):\n%s", page, diff)
		}
	}
}

// pictures writes what is looked at into a folder, for people.
func (b *browser) pictures(t *testing.T, folder string) {
	for i, q := range looks() {
		q.Ask, q.File = "picture", filepath.Join(folder, fmt.Sprintf("%02d.png", i))
		b.ask(t, q)
	}
}
