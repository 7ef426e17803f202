package availability_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/availability"
)

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// rules has the zones of places whose rules have stood for long, written down by hand.
func rules() map[string]availability.TimeZone {
	change := func(bias, order, month int, hour time.Duration) availability.TimeZoneTime {
		return availability.TimeZoneTime{Bias: bias, DayOrder: order, Month: time.Month(month), Time: hour * time.Hour}
	}
	return map[string]availability.TimeZone{
		"UTC":                 {},
		"America/New_York":    eastern(),
		"America/Los_Angeles": {Bias: 480, Standard: change(0, 1, 11, 2), Daylight: change(-60, 2, 3, 2)},
		"America/Phoenix":     {Bias: 420},
		"America/St_Johns":    {Bias: 210, Standard: change(0, 1, 11, 2), Daylight: change(-60, 2, 3, 2)},
		"Europe/London":       {Standard: change(0, 5, 10, 2), Daylight: change(-60, 5, 3, 1)},
		"Europe/Berlin":       {Bias: -60, Standard: change(0, 5, 10, 3), Daylight: change(-60, 5, 3, 2)},
		"Europe/Helsinki":     {Bias: -120, Standard: change(0, 5, 10, 4), Daylight: change(-60, 5, 3, 3)},
		"Asia/Tokyo":          {Bias: -540},
		"Asia/Kolkata":        {Bias: -330},
		"Asia/Kathmandu":      {Bias: -345},
		"Australia/Sydney":    {Bias: -600, Standard: change(0, 1, 4, 3), Daylight: change(-60, 1, 10, 2)},
		"Australia/Lord_Howe": {Bias: -630, Standard: change(0, 1, 4, 2), Daylight: change(-30, 1, 10, 2)},
		"Pacific/Auckland":    {Bias: -720, Standard: change(0, 1, 4, 3), Daylight: change(-60, 5, 9, 2)},
		"Pacific/Kiritimati":  {Bias: -840},
		// The same as Berlin, with the sum of the biases split otherwise.
		"Europe/Rome": {Bias: -120, Standard: change(60, 5, 10, 3), Daylight: change(0, 5, 3, 2)},
	}
}

// TestZonesAgreeWithGo compares offsets at random instants and, where it matters, around
// every change of twelve years.
func TestZonesAgreeWithGo(t *testing.T) {
	t.Parallel()
	for name, zone := range rules() {
		l := location(t, name)
		random := rand.New(rand.NewPCG(1, 2))
		instants := []time.Time{}
		for range 2000 {
			instants = append(instants, time.Unix(at("2024-01-01 00:00").Unix()+random.Int64N(12*365*86400), random.Int64N(1e9)))
		}
		for next := at("2024-01-01 00:00").In(l); ; {
			if _, next = next.ZoneBounds(); next.IsZero() || next.Year() > 2036 {
				break
			}
			instants = append(instants, next, next.Add(-1), next.Add(time.Minute), next.Add(-time.Minute))
		}
		for _, instant := range instants {
			want, got := instant.In(l).Format(time.DateTime), zone.In(instant).Format(time.DateTime)
			if want != got || !zone.In(instant).Equal(instant) {
				t.Fatalf("%s at %s: %s, want %s", name, instant.UTC(), got, want)
			}
		}
		checkInstants(t, name, zone, l, random)
	}
	if len(rules()) < 16 {
		t.Fatal("too few zones")
	}
}

// TestHalfARule: a zone that says only when one kind of time begins has standard time always.
func TestHalfARule(t *testing.T) {
	t.Parallel()
	for i := range 2 {
		zone := eastern()
		if i == 0 {
			zone.Standard.Month = 0
		} else {
			zone.Daylight.Month = 0
		}
		for _, instant := range []string{"2030-01-07 12:00", "2030-07-07 12:00"} {
			if _, offset := zone.In(at(instant)).Zone(); offset != -5*3600 {
				t.Errorf("%d, %s: %d seconds east", i, instant, offset)
			}
		}
	}
}

// checkInstants compares the reading of local times with all the instants at which a clock
// in the location shows them.
func checkInstants(t *testing.T, name string, zone availability.TimeZone, l *time.Location, random *rand.Rand) {
	t.Helper()
	twice, never := 0, 0
	check := func(wall time.Time) {
		var shown []time.Time
		for offset := -14 * 60; offset <= 14*60; offset += 15 {
			instant := wall.Add(time.Duration(offset) * time.Minute)
			if _, east := instant.In(l).Zone(); east == -60*offset {
				shown = append(shown, instant)
			}
		}
		got := zone.Instant(wall)
		switch len(shown) {
		case 0: // as far behind the change as the clock would have been, had nobody touched it
			never++
			before := got.Add(-3 * time.Hour)
			if _, offset := before.In(l).Zone(); !got.Equal(wall.Add(-time.Duration(offset) * time.Second)) {
				t.Errorf("%s: %s, never shown, was read as %s", name, wall, got)
			}
			return
		case 2:
			twice++
		}
		if !got.Equal(shown[0]) {
			t.Errorf("%s: %s was read as %s, want %s", name, wall, got, shown[0])
		}
	}
	for range 300 {
		check(at("2024-01-01 00:00").Add(time.Duration(random.Int64N(12*365*24*60)) * time.Minute))
	}
	next := at("2024-01-01 00:00").In(l)
	changes := 0
	for {
		if _, next = next.ZoneBounds(); next.IsZero() || next.Year() > 2036 {
			break
		}
		changes++
		_, offset := next.Zone()
		for m := -180; m <= 180; m += 10 {
			check(next.UTC().Add(time.Duration(offset)*time.Second + time.Duration(m)*time.Minute))
		}
	}
	if changes > 0 && (twice < 20 || never < 20) {
		t.Errorf("%s: %d times that come twice, %d that never come", name, twice, never)
	}
}

