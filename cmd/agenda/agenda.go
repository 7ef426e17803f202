// Package agenda draws for people when somebody is busy: a line for each day with a sign
// for each half hour, what the signs mean, and the entries of the calendar. It only draws,
// and it makes what a partner wrote safe and short enough for a terminal.
package agenda

import (
	"strings"
	"time"
	"unicode/utf8"

	"exfed/cmd/render"
	"exfed/federation/availability"
)

// Width is what no line is wider than, in columns.
const Width = 80

// Calendar is what there is to draw.
type Calendar struct {
	Owner      string    // whose calendar it is
	Start, End time.Time // the window that was asked about
	Zone       *time.Location
	View       availability.FreeBusyView
	Interval   int                        // minutes that a digit of the view stands for, more than 0
	Version    availability.ServerVersion // in which the view's digits are to be read
}

// Lines draws a calendar, within Width. ascii keeps to ASCII but for what the partner wrote.
func (c Calendar) Lines(ascii bool) []string {
	set := signsOf(ascii)
	lines := []string{Heading(c.Owner, c.Zone), ""}
	lines = append(lines, c.days(set)...)
	lines = append(lines, "", legend(set))
	if len(c.View.Events) > 0 {
		lines = append(lines, "")
	}
	for _, event := range c.View.Events {
		lines = append(lines, c.entry(event, set)...)
	}
	return lines
}

// Heading says whose calendar it is and in which time zone times are.
func Heading(owner string, zone *time.Location) string {
	times := ", times in " + zone.String()
	if zone.String() == "Local" { // the name of the machine's zone, which it may not know itself
		times = ", times in this machine's time zone"
	}
	return cut(owner, Width-len(times), "...") + times
}

// signs are the characters of the half hours, and of what is cut.
type signs struct {
	free, noData, elsewhere, tentative, busy, outOfOffice, more string
}

func signsOf(ascii bool) signs {
	if ascii {
		return signs{free: ".", noData: "?", elsewhere: "~", tentative: "/", busy: "#", outOfOffice: "x", more: "..."}
	}
	return signs{free: "·", noData: "?", elsewhere: "~", tentative: "/", busy: "█", outOfOffice: "▒", more: "…"}
}

func legend(set signs) string {
	return set.free + " free  " + set.tentative + " tentative  " + set.busy + " busy  " + set.outOfOffice + " out of office  " +
		set.elsewhere + " working elsewhere  " + set.noData + " no data"
}

// kind is a busy type in the order in which one hides another: what keeps somebody from a
// meeting hides what does not.
type kind int

const (
	free kind = iota
	noData
	elsewhere
	tentative
	busy
	outOfOffice
)

func kindOf(b availability.BusyType) kind {
	switch b {
	case availability.Free:
		return free
	case availability.WorkingElsewhere:
		return elsewhere
	case availability.Tentative:
		return tentative
	case availability.Busy:
		return busy
	case availability.OOF:
		return outOfOffice
	}
	return noData
}

func (s signs) of(k kind) string {
	return []string{s.free, s.noData, s.elsewhere, s.tentative, s.busy, s.outOfOffice}[k]
}

// cut makes text safe and no wider than so many columns, with more at its end if something
// is missing.
func cut(text string, width int, more string) string {
	text = render.Clean(text)
	if columns(text) <= width {
		return text
	}
	width -= utf8.RuneCountInString(more)
	var kept strings.Builder
	for _, r := range text {
		if width -= columns(string(r)); width < 0 {
			break
		}
		kept.WriteRune(r)
	}
	return strings.TrimRight(kept.String(), " ") + more
}

// columns is how wide a text is at most: no character before the Hangul Jamo is wide
// (Unicode Standard Annex #11), and of the others many are.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r >= '\u1100' {
			n++
		}
	}
	return n
}
