package endpoint

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"

	"exfed/federation"
	"exfed/federation/calendar"
	"exfed/federation/publish"
)

// readPublished reads what is published of a calendar: whole days around today.
func (s *Server) readPublished(ctx context.Context, p publication, now time.Time) (publish.Calendar, error) {
	m, folder := p.Mailbox, p.Mailbox.Folder()
	if m.CalendarSource == nil {
		return publish.Calendar{}, federation.Errorf(federation.NotFound, "NoCalendarSource", "mailbox "+m.Name, "no calendar source is set")
	}
	local := now.In(s.zone)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, s.zone)
	c := publish.Calendar{
		Owner: m.Name, Level: p.Level, Made: now,
		From: folder.PublishDateRangeFrom.Add(today, -1), To: folder.PublishDateRangeTo.Add(today, 1).AddDate(0, 0, 1),
	}
	events, err := s.calendars.Occurrences(ctx, m, c.From, c.To)
	if err != nil {
		return publish.Calendar{}, err
	}
	for _, e := range events {
		if status, taken := statusOf(e.BusyType); taken {
			c.Entries = append(c.Entries, entryOf(e, status, p))
		}
	}
	return c, nil
}

// statusOf says how an event takes time, and false if it does not.
func statusOf(b calendar.BusyType) (publish.Status, bool) {
	switch b {
	case calendar.Tentative:
		return publish.Tentative, true
	case calendar.Busy:
		return publish.Busy, true
	case calendar.OOF:
		return publish.OOF, true
	case calendar.WorkingElsewhere:
		return publish.WorkingElsewhere, true
	}
	return 0, false
}

// entryOf shows of an event what the level does, and of a private one its time only.
func entryOf(e calendar.Event, status publish.Status, p publication) publish.Entry {
	entry := publish.Entry{
		ID: publish.EntryID(p.Mailbox.Folder().PublishSecret, e.UID, e.Start), Start: e.Start, End: e.End, AllDay: e.AllDay, Status: status,
	}
	details, body := levelShows(p.Level)
	if details && !e.Private {
		entry.Subject, entry.Location = e.Subject, e.Location
	}
	if body && !e.Private {
		entry.Body = e.Body
	}
	return entry
}

// document is a published calendar as it is sent.
type document struct {
	contentType, policy string
	tag                 string // of what it says, whenever it was made
	make                func() []byte
	entries             int
	body                []byte // what was made
}

func icsDocument(c publish.Calendar) document {
	// A calendar file is no document of a browser: there is nothing it may do.
	return document{"text/calendar; charset=utf-8", "default-src 'none'; frame-ancestors 'none'", tagOf(contents(c)), func() []byte { return publish.ICS(c) }, len(c.Entries), nil}
}

func pageDocument(c publish.Calendar, r *http.Request, now time.Time, zone *time.Location) (document, error) {
	view := publish.ParseView(r.URL.Query(), now, zone)
	view.ICal = "calendar.ics"
	body, err := publish.Page(c, view)
	if err != nil {
		return document{}, err
	}
	always, err := publish.Page(undated(c), view)
	tag := tagOf(func(w io.Writer) { w.Write(always) })
	return document{"text/html; charset=utf-8", publish.ContentSecurityPolicy(), tag, func() []byte { return body }, len(c.Entries), nil}, err
}

// contents writes all that a calendar says, and not when it was read. That is much quicker than
// to write a calendar file.
func contents(c publish.Calendar) func(io.Writer) {
	return func(w io.Writer) {
		fmt.Fprintf(w, "%q %s %d %d\n", c.Owner, c.Level, c.From.Unix(), c.To.Unix())
		for _, e := range c.Entries {
			// A day of an entry of whole days is that of its own location.
			fmt.Fprintf(w, "%s %s %s %t %d %d %d %d\n", e.ID, e.Start.Format(time.RFC3339), e.End.Format(time.RFC3339), e.AllDay, e.Status, len(e.Subject), len(e.Location), len(e.Body))
			for _, text := range []string{e.Subject, e.Location, e.Body} {
				io.WriteString(w, text)
			}
		}
	}
}

// undated is the calendar without the moment at which it was read, which changes each time.
func undated(c publish.Calendar) publish.Calendar {
	c.Made = c.From
	return c
}

// tagOf is a weak entity tag (RFC 9110 section 8.8.1): what has the same says the same.
func tagOf(write func(io.Writer)) string {
	sum := sha256.New()
	write(sum)
	return `W/"` + hex.EncodeToString(sum.Sum(nil)[:16]) + `"`
}

// write sends the document. A browser asks each time whether it is still there, and gets it
// again if it is another: what is published no longer must not be shown from a cache.
func (d document) write(w http.ResponseWriter, r *http.Request, p publication) {
	h := w.Header()
	h.Set("Content-Type", d.contentType)
	h.Set("Content-Security-Policy", d.policy)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", d.tag)
	h.Set("Referrer-Policy", "no-referrer")
	if !p.searchable {
		h.Set("X-Robots-Tag", "noindex, nofollow")
	}
	r.Header.Del("Range") // a part would not belong to the next one, which has another time in it
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.body))
}
