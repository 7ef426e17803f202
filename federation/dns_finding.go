package federation

import "context"

// RecordChecker looks in the public DNS whether records are as they should be.
type RecordChecker interface {
	// CheckRecords returns what it found about each record: one success if nothing is wrong
	// with it, else every fault. That name servers could not be asked is a finding too; an
	// error is what kept it from asking any.
	CheckRecords(ctx context.Context, expected []ExpectedRecord) ([]DNSFinding, error)
}

// ExpectedRecord is a record that should be live, and what is known to tell faults apart by.
type ExpectedRecord struct {
	PlannedRecord
	// Others returns the domain's proofs made with other certificates the organization has, and
	// those of its other domains made with the same one. It is called when a proof is there that
	// is not the one wanted; nil: none are known.
	Others func() []SlotProof
}

// DNSFinding is what was found about one record.
type DNSFinding struct {
	// ID is stable and documented: P01 and so on; "" of a success.
	ID    string
	Cause string // stable too, in PascalCase: "ProofAbsent"; "" of a success
	// Record is what was looked for, Domain for which domain.
	Record DNSRecord
	Domain Domain
	Type   EventType // EventSuccess, EventWarning or EventError
	// Seen is what each name server showed, where it matters to the finding.
	Seen    []Sighting
	Message string // what is wrong: no capital, no full stop
	Action  string // the one next thing to do; "" of a success
}

// Causes that the operations before a broker tell from others.
const (
	ProofAbsentCause = "ProofAbsent" // no name server shows the proof
	// NoNameServerCause: none of the name servers could be asked, so nothing is known.
	NoNameServerCause = "NoNameServer"
)

// Sighting is what one name server showed. Its texts come from outside.
type Sighting struct {
	Server string // host:port, with the name of the server where it is known
	What   string // what was seen there
}