func TestTimeZoneFor(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, start, end string
		want             availability.TimeZone
	}{
		{"America/New_York", "2030-01-01 00:00", "2030-01-08 00:00", eastern()},
		{"America/New_York", "2030-03-01 00:00", "2030-04-08 00:00", eastern()},
		{"America/New_York", "2030-10-20 00:00", "2030-11-08 00:00", eastern()},
		{"Europe/London", "2030-10-20 00:00", "2030-11-08 00:00", rules()["Europe/London"]},
		// The last day of a leap year that the database has no changes of, only rules.
		{"America/New_York", "2040-12-31 00:00", "2041-01-08 00:00", eastern()},
		{"America/New_York", "2040-12-30 12:00", "2040-12-31 23:00", eastern()},
		{"America/New_York", "2044-12-31 23:30", "2045-02-08 00:00", eastern()},
		{"Australia/Sydney", "2030-12-20 00:00", "2031-01-08 00:00", rules()["Australia/Sydney"]},
		{"Australia/Lord_Howe", "2030-04-01 00:00", "2030-04-30 00:00", rules()["Australia/Lord_Howe"]},
		{"Asia/Kathmandu", "2030-04-01 00:00", "2030-04-30 00:00", availability.TimeZone{Bias: -345}},
		{"UTC", "2030-04-01 00:00", "2030-04-30 00:00", availability.TimeZone{}},
		{"Asia/Tehran", "2022-09-10 00:00", "2022-10-01 00:00", // the last change there was
			availability.TimeZone{Bias: -210, Standard: availability.TimeZoneTime{Month: 9, DayOrder: 4, DayOfWeek: 4}, Daylight: availability.TimeZoneTime{Bias: -60, Month: 3, DayOrder: 4, DayOfWeek: 2}}},
		{"Asia/Tehran", "2022-09-10 00:00", "2023-12-01 00:00", availability.TimeZone{}},               // a summer later there was none
		{"Africa/Casablanca", "2012-01-01 00:00", "2013-01-01 00:00", availability.TimeZone{}},         // two summers in a year
		{"Pacific/Apia", "2011-12-20 00:00", "2012-01-10 00:00", availability.TimeZone{}},              // a day was left out
		{"Africa/Monrovia", "1971-01-01 00:00", "1971-01-10 00:00", availability.TimeZone{}},           // 44 minutes and a half
		{"Europe/Istanbul", "2016-09-01 00:00", "2016-10-10 00:00", availability.TimeZone{Bias: -180}}, // summer time that was never ended
	}
	for _, c := range cases {
		got := availability.TimeZoneFor(location(t, c.name), at(c.start), at(c.end))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", c.name, c.start, diff)
		}
	}
	if len(cases) < 14 {
		t.Fatalf("%d cases", len(cases))
	}
}

// TestTimeZoneForAgreesWithGo asks about random windows in places of all kinds of rules.
func TestTimeZoneForAgreesWithGo(t *testing.T) {
	t.Parallel()
	names := []string{"Africa/Casablanca", "Africa/Cairo", "Asia/Gaza", "Asia/Amman", "America/Sao_Paulo", "America/Santiago", "America/Asuncion", "Europe/Dublin",
		"Europe/Moscow", "Europe/Istanbul", "America/Caracas", "Asia/Pyongyang", "Pacific/Apia", "Pacific/Fiji", "Antarctica/Troll", "America/Godthab", "Asia/Tehran"}
	for name := range rules() {
		names = append(names, name)
	}
	asked, utc := 0, 0
	for _, name := range names {
		l := location(t, name)
		random := rand.New(rand.NewPCG(3, 4))
		for range 40 {
			start := time.Unix(at("2000-01-01 00:00").Unix()+random.Int64N(37*365*86400), 0)
			end := start.Add(time.Duration(random.Int64N(42*24)+1) * time.Hour)
			zone := availability.TimeZoneFor(l, start, end)
			asked++
			if _, offset := start.In(l).Zone(); zone == (availability.TimeZone{}) && offset != 0 {
				utc++
				continue
			}
			for instant := start; !instant.After(end); instant = instant.Add(110 * time.Minute) {
				_, want := instant.In(l).Zone()
				if _, got := zone.In(instant).Zone(); want != got {
					t.Fatalf("%s from %s to %s: %+v has %d for %d", name, start, end, zone, got, want)
				}
			}
		}
	}
	if asked < 1300 || utc*100 > asked {
		t.Errorf("%d windows, for %d of which the zone was UTC", asked, utc)
	}
}
