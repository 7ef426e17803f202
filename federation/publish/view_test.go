package publish_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"exfed/federation/publish"
)

// TestParseView reads queries on 2 December 2026, 00:30 in Berlin, when it is still the day
// before in London.
func TestParseView(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	type seen struct {
		Period publish.Period
		Day    string
		Zone   string
		Asked  bool
		Notes  []string
	}
	tests := []struct {
		query string
		want  seen
	}{
		{"", seen{publish.Month, "2026-12-02", "Europe/Berlin", false, nil}},
		{"view=month", seen{publish.Month, "2026-12-02", "Europe/Berlin", false, nil}},
		{"view=week&day=2024-02-29&tz=Asia/Tokyo", seen{publish.Week, "2024-02-29", "Asia/Tokyo", true, nil}},
		{"tz=Europe/London", seen{publish.Month, "2026-12-01", "Europe/London", true, nil}},
		{"tz=UTC", seen{publish.Month, "2026-12-01", "UTC", true, nil}},
		{"tz=Etc/GMT%2B5", seen{publish.Month, "2026-12-01", "Etc/GMT+5", true, nil}},
		{"tz=America/Argentina/Buenos_Aires", seen{publish.Month, "2026-12-01", "America/Argentina/Buenos_Aires", true, nil}},
		{"tz=&view=&day=", seen{publish.Month, "2026-12-02", "Europe/Berlin", true, nil}},
		{"view=week&view=month", seen{publish.Week, "2026-12-02", "Europe/Berlin", false, nil}},
		{"day=1970-01-01", seen{publish.Month, "1970-01-01", "Europe/Berlin", false, nil}},
		{"day=2999-12-31", seen{publish.Month, "2999-12-31", "Europe/Berlin", false, nil}},
		{"view=Week", seen{publish.Month, "2026-12-02", "Europe/Berlin", false, []string{`The view "Week" does not exist; the month is shown.`}}},
		{"day=2026-02-29", seen{publish.Month, "2026-12-02", "Europe/Berlin", false, []string{`The day "2026-02-29" is not a date like 2026-11-30; today is shown.`}}},
		{"day=1969-12-31", seen{publish.Month, "2026-12-02", "Europe/Berlin", false, []string{`The day "1969-12-31" is not a date like 2026-11-30; today is shown.`}}},
		{"day=3000-01-01", seen{publish.Month, "2026-12-02", "Europe/Berlin", false, []string{`The day "3000-01-01" is not a date like 2026-11-30; today is shown.`}}},
		{"day=tomorrow", seen{publish.Month, "2026-12-02", "Europe/Berlin", false, []string{`The day "tomorrow" is not a date like 2026-11-30; today is shown.`}}},
		{"tz=Europe/Atlantis", seen{publish.Month, "2026-12-02", "Europe/Berlin", true, []string{`The time zone "Europe/Atlantis" is unknown; times are in another one.`}}},
		{"tz=Local", seen{publish.Month, "2026-12-02", "Europe/Berlin", true, []string{`The time zone "Local" is unknown; times are in another one.`}}},
		{"tz=../../etc/passwd", seen{publish.Month, "2026-12-02", "Europe/Berlin", true, []string{`The time zone "../../etc/passwd" is unknown; times are in another one.`}}},
		{"tz=/etc/localtime", seen{publish.Month, "2026-12-02", "Europe/Berlin", true, []string{`The time zone "/etc/localtime" is unknown; times are in another one.`}}},
		{"tz=right/Europe/Berlin", seen{publish.Month, "2026-12-02", "Europe/Berlin", true, []string{`The time zone "right/Europe/Berlin" is unknown; times are in another one.`}}},
		{"tz=Europe", seen{publish.Month, "2026-12-02", "Europe/Berlin", true, []string{`The time zone "Europe" is unknown; times are in another one.`}}},
		{"view=%3Cscript%3E%E2%80%AE%00a%0Ab&day=%FF&tz=01234567890123456789012345678901234567890123456789", seen{publish.Month, "2026-12-02", "Europe/Berlin", true, []string{
			`The view "<script>a b" does not exist; the month is shown.`,
			`The time zone "0123456789012345678901234567890123456789…" is unknown; times are in another one.`,
			`The day "�" is not a date like 2026-11-30; today is shown.`,
		}}},
	}
	if len(tests) < 22 {
		t.Fatalf("%d cases, at least 22 are expected", len(tests))
	}
	for _, test := range tests {
		query, err := url.ParseQuery(test.query)
		if err != nil {
			t.Fatal(err)
		}
		v := publish.ParseView(query, at(t, berlin, "2026-12-02 00:30"), berlin)
		got := seen{v.Period, v.Day.Format(time.DateOnly), v.Zone.String(), v.ZoneAsked, v.Notes}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
	}
	if v := publish.ParseView(nil, at(t, berlin, "2026-12-02 00:30"), nil); v.Zone != time.UTC {
		t.Errorf("without a fallback the zone is %v", v.Zone)
	}
}

