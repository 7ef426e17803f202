package availability

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"exfed/federation/xmlsec"
)

// maxDigits is how many digits the longest window has at the shortest interval, an hour
// being more than any clock is set back by.
const maxDigits = (MaxWindowDays*24 + 1) * 60 / MinInterval

// ParseResponse reads an answer whose local times are of the zone, which is that of the
// request. Texts for people come back printable; subjects, locations and identifiers as
// they are.
func ParseResponse(body *xmlsec.Element, zone TimeZone) (Response, error) {
	if !body.Is(NamespaceMessages, "GetUserAvailabilityResponse") {
		return Response{}, fmt.Errorf("%s is no answer about free/busy", printable(body.Name.String()))
	}
	var r reader
	array := r.parts(body, "m:FreeBusyResponseArray", "m:SuggestionsResponse?")[0]
	var response Response
	for _, e := range r.list(array, "m:FreeBusyResponse") {
		p := r.parts(e, "m:ResponseMessage?", "m:FreeBusyView?")
		m := r.message(p[0])
		m.View = r.freeBusyView(p[1], zone)
		response.Mailboxes = append(response.Mailboxes, m)
	}
	return response, r.err
}

// message reads what the answer says of itself. One that says nothing is a success.
func (r *reader) message(e *xmlsec.Element) FreeBusyResponse {
	if e == nil {
		return FreeBusyResponse{Class: ClassSuccess, Code: NoError}
	}
	class, _ := e.Attribute("", "ResponseClass")
	if !slices.Contains([]ResponseClass{ClassSuccess, ClassWarning, ClassError}, ResponseClass(class)) {
		r.fail("the ResponseClass is %q", printable(class))
	}
	p := r.parts(e, "m:MessageText?", "m:ResponseCode?", "m:MessageXml?")
	response := FreeBusyResponse{
		Class: ResponseClass(class), MessageText: remark(p[0]),
		Code: ResponseCode(r.token(p[1])), Exception: r.exception(p[2]),
	}
	if response.Code == "" && response.Class == ClassSuccess {
		response.Code = NoError
	}
	if !isCode(string(response.Code)) || (response.Class == ClassError) == (response.Code == NoError) {
		r.fail("an answer of class %s with the code %q", response.Class, printable(string(response.Code)))
	}
	return response
}

func (r *reader) exception(e *xmlsec.Element) *Exception {
	if e == nil {
		return nil
	}
	p := r.parts(e, "e:ExceptionType?", "e:ExceptionCode?", "e:ExceptionServerName?", "e:ResponseSource?")
	if p[0] == nil {
		return nil // it is about something else
	}
	return &Exception{
		Type: remark(p[0]), Code: r.integer(p[1], 0, 1<<31-1), ServerName: remark(p[2]), ResponseSource: remark(p[3]),
	}
}

// freeBusyView reads a view; an absent one shows nothing. What a partner sends beyond the
// view that he names does not count.
func (r *reader) freeBusyView(e *xmlsec.Element, zone TimeZone) FreeBusyView {
	if e == nil {
		return FreeBusyView{Type: ViewNone}
	}
	p := r.parts(e, "FreeBusyViewType", "MergedFreeBusy?", "CalendarEventArray?", "WorkingHours?")
	if p[0] == nil {
		return FreeBusyView{}
	}
	v := FreeBusyView{Type: r.view(p[0])}
	if v.Type.HasDigits() {
		v.MergedFreeBusy = r.digits(p[1])
	}
	if !v.Type.HasEvents() {
		return v
	}
	for _, e := range r.list(p[2], "CalendarEvent") {
		event := r.event(e, zone)
		if !v.Type.HasDetails() {
			event.Details = nil
		}
		v.Events = append(v.Events, event)
	}
	v.WorkingHours = r.workingHours(p[3])
	return v
}

func (r *reader) digits(e *xmlsec.Element) string {
	if e == nil {
		return ""
	}
	digits, err := e.Value()
	if digits = strings.TrimSpace(digits); err != nil || strings.Trim(digits, "012345") != "" || len(digits) > maxDigits {
		r.fail("MergedFreeBusy is not up to %d digits from 0 to 5", maxDigits)
		return ""
	}
	return digits
}

func (r *reader) event(e *xmlsec.Element, zone TimeZone) CalendarEvent {
	p := r.parts(e, "StartTime", "EndTime", "BusyType", "CalendarEventDetails?")
	event := CalendarEvent{Start: r.instant(p[0], zone.Instant), BusyType: BusyType(r.choice(p[2], busyTypes()))}
	event.End = r.instant(p[1], func(wall time.Time) time.Time { return zone.instantAfter(event.Start, wall) })
	if r.err == nil && event.End.Before(event.Start) {
		r.fail("an event ends before it starts")
	}
	if p[3] == nil {
		return event
	}
	d := r.parts(p[3], "ID?", "Subject?", "Location?", "IsMeeting?", "IsRecurring?", "IsException?", "IsReminderSet?", "IsPrivate?")
	event.Details = &EventDetails{
		ID: r.text(d[0]), Subject: r.text(d[1]), Location: r.text(d[2]),
		IsMeeting: r.boolean(d[3]), IsRecurring: r.boolean(d[4]), IsException: r.boolean(d[5]),
		IsReminderSet: r.boolean(d[6]), IsPrivate: r.boolean(d[7]),
	}
	return event
}

func (r *reader) workingHours(e *xmlsec.Element) *WorkingHours {
	if e == nil {
		return nil
	}
	p := r.parts(e, "TimeZone", "WorkingPeriodArray")
	hours := &WorkingHours{TimeZone: r.timeZone(p[0])}
	for _, period := range r.list(p[1], "WorkingPeriod") {
		d := r.parts(period, "DayOfWeek", "StartTimeInMinutes", "EndTimeInMinutes")
		hours.Periods = append(hours.Periods, WorkingPeriod{
			Days: r.days(d[0]), Start: r.integer(d[1], 0, 1440), End: r.integer(d[2], 0, 1440),
		})
	}
	return hours
}

// days reads the schema's DaysOfWeekType, which has words for some days together.
func (r *reader) days(e *xmlsec.Element) []time.Weekday {
	if e == nil {
		return nil
	}
	groups := map[string][]time.Weekday{
		"Day":        {time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday},
		"Weekday":    {time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday},
		"WeekendDay": {time.Sunday, time.Saturday},
	}
	var days []time.Weekday
	for _, word := range r.choices(e, append(dayNames(), "Day", "Weekday", "WeekendDay")) {
		group, ok := groups[word]
		if !ok {
			group = []time.Weekday{time.Weekday(slices.Index(dayNames(), word))}
		}
		for _, day := range group {
			if !slices.Contains(days, day) {
				days = append(days, day)
			}
		}
	}
	return days
}
