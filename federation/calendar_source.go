package federation

import (
	"context"
	"path/filepath"
	"time"
)

// How often a calendar is read again. Less than a minute would be an attack on whoever
// serves it; what is older than a week is no answer to who is busy now.
const (
	DefaultRefreshInterval = 15 * time.Minute
	MinRefreshInterval     = time.Minute
	MaxRefreshInterval     = 7 * 24 * time.Hour
)

// CalendarSourceRequest changes where a mailbox's calendar is read from. One of the three
// places replaces the whole source; without one, what is given changes in the source there
// is, a nil field stays as it is and an empty text is cleared.
type CalendarSourceRequest struct {
	ICSPath          *string
	ICSURL           *string
	CalDAVURL        *string
	UserName         *string
	PasswordFile     *string
	PasswordVariable *string
	RefreshInterval  *time.Duration
}

// SetCalendarSource says where a mailbox's calendar is read from.
func (o *Organization) SetCalendarSource(ctx context.Context, mailbox string, request CalendarSourceRequest) error {
	return o.updateMailbox(ctx, mailbox, func(_ Tx, m *Mailbox) error {
		source := CalendarSource{}
		placed := request.ICSPath != nil || request.ICSURL != nil || request.CalDAVURL != nil
		switch {
		case placed:
		case m.CalendarSource == nil:
			return noSource(m.Name)
		default:
			source = *m.CalendarSource
		}
		set(&source.ICSPath, request.ICSPath)
		set(&source.ICSURL, request.ICSURL)
		set(&source.CalDAVURL, request.CalDAVURL)
		set(&source.UserName, request.UserName)
		set(&source.PasswordFile, request.PasswordFile)
		set(&source.PasswordVariable, request.PasswordVariable)
		if request.RefreshInterval != nil {
			source.RefreshInterval = Interval(*request.RefreshInterval)
		}
		if err := source.Check(); err != nil {
			return &Error{Kind: KindOf(err), ID: idOf(err), Object: sourceObject(m.Name), Err: err}
		}
		m.CalendarSource = &source
		return nil
	})
}

// CalendarSource returns where the mailbox's calendar is read from, and the mailbox. It is
// NotFound (CalendarSourceNotFound) when nothing says so.
func (o *Organization) CalendarSource(ctx context.Context, mailbox string) (Mailbox, error) {
	m, err := o.Mailbox(ctx, mailbox)
	if err == nil && m.CalendarSource == nil {
		err = noSource(m.Name)
	}
	return m, err
}

// RemoveCalendarSource forgets where the mailbox's calendar is read from. What it was read
// from stays as it is.
func (o *Organization) RemoveCalendarSource(ctx context.Context, mailbox string) error {
	return o.updateMailbox(ctx, mailbox, func(_ Tx, m *Mailbox) error {
		if m.CalendarSource == nil {
			return noSource(m.Name)
		}
		m.CalendarSource = nil
		return nil
	})
}

func sourceObject(mailbox string) string { return "calendar source of " + mailboxObject(mailbox) }

func noSource(mailbox string) error {
	return Errorf(NotFound, "CalendarSourceNotFound", sourceObject(mailbox), "not found")
}

// isVariableName reports whether a shell can set a variable of that name.
func isVariableName(text string) bool {
	for i, c := range []byte(text) {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return text != ""
}

// Check refuses a source that does not hold together: not exactly one place, a URL that is
// neither https nor on this machine, a user without a password or the other way round.
func (s CalendarSource) Check() error {
	places := 0
	for _, place := range []string{s.ICSPath, s.ICSURL, s.CalDAVURL} {
		if place != "" {
			places++
		}
	}
	if places != 1 {
		return Errorf(Invalid, "CalendarSourcePlace", "", "it has %d places; it needs exactly one of IcsPath, IcsUrl and CalDavUrl", places)
	}
	for property, text := range map[string]string{"IcsUrl": s.ICSURL, "CalDavUrl": s.CalDAVURL} {
		if err := checkCalendarURL(property, text); err != nil {
			return err
		}
	}
	if err := s.checkLogin(); err != nil {
		return err
	}
	d := time.Duration(s.RefreshInterval)
	if d != 0 && (d < MinRefreshInterval || d > MaxRefreshInterval) {
		return Errorf(Invalid, "InvalidRefreshInterval", "RefreshInterval "+d.String(), "is not between %s and %s", MinRefreshInterval, MaxRefreshInterval)
	}
	return nil
}

func checkCalendarURL(property, text string) error {
	if text == "" {
		return nil
	}
	object := property + " " + quote(text)
	u, err := checkURL(object, text)
	if err != nil {
		return err
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return Errorf(Invalid, "InsecureUrl", object, "begins with %s; only https will do, except on this machine", u.Scheme+"://")
	}
	return nil
}

func (s CalendarSource) checkLogin() error {
	login := func(format string, args ...any) error {
		return Errorf(Invalid, "CalendarSourceLogin", "", format, args...)
	}
	password := s.PasswordFile != "" || s.PasswordVariable != ""
	switch {
	case s.ICSPath != "" && (s.UserName != "" || password):
		return login("UserName and a password go with IcsUrl and CalDavUrl, not with IcsPath")
	case s.PasswordFile != "" && s.PasswordVariable != "":
		return login("the password is in PasswordFile or in PasswordVariable, not in both")
	case s.UserName != "" && !password:
		return login("UserName has no password: name what holds it with PasswordFile or PasswordVariable")
	case s.UserName == "" && password:
		return login("the password has no UserName")
	case s.PasswordVariable != "" && !isVariableName(s.PasswordVariable):
		return Errorf(Invalid, "InvalidVariableName", "PasswordVariable", "is not the name of an environment variable")
	}
	return nil
}

// Refresh is how often the calendar is read again.
func (s CalendarSource) Refresh() time.Duration {
	if s.RefreshInterval == 0 {
		return DefaultRefreshInterval
	}
	return time.Duration(s.RefreshInterval)
}

// Located returns the source with its paths made absolute. folder is that of the state file.
func (s CalendarSource) Located(folder string) CalendarSource {
	for _, path := range []*string{&s.ICSPath, &s.PasswordFile} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(folder, *path)
		}
	}
	return s
}
