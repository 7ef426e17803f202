package calendar_test

import (
	"strings"
	"testing"

	"exfed/federation/calendar"
)

// TestBody: the text of an event, not that of its alarm, of its instances too, and no longer
// than the limit.
func TestBody(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 3000)
	cases := []struct {
		lines  []string
		limits calendar.Limits
		want   string
	}{
		{[]string{`DESCRIPTION;LANGUAGE=en:first\nsecond\; third\\`}, calendar.Limits{}, "first\nsecond; third\\"},
		{[]string{"BEGIN:VALARM", "DESCRIPTION:Wake up", "END:VALARM"}, calendar.Limits{}, ""},
		{[]string{"DESCRIPTION:of the event", "BEGIN:VALARM", "DESCRIPTION:Wake up", "END:VALARM"}, calendar.Limits{}, "of the event"},
		{[]string{"RRULE:FREQ=DAILY;COUNT=1", "DESCRIPTION:each time"}, calendar.Limits{}, "each time"},
		{[]string{"DESCRIPTION:" + long}, calendar.Limits{}, strings.Repeat("ä", 2048)},
		{[]string{"DESCRIPTION:" + long}, calendar.Limits{Body: 11, Text: 3}, strings.Repeat("ä", 5)},
	}
	for _, c := range cases {
		read, err := calendar.Parse(ics(vevent(append([]string{"DTSTART:20300101T090000Z", "DTEND:20300101T100000Z"}, c.lines...)...)), c.limits)
		if err != nil {
			t.Fatal(err)
		}
		events, err := read.Events(t.Context(), moment(t, "2030-01-01T00:00:00Z"), moment(t, "2030-01-02T00:00:00Z"), nil)
		if err != nil || len(events) != 1 || events[0].Body != c.want {
			t.Errorf("%.60q: %v, %+v", c.lines, err, events)
		}
	}
	if len(cases) < 6 {
		t.Errorf("%d cases", len(cases))
	}
}
