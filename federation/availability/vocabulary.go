package availability

import (
	"slices"
	"strconv"
	"strings"
)

// Action is the SOAPAction and wsa:Action of a request ([MS-OXWAVLS] section 3.1.4.1).
const Action = "http://schemas.microsoft.com/exchange/services/2006/messages/GetUserAvailability"

// Namespaces of Exchange Web Services.
const (
	NamespaceMessages = "http://schemas.microsoft.com/exchange/services/2006/messages"
	NamespaceTypes    = "http://schemas.microsoft.com/exchange/services/2006/types"
	NamespaceErrors   = "http://schemas.microsoft.com/exchange/services/2006/errors"
)

// Bounds of a request ([MS-OXWAVLS] sections 2.2.4 and 3.1.4.1).
const (
	MaxMailboxes    = 100
	MaxWindowDays   = 42
	MinInterval     = 5 // minutes, as the other two
	MaxInterval     = 1440
	DefaultInterval = 30
)

// MaxEvents is how many calendar entries an answer about one mailbox has at most.
const MaxEvents = 1000

// ViewType says what an answer about a mailbox consists of ([MS-OXWAVLS] FreeBusyViewType).
type ViewType string

// The views. Digits are MergedFreeBusy; a Detailed view has details with its events.
const (
	ViewNone           ViewType = "None" // of an answer only: nothing is shown
	ViewMergedOnly     ViewType = "MergedOnly"
	ViewFreeBusy       ViewType = "FreeBusy"
	ViewFreeBusyMerged ViewType = "FreeBusyMerged"
	ViewDetailed       ViewType = "Detailed"
	ViewDetailedMerged ViewType = "DetailedMerged"
)

func views() []string {
	return []string{string(ViewNone), string(ViewMergedOnly), string(ViewFreeBusy), string(ViewFreeBusyMerged), string(ViewDetailed), string(ViewDetailedMerged)}
}

// HasDigits reports whether the view has MergedFreeBusy.
func (v ViewType) HasDigits() bool { return strings.Contains(string(v), "Merged") }

// HasEvents reports whether the view has events and working hours.
func (v ViewType) HasEvents() bool {
	return strings.HasPrefix(string(v), "FreeBusy") || v.HasDetails()
}

// HasDetails reports whether the events of the view have details.
func (v ViewType) HasDetails() bool { return strings.HasPrefix(string(v), "Detailed") }

// viewOf returns the view that has just these parts. Details need events.
func viewOf(digits, events, details bool) ViewType {
	switch {
	case details && digits:
		return ViewDetailedMerged
	case details:
		return ViewDetailed
	case events && digits:
		return ViewFreeBusyMerged
	case events:
		return ViewFreeBusy
	case digits:
		return ViewMergedOnly
	}
	return ViewNone
}

// BusyType says how busy somebody is ([MS-OXWAVLS] LegacyFreeBusyType).
type BusyType string

// The busy types.
const (
	Free             BusyType = "Free"
	Tentative        BusyType = "Tentative"
	Busy             BusyType = "Busy"
	OOF              BusyType = "OOF"              // out of office
	WorkingElsewhere BusyType = "WorkingElsewhere" // since Exchange 2013
	NoData           BusyType = "NoData"
)

func busyTypes() []string {
	return []string{string(Free), string(Tentative), string(Busy), string(OOF), string(WorkingElsewhere), string(NoData)}
}

// Digit returns the digit of MergedFreeBusy by which a requester of that version knows the
// type. Before Exchange 2013 there was no WorkingElsewhere, which becomes Free, and 4 was
// NoData.
func (b BusyType) Digit(requester ServerVersion) byte {
	place := max(0, slices.Index(busyTypes(), string(b)))
	if !requester.knowsWorkingElsewhere() {
		place = []int{0, 1, 2, 3, 0, 4}[place]
	}
	return '0' + byte(place)
}

// BusyTypeOf is the inverse of Digit: what the digit of an answer to a requester of that
// version means.
func BusyTypeOf(digit byte, requester ServerVersion) BusyType {
	switch {
	case digit < '0' || digit > '5', digit == '4' && !requester.knowsWorkingElsewhere():
		return NoData
	}
	return BusyType(busyTypes()[digit-'0'])
}

// ServerVersion is the schema a requester speaks, RequestServerVersion of the SOAP header:
// "Exchange2010_SP2", "V2017_10_09". Empty stands for a request that does not say.
type ServerVersion string

// DefaultVersion is what a client asks in when nothing else is said: every server that
// takes delegation tokens speaks it, and refuses versions later than its own.
const DefaultVersion ServerVersion = "Exchange2010"

func (v ServerVersion) knowsWorkingElsewhere() bool {
	text := strings.TrimPrefix(strings.TrimPrefix(string(v), "Exchange"), "V")
	year, err := strconv.Atoi(text[:min(len(text), 4)])
	return err == nil && year >= 2013
}

// AttendeeType is what somebody is to the meeting that a request is about
// ([MS-OXWAVLS] MeetingAttendeeType).
type AttendeeType string

// The attendee types.
const (
	Organizer AttendeeType = "Organizer"
	Required  AttendeeType = "Required"
	Optional  AttendeeType = "Optional"
	Room      AttendeeType = "Room"
	Resource  AttendeeType = "Resource"
)

func attendeeTypes() []string {
	return []string{string(Organizer), string(Required), string(Optional), string(Room), string(Resource)}
}