// TestGrids wants whole weeks from Monday on, and their numbers in the year.
func TestGrids(t *testing.T) {
	t.Parallel()
	tests := []struct {
		query       string
		days        int
		first, last string
		weeks       []string
	}{
		{"day=2027-02-10", 28, "2027-02-01", "2027-02-28", []string{"Week 5", "Week 6", "Week 7", "Week 8"}},
		{"day=2026-12-31", 35, "2026-11-30", "2027-01-03", []string{"Week 49", "Week 50", "Week 51", "Week 52", "Week 53"}},
		{"day=2026-11-01", 42, "2026-10-26", "2026-12-06", []string{"Week 44", "Week 45", "Week 46", "Week 47", "Week 48", "Week 49"}},
		{"day=2024-02-29", 35, "2024-01-29", "2024-03-03", []string{"Week 5", "Week 6", "Week 7", "Week 8", "Week 9"}},
		{"view=week&day=2026-11-29", 7, "2026-11-23", "2026-11-29", nil},
		{"view=week&day=2026-11-30", 7, "2026-11-30", "2026-12-06", nil},
		{"view=week&day=2027-01-01", 7, "2026-12-28", "2027-01-03", nil},
	}
	for _, test := range tests {
		root := parsed(t, page(t, publish.Calendar{}, view(t, test.query)))
		var dates, weeks []string
		for _, day := range all(root, func(n *html.Node) bool { return named("td", "")(n) || named("section", "day")(n) }) {
			dates = append(dates, attribute(all(day, named("time", ""))[0], "datetime"))
		}
		for _, row := range all(root, func(n *html.Node) bool { return attribute(n, "scope") == "row" }) {
			weeks = append(weeks, textOf(row)[:len("Week 49")])
		}
		for i, week := range weeks {
			if week[len(week)-1] == ',' {
				weeks[i] = week[:len(week)-1]
			}
		}
		if len(dates) != test.days || dates[0] != test.first || dates[len(dates)-1] != test.last {
			t.Errorf("%s: %v", test.query, dates)
		}
		for i := 1; i < len(dates); i++ {
			if before := at(t, time.UTC, dates[i-1]); dates[i] != before.AddDate(0, 0, 1).Format(time.DateOnly) {
				t.Errorf("%s: %s is followed by %s", test.query, dates[i-1], dates[i])
			}
		}
		if diff := cmp.Diff(test.weeks, weeks); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
	}
}

// TestLinks looks at every way that leads from a page. The calendar is published from
// 29 August 2026 to 28 February 2027.
func TestLinks(t *testing.T) {
	t.Parallel()
	const base = "/calendar/0123/calendar.html?"
	tests := []struct {
		query string
		want  [][2]string // what is said, where it leads
	}{
		{"day=2026-11-30", [][2]string{
			{"← Previous: October 2026", base + "day=2026-10-01&view=month"}, {"Today", base + "view=month"},
			{"Next: December 2026 →", base + "day=2026-12-01&view=month"},
			{"Month", base + "day=2026-11-30&view=month"}, {"Week", base + "day=2026-11-30&view=week"},
		}},
		{"view=week&day=2026-12-31&tz=Asia/Tokyo", [][2]string{
			{"← Previous: Week 52, 21 to 27 December 2026", base + "day=2026-12-21&tz=Asia%2FTokyo&view=week"}, {"Today", base + "tz=Asia%2FTokyo&view=week"},
			{"Next: Week 1, 4 to 10 January 2027 →", base + "day=2027-01-04&tz=Asia%2FTokyo&view=week"},
			{"Month", base + "day=2026-12-31&tz=Asia%2FTokyo&view=month"}, {"Week", base + "day=2026-12-31&tz=Asia%2FTokyo&view=week"},
		}},
		{"day=2026-08-31", [][2]string{ // from the 29th on
			{"Today", base + "view=month"}, {"Next: September 2026 →", base + "day=2026-09-01&view=month"},
			{"Month", base + "day=2026-08-31&view=month"}, {"Week", base + "day=2026-08-31&view=week"},
		}},
		{"view=week&day=2027-02-28", [][2]string{ // a Sunday, the last day
			{"← Previous: Week 7, 15 to 21 February 2027", base + "day=2027-02-15&view=week"}, {"Today", base + "view=week"},
			{"Month", base + "day=2027-02-28&view=month"}, {"Week", base + "day=2027-02-28&view=week"},
		}},
		{"view=week&day=2027-02-28&tz=America/New_York", [][2]string{ // the last moment is on the same day there
			{"← Previous: Week 7, 15 to 21 February 2027", base + "day=2027-02-15&tz=America%2FNew_York&view=week"}, {"Today", base + "tz=America%2FNew_York&view=week"},
			{"Month", base + "day=2027-02-28&tz=America%2FNew_York&view=month"}, {"Week", base + "day=2027-02-28&tz=America%2FNew_York&view=week"},
		}},
		{"tz=&day=2026-11-30", [][2]string{ // the server's own, and no script is to look for another
			{"← Previous: October 2026", base + "day=2026-10-01&tz=Europe%2FBerlin&view=month"}, {"Today", base + "tz=Europe%2FBerlin&view=month"},
			{"Next: December 2026 →", base + "day=2026-12-01&tz=Europe%2FBerlin&view=month"},
			{"Month", base + "day=2026-11-30&tz=Europe%2FBerlin&view=month"}, {"Week", base + "day=2026-11-30&tz=Europe%2FBerlin&view=week"},
		}},
	}
	for _, test := range tests {
		root := parsed(t, page(t, sales(t), view(t, test.query)))
		var got [][2]string
		for _, link := range all(all(root, named("nav", ""))[0], named("a", "")) {
			got = append(got, [2]string{textOf(link), attribute(link, "href")})
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
		current := all(root, func(n *html.Node) bool { return attribute(n, "aria-current") == "page" })
		if wanted := map[bool]string{true: "Week", false: "Month"}[view(t, test.query).Period == publish.Week]; len(current) != 1 || textOf(current[0]) != wanted {
			t.Errorf("%s: %d links are the current one", test.query, len(current))
		}
	}
}
