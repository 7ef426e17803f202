package publish_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/publish"
	"exfed/policy"
)

// TestEntriesAreOnTheirDays gives one entry each and looks on which days it is and what is
// said there of its times. from and to are in the home zone; the reader is in the other.
func TestEntriesAreOnTheirDays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, home, from, to, reader, day string
		period                            string
		want                              map[string][]string
	}{
		{"within a day", "Europe/Berlin", "2026-12-02 10:00", "2026-12-02 11:30", "Europe/Berlin", "2026-12-02", "week",
			map[string][]string{"2026-12-02": {"10:00–11:30 Busy"}}},
		{"without length", "Europe/Berlin", "2026-12-02 10:00", "2026-12-02 10:00", "Europe/Berlin", "2026-12-02", "week",
			map[string][]string{"2026-12-02": {"10:00 Busy"}}},
		{"without length at midnight", "Europe/Berlin", "2026-12-02 00:00", "2026-12-02 00:00", "Europe/Berlin", "2026-12-02", "week",
			map[string][]string{"2026-12-02": {"00:00 Busy"}}},
		{"ends before it begins", "Europe/Berlin", "2026-12-02 10:00", "2026-12-01 10:00", "Europe/Berlin", "2026-12-02", "week",
			map[string][]string{"2026-12-02": {"10:00 Busy"}}},
		{"until midnight", "Europe/Berlin", "2026-12-02 22:00", "2026-12-03 00:00", "Europe/Berlin", "2026-12-02", "week",
			map[string][]string{"2026-12-02": {"22:00–24:00 Busy"}}},
		{"from midnight to midnight", "Europe/Berlin", "2026-12-02 00:00", "2026-12-03 00:00", "Europe/Berlin", "2026-12-02", "week",
			map[string][]string{"2026-12-02": {"00:00–24:00 Busy"}}},
		{"over midnight", "Europe/Berlin", "2026-12-02 22:00", "2026-12-03 02:00", "Europe/Berlin", "2026-12-02", "week",
			map[string][]string{
				"2026-12-02": {"2 Dec, 22:00 – 3 Dec, 02:00 Busy"},
				"2026-12-03": {"2 Dec, 22:00 – 3 Dec, 02:00 Busy"},
			}},
		{"over midnight, not for a reader in the east", "Europe/Berlin", "2026-12-02 22:00", "2026-12-03 02:00", "Asia/Tokyo", "2026-12-02", "week",
			map[string][]string{"2026-12-03": {"06:00–10:00 Busy"}}},
		{"the day before for a reader in the west", "Europe/Berlin", "2026-12-02 05:00", "2026-12-02 06:00", "America/Los_Angeles", "2026-12-02", "week",
			map[string][]string{"2026-12-01": {"20:00–21:00 Busy"}}},
		{"a quarter of an hour", "Europe/Berlin", "2026-12-02 10:00", "2026-12-02 11:00", "Asia/Kathmandu", "2026-12-02", "week",
			map[string][]string{"2026-12-02": {"14:45–15:45 Busy"}}},
		{"from before the week", "Europe/Berlin", "2026-11-27 12:00", "2026-12-01 08:00", "Europe/Berlin", "2026-12-02", "week",
			map[string][]string{
				"2026-11-30": {"27 Nov, 12:00 – 1 Dec, 08:00 Busy"},
				"2026-12-01": {"27 Nov, 12:00 – 1 Dec, 08:00 Busy"},
			}},
		{"until after the week, and the year", "Europe/Berlin", "2026-12-05 12:00", "2027-01-09 00:00", "Europe/Berlin", "2026-12-02", "week",
			map[string][]string{
				"2026-12-05": {"5 Dec 2026, 12:00 – 8 Jan 2027, 24:00 Busy"},
				"2026-12-06": {"5 Dec 2026, 12:00 – 8 Jan 2027, 24:00 Busy"},
			}},
		{"before the week", "Europe/Berlin", "2026-11-29 22:00", "2026-11-30 00:00", "Europe/Berlin", "2026-12-02", "week", map[string][]string{}},
		{"after the week", "Europe/Berlin", "2026-12-07 00:00", "2026-12-07 01:00", "Europe/Berlin", "2026-12-02", "week", map[string][]string{}},
		{"all day", "Europe/Berlin", "2026-12-02", "2026-12-03", "Europe/Berlin", "2026-12-02", "week",
			map[string][]string{"2026-12-02": {"All day Busy"}}},
		{"all day, in the east", "Europe/Berlin", "2026-12-02", "2026-12-03", "Pacific/Auckland", "2026-12-02", "week",
			map[string][]string{"2026-12-02": {"All day Busy"}}},
		{"all day, in the west", "Europe/Berlin", "2026-12-02", "2026-12-03", "Pacific/Honolulu", "2026-12-02", "week",
			map[string][]string{"2026-12-02": {"All day Busy"}}},
		{"all day without an end", "Europe/Berlin", "2026-12-02", "2026-12-02", "Europe/Berlin", "2026-12-02", "week",
			map[string][]string{"2026-12-02": {"All day Busy"}}},
		{"several whole days", "Europe/Berlin", "2026-12-04", "2026-12-09", "America/New_York", "2026-12-02", "week",
			map[string][]string{
				"2026-12-04": {"All day, 4 Dec – 8 Dec Busy"},
				"2026-12-05": {"All day, 4 Dec – 8 Dec Busy"},
				"2026-12-06": {"All day, 4 Dec – 8 Dec Busy"},
			}},
		{"whole days on which clocks go back", "Europe/Berlin", "2026-10-24", "2026-10-26", "Europe/Berlin", "2026-10-24", "week",
			map[string][]string{
				"2026-10-24": {"All day, 24 Oct – 25 Oct Busy"},
				"2026-10-25": {"All day, 24 Oct – 25 Oct Busy"},
			}},
		{"clocks go forward meanwhile", "UTC", "2027-03-28 00:30", "2027-03-28 01:30", "Europe/Berlin", "2027-03-28", "week",
			map[string][]string{"2027-03-28": {"01:30 CET – 03:30 CEST Busy"}}},
		{"clocks go back meanwhile", "UTC", "2026-10-25 00:30", "2026-10-25 01:30", "Europe/Berlin", "2026-10-25", "week",
			map[string][]string{"2026-10-25": {"02:30 CEST – 02:30 CET Busy"}}},
		{"on a day of 23 hours", "Europe/Berlin", "2027-03-28 00:00", "2027-03-29 00:00", "Europe/Berlin", "2027-03-28", "week",
			map[string][]string{"2027-03-28": {"00:00 CET – 24:00 CEST Busy"}}},
		{"on a day of 25 hours, in the month", "Europe/Berlin", "2026-10-25 00:00", "2026-10-26 00:00", "Europe/Berlin", "2026-10-01", "month",
			map[string][]string{"2026-10-25": {"00:00 CEST – 24:00 CET Busy"}}},
		{"the day before clocks change", "Europe/Berlin", "2026-10-24 23:00", "2026-10-25 00:00", "Europe/Berlin", "2026-10-25", "week",
			map[string][]string{"2026-10-24": {"23:00–24:00 Busy"}}},
		{"until a midnight that is skipped", "UTC", "2027-04-29 20:00", "2027-04-29 22:00", "Africa/Cairo", "2027-04-29", "week",
			map[string][]string{"2027-04-29": {"22:00 EET – 24:00 EEST Busy"}}},
		{"a zone without abbreviations", "UTC", "2026-09-06 03:00", "2026-09-06 05:00", "America/Santiago", "2026-09-06", "week",
			map[string][]string{"2026-09-05": {"5 Sep, 23:00 UTC-04:00 – 6 Sep, 02:00 UTC-03:00 Busy"}, "2026-09-06": {"5 Sep, 23:00 UTC-04:00 – 6 Sep, 02:00 UTC-03:00 Busy"}}},
		{"in a day of another month that the month shows", "Europe/Berlin", "2026-12-06 10:00", "2026-12-06 11:00", "Europe/Berlin", "2026-11-15", "month",
			map[string][]string{"2026-12-06": {"10:00–11:00 Busy"}}},
		{"after what the month shows", "Europe/Berlin", "2026-12-07 10:00", "2026-12-07 11:00", "Europe/Berlin", "2026-11-15", "month", map[string][]string{}},
	}
	ran := 0
	for _, test := range tests {
		ran++
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			home := zone(t, test.home)
			c := publish.Calendar{Level: policy.AvailabilityOnly, Entries: []publish.Entry{{
				Start: at(t, home, test.from), End: at(t, home, test.to), AllDay: len(test.from) == len("2026-12-02"), Status: publish.Busy,
			}}}
			got := placed(t, page(t, c, view(t, "view="+test.period+"&day="+test.day+"&tz="+test.reader)))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if ran < 28 {
		t.Errorf("%d cases, at least 28 are expected", ran)
	}
}

