package calendar

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"exfed/federation"
)

// The stretch of time around now that is asked of a CalDAV server. What is asked of the
// calendar must lie within.
const (
	defaultPast   = 93 * 24 * time.Hour
	defaultFuture = 550 * 24 * time.Hour
)

// CalDAV is a calendar collection on a CalDAV server (RFC 4791).
type CalDAV struct {
	Server               // its URL is that of the collection
	Past   time.Duration // before now that is asked for; 0 for 93 days
	Future time.Duration // and after; 0 for 550 days
}

// NewCalDAV is the source that is a collection on a CalDAV server. It asks for the
// events of a stretch of time around now (RFC 4791 section 7.8) and expands recurrences
// itself, which servers do in ways of their own.
func NewCalDAV(options CalDAV) (Source, error) {
	f, err := newFetcher(options.Server)
	if err != nil {
		return nil, err
	}
	d := &collection{fetcher: f, past: options.Past, future: options.Future, now: f.server.Freshness.withDefaults().Now}
	if d.past <= 0 {
		d.past = defaultPast
	}
	if d.future <= 0 {
		d.future = defaultFuture
	}
	return newKeeper(f.server.Freshness, d.fetch), nil
}

type collection struct {
	*fetcher
	past, future time.Duration
	now          func() time.Time
}

// fetch asks for a day more on either side than is promised to be there: the servers'
// idea of where a day or a time without a zone lies differs from the reader's.
func (d *collection) fetch(ctx context.Context, _ *Calendar) (*Calendar, error) {
	now := d.now()
	covers := &window{now.Add(-d.past), now.Add(d.future)}
	const margin = widestOffset * time.Second
	// The copy is held for a while, in which now moves on.
	held := d.server.Freshness.withDefaults()
	covers.to = covers.to.Add(held.Refresh + held.Grace)
	a, err := d.do(ctx, "REPORT", query(covers.from.Add(-margin), covers.to.Add(margin)), http.Header{
		"Content-Type": {"application/xml; charset=utf-8"}, "Depth": {"1"},
	})
	switch {
	case err != nil:
		return nil, err
	case a.status != http.StatusMultiStatus:
		return nil, d.statusFault(a.status)
	}
	c, err := d.join(a.body)
	if err != nil {
		return nil, about(d.object, err)
	}
	c.covers = covers
	return c, nil
}

func query(from, to time.Time) string {
	const form = "20060102T150405Z"
	return fmt.Sprintf(`<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><D:getetag/><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="%s" end="%s"/></C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>`, from.UTC().Format(form), to.UTC().Format(form))
}

// join makes one calendar of the resources in a multistatus answer. One that is no
// calendar is skipped.
func (d *collection) join(body []byte) (*Calendar, error) {
	var objects []object
	var skipped []Skipped
	err := resources(body, func(data string) {
		some, err := readObjects([]byte(data), d.server.Limits)
		if err != nil {
			skipped = append(skipped, Skipped{Reason: "resource: " + err.Error()})
		}
		objects = append(objects, some...)
	})
	if err != nil {
		return nil, err
	}
	return build(objects, skipped, len(body), d.server.Limits)
}

// resources finds the calendar data in a multistatus answer (RFC 4918 section 14.16).
func resources(body []byte, take func(string)) error {
	const dav, caldav = "DAV:", "urn:ietf:params:xml:ns:caldav"
	decoder := xml.NewDecoder(bytes.NewReader(body))
	seen, depth, inData := false, 0, 0 // inData is the depth of the element whose text is collected
	var text strings.Builder
	for {
		token, err := decoder.Token()
		switch {
		case errors.Is(err, io.EOF) && seen:
			return nil
		case err != nil:
			return notMultistatus()
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			if depth == 1 && token.Name != (xml.Name{Space: dav, Local: "multistatus"}) || depth > maxXMLDepth {
				return notMultistatus()
			}
			seen = true
			if token.Name == (xml.Name{Space: caldav, Local: "calendar-data"}) || token.Name == (xml.Name{Space: dav, Local: "status"}) {
				inData = depth
				text.Reset()
			}
		case xml.CharData:
			if inData > 0 {
				text.Write(token)
			}
		case xml.EndElement:
			if depth == inData {
				inData = 0
				switch data := strings.TrimSpace(text.String()); {
				case token.Name.Local == "status" && strings.Contains(data, " 507 "):
					return tooLarge("is more than the server gives at once (HTTP status 507)")
				case token.Name.Local == "calendar-data" && data != "":
					take(data)
				}
			}
			depth--
		}
	}
}

const maxXMLDepth = 20

func notMultistatus() error {
	return federation.Errorf(federation.Untrusted, "CalendarMalformed", "calendar", "does not answer as a CalDAV server does; give the URL of a calendar collection")
}
