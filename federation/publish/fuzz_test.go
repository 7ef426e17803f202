package publish_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"exfed/federation/publish"
)

// FuzzPage wants well-formed pages whatever an entry says, and each text within a text: the
// elements and attributes are those of a page with harmless ones.
func FuzzPage(f *testing.F) {
	f.Add("Stand-up", "Room 1", "What is next?")
	f.Add("</bdi><script>", "\"'`=<>", "<!--]]>")
	f.Add("\u202e\x00\x1b", "\xff\xfe", "a\r\nb")
	f.Add("&#x3c;", "{{.}}", "javascript:")
	v := view(f, "view=week&day=2026-12-02")
	harmless := map[[3]bool]string{}
	for i := range 8 {
		texts, shown := [3]string{}, [3]bool{i&1 > 0, i&2 > 0, i&4 > 0}
		for j := range texts {
			if shown[j] {
				texts[j] = "x"
			}
		}
		harmless[shown] = skeleton(parsed(f, page(f, one(f, texts[0], texts[1], texts[2]), v)))
	}
	f.Fuzz(func(t *testing.T, subject, location, body string) {
		document := page(t, one(t, subject, location, body), v)
		if err := wellFormed(document); err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		root := parsed(t, document)
		// Which texts are shown the page says itself, how they are held another one.
		var shown [3]bool
		for _, p := range all(root, func(n *html.Node) bool { return n.Data == "p" }) {
			for i, class := range []string{"subject", "where", "body"} {
				shown[i] = shown[i] || attribute(p, "class") == class
			}
			if text := textOf(p); strings.ContainsFunc(text, hostile) {
				t.Fatalf("%q has hostile characters", text)
			}
		}
		if got := skeleton(root); got != harmless[shown] {
			t.Fatalf("a text is outside of a text (-want +got):\n%s", cmp.Diff(harmless[shown], got))
		}
	})
}

// FuzzParseView wants a view that a page can be made of, whatever is asked for.
func FuzzParseView(f *testing.F) {
	for _, query := range []string{"", "view=week&day=2026-12-02&tz=Asia/Tokyo", "view=</p>&day=%00&tz=../etc", "tz=Local", "day=9999-12-31"} {
		f.Add(query)
	}
	berlin := zone(f, "Europe/Berlin")
	now := at(f, berlin, "2026-12-02 08:00")
	f.Fuzz(func(t *testing.T, query string) {
		values, _ := url.ParseQuery(query) // what could be read of it
		v := publish.ParseView(values, now, berlin)
		if v.Period != publish.Month && v.Period != publish.Week || v.Zone == nil || v.Day.Year() < 1970 || v.Day.Year() > 2999 || len(v.Notes) > 3 {
			t.Fatalf("%+v", v)
		}
		for _, note := range v.Notes {
			if len(note) > 300 || strings.ContainsFunc(note, hostile) {
				t.Fatalf("the note %q", note)
			}
		}
	})
}

func hostile(r rune) bool {
	return r < ' ' || r == '\u007f' || r == '\u0085' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff'
}
