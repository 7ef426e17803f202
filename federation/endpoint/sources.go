package endpoint

import (
	"cmp"
	"container/list"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/calendar"
)

// Bounds of what is kept of calendars.
const (
	maxSources   = 5000
	maxKeptBytes = 128 << 20
	sourceLife   = time.Hour // without a question about it
)

// CalendarSources reads calendars from where the sources of mailboxes say they are. It keeps
// what it read for as long as the calendar is asked about, and is for concurrent use. Now and
// Getenv are required.
type CalendarSources struct {
	Folder    string                   // of the state file: where relative paths begin
	Floating  *time.Location           // in which whole days and times without a zone are read; nil: UTC
	Getenv    func(name string) string // the variables that hold passwords
	Now       func() time.Time
	Transport http.RoundTripper // to calendars on servers; nil: one that trusts whom the system trusts

	// MaxBytes is how much text the calendars that are kept were read from, all together;
	// 0: 128 MiB. In memory a calendar takes about three times its text, one of files nine times.
	MaxBytes int
	Log      *slog.Logger // of what was left out of calendars; nil: nothing is logged

	mu    sync.Mutex
	kept  map[federation.CalendarSource]*list.Element // of order
	order *list.List                                  // of *keptSource; that which was asked about last is first
	bytes int                                         // of all kept
}

// Events implements Calendars.
func (c *CalendarSources) Events(ctx context.Context, mailbox federation.Mailbox, from, to time.Time) ([]availability.Event, error) {
	found, err := c.Occurrences(ctx, mailbox, from, to)
	if err != nil {
		return nil, err
	}
	events := make([]availability.Event, len(found))
	for i, e := range found {
		events[i] = availability.Event{
			Start: e.Start, End: e.End, BusyType: availability.BusyType(e.BusyType.String()), Subject: e.Subject, Location: e.Location, ID: e.UID,
			IsMeeting: e.Meeting, IsRecurring: e.Recurring, IsException: e.Exception, IsReminderSet: e.Reminder, IsPrivate: e.Private,
		}
	}
	return events, nil
}

// Occurrences implements Calendars. Files and passwords are looked at again each time; what is
// on a server is asked for again when the source's RefreshInterval has passed.
func (c *CalendarSources) Occurrences(ctx context.Context, mailbox federation.Mailbox, from, to time.Time) ([]calendar.Event, error) {
	source := mailbox.CalendarSource.Located(c.Folder)
	read, err := c.keep(source).load(ctx, func(k *keptSource) (*calendar.Calendar, error) {
		read, err := c.read(ctx, k, source)
		if err == nil && k.read != read {
			k.read = read
			c.weigh(k, read.Bytes())
			c.report(ctx, k, mailbox)
		}
		return read, err
	})
	if err != nil {
		return nil, err
	}
	return read.Events(ctx, from, to, c.Floating)
}

// Location implements Calendars.
func (c *CalendarSources) Location(name string) *time.Location { return calendar.Location(name) }

// keep returns what is kept of a source, and forgets those that nobody asks about any more.
func (c *CalendarSources) keep(source federation.CalendarSource) *keptSource {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept, c.order = map[federation.CalendarSource]*list.Element{}, list.New()
	}
	element, ok := c.kept[source]
	if !ok {
		element = c.order.PushFront(&keptSource{turn: make(chan struct{}, 1)})
		c.kept[source] = element
	}
	c.order.MoveToFront(element)
	k := element.Value.(*keptSource)
	k.of, k.used = source, c.Now()
	c.forget(k.used)
	return k
}

// forget drops sources, those first that were asked about longest ago. One that is being read
// stays: were it made anew, a disk that hangs would be waited for by one more each time.
func (c *CalendarSources) forget(now time.Time) {
	var before *list.Element
	for element := c.order.Back(); element != nil; element = before {
		before = element.Prev()
		k := element.Value.(*keptSource)
		if len(c.kept) <= maxSources && c.bytes <= cmp.Or(c.MaxBytes, maxKeptBytes) && now.Sub(k.used) < sourceLife {
			return
		}
		if len(k.turn) == 0 {
			c.order.Remove(element)
			delete(c.kept, k.of)
			c.bytes -= k.bytes
		}
	}
}

