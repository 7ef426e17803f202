package publish_test

import (
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/publish"
	"exfed/policy"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// berlin is where the calendars of the tests are at home.
func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// at reads a time of the zone, "2026-12-04 09:30", or a date.
func at(t testing.TB, zone *time.Location, text string) time.Time {
	t.Helper()
	layout := "2006-01-02 15:04"
	moment, err := time.ParseInLocation(layout[:min(len(text), len(layout))], text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

// sales is a calendar with one entry of each kind, in the weeks around 30 November 2026.
func sales(t testing.TB) publish.Calendar {
	t.Helper()
	berlin := zone(t, "Europe/Berlin")
	entry := func(from, to string, status publish.Status, subject, location, body string) publish.Entry {
		return publish.Entry{
			Start: at(t, berlin, from), End: at(t, berlin, to), AllDay: len(from) == len("2006-01-02"),
			Status: status, Subject: subject, Location: location, Body: body,
		}
	}
	return publish.Calendar{
		Owner: "Sales", Level: policy.Reviewer,
		From: at(t, berlin, "2026-08-29"), To: at(t, berlin, "2027-03-01"), Made: at(t, berlin, "2026-12-02 08:00"),
		Entries: []publish.Entry{
			entry("2026-11-02 09:00", "2026-11-02 10:00", publish.Busy, "Review of the quarter", "Room 1", ""),
			entry("2026-11-12 14:00", "2026-11-12 15:00", publish.Tentative, "Contract with Fabrikam", "", ""),
			entry("2026-11-18", "2026-11-19", publish.OOF, "Day of Prayer and Repentance", "Saxony", ""),
			entry("2026-11-30 09:00", "2026-11-30 09:30", publish.Busy, "Stand-up", "Room 1", "What was done?\nWhat is next?"),
			entry("2026-12-01 22:00", "2026-12-02 02:00", publish.Busy, "Maintenance of the web shop", "", "Nobody can order meanwhile."),
			entry("2026-12-02", "2026-12-05", publish.WorkingElsewhere, "At the fair", "Hannover, hall 7", ""),
			entry("2026-12-02 10:00", "2026-12-02 11:00", publish.Busy, "Call with <Northwind & Sons>", "Phone", ""),
			entry("2026-12-02 10:30", "2026-12-02 12:00", publish.Tentative, "فريق المبيعات", "", ""),
			entry("2026-12-04 16:00", "2026-12-04 16:00", publish.Busy, "Send the offer", "", ""),
		},
	}
}

// view is what ParseView makes of a query on 2 December 2026, in Berlin.
func view(t testing.TB, query string) publish.View {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	berlin := zone(t, "Europe/Berlin")
	v := publish.ParseView(values, at(t, berlin, "2026-12-02 08:00"), berlin)
	v.Base, v.ICal = "/calendar/0123/calendar.html", "/calendar/0123/calendar.ics"
	return v
}

func page(t testing.TB, c publish.Calendar, v publish.View) string {
	t.Helper()
	document, err := publish.Page(c, v)
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

// TestContentSecurityPolicy wants the header to allow the script and the style that are in a
// page, byte for byte, and nothing else.
func TestContentSecurityPolicy(t *testing.T) {
	t.Parallel()
	document := page(t, sales(t), view(t, ""))
	hash := func(name string) string {
		_, rest, _ := strings.Cut(document, "<"+name+">")
		content, _, found := strings.Cut(rest, "</"+name+">")
		if !found || strings.Count(document, "<"+name) != 1 {
			t.Fatalf("the page has no %s, or several", name)
		}
		sum := sha256.Sum256([]byte(content))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	want := "default-src 'none'; script-src " + hash("script") + "; style-src " + hash("style") +
		"; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	if diff := cmp.Diff(want, publish.ContentSecurityPolicy()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := publish.ScriptHash(); got != hash("script") {
		t.Errorf("the hash of the script is %s", got)
	}
	for _, outside := range []string{"http:", "https:", "src=", "url(", "style=", "@import"} {
		if strings.Contains(document, outside) {
			t.Errorf("the page has %q", outside)
		}
	}
}

// TestGoldenPages compares whole pages with those that were looked at in a browser. Style
// and script are files already.
func TestGoldenPages(t *testing.T) {
	t.Parallel()
	for name, query := range map[string]string{
		"month": "view=month&day=2026-11-30",
		"week":  "view=week&day=2026-12-02&tz=America/New_York",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := page(t, sales(t), view(t, query))
			for _, file := range []string{"page.css", "page.js"} {
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Count(got, string(content)) != 1 {
					t.Fatalf("%s is not in the page as it is", file)
				}
				got = strings.Replace(got, string(content), file, 1)
			}
			golden := filepath.Join("testdata", name+".html")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the page is another one (-want +got):\n%s", diff)
			}
		})
	}
}
