package psargs_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/psargs"
)

func usageID(err error) string {
	var usage *psargs.UsageError
	if errors.As(err, &usage) {
		return usage.ID
	}
	return ""
}

func TestParseBool(t *testing.T) {
	t.Parallel()
	cases := map[string]bool{
		"true": true, "TRUE": true, "$true": true, "$True": true, "1": true, "yes": true, "Yes": true,
		"false": false, "False": false, "$false": false, "$FALSE": false, "0": false, "no": false, "NO": false,
	}
	if len(cases) < 14 {
		t.Fatalf("only %d cases", len(cases))
	}
	for text, want := range cases {
		if got, err := psargs.ParseBool(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "t", "2", "on", "$null", " true", "truе"} {
		if got, err := psargs.ParseBool(text); usageID(err) != psargs.InvalidBoolean {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}

func TestIsNull(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "$null", "$Null", "null", "NULL", `""`, "''"} {
		if !psargs.IsNull(text) {
			t.Errorf("%q is null", text)
		}
	}
	for _, text := range []string{" ", "nul", "$nul", "none", `"`, "0", "nulls"} {
		if psargs.IsNull(text) {
			t.Errorf("%q is not null", text)
		}
	}
}

func TestMatchEnum(t *testing.T) {
	t.Parallel()
	allowed := []string{"None", "LimitedDetails", "AvailabilityOnly"}
	for text, want := range map[string]string{"none": "None", "LIMITEDDETAILS": "LimitedDetails", "AvailabilityOnly": "AvailabilityOnly"} {
		if got, err := psargs.MatchEnum(text, allowed); err != nil || got != want {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
	_, err := psargs.MatchEnum("Non", allowed)
	want := &psargs.UsageError{
		ID: psargs.InvalidEnum, Msg: `"Non" is none of the values allowed`,
		Hints: []string{"write None, LimitedDetails or AvailabilityOnly"},
	}
	if diff := cmp.Diff(error(want), err); diff != "" {
		t.Error(diff)
	}
}

func TestParseTimeSpan(t *testing.T) {
	t.Parallel()
	cases := map[string]time.Duration{
		"30s":              30 * time.Second,
		"5M":               5 * time.Minute,
		"1h30m":            90 * time.Minute,
		"0":                0,
		"00:00:30":         30 * time.Second,
		"1:00":             time.Hour,
		"01:02:03":         time.Hour + 2*time.Minute + 3*time.Second,
		"1.00:00:00":       24 * time.Hour,
		"7.12:00":          180 * time.Hour,
		"00:00:00.5":       500 * time.Millisecond,
		"00:00:01.0000001": time.Second + 100*time.Nanosecond,
		"106750.23:59:59":  106751*24*time.Hour - time.Second,
	}
	if len(cases) < 12 {
		t.Fatalf("only %d cases", len(cases))
	}
	for text, want := range cases {
		if got, err := psargs.ParseTimeSpan(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "30", "-5m", "-00:01:00", "24:00:00", "00:60:00", "00:00:60", "106751.00:00:00", "999999999.00:00", "1.5", "a", "1:2:3:4",
		"00:00:00.12345678", "0:1\n",
	} {
		if got, err := psargs.ParseTimeSpan(text); usageID(err) != psargs.InvalidTimeSpan {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}
