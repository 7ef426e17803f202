package format

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"exfed/federation"
	"exfed/federation/dns"
)

// entry is a record as it is written.
type entry struct {
	federation.DNSRecord
	strings []string // of a TXT record
	label   string   // what it is for
	id      string   // tells it from others of its set for good; "" if nothing does
}

// planned makes an entry of a record. Its TXT strings are those it has live, if it is.
func (s Set) planned(record federation.PlannedRecord) entry {
	e := entry{DNSRecord: record.DNSRecord, strings: dns.CharacterStrings(record.Text), label: Label(record), id: strings.ToLower(record.Thumbprint)}
	e.id = e.id[:min(len(e.id), 8)]
	return e
}

// Label says what a record is for: "proof, current certificate AC00...".
func Label(record federation.PlannedRecord) string {
	switch {
	case record.Purpose == federation.AutodiscoverPurpose && record.Remove:
		return "Autodiscover at another host"
	case record.Purpose == federation.AutodiscoverPurpose:
		return "Autodiscover"
	}
	slot := map[federation.DomainProofSlot]string{federation.CurrentSlot: "current", federation.NextSlot: "next", federation.PreviousSlot: "previous"}[record.Slot]
	if slot == "" {
		return "proof"
	}
	return fmt.Sprintf("proof, %s certificate %s", slot, record.Thumbprint)
}

// add returns the records that are to be there.
func (s Set) add() []entry {
	var entries []entry
	for _, record := range s.Add {
		entries = append(entries, s.planned(record))
	}
	return entries
}

// missing returns those of them that are not live already, as far as that is known.
func (s Set) missing() []entry {
	return slices.DeleteFunc(s.add(), func(e entry) bool { return s.isLive(e.DNSRecord) })
}

func (s Set) isLive(record federation.DNSRecord) bool {
	return s.Live != nil && slices.ContainsFunc(s.Live.Records, func(live federation.LiveRecord) bool { return live.DNSRecord == record })
}

// remove returns the records that are to go: where it is known what is live, only what is, in
// its strings, for a record is deleted by all of its content.
func (s Set) remove() []entry {
	var entries []entry
	for _, record := range s.Remove {
		e := s.planned(record)
		if s.Live == nil {
			entries = append(entries, e)
			continue
		}
		for _, live := range s.Live.Records {
			if live.DNSRecord == record.DNSRecord {
				e.strings = live.Strings
				entries = append(entries, e)
			}
		}
	}
	return entries
}

// whole returns the set as it is to be: what is live and is not to go, and what is to be there.
func (s Set) whole() []entry {
	named := func(live federation.LiveRecord) bool {
		same := func(r federation.PlannedRecord) bool { return r.DNSRecord == live.DNSRecord }
		return slices.ContainsFunc(s.Remove, same) || slices.ContainsFunc(s.Add, same)
	}
	var entries []entry
	for _, live := range s.Live.Records {
		if !named(live) {
			entries = append(entries, entry{DNSRecord: live.DNSRecord, strings: live.Strings, label: "live now, stays"})
		}
	}
	// Name servers show a set in any order; the same zone is to give the same text.
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.zoneValue(), b.zoneValue()) })
	return append(entries, s.add()...)
}

// zoneValue is the content as it stands in a zone file (RFC 1035 section 5.1).
func (e entry) zoneValue() string {
	if e.Type == federation.TXTRecord {
		return dns.QuoteStrings(e.strings)
	}
	return e.Value()
}

// host is the name within the zone, @ for the zone's own.
func host(name, apex string) string {
	if name == apex {
		return "@"
	}
	return strings.TrimSuffix(name, "."+apex)
}

// plainText refuses the text of a TXT record that is not printable ASCII, for formats without
// a way to write bytes.
func (w *writer) plainText(e entry) (string, error) {
	if strings.ContainsFunc(e.Text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "", w.inexpressible(e, "it is not all printable ASCII")
	}
	return e.Text, nil
}

func (w *writer) inexpressible(e entry, why string) error {
	return federation.Errorf(federation.Conflict, "RecordNotExpressible", fmt.Sprintf("%s record of %s", e.Type, e.Name),
		"cannot be written as %s, since %s: %.300s", w.format, why, e.zoneValue())
}