// weigh notes how long the text of a source's calendar is now, and forgets others if all
// are too long together. Who calls has the source's turn.
func (c *CalendarSources) weigh(k *keptSource, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.kept[k.of]; !ok || element.Value != k {
		return // it was forgotten before its turn came
	}
	c.bytes += bytes - k.bytes
	k.bytes = bytes
	c.forget(c.Now())
}

// keptSource is a source that was opened. One at a time uses it.
type keptSource struct {
	of    federation.CalendarSource // this and the next two are guarded by CalendarSources
	used  time.Time
	bytes int // of its calendar

	turn     chan struct{} // who put something in may touch what follows, until he takes it out
	password string        // with which it was opened
	source   calendar.Source
	read     *calendar.Calendar // the last one
	reported string             // what was left out of it
}

// load waits no longer than the context lasts, also for a file on a disk that does not obey
// it. There is never more than one that waits for such a disk.
func (k *keptSource) load(ctx context.Context, read func(*keptSource) (*calendar.Calendar, error)) (*calendar.Calendar, error) {
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	type outcome struct {
		calendar *calendar.Calendar
		err      error
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() { <-k.turn }()
		c, err := unpanicked(func() (*calendar.Calendar, error) { return read(k) })
		done <- outcome{c, err}
	}()
	select {
	case o := <-done:
		return o.calendar, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// unpanicked makes a panic an error. What somebody put into a calendar is understood in
// goroutines of their own, where a panic would end the program and not just the request.
func unpanicked[T any](do func() (T, error)) (result T, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v %s", reason, debug.Stack())
		}
	}()
	return do()
}

// read opens the source unless that was done with the password of now.
func (c *CalendarSources) read(ctx context.Context, k *keptSource, source federation.CalendarSource) (*calendar.Calendar, error) {
	password, err := c.password(source)
	if err != nil {
		return nil, err
	}
	if k.source == nil || k.password != password {
		if k.source, err = c.open(source, password); err != nil {
			return nil, err
		}
		k.password = password
	}
	return k.source.Load(ctx)
}

func (c *CalendarSources) password(source federation.CalendarSource) (string, error) {
	switch {
	case source.PasswordFile != "":
		password, err := certificate.ReadPasswordFile(source.PasswordFile)
		if err != nil {
			return "", federation.FromCertificate(err)
		}
		return password, nil
	case source.PasswordVariable != "":
		password := c.Getenv(source.PasswordVariable)
		if password == "" {
			return "", federation.Errorf(federation.Conflict, "PasswordVariableEmpty", "environment variable "+source.PasswordVariable,
				"holds no password; set it where the endpoint is started")
		}
		return password, nil
	}
	return "", nil
}

func (c *CalendarSources) open(source federation.CalendarSource, password string) (calendar.Source, error) {
	if path := source.ICSPath; path != "" {
		options := calendar.FileOptions{Now: c.Now}
		return fileOrFolder{path, calendar.NewFile(path, options), calendar.NewFolder(path, options)}, nil
	}
	server := calendar.Server{
		URL: source.ICSURL, User: source.UserName, Password: password, Transport: c.Transport,
		Freshness: calendar.Freshness{Refresh: source.Refresh(), Now: c.Now},
	}
	if source.CalDAVURL != "" {
		server.URL = source.CalDAVURL
		return calendar.NewCalDAV(calendar.CalDAV{Server: server})
	}
	return calendar.NewHTTPS(server)
}

// fileOrFolder is a path that may be the one today and the other tomorrow.
type fileOrFolder struct {
	path         string
	file, folder calendar.Source
}

func (f fileOrFolder) Load(ctx context.Context) (*calendar.Calendar, error) {
	if info, err := os.Stat(f.path); err == nil && info.IsDir() {
		return f.folder.Load(ctx)
	}
	return f.file.Load(ctx)
}
