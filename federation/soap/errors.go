package soap

import "fmt"

// MessageCode says what is wrong with a message.
type MessageCode string

// What can be wrong with a message.
const (
	Malformed       MessageCode = "Malformed"       // not XML, or not an envelope with one body child
	VersionMismatch MessageCode = "VersionMismatch" // an envelope, but of another version
	NotUnderstood   MessageCode = "NotUnderstood"   // a mandatory header block that nobody understands
	Unsigned        MessageCode = "Unsigned"        // a security header, timestamp or signature that is missing or misplaced
	NotCovered      MessageCode = "NotCovered"      // a part that the signature must cover and does not
	Untrusted       MessageCode = "Untrusted"       // a signature that does not hold; the cause is an *xmlsec.Error
	Stale           MessageCode = "Stale"           // a timestamp too far from the clock here
)

// MessageError is a message that is not acceptable. Error() is for the log.
type MessageError struct {
	Code   MessageCode
	Detail string
	Err    error // cause, or nil
}

func (e *MessageError) Error() string {
	return withCause("message: "+e.Detail, e.Err)
}

func (e *MessageError) Unwrap() error { return e.Err }

// SecurityFailed reports whether the sender failed to authenticate, as against
// having sent something that is no message.
func (e *MessageError) SecurityFailed() bool {
	switch e.Code {
	case Unsigned, NotCovered, Untrusted, Stale:
		return true
	}
	return false
}

func messageFault(code MessageCode, detail string, err error) *MessageError {
	return &MessageError{Code: code, Detail: detail, Err: err}
}

// Failure is the way in which a server was not reached.
type Failure string

// The ways in which a server is not reached.
const (
	Unreachable Failure = "Unreachable" // no address, no connection, or one that broke
	Timeout     Failure = "Timeout"     // no whole answer in time
	TLSFailed   Failure = "TLSFailed"   // a certificate that is not trusted or not for this name, or no common protocol
	Canceled    Failure = "Canceled"    // the caller's context was cancelled
	BadURL      Failure = "BadURL"      // nothing was tried: not a URL that is allowed here
)

// TransportError is a call that got no answer.
type TransportError struct {
	Failure Failure
	URL     string
	Err     error
}

func (e *TransportError) Error() string {
	return fmt.Sprintf("%s: %s", e.URL, withCause(string(e.Failure), e.Err))
}

func (e *TransportError) Unwrap() error { return e.Err }

// StatusError is an answer that consists of an HTTP status and no SOAP message.
type StatusError struct {
	URL      string
	Status   int
	Location string // where a redirect points, printable; it is never followed here
	Title    string // of an HTML page, printable, cut off after 80 characters

	Target    string // where a redirect points, as it was sent: to be judged, never to be printed
	Challenge string // WWW-Authenticate, with status 407 Proxy-Authenticate: printable, cut off after 80 characters
	Server    string // what says to have answered, printable, cut off after 80 characters
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s: HTTP status %d", e.URL, e.Status)
	if e.Location != "" {
		text += fmt.Sprintf(", redirects to %q are not followed", e.Location)
	}
	return withTitle(text, e.Title)
}

// AnswerError is an answer that is not what it should be.
type AnswerError struct {
	URL    string
	Status int
	Reason string
	Title  string // of an HTML page, printable, cut off after 80 characters
	Err    error
}

func (e *AnswerError) Error() string {
	return withCause(withTitle(e.URL+": "+e.Reason, e.Title), e.Err)
}

func (e *AnswerError) Unwrap() error { return e.Err }

// RequestError is an HTTP request that is not a SOAP call. Status is the HTTP status
// to answer with.
type RequestError struct {
	Status  int
	Version Version // in which to answer
	Reason  string
	Err     error
}

func (e *RequestError) Error() string { return withCause("request: "+e.Reason, e.Err) }

func (e *RequestError) Unwrap() error { return e.Err }

// withCause adds the cause, which may quote what the other side sent: the names in a
// certificate that is not trusted, for one.
func withCause(text string, err error) string {
	if err == nil {
		return text
	}
	return text + ": " + Printable(err.Error(), maxFaultText)
}

func withTitle(text, title string) string {
	if title == "" {
		return text
	}
	return fmt.Sprintf("%s (a page with the title %q)", text, title)
}
