package agenda_test

import (
	"strings"
	"testing"
	"time"

	"exfed/cmd/agenda"
	"exfed/federation/availability"
)

// TestEveryHalfHourHasOneSign looks at the days around every change of the clocks that was
// ever made in places with unusual ones: as many signs as there are half hours, and each
// day once.
func TestEveryHalfHourHasOneSign(t *testing.T) {
	t.Parallel()
	changes := 0
	for _, name := range []string{"Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/Havana", "America/Caracas", "Asia/Amman",
		"Asia/Beirut", "Asia/Tehran", "Asia/Pyongyang", "Africa/Casablanca", "Atlantic/Azores", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kwajalein"} {
		zone := in(t, name)
		for at := time.Date(1975, 1, 1, 0, 0, 0, 0, zone); ; {
			_, change := at.ZoneBounds()
			if change.IsZero() || change.Year() >= 2038 { // where tables end
				break
			}
			checkSigns(t, change.Add(-36*time.Hour), change.Add(36*time.Hour), zone)
			changes++
			at = change
		}
	}
	if changes < 1000 {
		t.Errorf("%d changes of the clocks were tried, at least 1000 are expected", changes)
	}
}

func checkSigns(t *testing.T, start, end time.Time, zone *time.Location) {
	t.Helper()
	c := agenda.Calendar{Start: start, End: end, Zone: zone, Interval: 30, View: availability.FreeBusyView{Type: availability.ViewFreeBusy}}
	signs, last := 0, ""
	for line := range strings.Lines(days(t, c.Lines(true))) {
		if line[0] == ' ' {
			continue // the hours
		}
		day := line[4:14]
		if day <= last {
			t.Errorf("%s: %s comes after %s", zone, day, last)
		}
		last = day
		signs += strings.Count(line, ".")
	}
	if want := int(end.Sub(start) / (30 * time.Minute)); signs != want {
		t.Errorf("%s, from %v: %d signs, want %d", zone, start, signs, want)
	}
}
