package lab_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"exfed/federation/lab"
)

// TestUnexpectedPublishing has sharing policies and published calendars be something else than
// the last scene expects.
func TestUnexpectedPublishing(t *testing.T) {
	t.Parallel()
	const judging = 77 // the cmdlet that judges what support may share
	verdict := func(exitCode int, code string) *lab.Result {
		return &lab.Result{ExitCode: exitCode, Stderr: []byte("broken"), Stdout: records(map[string]any{"ResponseCode": code, "Message": "said"})}
	}
	cases := []struct {
		name      string
		verdict   *lab.Result
		published map[string]string
		reason    string
	}{
		{"it is allowed", verdict(0, "ErrorPermissionNotAllowedByPolicy"), nil, `exit code 0 and "ErrorPermissionNotAllowedByPolicy", not 3 and ErrorPermissionNotAllowedByPolicy`},
		{"nothing is", verdict(3, "ErrorNotAllowedExternalSharingByPolicy"), nil, `exit code 3 and "ErrorNotAllowedExternalSharingByPolicy", not 3`},
		{"no code", &lab.Result{ExitCode: 3, Stdout: records(map[string]any{})}, nil, "test-sharingpolicy printed no ResponseCode"},
		{"another failure", verdict(5, ""), nil, "exit code 5: broken"},
		{"no page", nil, map[string]string{"page": "Quarterly review"}, `it is no page with "Quarterly review"`},
		{"times only", nil, map[string]string{"page": "<html>Busy</html>"}, `it is no page with "Quarterly review"`},
		{"no calendar", nil, map[string]string{"feed": "<html>Quarterly review</html>"}, "does not begin with BEGIN:VCALENDAR"},
		{"another subject", nil, map[string]string{"feed": feed("Busy")}, `shows "Busy", "Room 1"`},
		{"another place", nil, map[string]string{"feed": strings.Replace(feed("Quarterly review"), "Room 1", "Room 2", 1)}, `shows "Quarterly review", "Room 2"`},
		{"another time", nil, map[string]string{"feed": strings.Replace(feed("Quarterly review"), "T1030", "T1031", 1)}, "an entry from "},
		{"another beginning", nil, map[string]string{"feed": strings.Replace(feed("Quarterly review"), "T0900", "T0859", 1)}, "an entry from "},
		{"once", nil, map[string]string{"feed": strings.Replace(feed("Quarterly review"), "RRULE:FREQ=DAILY\r\n", "", 1)}, "0 entries, not one for each of 7 days"},
		{"every other day", nil, map[string]string{"feed": strings.Replace(feed("Quarterly review"), "DAILY", "DAILY;INTERVAL=2", 1)}, " entries, not one for each of 7 days"},
	}
	if len(cases) < 13 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &shell{published: c.published, instead: func(_ context.Context, number int) *lab.Result {
				if number != judging {
					return nil
				}
				return c.verdict
			}}
			steps, err := play(t, s)
			wantFailed(t, steps, err, c.reason)
		})
	}
	for number := range 2 {
		s := &shell{}
		steps, err := play(t, s, func(o *lab.Options) {
			fetched := -1
			o.Fetch = func(ctx context.Context, url string, environ map[string]string) ([]byte, error) {
				if fetched++; fetched == number {
					return nil, errors.New("no answer")
				}
				return s.fetch(ctx, url, environ)
			}
		})
		wantFailed(t, steps, err, "no answer")
	}
}
