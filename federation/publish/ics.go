package publish

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"exfed/policy"
)

// The bounds of what a calendar file says.
const (
	maxLine     = 75      // octets of a line (RFC 5545 section 3.1)
	maxICSText  = 8 << 20 // bytes of all texts together; what comes after shows its times only
	maxICSLine  = 1024    // characters of a subject or a location
	maxICSNotes = 4096    // characters of a body
)

// The names under which the calendar says who made it, and how often to read it again.
const (
	product = "-//exfed//published calendar//EN"
	refresh = "PT1H"
)

// EntryID is the ID of an entry made of the event's own UID, of which it gives nothing away:
// key is the calendar's own and secret.
func EntryID(key, uid string, start time.Time) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(start.Unix())))
	mac.Write([]byte(uid))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// ICS writes a published calendar as iCalendar (RFC 5545) to subscribe to. Each entry is an
// event of its own; none of a series, and none that names a person.
func ICS(c Calendar) []byte {
	w := &icsWriter{stamp: utc(c.Made), seen: map[string]int{}, escape: strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)}
	name := clean(c.Owner, maxICSLine)
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", product)
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", "PUBLISH")
	w.text("NAME", name) // RFC 7986 section 5.1, and its older name
	w.text("X-WR-CALNAME", name)
	w.line("REFRESH-INTERVAL;VALUE=DURATION", refresh) // RFC 7986 section 5.7, and its older name
	w.line("X-PUBLISHED-TTL", refresh)
	for _, e := range c.Entries {
		w.event(e, c.Level)
	}
	w.line("END", "VCALENDAR")
	return w.out.Bytes()
}

type icsWriter struct {
	out   bytes.Buffer
	stamp string
	seen  map[string]int // how often an ID was there
	texts int            // bytes of the texts so far

	escape *strings.Replacer // of texts (RFC 5545 section 3.3.11)
}

func (w *icsWriter) event(e Entry, level policy.Level) {
	w.line("BEGIN", "VEVENT")
	w.line("UID", w.uid(e.ID))
	w.line("DTSTAMP", w.stamp)
	w.times(e)
	summary, location, body := w.shown(e, level)
	w.text("SUMMARY", summary)
	if location != "" {
		w.text("LOCATION", location)
	}
	if body != "" {
		w.text("DESCRIPTION", body)
	}
	w.line("CLASS", "PUBLIC") // what is private has no texts, and is not told apart
	w.line("TRANSP", "OPAQUE")
	status := "CONFIRMED"
	if e.Status == Tentative {
		status = "TENTATIVE"
	}
	w.line("STATUS", status)
	w.line("X-MICROSOFT-CDO-BUSYSTATUS", strings.ToUpper(e.Status.String()))
	w.line("END", "VEVENT")
}

// uid tells apart what has the same ID: events of a calendar that gives them none.
func (w *icsWriter) uid(id string) string {
	w.seen[id]++
	if n := w.seen[id]; n > 1 {
		return id + "-" + strconv.Itoa(n)
	}
	return id
}

// times are dates for whole days and UTC for the others. What has no length has no end: an
// end that is not after the start is none (RFC 5545 section 3.8.2.2).
func (w *icsWriter) times(e Entry) {
	if !e.AllDay {
		w.line("DTSTART", utc(e.Start))
		if e.End.After(e.Start) {
			w.line("DTEND", utc(e.End))
		}
		return
	}
	w.line("DTSTART;VALUE=DATE", e.Start.Format("20060102"))
	if end := e.End.Format("20060102"); e.End.After(e.Start) {
		w.line("DTEND;VALUE=DATE", end)
	}
}

// shown are the texts of an entry. What the level does not show is left out once more, should
// the caller have forgotten.
func (w *icsWriter) shown(e Entry, level policy.Level) (summary, location, body string) {
	if w.texts < maxICSText && (level == policy.LimitedDetails || level == policy.Reviewer) {
		summary, location = clean(e.Subject, maxICSLine), clean(e.Location, maxICSLine)
		if level == policy.Reviewer {
			body = cleanLines(e.Body, maxICSNotes)
		}
		w.texts += len(summary) + len(location) + len(body)
	}
	if summary == "" {
		summary = e.Status.label()
	}
	return summary, location, body
}

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// text writes a property whose value is a text.
func (w *icsWriter) text(name, value string) { w.line(name, w.escape.Replace(value)) }

// line writes a content line, folded so that no line is longer than 75 octets and no
// character is cut (RFC 5545 section 3.1).
func (w *icsWriter) line(name, value string) {
	rest := name + ":" + value
	for room := maxLine; len(rest) > room; room = maxLine - 1 {
		at := room
		for at > 1 && !utf8.RuneStart(rest[at]) {
			at--
		}
		w.out.WriteString(rest[:at] + "\r\n ")
		rest = rest[at:]
	}
	w.out.WriteString(rest + "\r\n")
}
