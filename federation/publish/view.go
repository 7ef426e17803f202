package publish

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // not every system has a database of time zones
)

// Period is how much of a calendar a page shows.
type Period string

// The periods. Weeks begin on Monday (ISO 8601).
const (
	Month Period = "month" // the weeks that have a day of the month
	Week  Period = "week"
)

// View is what a page shows of a calendar, and where its links lead.
type View struct {
	Period    Period         // Month unless it is Week
	Day       time.Time      // one of the days shown: the date it has in its own location; today if it is zero
	Now       time.Time      // which day is today
	Zone      *time.Location // of every time on the page; nil is UTC
	ZoneAsked bool           // the reader asked for a zone, so the page does not look for his
	Base      string         // path of the page, to which links add a query; "" is the page's own address
	ICal      string         // path or URL of the same calendar as iCalendar; "" if there is none
	Notes     []string       // what was wrong with the request, in sentences; clean
}

// The names of the parameters in a page's address.
const (
	viewParameter = "view" // month or week
	dayParameter  = "day"  // YYYY-MM-DD
	zoneParameter = "tz"   // name of a time zone (IANA)
)

// The years that a page is made for. Others are nobody's calendar.
const firstYear, lastYear = 1970, 2999

// zoneName is how names of IANA's time zones look. Files of the database that are no zones
// of people ("posixrules", "right/...", which counts leap seconds) begin with a small letter.
var zoneName = regexp.MustCompile(`^[A-Z][A-Za-z0-9+_-]*(/[A-Za-z0-9+_-]+)*$`)

// ParseView reads the query of a request for a page. What is missing is the month, today and
// the fallback's zone, UTC if it is nil; so is what is wrong, and a note says it. Base and
// ICal are left to the caller.
func ParseView(query url.Values, now time.Time, fallback *time.Location) View {
	v := View{Period: Month, Now: now, Zone: fallback}
	switch asked := query.Get(viewParameter); asked {
	case "", string(Month):
	case string(Week):
		v.Period = Week
	default:
		v.note("The view %s does not exist; the month is shown.", asked)
	}
	v.parseZone(query)
	if asked := query.Get(dayParameter); asked != "" {
		day, err := time.Parse(time.DateOnly, asked)
		if err != nil || day.Year() < firstYear || day.Year() > lastYear {
			v.note("The day %s is not a date like 2026-11-30; today is shown.", asked)
		} else {
			v.Day = day
		}
	}
	return v.withDefaults()
}

func (v *View) parseZone(query url.Values) {
	v.ZoneAsked = query.Has(zoneParameter)
	asked := query.Get(zoneParameter)
	if asked == "" {
		return
	}
	// A name is the name of a file: nothing else is looked for on the disk.
	if len(asked) <= 64 && asked != "Local" && zoneName.MatchString(asked) {
		if zone, err := time.LoadLocation(asked); err == nil {
			v.Zone = zone
			return
		}
	}
	v.note("The time zone %s is unknown; times are in another one.", asked)
}

// note adds a sentence about a value of the request.
func (v *View) note(format, value string) {
	v.Notes = append(v.Notes, fmt.Sprintf(format, `"`+clean(value, 40)+`"`))
}

// withDefaults fills in what is missing, and makes Day the midnight of its date in UTC.
func (v View) withDefaults() View {
	if v.Zone == nil {
		v.Zone = time.UTC
	}
	if v.Period != Week {
		v.Period = Month
	}
	if v.Day.IsZero() {
		v.Day = v.Now.In(v.Zone)
	}
	v.Day = dateOf(v.Day)
	return v
}

// span returns the first and last day of what is asked for: the month or the week.
func (v View) span() (first, last time.Time) {
	if v.Period == Week {
		first = monday(v.Day)
		return first, first.AddDate(0, 0, 6)
	}
	first = v.Day.AddDate(0, 0, 1-v.Day.Day())
	return first, first.AddDate(0, 1, -1)
}

// grid returns every day that is shown: whole weeks.
func (v View) grid() []time.Time {
	first, last := v.span()
	var days []time.Time
	for day := monday(first); !day.After(monday(last).AddDate(0, 0, 6)); day = day.AddDate(0, 0, 1) {
		days = append(days, day)
	}
	return days
}

// neighbour is the same view of the period before or after.
func (v View) neighbour(by int) View {
	first, _ := v.span()
	if v.Period == Week {
		v.Day = first.AddDate(0, 0, 7*by)
	} else {
		v.Day = first.AddDate(0, by, 0)
	}
	return v
}

// of is the same day in another period.
func (v View) of(period Period) View {
	v.Period = period
	return v
}

// link returns the address of the view. Without a day it is today's whenever it is followed.
func (v View) link(withDay bool) string {
	query := url.Values{viewParameter: {string(v.Period)}}
	if withDay {
		query.Set(dayParameter, v.Day.Format(time.DateOnly))
	}
	if v.ZoneAsked {
		query.Set(zoneParameter, v.zoneName())
	}
	return v.Base + "?" + query.Encode()
}

// title names the period: "November 2026", or "30 November to 6 December 2026".
func (v View) title() string {
	first, last := v.span()
	if v.Period == Month {
		return first.Format("January 2006")
	}
	return dayRange(first, last)
}

// dayRange names days from one to another without saying anything twice.
func dayRange(first, last time.Time) string {
	switch {
	case first.Equal(last):
		return last.Format("2 January 2006")
	case first.Year() != last.Year():
		return first.Format("2 January 2006") + " to " + last.Format("2 January 2006")
	case first.Month() != last.Month():
		return first.Format("2 January") + " to " + last.Format("2 January 2006")
	}
	return first.Format("2") + " to " + last.Format("2 January 2006")
}

// zoneName is the zone's name as it can be asked for, "" for the one of the server that has none.
func (v View) zoneName() string {
	if name := v.Zone.String(); zoneName.MatchString(name) && name != "Local" {
		return name
	}
	return ""
}

// zoneText names the zone for people, with what it is ahead of UTC in the days shown.
func (v View) zoneText() string {
	days := v.grid()
	first := time.Date(days[0].Year(), days[0].Month(), days[0].Day(), 0, 0, 0, 0, v.Zone)
	after := days[len(days)-1].AddDate(0, 0, 1)
	offsets := []string{offsetText(first)}
	if last := offsetText(time.Date(after.Year(), after.Month(), after.Day(), 0, 0, 0, 0, v.Zone)); last != offsets[0] {
		offsets = append(offsets, last)
	}
	name := v.zoneName()
	if name == "" {
		name = "the server’s time zone"
	}
	if name == "UTC" {
		return name
	}
	return name + " (" + strings.Join(offsets, ", then ") + ")"
}

func offsetText(t time.Time) string { return "UTC" + t.Format("-07:00") }
