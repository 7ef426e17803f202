package publish

import (
	"time"

	"exfed/policy"
)

// Status says how an entry takes the owner's time. Time that is free is not published.
type Status int

// The kinds of time, as in Exchange's free/busy information (MS-OXWAVLS, LegacyFreeBusyType).
const (
	Tentative Status = iota + 1
	Busy
	OOF
	WorkingElsewhere
)

// String returns the name as Exchange spells it. A status that does not exist is Busy, so
// that nobody's time looks free by mistake.
func (s Status) String() string {
	switch s {
	case Tentative:
		return "Tentative"
	case OOF:
		return "OOF"
	case WorkingElsewhere:
		return "WorkingElsewhere"
	}
	return "Busy"
}

// label names a status for people.
func (s Status) label() string {
	switch s {
	case Tentative:
		return "Tentative"
	case OOF:
		return "Out of office"
	case WorkingElsewhere:
		return "Working elsewhere"
	}
	return "Busy"
}

// Entry is one occurrence in a published calendar, with what its level shows and nothing
// else: texts that the level does not show are empty. Texts come from outside and are not
// safe to be shown as they are.
type Entry struct {
	ID string // of the occurrence in the calendar file, see EntryID; opaque
	// Start is the first moment, End the first one after. They are equal for an entry
	// without length.
	Start, End time.Time
	// AllDay is whole days, of whatever place the reader is in: the dates that Start and
	// End have in their own location, the one of End not included.
	AllDay   bool
	Status   Status
	Subject  string
	Location string
	Body     string // plain text
}

// Calendar is what is published of a mailbox's calendar.
type Calendar struct {
	Owner    string       // display name: the mailbox's name
	Level    policy.Level // AvailabilityOnly, LimitedDetails, or Reviewer for everything
	From, To time.Time    // the stretch of time that is published, To not included
	Made     time.Time    // when it was read
	Entries  []Entry      // by Start
}
