package availability

import (
	"slices"
	"time"

	"exfed/federation/xmlsec"
)

// maxBias bounds a bias, in minutes; those in use are within fifteen hours.
const maxBias = 1440

func dayNames() []string {
	var names []string
	for day := time.Sunday; day <= time.Saturday; day++ {
		names = append(names, day.String())
	}
	return names
}

func (z TimeZone) write(w *writer) {
	w.open("t:TimeZone")
	w.integer("t:Bias", z.Bias)
	z.Standard.write(w, "t:StandardTime")
	z.Daylight.write(w, "t:DaylightTime")
	w.close("t:TimeZone")
}

func (t TimeZoneTime) write(w *writer, name string) {
	w.open(name)
	w.integer("t:Bias", t.Bias)
	w.leaf("t:Time", time.Time{}.Add(t.Time).Format("15:04:05.999999999"))
	w.integer("t:DayOrder", t.DayOrder)
	w.integer("t:Month", int(t.Month))
	w.leaf("t:DayOfWeek", t.DayOfWeek.String())
	if t.Year != 0 {
		w.integer("t:Year", t.Year)
	}
	w.close(name)
}

// timeZone reads a TimeZone; UTC for no element.
func (r *reader) timeZone(e *xmlsec.Element) TimeZone {
	if e == nil {
		return TimeZone{}
	}
	p := r.parts(e, "Bias", "StandardTime", "DaylightTime")
	return TimeZone{Bias: r.integer(p[0], -maxBias, maxBias), Standard: r.timeZoneTime(p[1]), Daylight: r.timeZoneTime(p[2])}
}

func (r *reader) timeZoneTime(e *xmlsec.Element) TimeZoneTime {
	if e == nil {
		return TimeZoneTime{}
	}
	p := r.parts(e, "Bias", "Time", "DayOrder", "Month", "DayOfWeek", "Year?")
	t := TimeZoneTime{
		Bias: r.integer(p[0], -maxBias, maxBias), Time: r.timeOfDay(p[1]),
		Month: time.Month(r.integer(p[3], 0, 12)), Year: r.integer(p[5], 0, 9999),
	}
	switch {
	case t.Month == 0:
		t.DayOrder = r.integer(p[2], 0, 31)
	case t.Year != 0:
		t.DayOrder = r.integer(p[2], 1, 31)
	default:
		t.DayOrder = r.integer(p[2], 1, 5)
	}
	t.DayOfWeek = time.Weekday(max(0, slices.Index(dayNames(), r.choice(p[4], dayNames()))))
	return t
}

// timeOfDay returns the time since midnight.
func (r *reader) timeOfDay(e *xmlsec.Element) time.Duration {
	text := r.token(e)
	t, err := time.Parse("15:04:05", text)
	if e != nil && (err != nil || !isDayTime(text)) {
		r.fail("%s is %q, not a time of day", e.Name.Local, printable(text))
		return 0
	}
	return t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))
}
