package broker

import (
	"errors"
	"fmt"
	"time"

	"exfed/federation"
	"exfed/federation/soap"
)

// clockTolerance is by how much two clocks may differ; a broker refuses a message whose time
// is off by that much or more, and does not say that this is why.
const clockTolerance = 5 * time.Minute

// withClock tells a refusal that a wrong clock explains from the others that look the same.
// The broker's time is that of its answer (RFC 9110 section 6.6.1), which is cut to seconds.
func (c *Client) withClock(refusal, answer error) error {
	var fault *soap.Fault
	var e *federation.Error
	if !errors.As(answer, &fault) || fault.Date.IsZero() || !errors.As(refusal, &e) {
		return refusal
	}
	if e.ID != string(AccessDenied) && e.ID != "FailedAuthentication" {
		return refusal
	}
	told := *e
	off := c.now().Truncate(time.Second).Sub(fault.Date)
	switch {
	case off >= clockTolerance:
		told.Reason += fmt.Sprintf("; this machine's clock is %s ahead of the broker's", off)
	case off <= -clockTolerance:
		told.Reason += fmt.Sprintf("; this machine's clock is %s behind the broker's", off.Abs()) // Sub and Abs stop at 292 years
	default:
		return refusal
	}
	told.ID = idClock
	return &told
}
