package calendar

import "time"

// BusyType says how somebody's time is taken, in the words of Exchange's free/busy
// information (MS-OXWAVLS, LegacyFreeBusyType). Later ones are not more than earlier
// ones: NoData is the absence of knowledge.
type BusyType int

// The kinds of time.
const (
	Free             BusyType = iota // takes no time
	Tentative                        // may take it
	Busy                             // takes it
	OOF                              // out of facility
	WorkingElsewhere                 // works, somewhere else
	NoData                           // nobody knows
)

// String returns the name as Exchange spells it on the wire.
func (b BusyType) String() string {
	names := [...]string{"Free", "Tentative", "Busy", "OOF", "WorkingElsewhere", "NoData"}
	if b < 0 || int(b) >= len(names) {
		return "NoData"
	}
	return names[b]
}

// Event is one stretch of time that a calendar says something about: an event, one
// instance of a series, or a period of a VFREEBUSY component. Its texts come from
// outside: valid UTF-8 without control characters but tab and line feed, and no longer
// than Limits.Text bytes, the body than Limits.Body; they are not fit for a terminal as
// they are.
type Event struct {
	UID      string // of the series for an instance; "" if the calendar gives none
	Subject  string
	Location string
	Body     string // DESCRIPTION
	// Start is the first moment, End the first one after. They are equal for an event
	// without length. Both are in the location that floating times were read in.
	Start, End time.Time
	AllDay     bool // whole days, of whatever place the reader is in
	BusyType   BusyType
	Private    bool // CLASS is there and not PUBLIC
	Recurring  bool // an instance of a series
	Exception  bool // an instance that was changed (RECURRENCE-ID)
	Meeting    bool // somebody organizes it or is invited
	Reminder   bool // it has an alarm
}

// Limits bounds what a calendar may cost. A zero field stands for its default.
type Limits struct {
	Bytes      int // of a file, an answer, or all files of a folder together; 16 MiB
	Components int // events, time zones and busy periods of a calendar; 50,000
	Dates      int // values of RDATE or EXDATE of one event; 10,000
	Events     int // one call of Events may return; 10,000
	Steps      int // of expansion, in reading a calendar or in one call of Events; 5,000,000
	Text       int // bytes of UID, subject or location; 1,024
	Body       int // bytes of a body; 4,096
	Files      int // of a folder; 20,000
}

func (l Limits) withDefaults() Limits {
	for _, field := range []struct {
		value    *int
		standard int
	}{
		{&l.Bytes, 16 << 20}, {&l.Components, 50_000}, {&l.Dates, 10_000}, {&l.Events, 10_000},
		{&l.Steps, 5_000_000}, {&l.Text, 1024}, {&l.Body, 4096}, {&l.Files, 20_000},
	} {
		if *field.value <= 0 {
			*field.value = field.standard
		}
	}
	return l
}

// Skipped is a component that was left out because it could not be understood.
type Skipped struct {
	UID    string // bounded as in Event; "" if it has none
	Reason string // what is wrong, no capital, no full stop; printable
}
