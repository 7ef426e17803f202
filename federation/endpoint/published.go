package endpoint

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"

	"exfed/federation"
	"exfed/federation/serve"
	"exfed/federation/soap"
	"exfed/policy"
)

// Bounds of published calendars, which anybody may ask for. They are apart from those of
// partners, whom a crowd of readers must not keep out.
const (
	maxReading   = 16 // calendars that are read and written at once
	maxOfAddress = 4  // of one address
	shownDigits  = 6  // of an address's unguessable part, in the log
)

// eachReader and allReaders are how often calendars may be asked for: by one address, which
// may be that of a whole company, and by all.
func eachReader() serve.Rate { return serve.Rate{PerSecond: 2, Burst: 60} }
func allReaders() serve.Rate { return serve.Rate{PerSecond: 100, Burst: 500} }

// errSending says that no memory is left for another document.
var errSending = errors.New("too much is being sent already")

// publication is a published calendar under one of its paths.
type publication struct {
	federation.PublishedCalendar
	path       string // in lower case
	searchable bool   // made of the mailbox's address
}

// pathKey is what a path is looked up by. A digest, so that the time a look-up takes tells
// nothing about paths there are.
type pathKey [sha256.Size]byte

func keyOf(path string) pathKey { return sha256.Sum256([]byte(path)) }

// publications are the calendars that anybody may read now, by their paths.
func publications(published []federation.PublishedCalendar) map[pathKey]publication {
	all := map[pathKey]publication{}
	for _, p := range published {
		paths := p.Mailbox.PublishedPaths()
		for i, path := range paths {
			path = strings.ToLower(path)
			all[keyOf(path)] = publication{PublishedCalendar: p, path: path, searchable: i < len(paths)-1}
		}
	}
	return all
}

// servePublished answers who reads a published calendar. What is not published, not any more,
// or not by the mailbox's policy, was never there: it is not in the table that paths are
// looked up in, and no calendar is read for it.
func (s *Server) servePublished(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if wait := s.readers.Take(r.RemoteAddr, s.now()); wait > 0 {
		s.log.WarnContext(ctx, "too many requests for published calendars", "request", serve.RequestID(ctx), "address", soap.Printable(r.RemoteAddr, maxLogged))
		serve.TooOften(w, wait)
		return
	}
	if !serve.OnlyGet(w, r) {
		return
	}
	organization, err := s.organization.get(ctx)
	if err != nil {
		s.log.ErrorContext(ctx, "request failed", "request", serve.RequestID(ctx), "error", printable(err))
		serve.Busy(w)
		return
	}
	path, format := splitPublished(r.URL.Path)
	found, ok := organization.published[keyOf(path)]
	if !ok || format == "" || subtle.ConstantTimeCompare([]byte(found.path), []byte(path)) != 1 {
		s.log.InfoContext(ctx, "no such published calendar", "request", serve.RequestID(ctx), "path", shortened(path))
		http.NotFound(w, r)
		return
	}
	s.publish(w, r, found, format)
}

// splitPublished takes the file's name off a path, and brings the rest into lower case. The
// format is that name, "" if it is none of a published calendar.
func splitPublished(path string) (rest, format string) {
	path = strings.ToLower(path)
	for _, format := range []string{federation.PublishedPage, federation.PublishedICal} {
		if rest, ok := strings.CutSuffix(path, format); ok {
			return rest, format
		}
	}
	return path, ""
}

// isPublished reports whether a path is below that of published calendars.
func isPublished(path string) bool {
	root := federation.PublishedRoot
	return len(path) >= len(root) && strings.EqualFold(path[:len(root)], root)
}

// shortened is as much of a path as the log may know: whoever reads it must not be able to
// read the calendar.
func shortened(path string) string {
	path = strings.TrimPrefix(path, federation.PublishedRoot)
	return soap.Printable(path[:min(len(path), shownDigits)], maxLogged)
}

// publish answers with a calendar that may be read.
func (s *Server) publish(w http.ResponseWriter, r *http.Request, p publication, format string) {
	ctx := r.Context()
	attributes := []any{"request", serve.RequestID(ctx), "path", shortened(p.path), "mailbox", soap.Printable(p.Mailbox.PrimarySMTPAddress, maxLogged),
		"file", strings.TrimPrefix(format, "/"), "granted", p.Level, "policy", p.Decision.Policy, "reason", p.Decision.Reason}
	from := serve.Network(r.RemoteAddr).String()
	if !s.reading.Take() {
		s.log.WarnContext(ctx, "too many published calendars at once", attributes...)
		serve.Busy(w)
		return
	}
	if !s.readings.take(from) {
		s.reading.Release()
		s.log.WarnContext(ctx, "too many published calendars at once", append(attributes, "address", from)...)
		serve.Busy(w)
		return
	}
	made, name, err := s.prepare(ctx, r, p, format)
	s.readings.release(from)
	s.reading.Release() // how it is written is bounded by connections, and by what is on its way
	if name != "" {
		defer s.sending.release(name)
	}
	if errors.Is(err, errSending) {
		s.log.WarnContext(ctx, "too many published calendars at once", append(attributes, "error", printable(err))...)
		serve.Busy(w)
		return
	}
	if err != nil {
		s.log.ErrorContext(ctx, "published calendar failed", append(attributes, "error", printable(err))...)
		serve.Busy(w)
		return
	}
	s.log.InfoContext(ctx, "published calendar", append(attributes, "entries", made.entries)...)
	made.write(w, r, p)
}

// prepare makes what is answered. name is what to release of what is being sent; "" is nothing.
func (s *Server) prepare(ctx context.Context, r *http.Request, p publication, format string) (made document, name string, err error) {
	made, err = unpanicked(func() (document, error) {
		d, err := s.document(ctx, r, p, format)
		if err != nil {
			return d, err
		}
		name = p.path + format + d.tag
		var few bool
		if d.body, few = s.sending.take(name, d.make); !few {
			return d, errSending
		}
		return d, nil
	})
	return made, name, err
}

// document makes what is answered.
func (s *Server) document(ctx context.Context, r *http.Request, p publication, format string) (document, error) {
	deadline, cancel := context.WithTimeout(ctx, calendarTimeout)
	defer cancel()
	now := s.now()
	c, err := s.readPublished(deadline, p, now)
	if err != nil {
		return document{}, err
	}
	if format == federation.PublishedICal {
		return icsDocument(c), nil
	}
	return pageDocument(c, r, now, s.zone)
}

// levelShows reports what of an event a level shows.
func levelShows(level policy.Level) (details, body bool) {
	return level == policy.LimitedDetails || level == policy.Reviewer, level == policy.Reviewer
}