// TestOrderOfADay wants whole days first, then what began the day before, then by time.
func TestOrderOfADay(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	c := publish.Calendar{Level: policy.LimitedDetails}
	for _, e := range [][3]string{
		{"2026-12-01 22:00", "2026-12-02 09:00", "since yesterday"},
		{"2026-12-01 23:00", "2026-12-03 09:00", "longer than the day"},
		{"2026-12-02 00:30", "2026-12-02 01:00", "early"},
		{"2026-12-02", "2026-12-03", "whole day"},
		{"2026-12-02 08:00", "2026-12-02 10:00", "longer"},
		{"2026-12-02 08:00", "2026-12-02 09:00", "shorter"},
	} {
		c.Entries = append(c.Entries, publish.Entry{
			Start: at(t, berlin, e[0]), End: at(t, berlin, e[1]), AllDay: len(e[0]) == len("2026-12-02"), Status: publish.Busy, Subject: e[2],
		})
	}
	root := parsed(t, page(t, c, view(t, "view=week&day=2026-12-02")))
	day := all(root, named("section", "today"))
	if len(day) != 1 {
		t.Fatalf("%d days are today", len(day))
	}
	want := []string{"longer than the day", "whole day", "since yesterday", "early", "shorter", "longer"}
	if diff := cmp.Diff(want, texts(day[0], "p", "subject")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
