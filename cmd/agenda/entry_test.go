package agenda_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/agenda"
	"exfed/federation/availability"
)

// entries returns the lines after the legend.
func entries(t *testing.T, lines []string) []string {
	t.Helper()
	legend := slices.IndexFunc(lines, func(line string) bool { return strings.HasSuffix(line, "no data") })
	if legend < 0 || len(lines) < legend+3 || lines[legend+1] != "" {
		t.Fatalf("no entries follow the legend: %q", lines)
	}
	return lines[legend+2:]
}

func TestEntries(t *testing.T) {
	t.Parallel()
	const busy = availability.Busy
	details := func(subject, location string) *availability.EventDetails {
		return &availability.EventDetails{Subject: subject, Location: location}
	}
	const blank = "                            "
	cases := []struct {
		name, zone string
		entry      entry
		details    *availability.EventDetails
		want       []string
	}{
		{"no details", "Europe/Berlin", entry{"2027-02-03 08:00 +00:00", "2027-02-03 09:30 +00:00", busy}, nil, []string{"# Wed 2027-02-03 09:00-10:30"}},
		{"subject and location", "UTC", entry{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", availability.Tentative}, details("Tea", "Room 1"),
			[]string{"/ Wed 2027-02-03 09:00-10:00  Tea (Room 1)"}},
		{"subject alone", "UTC", entry{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", busy}, details("Tea", ""), []string{"# Wed 2027-02-03 09:00-10:00  Tea"}},
		{"location alone", "UTC", entry{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", busy}, details("", "Room 1"), []string{"# Wed 2027-02-03 09:00-10:00  Room 1"}},
		{"neither", "UTC", entry{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", busy}, details("", ""), []string{"# Wed 2027-02-03 09:00-10:00"}},
		{"private", "UTC", entry{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", busy}, &availability.EventDetails{Subject: "told by mistake", Location: "too", IsPrivate: true},
			[]string{"# Wed 2027-02-03 09:00-10:00  private"}},
		{"all day", "Europe/Berlin", entry{"2027-02-03 00:00 +01:00", "2027-02-04 00:00 +01:00", availability.OOF}, details("Off", ""), []string{"x Wed 2027-02-03 all day  Off"}},
		{"all of a short day", "Europe/Berlin", entry{"2027-03-28 00:00 +01:00", "2027-03-29 00:00 +02:00", availability.OOF}, nil, []string{"x Sun 2027-03-28 all day"}},
		{"days", "Europe/Berlin", entry{"2027-03-27 00:00 +01:00", "2027-03-30 00:00 +02:00", availability.WorkingElsewhere}, nil, []string{"~ Sat 2027-03-27 to Mon 2027-03-29"}},
		{"until midnight", "UTC", entry{"2027-02-03 22:00 +00:00", "2027-02-04 00:00 +00:00", busy}, nil, []string{"# Wed 2027-02-03 22:00-24:00"}},
		{"over midnight", "UTC", entry{"2027-02-03 22:00 +00:00", "2027-02-04 06:00 +00:00", busy}, details("Night shift", "Gate"),
			[]string{"# Wed 2027-02-03 22:00 to Thu 2027-02-04 06:00  Night shift (Gate)"}},
		{"a moment", "UTC", entry{"2027-02-03 00:00 +00:00", "2027-02-03 00:00 +00:00", availability.Free}, nil, []string{". Wed 2027-02-03 00:00-00:00"}},
		{"the hour that comes twice", "Europe/Berlin", entry{"2027-10-31 02:30 +02:00", "2027-10-31 02:30 +01:00", busy}, nil,
			[]string{"# Sun 2027-10-31 02:30+02:00-02:30+01:00"}},
		{"around it", "Europe/Berlin", entry{"2027-10-31 01:30 +02:00", "2027-10-31 03:00 +01:00", busy}, nil, []string{"# Sun 2027-10-31 01:30-03:00"}},
		{"the hour that is skipped", "Europe/Berlin", entry{"2027-03-28 01:59 +01:00", "2027-03-28 03:00 +02:00", busy}, nil, []string{"# Sun 2027-03-28 01:59-03:00"}},
		{"both do not fit", "UTC", entry{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", busy}, details(strings.Repeat("s", 45), "Room 1"),
			[]string{"# Wed 2027-02-03 09:00-10:00  " + strings.Repeat("s", 45), blank + "  Room 1"}},
		{"just fits", "UTC", entry{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", busy}, details(strings.Repeat("s", 41), "Room 1"),
			[]string{"# Wed 2027-02-03 09:00-10:00  " + strings.Repeat("s", 41) + " (Room 1)"}},
		{"long", "UTC", entry{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", busy}, details(strings.Repeat("s", 255), strings.Repeat("l", 255)),
			[]string{"# Wed 2027-02-03 09:00-10:00  " + strings.Repeat("s", 47) + "...", blank + "  " + strings.Repeat("l", 47) + "..."}},
		{"wide", "UTC", entry{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", busy}, details(strings.Repeat("会", 26), ""),
			[]string{"# Wed 2027-02-03 09:00-10:00  " + strings.Repeat("会", 23) + "..."}},
		{"hostile", "UTC", entry{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", busy}, details("a\x1b[2J\nb\u202e", "c\r"),
			[]string{`# Wed 2027-02-03 09:00-10:00  a\u{1B}[2J\nb\u{202E} (c\r)`}},
		{"hostile, longer than it looks", "UTC", entry{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", busy}, details(strings.Repeat("\x1b", 8), "Room 1"),
			[]string{"# Wed 2027-02-03 09:00-10:00  " + strings.Repeat(`\u{1B}`, 8), blank + "  Room 1"}},
		{"hostile and long", "UTC", entry{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", busy}, details(strings.Repeat("\x1b", 40), ""),
			[]string{"# Wed 2027-02-03 09:00-10:00  " + strings.Repeat(`\u{1B}`, 7) + `\u{1B...`}},
	}
	for _, c := range cases {
		calendar := strip{zone: c.zone, start: "2027-02-03 00:00 +00:00", end: "2027-02-04 00:00 +00:00", view: availability.ViewDetailed, entries: []entry{c.entry}}.calendar(t)
		calendar.View.Events[0].Details = c.details
		got := entries(t, calendar.Lines(true))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		for _, line := range got {
			if len([]rune(line)) > agenda.Width {
				t.Errorf("%s: wider than %d: %s", c.name, agenda.Width, line)
			}
		}
	}
	if len(cases) < 21 {
		t.Errorf("%d cases, at least 21 are expected", len(cases))
	}
}

// TestCutInUnicode marks what is cut by one character where there is one.
func TestCutInUnicode(t *testing.T) {
	t.Parallel()
	c := strip{zone: "UTC", start: "2027-02-03 00:00 +00:00", end: "2027-02-04 00:00 +00:00", view: availability.ViewDetailed,
		entries: []entry{{"2027-02-03 09:00 +00:00", "2027-02-03 10:00 +00:00", availability.Busy}}}.calendar(t)
	c.View.Events[0].Details = &availability.EventDetails{Subject: strings.Repeat("ü", 100)}
	want := []string{"█ Wed 2027-02-03 09:00-10:00  " + strings.Repeat("ü", 49) + "…"}
	if diff := cmp.Diff(want, entries(t, c.Lines(false))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
