package federation

import (
	"fmt"
	"strings"
)

// DNSRecordType is a type of record by its mnemonic.
type DNSRecordType string

// The types of records federation needs in DNS.
const (
	TXTRecord   DNSRecordType = "TXT"   // the proof of a domain, RFC 1035 section 3.3.14
	CNAMERecord DNSRecordType = "CNAME" // autodiscover.<domain>, RFC 1035 section 3.3.1
	SRVRecord   DNSRecordType = "SRV"   // _autodiscover._tcp.<domain>, RFC 2782
)

// Types of records that are only ever seen: a CNAME record cannot stand beside them.
const (
	ARecord    DNSRecordType = "A"    // RFC 1035 section 3.4.1
	AAAARecord DNSRecordType = "AAAA" // RFC 3596
)

// DNSRecord is a record as an administrator publishes it. Names are in lower case, as
// A-labels, absolute and without the final dot.
type DNSRecord struct {
	Name                   string // the owner
	Type                   DNSRecordType
	Text                   string // of a TXT record: its raw bytes, the character-strings joined; of A and AAAA the address
	Target                 string // of a CNAME or SRV record
	Priority, Weight, Port uint16 // of a SRV record
}

// Value is the record's content as people write it, names with their final dot.
func (r DNSRecord) Value() string {
	switch r.Type {
	case TXTRecord, ARecord, AAAARecord:
		return r.Text
	case SRVRecord:
		return fmt.Sprintf("%d %d %d %s.", r.Priority, r.Weight, r.Port, strings.TrimSuffix(r.Target, "."))
	}
	return strings.TrimSuffix(r.Target, ".") + "."
}

// DNSPurpose says what a record is for.
type DNSPurpose string

// The purposes of records.
const (
	ProofPurpose        DNSPurpose = "DomainProof"  // shows the broker that the domain is the organization's
	AutodiscoverPurpose DNSPurpose = "Autodiscover" // leads partners to the organization's endpoint
)

// PlannedRecord is a record that must be in DNS, or out of it.
type PlannedRecord struct {
	DNSRecord
	Domain  Domain // for which it is
	Purpose DNSPurpose
	// Remove: nothing needs the record any more. Its being there harms nothing but the
	// size of the answer.
	Remove     bool
	Slot       DomainProofSlot // of a proof: which certificate's it is
	Thumbprint string          // of that certificate
}

// DNSPlan is what an organization's zones should hold for federation.
type DNSPlan struct {
	Records []PlannedRecord // by domain, in the order the domains were named or accepted
	Notes   []string        // what is left out, and why
}

func (p *DNSPlan) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

// LiveSet is the records of one name and type as name servers show them.
type LiveSet struct {
	Records []LiveRecord
	// TTL is their time to live in seconds as the zone has it; 0 when that is not known, since
	// there are none or a cache answered.
	TTL uint32
}

// LiveRecord is a record with what must stay as it is when its set is written anew.
type LiveRecord struct {
	DNSRecord
	Strings []string // of a TXT record: its character-strings, raw
}
