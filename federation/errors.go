package federation

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of failure an Error is. Programs switch on the kind, people
// read the text; cmd maps each kind to an exit code.
type Kind int

// The kinds of failure. Their exit codes are listed in docs/exit-codes.md.
const (
	Other        Kind = iota // no better kind
	Invalid                  // a value somebody typed is wrong
	Corrupt                  // a file we read is wrong: broken, newer, of another shape
	NotFound                 // the named object does not exist
	Exists                   // the object exists already
	Conflict                 // in use, or against a rule of the domain
	Refused                  // the broker or a partner said no
	Untrusted                // an answer that is not what it should be
	Unavailable              // not reached in time; trying again may help
	Locked                   // somebody else holds the lock past the time allowed
	NeedsAnswer              // a question, and nobody there to answer it
	ChecksFailed             // checks ran and found faults
	Interrupted              // the user or the system asked to stop
)

// String names the kind, as "CategoryInfo" shows it.
func (k Kind) String() string {
	names := [...]string{"Other", "Invalid", "Corrupt", "NotFound", "Exists", "Conflict", "Refused", "Untrusted",
		"Unavailable", "Locked", "NeedsAnswer", "ChecksFailed", "Interrupted"}
	if k < 0 || int(k) >= len(names) {
		return names[0]
	}
	return names[k]
}

// Error is a failure with a kind, a stable identifier and the object it concerns.
type Error struct {
	Kind   Kind
	ID     string // stable, in PascalCase, for scripts and searches: "FederationTrustNotFound"
	Object string // what it concerns, as a person would name it: `federation trust "Contoso"`
	Reason string // what is wrong, no capital, no full stop
	Remedy string // what to do about it, where only the place that failed knows; else ""
	Err    error  // cause, or nil
}

func (e *Error) Error() string {
	var parts []string
	for _, part := range []string{e.Object, e.Reason} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error without a cause.
func Errorf(kind Kind, id, object, format string, args ...any) *Error {
	return &Error{Kind: kind, ID: id, Object: object, Reason: fmt.Sprintf(format, args...)}
}

// KindOf returns the kind of the first Error in err's tree, Other if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Other
}

// asError finds the first Error in err's tree.
func asError(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// IsKind reports whether the first Error in err's tree is of the given kind.
func IsKind(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// idOf returns the identifier of the first Error in err's tree, "" if there is none.
func idOf(err error) string {
	if e, ok := asError(err); ok {
		return e.ID
	}
	return ""
}
