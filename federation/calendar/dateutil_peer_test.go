package calendar_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// python returns the path of an interpreter that has a module.
func python(t *testing.T, module string) string {
	t.Helper()
	const path = "/usr/bin/python3" // for which the distribution's modules are
	if output, err := exec.Command(path, "-c", "import "+module).CombinedOutput(); err != nil {
		if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
			t.Fatalf("python3 with %s is missing and EXFED_REQUIRE_PEERS=1: %v\n%s", module, err, output)
		}
		t.Skipf("python3 with %s is missing", module)
	}
	return path
}

// recurrence is a case as testdata/rules.py writes it.
type recurrence struct {
	Rule, Zone, Start string
	From, To          time.Time
	Instants          []time.Time
}

// recurrences asks python-dateutil for cases.
func recurrences(t *testing.T, seed, number int) []recurrence {
	t.Helper()
	output, err := exec.Command(python(t, "dateutil"), "testdata/rules.py", fmt.Sprint(seed), fmt.Sprint(number)).Output()
	if err != nil {
		t.Fatal(err)
	}
	var out []recurrence
	lines := bufio.NewScanner(bytes.NewReader(output))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one recurrence
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		out = append(out, one)
	}
	return out
}

// TestRecurrencesAgreeWithDateutil expands random rules, in zones whose clocks change,
// as python-dateutil does. Rules are left out that dateutil and RFC 5545 read differently:
// weekdays of which only some are counted, BYWEEKNO without a weekday, and parts that the
// RFC forbids together.
func TestRecurrencesAgreeWithDateutil(t *testing.T) {
	t.Parallel()
	cases, instants, failed := recurrences(t, 5545, 1100), 0, 0
	for _, one := range cases {
		start := "DTSTART;TZID=" + one.Zone + ":" + one.Start
		if one.Zone == "UTC" {
			start = "DTSTART:" + one.Start + "Z"
		}
		c := parse(t, ics(vevent("UID:1", start, "RRULE:"+one.Rule)))
		events, err := c.Events(t.Context(), one.From, one.To, nil)
		if err != nil {
			t.Errorf("%s %s: %v", start, one.Rule, err)
			continue
		}
		have := []time.Time{}
		for _, e := range events {
			have = append(have, e.Start)
		}
		if diff := cmp.Diff(one.Instants, have); diff != "" {
			t.Errorf("%s %s from %s to %s -dateutil +ours\n%s", start, one.Rule, one.From, one.To, diff)
			if failed++; failed > 10 {
				t.FailNow()
			}
		}
		instants += len(have)
	}
	if len(cases) < 1000 || instants < 20_000 {
		t.Errorf("%d rules and %d instances were compared, at least 1000 and 20000 are expected", len(cases), instants)
	}
}
