package availability

import (
	"fmt"
	"slices"
	"time"

	"exfed/policy"
)

// Event is an entry of a calendar, an occurrence of a recurring one by itself. One that
// ends before it starts counts as a moment.
type Event struct {
	Start, End time.Time
	BusyType   BusyType
	Subject    string
	Location   string
	ID         string

	IsMeeting     bool
	IsRecurring   bool
	IsException   bool
	IsReminderSet bool
	IsPrivate     bool
}

// Calendar is what there is to know about when somebody is busy.
type Calendar struct {
	Events       []Event       // in any order; those outside the window do not matter
	WorkingHours *WorkingHours // nil when not known
}

// Respond makes the answer about one mailbox of what may be shown of its calendar: the
// richest view that the granted level allows and that was asked for.
//
//   - None is refused with ErrorNoFreeBusyAccess, digits included.
//   - AvailabilityOnly shows events without details.
//   - LimitedDetails shows Subject and Location too, of events that are not private, and
//     that a private one is private. Other details are left out, or false.
//   - Reviewer shows all details, but for private events.
//
// The options must have passed Check. More than MaxEvents events in the window are refused
// with ErrorFreeBusyGenerationFailed.
func Respond(calendar Calendar, granted policy.Level, asked FreeBusyViewOptions, requester ServerVersion) FreeBusyResponse {
	view := richestView(asked.RequestedView, granted)
	if view == ViewNone {
		return NoFreeBusyAccess()
	}
	events := inWindow(calendar.Events, asked.Start, asked.End)
	if len(events) > MaxEvents {
		return Refused(ErrorFreeBusyGenerationFailed, fmt.Sprintf(
			"The result set contains too many calendar entries. The allowed size = %d; the actual size = %d.", MaxEvents, len(events)))
	}
	answer := FreeBusyResponse{Class: ClassSuccess, Code: NoError, View: FreeBusyView{Type: view}}
	if view.HasDigits() {
		answer.View.MergedFreeBusy = mergedDigits(events, asked, requester)
	}
	if view.HasEvents() {
		for _, e := range events {
			answer.View.Events = append(answer.View.Events, e.shown(view, granted, requester))
		}
		answer.View.WorkingHours = calendar.WorkingHours
	}
	return answer
}

// Refused is the answer about a mailbox of which nothing is shown.
func Refused(code ResponseCode, text string) FreeBusyResponse {
	return FreeBusyResponse{Class: ClassError, Code: code, MessageText: text, View: FreeBusyView{Type: ViewNone}}
}

// NoFreeBusyAccess is the answer when the requester may see nothing, as Exchange Server
// gives it. It is the same whatever the reason, which is not for the requester to know.
func NoFreeBusyAccess() FreeBusyResponse {
	answer := Refused(ErrorNoFreeBusyAccess, "The caller does not have access to free/busy data.")
	answer.Exception = &Exception{Type: "Microsoft.Exchange.InfoWorker.Common.Availability.NoFreeBusyAccessException", Code: 5037}
	return answer
}

// richestView returns the view that was asked for without what is not granted.
func richestView(asked ViewType, granted policy.Level) ViewType {
	switch granted {
	case policy.LimitedDetails, policy.Reviewer:
		return asked
	case policy.AvailabilityOnly:
		return viewOf(asked.HasDigits(), asked.HasEvents(), false)
	}
	return ViewNone
}

// inWindow returns the events with some of their time in the window, by their starts, the
// ends put right. A moment at the start of the window is in it, one at the end is not.
func inWindow(events []Event, start, end time.Time) []Event {
	var in []Event
	for _, e := range events {
		if e.End.Before(e.Start) {
			e.End = e.Start
		}
		moment := e.End.Equal(e.Start) && e.Start.Equal(start)
		if e.Start.Before(end) && (e.End.After(start) || moment) {
			in = append(in, e)
		}
	}
	slices.SortStableFunc(in, func(a, b Event) int {
		if order := a.Start.Compare(b.Start); order != 0 {
			return order
		}
		return a.End.Compare(b.End)
	})
	return in
}

// shown returns what the view has of an event.
func (e Event) shown(view ViewType, granted policy.Level, requester ServerVersion) CalendarEvent {
	event := CalendarEvent{Start: e.Start, End: e.End, BusyType: e.BusyType}
	if e.BusyType == WorkingElsewhere && !requester.knowsWorkingElsewhere() {
		event.BusyType = Free
	}
	if !view.HasDetails() {
		return event
	}
	details := EventDetails{IsPrivate: e.IsPrivate}
	if !e.IsPrivate {
		details.Subject, details.Location = cut(e.Subject), cut(e.Location)
	}
	if granted == policy.Reviewer {
		details.IsMeeting, details.IsRecurring, details.IsException, details.IsReminderSet = e.IsMeeting, e.IsRecurring, e.IsException, e.IsReminderSet
		if !e.IsPrivate {
			details.ID = e.ID
		}
	}
	event.Details = &details
	return event
}

// maxDetail is how much of a subject or location is shown, in characters: as much as
// Exchange Server keeps of them.
const maxDetail = 255

func cut(text string) string {
	if runes := []rune(text); len(runes) > maxDetail {
		return string(runes[:maxDetail])
	}
	return text
}

// mergedDigits returns a digit for each interval that begins in the window: the highest
// there is of an event that has some of its time in it.
func mergedDigits(events []Event, asked FreeBusyViewOptions, requester ServerVersion) string {
	interval := minutes(asked.Interval)
	count := ceil(asked.End.Sub(asked.Start), interval)
	var begun [6][]int // for each digit, how many events more are there than an interval before
	for d := range begun {
		begun[d] = make([]int, count+1)
	}
	for _, e := range events {
		start, end := later(e.Start, asked.Start), earlier(e.End, asked.End)
		if start.Before(end) {
			digit := e.BusyType.Digit(requester) - '0'
			begun[digit][start.Sub(asked.Start)/interval]++
			begun[digit][ceil(end.Sub(asked.Start), interval)]--
		}
	}
	digits := make([]byte, count)
	var there [6]int
	for i := range digits {
		digits[i] = '0'
		for d := range there {
			if there[d] += begun[d][i]; there[d] > 0 {
				digits[i] = '0' + byte(d)
			}
		}
	}
	return string(digits)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// ceil returns how many intervals are needed to fill a time.
func ceil(d, interval time.Duration) int { return int((d + interval - 1) / interval) }
