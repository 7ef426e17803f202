package availability

import (
	"strconv"
	"strings"
	"time"
)

// Response is the answer to a Request: one part for each mailbox, in the order of the
// request ([MS-OXWAVLS] GetUserAvailabilityResponse).
type Response struct {
	Mailboxes []FreeBusyResponse
}

// ResponseClass says whether a part of an answer is one.
type ResponseClass string

// The classes.
const (
	ClassSuccess ResponseClass = "Success"
	ClassWarning ResponseClass = "Warning"
	ClassError   ResponseClass = "Error"
)

// FreeBusyResponse is the answer about one mailbox.
type FreeBusyResponse struct {
	Class       ResponseClass
	Code        ResponseCode
	MessageText string     // of errors, for people
	Exception   *Exception // of errors, or nil
	View        FreeBusyView
}

// Exception is what Exchange Server tells about an error for its own kind (MessageXml).
type Exception struct {
	Type           string // "Microsoft.Exchange.InfoWorker.Common.Availability.NoFreeBusyAccessException"
	Code           int    // 5037 for that
	ServerName     string
	ResponseSource string // URL of the service that refused
}

// FreeBusyView is what is shown of a calendar. It has the parts that its Type has.
type FreeBusyView struct {
	Type           ViewType
	MergedFreeBusy string // a digit for each interval from the start of the window, see BusyType.Digit
	Events         []CalendarEvent
	WorkingHours   *WorkingHours // nil when not said
}

// CalendarEvent is an event of a view.
type CalendarEvent struct {
	Start, End time.Time
	BusyType   BusyType
	Details    *EventDetails // nil where the view has none
}

// EventDetails is what a Detailed view says of an event.
type EventDetails struct {
	ID            string // "" when not shown, as Subject and Location
	Subject       string
	Location      string
	IsMeeting     bool
	IsRecurring   bool
	IsException   bool
	IsReminderSet bool
	IsPrivate     bool
}

// WorkingHours says when somebody works.
type WorkingHours struct {
	TimeZone TimeZone
	Periods  []WorkingPeriod
}

// WorkingPeriod is the working time of some days.
type WorkingPeriod struct {
	Days       []time.Weekday
	Start, End int // minutes from midnight, in the time zone of the working hours
}

// Marshal returns the child of the SOAP body, with local times of the zone, which is that
// of the request.
func (r Response) Marshal(zone TimeZone) []byte {
	var w writer
	w.Grow(r.size())
	w.root("GetUserAvailabilityResponse")
	w.open("m:FreeBusyResponseArray")
	for _, m := range r.Mailboxes {
		w.open("m:FreeBusyResponse")
		m.writeMessage(&w)
		m.View.write(&w, zone)
		w.close("m:FreeBusyResponse")
	}
	w.close("m:FreeBusyResponseArray")
	w.close("m:GetUserAvailabilityResponse")
	return w.Bytes()
}

// size is about how many bytes the answer has, rather too many.
func (r Response) size() int {
	const head, message, event = 1 << 10, 1 << 9, 640
	size := head
	for _, m := range r.Mailboxes {
		size += message + len(m.View.MergedFreeBusy) + event*len(m.View.Events)
	}
	return size
}

func (r FreeBusyResponse) writeMessage(w *writer) {
	w.WriteString(`<m:ResponseMessage ResponseClass="` + string(r.Class) + `">`)
	w.some("m:MessageText", r.MessageText)
	w.leaf("m:ResponseCode", string(r.Code))
	if r.Class != ClassSuccess {
		w.integer("m:DescriptiveLinkKey", 0)
	}
	if e := r.Exception; e != nil {
		w.WriteString(`<m:MessageXml xmlns:e="` + NamespaceErrors + `">`)
		w.leaf("e:ExceptionType", e.Type)
		w.integer("e:ExceptionCode", e.Code)
		w.leaf("e:ExceptionServerName", e.ServerName)
		w.leaf("e:ResponseSource", e.ResponseSource)
		w.close("m:MessageXml")
	}
	w.close("m:ResponseMessage")
}

func (v FreeBusyView) write(w *writer, zone TimeZone) {
	w.open("m:FreeBusyView")
	w.leaf("t:FreeBusyViewType", string(v.Type))
	if v.Type.HasDigits() {
		w.leaf("t:MergedFreeBusy", v.MergedFreeBusy)
	}
	if v.Type.HasEvents() {
		w.open("t:CalendarEventArray")
		for _, e := range v.Events {
			e.write(w, zone)
		}
		w.close("t:CalendarEventArray")
		v.WorkingHours.write(w)
	}
	w.close("m:FreeBusyView")
}

func (e CalendarEvent) write(w *writer, zone TimeZone) {
	w.open("t:CalendarEvent")
	w.local("t:StartTime", e.Start, zone)
	w.local("t:EndTime", e.End, zone)
	w.leaf("t:BusyType", string(e.BusyType))
	if d := e.Details; d != nil {
		w.open("t:CalendarEventDetails")
		w.some("t:ID", d.ID)
		w.some("t:Subject", d.Subject)
		w.some("t:Location", d.Location)
		w.boolean("t:IsMeeting", d.IsMeeting)
		w.boolean("t:IsRecurring", d.IsRecurring)
		w.boolean("t:IsException", d.IsException)
		w.boolean("t:IsReminderSet", d.IsReminderSet)
		w.boolean("t:IsPrivate", d.IsPrivate)
		w.close("t:CalendarEventDetails")
	}
	w.close("t:CalendarEvent")
}

func (h *WorkingHours) write(w *writer) {
	if h == nil {
		return
	}
	w.open("t:WorkingHours")
	h.TimeZone.write(w)
	w.open("t:WorkingPeriodArray")
	for _, p := range h.Periods {
		var days []string
		for _, day := range p.Days {
			days = append(days, day.String())
		}
		w.open("t:WorkingPeriod")
		w.leaf("t:DayOfWeek", strings.Join(days, " "))
		w.leaf("t:StartTimeInMinutes", strconv.Itoa(p.Start))
		w.leaf("t:EndTimeInMinutes", strconv.Itoa(p.End))
		w.close("t:WorkingPeriod")
	}
	w.close("t:WorkingPeriodArray")
	w.close("t:WorkingHours")
}
