package publish

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the files a page is made of
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"time"

	"exfed/policy"
)

// What a page shows at most. A calendar has fewer entries; these bound the answer to one
// that was made to be large.
const (
	maxShown   = 3000    // entries, counted on each day they are on
	maxText    = 1 << 19 // bytes of their texts
	maxSubject = 200     // characters of a subject or a location
	maxBody    = 2000    // characters of a body
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// Page writes a published calendar as an HTML document, which needs nothing besides itself:
// no script to be read, no image, no other file. Entries are on the days, and have the
// times, that they have in the view's zone. An entry too many is left out and counted. The
// document is also well-formed XML (in the syntax of HTML, section 13.1).
func Page(c Calendar, view View) ([]byte, error) {
	if view.Now.IsZero() {
		view.Now = c.Made
	}
	view = view.withDefaults()
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return nil, fmt.Errorf("the template of the page: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, newPage(c, view)); err != nil {
		return nil, fmt.Errorf("the page: %w", err)
	}
	return out.Bytes(), nil
}

// ContentSecurityPolicy is the header of that name (CSP3) for pages: they may do what they
// do and nothing else.
func ContentSecurityPolicy() string {
	return "default-src 'none'; script-src " + ScriptHash() + "; style-src " + hashSource(pageCSS) +
		"; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// ScriptHash is the source expression that allows the script of a page and no other (CSP3,
// section 2.3.1).
func ScriptHash() string { return hashSource(pageJS) }

func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// page is what the template takes.
type page struct {
	Owner, Title, Period string
	Zone, ZoneText       string
	ZoneAsked            bool
	Zones                []string
	Base, ICal           string
	Style                template.CSS
	Script               template.JS
	Notes                []string
	Links                links
	Day                  string // of the form
	Weeks                []week
	IsWeek               bool
	Published, Made      string
	Detail               string
}

// links are the addresses of other pages; "" where there is nothing to be shown.
type links struct {
	Previous, PreviousName, PreviousRest string
	Next, NextName, NextRest             string
	Today, Month, Week                   string
}

// week is a row of the month.
type week struct {
	Number int // ISO 8601
	Title  string
	Link   string
	Days   []day
	Empty  bool // no day has entries
}

type day struct {
	Date      string // YYYY-MM-DD
	Weekday   string
	Number    int
	Month     string
	Year      int
	Today     bool
	Outside   bool // of the month
	Published bool
	Entries   []entry
}

// entry is an Entry made fit to be shown.
type entry struct {
	Class, Status           string
	AllDay                  bool
	When                    []moment
	Subject, Location, Body string
}

func newPage(c Calendar, v View) page {
	p := page{
		Owner: clean(c.Owner, maxSubject), Title: v.title(), Period: string(v.Period), IsWeek: v.Period == Week,
		Zone: v.zoneName(), ZoneText: v.zoneText(), ZoneAsked: v.ZoneAsked, Zones: zonesWith(v.zoneName()),
		Base: v.Base, ICal: v.ICal, Style: template.CSS(pageCSS), Script: template.JS(pageJS),
		Day: v.Day.Format(time.DateOnly), Detail: detail(c.Level),
	}
	published := c.published(v.Zone)
	p.Links = v.links(published)
	p.Published = published.text()
	if !c.Made.IsZero() {
		p.Made = c.Made.In(v.Zone).Format("2 January 2006, 15:04")
	}
	dates := v.grid()
	shown, left := c.show(dates, v)
	p.Weeks = v.weeks(dates, shown, published)
	p.Notes = append(slices.Clone(v.Notes), v.remarks(p.Weeks, published, left)...)
	return p
}

// detail says what a level shows.
func detail(level policy.Level) string {
	switch level {
	case policy.LimitedDetails:
		return "Published are times, subjects and locations"
	case policy.Reviewer:
		return "Published are times, subjects, locations and notes"
	}
	return "Published are times alone"
}

// show prepares what is on each of the dates, and counts what is left out: every entry on
// each of its days.
func (c Calendar) show(dates []time.Time, v View) (shown [][]entry, left int) {
	count, text := 0, 0
	for _, entries := range on(c.Entries, dates, v.Zone) {
		var list []entry
		for _, e := range entries {
			if count >= maxShown || text >= maxText {
				left++
				continue
			}
			prepared := e.prepare(c.Level, v)
			list = append(list, prepared)
			count++
			text += len(prepared.Subject) + len(prepared.Location) + len(prepared.Body)
		}
		shown = append(shown, list)
	}
	return shown, left
}

// prepare leaves out what the level does not show once more, should the caller have forgotten.
func (e Entry) prepare(level policy.Level, v View) entry {
	out := entry{AllDay: e.AllDay, When: e.when(v.Zone)}
	switch e.Status {
	case Tentative:
		out.Class, out.Status = "tentative", "Tentative"
	case OOF:
		out.Class, out.Status = "oof", "Out of office"
	case WorkingElsewhere:
		out.Class, out.Status = "elsewhere", "Working elsewhere"
	default:
		out.Class, out.Status = "busy", "Busy"
	}
	if level == policy.LimitedDetails || level == policy.Reviewer {
		out.Subject, out.Location = clean(e.Subject, maxSubject), clean(e.Location, maxSubject)
	}
	if level == policy.Reviewer && v.Period == Week {
		out.Body = cleanLines(e.Body, maxBody)
	}
	return out
}

// weeks arranges the days.
func (v View) weeks(dates []time.Time, shown [][]entry, published bounds) []week {
	first, last := v.span()
	today := dateOf(v.Now.In(v.Zone))
	var weeks []week
	for i, date := range dates {
		if i%7 == 0 {
			_, number := date.ISOWeek()
			link := v.of(Week)
			link.Day = date
			weeks = append(weeks, week{Number: number, Title: dayRange(date, date.AddDate(0, 0, 6)), Link: link.link(true), Empty: true})
		}
		w := &weeks[len(weeks)-1]
		w.Empty = w.Empty && len(shown[i]) == 0 && !date.Equal(today)
		w.Days = append(w.Days, day{
			Date: date.Format(time.DateOnly), Weekday: date.Weekday().String(), Number: date.Day(), Month: date.Month().String(), Year: date.Year(),
			Today: date.Equal(today), Outside: date.Before(first) || date.After(last), Published: published.have(date), Entries: shown[i],
		})
	}
	return weeks
}
