package agenda_test

import (
	"os"
	"strings"
	"testing"

	"exfed/federation/availability"
)

// TestGuide draws what the guide shows.
func TestGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/sharing.md")
	if err != nil {
		t.Fatal(err)
	}
	c := strip{zone: "Europe/Berlin", start: "2027-03-27 00:00 +01:00", end: "2027-03-29 00:00 +02:00", view: availability.ViewDetailed, entries: []entry{
		{"2027-03-27 09:00 +01:00", "2027-03-27 10:00 +01:00", availability.Busy},
		{"2027-03-27 12:00 +01:00", "2027-03-27 12:30 +01:00", availability.Tentative},
		{"2027-03-28 00:00 +01:00", "2027-03-29 00:00 +02:00", availability.OOF},
	}}.calendar(t)
	c.View.Events[0].Details = &availability.EventDetails{Subject: "Tea", Location: "Room 1"}
	c.View.Events[1].Details = &availability.EventDetails{IsPrivate: true}
	if drawn := strings.Join(c.Lines(false), "\n") + "\n"; !strings.Contains(string(guide), "\n"+drawn+"```") {
		t.Errorf("docs/sharing.md does not show\n%s", drawn)
	}
}
