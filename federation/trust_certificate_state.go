package federation

import (
	"fmt"
	"strings"
	"time"
)

// requirementOf is the requirement that a certificate in the state does not meet, which its
// state says already; "" if it is none.
func requirementOf(state CertificateState) string {
	switch state {
	case CertificateKeyMissing:
		return "NoPrivateKey"
	case CertificateKeyMismatch, CertificateExpired, CertificateNotYetValid:
		return string(state)
	}
	return ""
}

// judge returns what there is to say about the state of a certificate.
func (x *certificateExamination) judge(c examined) CertificateFinding {
	f := CertificateFinding{
		Slot: c.slot, State: x.state(c), Thumbprint: c.own.Thumbprint,
		NotAfter: c.own.X509.NotAfter, DaysLeft: wholeDays(c.own.X509.NotAfter.Sub(x.at)),
	}
	text := ""
	f.Type, f.ID, text = x.verdict(c, f)
	if others := c.own.OtherServices(); len(others) > 0 {
		text += "; it is also used for " + strings.Join(others, ", ")
	}
	f.Message = asSentence(text)
	if f.Type == EventWarning || f.Type == EventError {
		f.Cause = &Error{Kind: Conflict, ID: f.ID, Object: "certificate " + quote(f.Thumbprint), Reason: text}
		if c.unreadable != nil {
			f.Cause = c.unreadable // which says what to do about the file
		}
	}
	return f
}

// state is the worst that is true of the certificate: without its key its time does not matter.
func (x *certificateExamination) state(c examined) CertificateState {
	if c.unreadable != nil {
		return CertificateUnreadable
	}
	for _, state := range []CertificateState{CertificateKeyMissing, CertificateKeyMismatch, CertificateExpired, CertificateNotYetValid} {
		for _, u := range c.unmet {
			if u.ID == requirementOf(state) {
				return state
			}
		}
	}
	if c.slot != PreviousSlot && c.own.X509.NotAfter.Sub(x.at) < time.Duration(max(x.test.WarningDays, x.test.CriticalDays))*day {
		return CertificateExpiresSoon
	}
	return CertificateInstalled
}

// verdict says how bad a state is in a slot, and what it is, as a clause. The previous
// certificate only opens tokens that were issued before it was replaced.
func (x *certificateExamination) verdict(c examined, f CertificateFinding) (degree EventType, id, text string) {
	switch {
	case f.State == CertificateUnreadable:
		return EventError, "CertificateKeyUnreadable", "its key cannot be used: " + c.unreadable.Error()
	case f.State == CertificateKeyMismatch:
		return EventError, "CertificateKeyMismatch", "the private key kept for it belongs to another certificate"
	case f.State == CertificateKeyMissing && c.slot == PreviousSlot:
		return EventWarning, "PreviousKeyMissing", "its private key is not here: tokens issued before it was replaced cannot be opened"
	case f.State == CertificateKeyMissing && c.slot == NextSlot:
		return EventError, "NextKeyMissing", "its private key is not here, so that it cannot be published"
	case f.State == CertificateKeyMissing:
		return EventError, "CertificateKeyMissing", "its private key is not here: no token can be asked for or opened, and no change signed, not even that to another certificate"
	case c.slot == PreviousSlot:
		return EventSuccess, "PreviousCertificate", "it is kept for tokens issued before it was replaced; " + x.end(f)
	case f.State == CertificateExpired && c.slot == NextSlot:
		return EventError, "NextCertificateExpired", x.end(f)
	case f.State == CertificateExpired:
		return EventError, "CertificateExpired", x.end(f) + ", and the broker takes nothing signed with it after that, not even the change to another certificate"
	case f.State == CertificateNotYetValid:
		return EventError, "CertificateNotYetValid", "it is valid only from " + c.own.X509.NotBefore.UTC().Format(time.RFC3339)
	case f.State == CertificateExpiresSoon:
		return x.soon(c.slot, f)
	}
	return EventSuccess, "CertificateInstalled", "it and its private key are here; " + x.end(f)
}

// soon is about a certificate that is to be replaced.
func (x *certificateExamination) soon(slot DomainProofSlot, f CertificateFinding) (degree EventType, id, text string) {
	degree = EventWarning
	if f.NotAfter.Sub(x.at) < time.Duration(x.test.CriticalDays)*day {
		degree = EventError
	}
	switch {
	case slot == NextSlot:
		return degree, "NextCertificateExpiresSoon", x.end(f) + ", and is not in use yet"
	case x.trust.Next != "":
		return degree, "NextCertificateUnpublished", x.end(f) + "; " + x.rotation
	}
	return degree, "CertificateExpiresSoon", x.end(f) + "; after that the broker takes no change signed with it; " + x.rotation
}

// end says when a certificate ends, and how far that is from the moment it is judged at.
func (x *certificateExamination) end(f CertificateFinding) string {
	verb, span := "expires", f.NotAfter.Sub(x.at)
	if f.NotAfter.Before(x.o.Now()) {
		verb = "expired"
	}
	days, moment := counted(int(span.Abs()/day), "day"), x.at.UTC().Format(time.RFC3339)
	switch {
	case x.test.At.IsZero() && span < 0:
		days += " ago"
	case x.test.At.IsZero():
		days += " from now"
	case span < 0:
		days += " before " + moment
	default:
		days += " after " + moment
	}
	return fmt.Sprintf("it %s on %s, %s", verb, f.NotAfter.UTC().Format(time.RFC3339), days)
}

// wholeDays are the days that are over in a span; one that ended a moment ago has minus one.
func wholeDays(span time.Duration) int {
	days := int(span / day)
	if span%day < 0 {
		days--
	}
	return days
}
