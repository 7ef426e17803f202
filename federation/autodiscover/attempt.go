package autodiscover

import (
	"fmt"
	"net/netip"
	"strings"
)

// Attempt is one question put to one address, and how it ended. All texts are printable.
type Attempt struct {
	Domain    string // that was asked about
	URL       string // of DNS questions by RFC 4501
	Redirects int    // how many led here from the first URL of a step; the second try after a consent counts as one
	Aliases   []string
	Addresses []netip.Addr
	Outcome   Outcome
	Reason    string // what happened, no capital, no full stop
	Hint      string // what to do about it, "" where there is nothing to be said
}

// Outcome is the way in which an attempt ended.
type Outcome string

// The outcomes.
const (
	Answered             Outcome = "Answered"
	Redirected           Outcome = "Redirected"           // the next attempt is where to
	NoSuchName           Outcome = "NoSuchName"           // DNS does not know the host, or has no such record
	NoAddress            Outcome = "NoAddress"            // the name exists and has no address
	NameServerFailed     Outcome = "NameServerFailed"     // DNS gave no answer
	ConnectionRefused    Outcome = "ConnectionRefused"    // nobody listens
	TimedOut             Outcome = "TimedOut"             // no whole answer in time
	NotReached           Outcome = "NotReached"           // another failure of the network
	NameMismatch         Outcome = "NameMismatch"         // the certificate is for other names
	CertificateUntrusted Outcome = "CertificateUntrusted" // expired, or of an authority nobody trusts
	TLSFailed            Outcome = "TLSFailed"            // no TLS at all, or none in common
	ProxyRefused         Outcome = "ProxyRefused"         // a proxy on the way, 407 for one
	Status               Outcome = "Status"               // an HTTP status and no message
	WebPage              Outcome = "WebPage"              // a page for people
	BadAnswer            Outcome = "BadAnswer"            // something that is no answer to the question
	Fault                Outcome = "Fault"                // a SOAP fault
	Declined             Outcome = "Declined"             // the service answered with an ErrorCode
	RedirectRefused      Outcome = "RedirectRefused"      // a redirect that must not be followed
	NotConsented         Outcome = "NotConsented"         // nobody agreed to trust the host
	NotAsked             Outcome = "NotAsked"             // the caller's time was up, or the URL cannot be called
)

// String returns the attempt in one line.
func (a Attempt) String() string {
	var way []string
	way = append(way, a.Aliases...)
	for _, address := range a.Addresses {
		way = append(way, address.String())
	}
	line := a.URL
	if len(way) > 0 {
		line += " (" + strings.Join(way, ", ") + ")"
	}
	line += ": " + a.Reason
	if a.Hint != "" {
		line += "; " + a.Hint
	}
	return line
}

// Tree returns the attempts as lines of text, those that a redirect led to indented below
// the one that redirected.
func Tree(attempts []Attempt) []string {
	lines := make([]string, 0, len(attempts))
	for _, a := range attempts {
		lines = append(lines, strings.Repeat("  ", a.Redirects)+a.String())
	}
	return lines
}

// AttemptsError says that no attempt succeeded. It is the cause of the *federation.Error
// that Client.Discover returns.
type AttemptsError struct{ Attempts []Attempt }

func (e *AttemptsError) Error() string {
	lines := make([]string, 0, len(e.Attempts))
	for _, a := range e.Attempts {
		lines = append(lines, fmt.Sprintf("%s: %s", a.URL, a.Reason))
	}
	return strings.Join(lines, "; ")
}
