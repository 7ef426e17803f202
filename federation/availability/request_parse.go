package availability

import (
	"math"
	"strings"
	"time"

	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// Locations finds the location that the name of a time zone stands for, nil when it knows
// none. The names are those of Windows, "Eastern Standard Time" for one.
type Locations func(name string) *time.Location

// ParseRequest reads a request from its message, with what the header says about version
// and time zone. A request names a time zone in its body; without one, it is that of the
// header TimeZoneContext, whose name locations has to know (it may be nil: UTC is known in
// any case), and UTC where there is none either.
//
// The failure is a *RequestError.
func ParseRequest(m *soap.Message, locations Locations) (Request, error) {
	if !m.Payload.Is(NamespaceMessages, "GetUserAvailabilityRequest") {
		return Request{}, refuse(ErrorSchemaValidation, "no operation %s", printable(m.Payload.Name.String()))
	}
	var r reader // a later schema may have more parts than are asked for here, each strict in itself
	version := r.version(m)
	p := r.parts(m.Payload, "TimeZone?", "m:MailboxDataArray", "FreeBusyViewOptions?", "SuggestionsViewOptions?")
	r.strict = true
	mailboxes := r.list(p[1], "MailboxData")
	switch {
	case r.err != nil:
	case len(mailboxes) > MaxMailboxes:
		return Request{}, refuse(ErrorIndividualMailboxLimitReached, "%d mailboxes, at most %d are allowed", len(mailboxes), MaxMailboxes)
	case len(mailboxes) == 0:
		return Request{}, refuse(ErrorMissingArgument, "no mailbox is asked about")
	case p[2] == nil:
		return Request{}, refuse(ErrorMissingArgument, "the request has no FreeBusyViewOptions; nothing else is answered")
	}
	request := Request{Version: version}
	for _, e := range mailboxes {
		request.Mailboxes = append(request.Mailboxes, r.mailbox(e))
	}
	clock, unknown := r.clock(m, p[0], locations)
	if unknown != nil {
		return Request{}, unknown
	}
	request.FreeBusy = r.options(p[2], clock.instant)
	if r.err != nil {
		return Request{}, refuse(ErrorSchemaValidation, "%v", r.err)
	}
	// A location is asked about the window only once that is known to be short.
	if err := request.FreeBusy.Check(clock.zone); err != nil {
		return Request{}, err
	}
	request.TimeZone = clock.zone
	if clock.location != nil {
		request.TimeZone = TimeZoneFor(clock.location, request.FreeBusy.Start, request.FreeBusy.End)
	}
	return request, nil
}

// version reads the header RequestServerVersion.
func (r *reader) version(m *soap.Message) ServerVersion {
	block, err := m.Block(schemaName("RequestServerVersion"))
	if err != nil {
		r.fail("%w", err)
	}
	if block == nil {
		return ""
	}
	version, _ := block.Attribute("", "Version")
	return ServerVersion(printable(version))
}

// requestClock is how local times of a request are read: in a zone, or in a location of
// which a zone is made as soon as the window is known.
type requestClock struct {
	zone     TimeZone
	location *time.Location
}

func (c requestClock) instant(wall time.Time) time.Time {
	if c.location == nil {
		return c.zone.Instant(wall)
	}
	return time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), c.location)
}

func (r *reader) clock(m *soap.Message, zone *xmlsec.Element, locations Locations) (requestClock, *RequestError) {
	if zone != nil {
		return requestClock{zone: r.timeZone(zone)}, nil
	}
	block, err := m.Block(schemaName("TimeZoneContext"))
	if err != nil {
		r.fail("%w", err)
	}
	if block == nil {
		return requestClock{}, nil
	}
	definition := r.parts(block, "TimeZoneDefinition")[0]
	if definition == nil {
		return requestClock{}, nil // and r has failed
	}
	name, _ := definition.Attribute("", "Id")
	if strings.EqualFold(name, "UTC") || strings.EqualFold(name, "tzone://Microsoft/Utc") {
		return requestClock{}, nil
	}
	if locations != nil && len(name) <= maxText {
		if location := locations(name); location != nil {
			return requestClock{location: location}, nil
		}
	}
	return requestClock{}, refuse(ErrorTimeZone, "the time zone %q of TimeZoneContext is not known, and the request has no TimeZone", printable(name))
}

func (r *reader) mailbox(e *xmlsec.Element) MailboxData {
	p := r.parts(e, "Email", "AttendeeType", "ExcludeConflicts?")
	email := r.parts(p[0], "Name?", "Address", "RoutingType?")
	return MailboxData{
		Name: r.text(email[0]), Address: r.token(email[1]), RoutingType: r.token(email[2]),
		AttendeeType: AttendeeType(r.choice(p[1], attendeeTypes())), ExcludeConflicts: r.boolean(p[2]),
	}
}

func (r *reader) options(e *xmlsec.Element, toInstant func(time.Time) time.Time) FreeBusyViewOptions {
	p := r.parts(e, "TimeWindow", "MergedFreeBusyIntervalInMinutes?", "RequestedView?")
	window := r.parts(p[0], "StartTime", "EndTime")
	options := FreeBusyViewOptions{
		Start: r.instant(window[0], toInstant), End: r.instant(window[1], toInstant),
		Interval: DefaultInterval, RequestedView: ViewMergedOnly,
	}
	if p[1] != nil { // its own bounds are those of another error
		options.Interval = r.integer(p[1], math.MinInt32, math.MaxInt32)
	}
	if p[2] != nil {
		options.RequestedView = r.view(p[2])
	}
	return options
}

// view reads a view, which the schema has as a list: the view with the parts of all of them.
func (r *reader) view(e *xmlsec.Element) ViewType {
	var digits, events, details bool
	for _, word := range r.choices(e, views()) {
		v := ViewType(word)
		digits, events, details = digits || v.HasDigits(), events || v.HasEvents(), details || v.HasDetails()
	}
	return viewOf(digits, events, details)
}
