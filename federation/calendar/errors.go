package calendar

import (
	"errors"
	"fmt"
	"io/fs"

	"exfed/federation"
)

// The errors of reading name no object: whoever has the bytes knows where they are from
// and puts it in, with about.

func malformed(format string, args ...any) error {
	return federation.Errorf(federation.Corrupt, "CalendarMalformed", "calendar", "%s; it must be an iCalendar file (RFC 5545)", fmt.Sprintf(format, args...))
}

func tooLarge(format string, args ...any) error {
	return federation.Errorf(federation.Conflict, "CalendarTooLarge", "calendar", "%s; take out what is long past", fmt.Sprintf(format, args...))
}

func tooManyEvents(limit int) error {
	return federation.Errorf(federation.Conflict, "CalendarTooManyEvents", "calendar", "has more than %d events in the time window; ask for a shorter one", limit)
}

func tooCostly(limit int) error {
	return federation.Errorf(federation.Conflict, "CalendarTooCostly", "calendar", "its recurrences take more than %d steps to expand; take out those that recur by the second", limit)
}

// about says which calendar an error is about.
func about(object string, err error) error {
	var e *federation.Error
	if errors.As(err, &e) {
		named := *e
		named.Object = object
		return &named
	}
	return err
}

func unreadable(path string, err error) error {
	kind := federation.Unavailable
	if errors.Is(err, fs.ErrNotExist) {
		kind = federation.NotFound
	}
	var e *fs.PathError
	if errors.As(err, &e) {
		err = e.Err // the path is the object
	}
	return &federation.Error{Kind: kind, ID: "CalendarFileUnreadable", Object: fmt.Sprintf("calendar %.260q", path), Reason: "cannot be read; check that it is there and who may read it", Err: err}
}
