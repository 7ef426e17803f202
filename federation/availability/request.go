package availability

import (
	"slices"
	"time"

	"exfed/federation/soap"
)

// Request asks when the owners of some mailboxes are busy ([MS-OXWAVLS]
// GetUserAvailabilityRequest).
type Request struct {
	Version   ServerVersion // of the header; "" when it does not say
	TimeZone  TimeZone      // of the local times in request and answer
	Mailboxes []MailboxData // 1 to MaxMailboxes
	FreeBusy  FreeBusyViewOptions
}

// MailboxData names a mailbox to be asked about.
type MailboxData struct {
	Name             string // for people; "" when not said
	Address          string // as it was sent: it need not be one
	RoutingType      string // "SMTP", which "" stands for too
	AttendeeType     AttendeeType
	ExcludeConflicts bool // matters to suggestions only
}

// FreeBusyViewOptions says what is wanted of the mailboxes.
type FreeBusyViewOptions struct {
	Start, End time.Time
	Interval   int // minutes that a digit stands for; DefaultInterval where a request does not say
	// RequestedView is the richest view that is wanted. Where a request does not say, it is
	// ViewMergedOnly, which shows least: the specification names no default.
	RequestedView ViewType
}

// Marshal returns the child of the SOAP body.
func (r Request) Marshal() []byte {
	var w writer
	w.root("GetUserAvailabilityRequest")
	r.TimeZone.write(&w)
	w.open("m:MailboxDataArray")
	for _, m := range r.Mailboxes {
		m.write(&w)
	}
	w.close("m:MailboxDataArray")
	w.open("t:FreeBusyViewOptions")
	w.open("t:TimeWindow")
	w.local("t:StartTime", r.FreeBusy.Start, r.TimeZone)
	w.local("t:EndTime", r.FreeBusy.End, r.TimeZone)
	w.close("t:TimeWindow")
	w.integer("t:MergedFreeBusyIntervalInMinutes", r.FreeBusy.Interval)
	w.leaf("t:RequestedView", string(r.FreeBusy.RequestedView))
	w.close("t:FreeBusyViewOptions")
	w.close("m:GetUserAvailabilityRequest")
	return w.Bytes()
}

func (m MailboxData) write(w *writer) {
	w.open("t:MailboxData")
	w.open("t:Email")
	w.some("t:Name", m.Name)
	w.leaf("t:Address", m.Address)
	w.some("t:RoutingType", m.RoutingType)
	w.close("t:Email")
	w.leaf("t:AttendeeType", string(m.AttendeeType))
	w.boolean("t:ExcludeConflicts", m.ExcludeConflicts)
	w.close("t:MailboxData")
}

// VersionBlock returns the header block that says what schema the requester speaks.
func VersionBlock(version ServerVersion) soap.Block {
	var w writer
	w.WriteString(`<t:RequestServerVersion xmlns:t="` + NamespaceTypes + `" Version="`)
	w.text(string(version))
	w.WriteString(`"/>`)
	return soap.Block{XML: w.Bytes()}
}

// Check says what is wrong with the options, in a *RequestError with the code that the
// specification has for it.
//
// The length of the window is that on the clock of the time zone, so that 42 days are
// allowed across a change of the clock as well.
func (o FreeBusyViewOptions) Check(zone TimeZone) error {
	if !o.End.After(o.Start) {
		return refuse(ErrorInvalidTimeInterval, "the window does not end after it starts")
	}
	if wallClock(zone.In(o.End)).After(wallClock(zone.In(o.Start)).AddDate(0, 0, MaxWindowDays)) {
		return refuse(ErrorTimeIntervalTooBig, "the window is longer than %d days", MaxWindowDays)
	}
	if o.Interval < MinInterval || o.Interval > MaxInterval {
		return refuse(ErrorInvalidMergedFreeBusyInterval, "an interval of %d minutes, %d to %d are allowed", o.Interval, MinInterval, MaxInterval)
	}
	if !slices.Contains(views()[1:], string(o.RequestedView)) { // None is one of answers only
		return refuse(ErrorInvalidFreeBusyViewType, "the view %q is none to be asked for", printable(string(o.RequestedView)))
	}
	return nil
}

// wallClock returns the time on a clock as if it hung in Greenwich.
func wallClock(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.Add(time.Duration(offset) * time.Second).UTC()
}
