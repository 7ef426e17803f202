package psargs_test

import (
	"testing"
	"time"

	"exfed/cmd/psargs"
)

func TestParseDateTime(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("east", 2*60*60)
	cases := map[string]string{
		"2027-02-03":                        "2027-02-03T00:00:00+02:00",
		"2027-02-03T10:00":                  "2027-02-03T10:00:00+02:00",
		"2027-02-03T10:00:30":               "2027-02-03T10:00:30+02:00",
		"2027-02-03 10:00":                  "2027-02-03T10:00:00+02:00",
		"2027-02-03T10:00:00Z":              "2027-02-03T10:00:00Z",
		"2027-02-03t10:00:00z":              "2027-02-03T10:00:00Z",
		"2027-02-03T10:00Z":                 "2027-02-03T10:00:00Z",
		"2027-02-03T10:00:00-05:00":         "2027-02-03T10:00:00-05:00",
		"2027-02-03 10:00:00-05:00":         "2027-02-03T10:00:00-05:00",
		"2027-02-03T10:00:00.9999999+01:00": "2027-02-03T10:00:00+01:00",
		"2/3/2027":                          "2027-02-03T00:00:00+02:00",
		"02/03/2027 10:00":                  "2027-02-03T10:00:00+02:00",
		"2/3/2027 10:00:30 PM":              "2027-02-03T22:00:30+02:00",
		"2/3/2027 3:00 pm":                  "2027-02-03T15:00:00+02:00",
		"2/3/2027 3:00AM":                   "2027-02-03T03:00:00+02:00",
		"2/3/2027 12:00 AM":                 "2027-02-03T00:00:00+02:00",
	}
	for text, want := range cases {
		got, err := psargs.ParseDateTime(text, zone)
		if err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: %v, %v; want %s", text, got.Format(time.RFC3339Nano), err, want)
		}
	}
	refused := []string{"", "now", "10:00", "2027-02-30", "2027-13-01", "31/12/2027", "2027-02-03T25:00", "2027-02-03T10:00.5", "2027-2-3", "3.2.2027",
		"2027-02-03T10:00+2", "20270203", "2/3/27", "2/3/2027 13:00 PM", "2027-02-03 10:00 tomorrow", "99999-01-01"}
	for _, text := range refused {
		if got, err := psargs.ParseDateTime(text, zone); usageID(err) != psargs.InvalidTime {
			t.Errorf("%q: %v, %v; want %s", text, got, err, psargs.InvalidTime)
		}
	}
	if len(cases) < 16 || len(refused) < 16 {
		t.Errorf("%d times and %d that are none, at least 16 and 16 are expected", len(cases), len(refused))
	}
}
