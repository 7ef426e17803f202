package publish_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"exfed/federation/publish"
	"exfed/policy"
)

// one is a calendar with an entry on 2 December 2026.
func one(t testing.TB, subject, location, body string) publish.Calendar {
	t.Helper()
	berlin := zone(t, "Europe/Berlin")
	return publish.Calendar{Owner: "Sales", Level: policy.Reviewer, Entries: []publish.Entry{{
		Start: at(t, berlin, "2026-12-02 10:00"), End: at(t, berlin, "2026-12-02 11:00"), Subject: subject, Location: location, Body: body,
	}}}
}

// TestTextsAreMadeHarmless gives a subject and looks what the page says.
func TestTextsAreMadeHarmless(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 1000)
	tests := []struct{ name, subject, want string }{
		{"plain", "Stand-up", "Stand-up"},
		{"markup", `</bdi></style><script>alert("1")</script><!--`, `</bdi></style><script>alert("1")</script><!--`},
		{"an entity", "&lt;b&gt; &amp;", "&lt;b&gt; &amp;"},
		{"a template", `{{.}} {{"a"}}`, `{{.}} {{"a"}}`},
		{"ten thousand characters", long, long[:200] + "…"},
		{"as long as it may be", long[:200], long[:200]},
		{"control characters", "a\x00b\x07\x1b[31mc\x7f\u0085d\u009be", "ab[31mc de"},
		{"line breaks", " a\r\n\tb\u2028c\u2029d ", "a b c d"},
		{"overrides and isolates", "\u202eabc\u202c\u2066d\u2069\u200b\ufeff", "abcd"},
		{"tags and noncharacters", "a\U000e0041\ufffeb", "ab"},
		{"not UTF-8", "a\xffb", "a�b"},
		{"marks of writing", "نامه\u200cها \u05d0\u200f", "نامه\u200cها \u05d0\u200f"},
		{"hidden characters without end", strings.Repeat("\u200b", 10_000) + "a", "…"},
		{"nothing but blanks", " \n ", ""},
	}
	if len(tests) < 14 {
		t.Fatalf("%d cases, at least 14 are expected", len(tests))
	}
	for _, test := range tests {
		root := parsed(t, page(t, one(t, test.subject, "", ""), view(t, "view=week")))
		got := ""
		for _, subject := range all(root, named("p", "subject")) {
			for child := range subject.Descendants() {
				if child.Type == html.ElementNode {
					got += "<" + child.Data + ">" // isolated
				} else {
					got += child.Data
				}
			}
		}
		want := test.want
		if want != "" {
			want = "<bdi>" + want
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestLevels wants nothing on a page that its level does not show, also if it is there.
func TestLevels(t *testing.T) {
	t.Parallel()
	for level, want := range map[policy.Level]string{
		policy.None:             "10:00–11:00 Busy",
		policy.AvailabilityOnly: "10:00–11:00 Busy",
		policy.LimitedDetails:   "10:00–11:00 Busy; THE SUBJECT; Location: THE PLACE",
		policy.Reviewer:         "10:00–11:00 Busy; THE SUBJECT; Location: THE PLACE; THE BODY of two lines",
		"FullDetails":           "10:00–11:00 Busy",
	} {
		c := one(t, "THE SUBJECT", "THE PLACE", "THE BODY\nof two lines")
		c.Level = level
		document := page(t, c, view(t, "view=week"))
		if diff := cmp.Diff(map[string][]string{"2026-12-02": {want}}, placed(t, document)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", level, diff)
		}
		if capitals := strings.Count(document, "THE "); capitals > 0 != strings.Contains(want, "THE ") {
			t.Errorf("%s: %d texts are in the page", level, capitals)
		}
	}
}

// TestStatuses wants each kind of time in words.
func TestStatuses(t *testing.T) {
	t.Parallel()
	for status, want := range map[publish.Status]string{
		publish.Tentative: "Tentative", publish.Busy: "Busy", publish.OOF: "Out of office", publish.WorkingElsewhere: "Working elsewhere", 0: "Busy", 99: "Busy",
	} {
		c := one(t, "", "", "")
		c.Entries[0].Status = status
		if diff := cmp.Diff([]string{want}, texts(parsed(t, page(t, c, view(t, ""))), "span", "status")); diff != "" {
			t.Errorf("%d (-want +got):\n%s", status, diff)
		}
	}
}

// TestBounds gives more than a page shows: what is left out is counted, and everything
// below the bound is there.
func TestBounds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		entries     int
		subject     string
		shown, note string
	}{
		{"a full day", 1000, "a", "1000", ""},
		{"as many as there may be", 3000, "a", "3000", ""},
		{"too many", 5000, "a", "3000", "The page is too long for all appointments: 2000 are not shown."},
		// Subjects are cut to 200 characters, here of four bytes, and three dots of three: the
		// 653rd passes 512 KiB.
		{"too much text", 2000, strings.Repeat("🗓", 1000), "653", "The page is too long for all appointments: 1347 are not shown."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := one(t, test.subject, "", "")
			for len(c.Entries) < test.entries {
				c.Entries = append(c.Entries, c.Entries[0])
			}
			document := page(t, c, view(t, "view=month"))
			root := parsed(t, document)
			if shown := fmt.Sprint(len(all(root, named("li", "entry")))); shown != test.shown {
				t.Errorf("%s are shown, not %s", shown, test.shown)
			}
			if note := strings.Join(texts(root, "p", "note"), "|"); note != test.note {
				t.Errorf("the note is %q", note)
			}
			if len(document) > 2<<20 {
				t.Errorf("the page has %d bytes", len(document))
			}
		})
	}
}

