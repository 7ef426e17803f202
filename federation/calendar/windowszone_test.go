package calendar_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestWindowsZones reads the names in the source and wants an event at noon in each to be
// read, and some to be where they are known to be.
func TestWindowsZones(t *testing.T) {
	t.Parallel()
	names := 0
	for _, file := range []string{"windowszone.go", "windowszone_east.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		for lines.Scan() {
			name, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "case ")
			if !ok {
				continue
			}
			name = strings.Trim(name, `":`)
			c := parse(t, ics(vevent("DTSTART;TZID="+name+":20260105T120000")))
			if c.SkippedCount() > 0 {
				t.Errorf("%s: %v", name, c.Skipped())
			}
			names++
		}
	}
	if names < 140 {
		t.Errorf("%d names, at least 140 are expected", names)
	}
	known := map[string]string{
		"Pacific Standard Time": "2026-07-05T19:00:00", "Eastern Standard Time": "2026-07-05T16:00:00", "GMT Standard Time": "2026-07-05T11:00:00",
		"Greenwich Standard Time": "2026-07-05T12:00:00", "W. Europe Standard Time": "2026-07-05T10:00:00", "India Standard Time": "2026-07-05T06:30:00",
		"Nepal Standard Time": "2026-07-05T06:15:00", "AUS Eastern Standard Time": "2026-07-05T02:00:00", "US Mountain Standard Time": "2026-07-05T19:00:00",
		"UTC-11": "2026-07-05T23:00:00", "UTC+13": "2026-07-04T23:00:00", "Newfoundland Standard Time": "2026-07-05T14:30:00",
	}
	for name, want := range known {
		have := spans(t, parse(t, ics(vevent("DTSTART;TZID="+name+":20260705T120000"))), "2026-07-01T00:00:00Z", "2026-07-10T00:00:00Z", nil)
		if len(have) != 1 || have[0] != want+"/"+want {
			t.Errorf("%s: %v, %s is expected", name, have, want)
		}
	}
}

// TestWindowsZonesAgreeWithIcalendar compares the names with those python-icalendar knows:
// noon of the first day of each month of 2021 must be the same moment. Since then Almaty
// and Chihuahua have left their zones, and CLDR names other towns for those.
func TestWindowsZonesAgreeWithIcalendar(t *testing.T) {
	t.Parallel()
	const script = "import json; from icalendar.windows_to_olson import WINDOWS_TO_OLSON; print(json.dumps(WINDOWS_TO_OLSON))"
	output, err := exec.Command(python(t, "icalendar"), "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs map[string]string
	if err := json.Unmarshal(output, &theirs); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for windows, iana := range theirs {
		var have [2][]string
		for i, name := range []string{windows, iana} {
			c := parse(t, ics(vevent("DTSTART;TZID="+name+":20210101T120000", "RRULE:FREQ=MONTHLY")))
			have[i] = spans(t, c, "2021-01-02T00:00:00Z", "2022-01-01T00:00:00Z", nil)
		}
		if strings.Join(have[0], " ") != strings.Join(have[1], " ") {
			t.Errorf("%s is not %s: %v, %v", windows, iana, have[0], have[1])
		}
		compared++
	}
	if compared < 100 {
		t.Errorf("%d names were compared, at least 100 are expected", compared)
	}
}
