package agenda_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the days
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/agenda"
	"exfed/federation/availability"
)

const usualHours = "               0   2   4   6   8   10  12  14  16  18  20  22"

func in(t *testing.T, zone string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

// at reads an instant with its offset.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	instant, err := time.Parse("2006-01-02 15:04 -07:00", text)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

// entry is a calendar entry without details.
type entry struct {
	start, end string
	busy       availability.BusyType
}

// strip is a case of what the days look like.
type strip struct {
	name, zone, start, end string
	view                   availability.ViewType
	interval               int
	version                availability.ServerVersion
	digits                 string
	entries                []entry
	want                   string // the lines with the hours and the days
}

func (s strip) calendar(t *testing.T) agenda.Calendar {
	t.Helper()
	c := agenda.Calendar{
		Owner: "sales@fabrikam.com", Start: at(t, s.start), End: at(t, s.end), Zone: in(t, s.zone), Interval: max(s.interval, 5), Version: s.version,
		View: availability.FreeBusyView{Type: s.view, MergedFreeBusy: s.digits},
	}
	for _, e := range s.entries {
		c.View.Events = append(c.View.Events, availability.CalendarEvent{Start: at(t, e.start), End: at(t, e.end), BusyType: e.busy})
	}
	return c
}

// days returns the part of the lines between the heading and the legend.
func days(t *testing.T, lines []string) string {
	t.Helper()
	if len(lines) < 5 || lines[1] != "" {
		t.Fatalf("there is no strip: %q", lines)
	}
	for i, line := range lines[2:] {
		if line == "" {
			return strings.Join(lines[2:2+i], "\n")
		}
	}
	t.Fatalf("there is no legend: %q", lines)
	return ""
}

func strips() []strip {
	const events, digits = availability.ViewFreeBusy, availability.ViewMergedOnly
	return []strip{
		{name: "half hours", zone: "Europe/Berlin", start: "2027-02-03 00:00 +01:00", end: "2027-02-04 00:00 +01:00", view: events,
			entries: []entry{{"2027-02-03 09:30 +01:00", "2027-02-03 10:30 +01:00", availability.Busy}},
			want:    usualHours + "\nWed 2027-02-03 ...................##..........................."},
		{name: "part of a half hour", zone: "UTC", start: "2027-02-03 00:00 +00:00", end: "2027-02-04 00:00 +00:00", view: events,
			entries: []entry{{"2027-02-03 09:29 +00:00", "2027-02-03 09:31 +00:00", availability.Busy}, {"2027-02-03 12:00 +00:00", "2027-02-03 12:00 +00:00", availability.Busy}},
			want:    usualHours + "\nWed 2027-02-03 ..................##............................"},
		{name: "overlaps", zone: "UTC", start: "2027-02-03 00:00 +00:00", end: "2027-02-04 00:00 +00:00", view: events,
			entries: []entry{
				{"2027-02-03 00:00 +00:00", "2027-02-03 12:00 +00:00", availability.WorkingElsewhere}, {"2027-02-03 01:00 +00:00", "2027-02-03 03:00 +00:00", availability.Tentative},
				{"2027-02-03 02:00 +00:00", "2027-02-03 04:00 +00:00", availability.Busy}, {"2027-02-03 03:00 +00:00", "2027-02-03 03:30 +00:00", availability.OOF},
				{"2027-02-03 03:00 +00:00", "2027-02-03 05:00 +00:00", availability.Free}, {"2027-02-03 11:00 +00:00", "2027-02-03 13:00 +00:00", availability.NoData}},
			want: usualHours + "\nWed 2027-02-03 ~~//##x#~~~~~~~~~~~~~~~~??......................"},
		{name: "days on end", zone: "Europe/Berlin", start: "2027-02-03 00:00 +01:00", end: "2027-02-06 00:00 +01:00", view: events,
			entries: []entry{{"2027-02-02 00:00 +01:00", "2027-02-05 00:00 +01:00", availability.OOF}, {"2027-02-05 23:30 +01:00", "2027-02-07 00:00 +01:00", availability.Busy}},
			want:    usualHours + "\nWed 2027-02-03 " + strings.Repeat("x", 48) + "\nThu 2027-02-04 " + strings.Repeat("x", 48) + "\nFri 2027-02-05 " + strings.Repeat(".", 47) + "#"},
		{name: "part of the days", zone: "Europe/Berlin", start: "2027-02-03 21:45 +01:00", end: "2027-02-04 01:15 +01:00", view: events,
			entries: []entry{{"2027-02-03 21:00 +01:00", "2027-02-03 21:45 +01:00", availability.Busy}, {"2027-02-04 01:15 +01:00", "2027-02-04 02:00 +01:00", availability.Busy}},
			want:    usualHours + "\nWed 2027-02-03 " + strings.Repeat(" ", 43) + "....." + "\nThu 2027-02-04 ..."},
		{name: "another zone than the window's", zone: "Asia/Kolkata", start: "2027-02-03 00:00 +00:00", end: "2027-02-03 12:00 +00:00", view: events,
			entries: []entry{{"2027-02-03 00:00 +00:00", "2027-02-03 01:00 +00:00", availability.Busy}},
			want:    usualHours + "\nWed 2027-02-03            ##......................"},
		{name: "clocks go forward", zone: "Europe/Berlin", start: "2027-03-27 00:00 +01:00", end: "2027-03-30 00:00 +02:00", view: events,
			entries: []entry{{"2027-03-28 01:30 +01:00", "2027-03-28 03:30 +02:00", availability.Busy}},
			want: usualHours + "\nSat 2027-03-27 " + strings.Repeat(".", 48) +
				"\n               0     4   6   8   10  12  14  16  18  20  22\nSun 2027-03-28 ...##" + strings.Repeat(".", 41) +
				"\n" + usualHours + "\nMon 2027-03-29 " + strings.Repeat(".", 48)},
		{name: "clocks go back", zone: "Europe/Berlin", start: "2027-10-31 00:00 +02:00", end: "2027-11-02 00:00 +01:00", view: events,
			entries: []entry{{"2027-10-31 02:00 +01:00", "2027-10-31 02:30 +01:00", availability.Busy}},
			want: "               0   2 2   4   6   8   10  12  14  16  18  20  22\nSun 2027-10-31 ......#" + strings.Repeat(".", 43) +
				"\n" + usualHours + "\nMon 2027-11-01 " + strings.Repeat(".", 48)},
		{name: "clocks go back at midnight", zone: "Atlantic/Azores", start: "2027-10-31 00:00 +00:00", end: "2027-11-01 00:00 -01:00", view: events,
			entries: []entry{{"2027-10-31 00:00 -01:00", "2027-10-31 00:30 -01:00", availability.Busy}},
			want:    "               0 0   2   4   6   8   10  12  14  16  18  20  22\nSun 2027-10-31 ..#" + strings.Repeat(".", 47)},
		{name: "no midnight", zone: "America/Sao_Paulo", start: "2018-11-04 01:00 -02:00", end: "2018-11-05 00:00 -02:00", view: events,
			entries: []entry{{"2018-11-04 01:00 -02:00", "2018-11-04 02:00 -02:00", availability.Busy}},
			want:    "                 2   4   6   8   10  12  14  16  18  20  22\nSun 2018-11-04 ##" + strings.Repeat(".", 44)},
		{name: "clocks go back at midnight, east of Greenwich", zone: "Asia/Amman", start: "2021-10-29 00:00 +03:00", end: "2021-10-30 00:00 +02:00", view: events,
			entries: []entry{{"2021-10-29 00:00 +02:00", "2021-10-29 00:30 +02:00", availability.Busy}},
			want:    "               0 0   2   4   6   8   10  12  14  16  18  20  22\nFri 2021-10-29 ..#" + strings.Repeat(".", 47)},
		{name: "no midnight, for half an hour", zone: "America/Toronto", start: "1919-03-31 00:30 -04:00", end: "1919-04-01 00:00 -04:00", view: events,
			entries: []entry{{"1919-03-31 01:00 -04:00", "1919-03-31 01:30 -04:00", availability.Busy}},
			want:    "                  2   4   6   8   10  12  14  16  18  20  22\nMon 1919-03-31 .#" + strings.Repeat(".", 45)},
		{name: "a day that was left out", zone: "Pacific/Apia", start: "2011-12-29 00:00 -10:00", end: "2012-01-01 00:00 +14:00", view: events,
			entries: []entry{{"2011-12-29 23:30 -10:00", "2011-12-31 00:30 +14:00", availability.Busy}},
			want:    usualHours + "\nThu 2011-12-29 " + strings.Repeat(".", 47) + "#\nSat 2011-12-31 #" + strings.Repeat(".", 47)},
		{name: "clocks go back by half an hour", zone: "Australia/Lord_Howe", start: "2027-04-04 00:00 +11:00", end: "2027-04-05 00:00 +10:30", view: events,
			entries: []entry{{"2027-04-04 01:30 +10:30", "2027-04-04 02:00 +10:30", availability.Busy}},
			want:    "               0    2   4   6   8   10  12  14  16  18  20  22\nSun 2027-04-04 ....#" + strings.Repeat(".", 44)},
		{name: "digits", zone: "UTC", start: "2027-02-03 00:00 +00:00", end: "2027-02-04 00:00 +00:00", view: digits, interval: 60, digits: "012345" + strings.Repeat("0", 18),
			version: availability.DefaultVersion, want: usualHours + "\nWed 2027-02-03 ..//##xx????...................................."},
		{name: "digits of a later version", zone: "UTC", start: "2027-02-03 00:00 +00:00", end: "2027-02-04 00:00 +00:00", view: digits, interval: 60, digits: "012345" + strings.Repeat("0", 18),
			version: "Exchange2013", want: usualHours + "\nWed 2027-02-03 ..//##xx~~??...................................."},
		{name: "several digits in a half hour", zone: "UTC", start: "2027-02-03 00:10 +00:00", end: "2027-02-03 01:30 +00:00", view: digits, interval: 10, digits: "01000020",
			want: usualHours + "\nWed 2027-02-03 /.#"},
		{name: "a digit for a day", zone: "UTC", start: "2027-02-03 00:00 +00:00", end: "2027-02-05 00:00 +00:00", view: digits, interval: 1440, digits: "20",
			want: usualHours + "\nWed 2027-02-03 " + strings.Repeat("#", 48) + "\nThu 2027-02-04 " + strings.Repeat(".", 48)},
		{name: "too few digits", zone: "UTC", start: "2027-02-03 00:00 +00:00", end: "2027-02-03 03:00 +00:00", view: digits, interval: 60, digits: "2",
			want: usualHours + "\nWed 2027-02-03 ##????"},
		{name: "entries say more than coarse digits", zone: "UTC", start: "2027-02-03 00:00 +00:00", end: "2027-02-03 03:00 +00:00", view: availability.ViewFreeBusyMerged, interval: 60, digits: "245",
			entries: []entry{{"2027-02-03 00:00 +00:00", "2027-02-03 00:30 +00:00", availability.Busy}},
			want:    usualHours + "\nWed 2027-02-03 #.????"},
		{name: "nothing is known", zone: "UTC", start: "2027-02-03 00:00 +00:00", end: "2027-02-03 03:00 +00:00", view: availability.ViewNone,
			want: usualHours + "\nWed 2027-02-03 ??????"},
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	for _, s := range strips() {
		lines := s.calendar(t).Lines(true)
		if diff := cmp.Diff(s.want, days(t, lines)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.name, diff)
		}
		for _, line := range lines {
			if len(line) > agenda.Width {
				t.Errorf("%s: %d columns: %s", s.name, len(line), line)
			}
		}
	}
	if n := len(strips()); n < 21 {
		t.Errorf("%d cases, at least 21 are expected", n)
	}
}

// TestSigns draws everything there is, in both sets of signs.
func TestSigns(t *testing.T) {
	t.Parallel()
	c := strip{zone: "UTC", start: "2027-02-03 00:00 +00:00", end: "2027-02-03 03:00 +00:00", view: availability.ViewMergedOnly, interval: 30,
		digits: "012345", version: "Exchange2013"}.calendar(t)
	want := map[bool][]string{
		true: {"sales@fabrikam.com, times in UTC", "", usualHours, "Wed 2027-02-03 ./#x~?", "",
			". free  / tentative  # busy  x out of office  ~ working elsewhere  ? no data"},
		false: {"sales@fabrikam.com, times in UTC", "", usualHours, "Wed 2027-02-03 ·/█▒~?", "",
			"· free  / tentative  █ busy  ▒ out of office  ~ working elsewhere  ? no data"},
	}
	for ascii, lines := range want {
		if diff := cmp.Diff(lines, c.Lines(ascii)); diff != "" {
			t.Errorf("ascii %t (-want +got):\n%s", ascii, diff)
		}
	}
}

func TestHeading(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 200) + "@fabrikam.com"
	cases := map[string]string{
		agenda.Heading("a\x1b[31m@fabrikam.com", time.UTC): `a\u{1B}[31m@fabrikam.com, times in UTC`,
		agenda.Heading("a@fabrikam.com", time.Local):       "a@fabrikam.com, times in this machine's time zone",
		agenda.Heading(long, time.UTC):                     strings.Repeat("a", 63) + "..., times in UTC",
	}
	for got, want := range cases {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if n := utf8.RuneCountInString(got); n > agenda.Width {
			t.Errorf("%d columns: %q", n, got)
		}
	}
}