// TestRemarks wants a page without appointments to say so, and of which days nothing is known.
func TestRemarks(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]string{
		"day=2026-11-30":               nil,
		"day=2027-01-15":               {"No appointments are published in this month."},
		"view=week&day=2027-01-15":     {"No appointments are published in this week."},
		"day=2020-01-01":               {"Nothing is published of these days."},
		"day=2026-08-01":               {"Published of this month: 29 to 31 August 2026.", "No appointments are published in this month."},
		"day=2027-03-01&tz=Asia/Tokyo": {"Published of this month: 1 March 2027.", "No appointments are published in this month."},
		"view=week&day=2027-03-01":     {"Nothing is published of these days."},
		"view=year&day=2027-01-15":     {`The view "year" does not exist; the month is shown.`, "No appointments are published in this month."},
		"view=week&tz=Mars/Phobos_1":   {`The time zone "Mars/Phobos_1" is unknown; times are in another one.`},
	} {
		if diff := cmp.Diff(want, texts(parsed(t, page(t, sales(t), view(t, query))), "p", "note")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	root := parsed(t, page(t, sales(t), view(t, "day=2027-03-31")))
	if n := len(all(root, named("td", "unpublished"))); n != 35 {
		t.Errorf("%d days of March 2027 are unpublished", n)
	}
	root = parsed(t, page(t, sales(t), view(t, "view=week&day=2026-08-24")))
	want := []string{"Not published", "Not published", "Not published", "Not published", "Not published", "No appointments", "No appointments"}
	if diff := cmp.Diff(want, texts(root, "p", "none")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEmptyValues wants a page of nothing, and of an owner who is hostile.
func TestEmptyValues(t *testing.T) {
	t.Parallel()
	document := page(t, publish.Calendar{}, publish.View{})
	if err := wellFormed(document); err != nil {
		t.Error(err)
	}
	if got := texts(parsed(t, document), "h2", ""); len(got) != 1 || got[0] != "January 0001" {
		t.Errorf("the month of no time is %q", got)
	}
	document = page(t, publish.Calendar{Owner: "</title><b>\u202e\x00", Made: time.Unix(0, 0)}, publish.View{Base: "javascript:alert(1)//", ICal: "javascript:alert(2)"})
	root := parsed(t, document)
	if got := texts(root, "title", ""); got[0] != "January 1970: calendar of </title><b>" {
		t.Errorf("the title is %q", got)
	}
	for _, link := range all(root, named("a", "")) {
		if strings.HasPrefix(attribute(link, "href"), "javascript:") {
			t.Errorf("a link leads to %q", attribute(link, "href"))
		}
	}
}
