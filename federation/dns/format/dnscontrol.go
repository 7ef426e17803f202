package format

import (
	"fmt"

	"exfed/federation"
)

// dnscontrol writes an extension of each domain, which adds to the records that are declared
// already. What is declared nowhere dnscontrol deletes, so that removals are comments.
func (w *writer) dnscontrol(zones []Zone) error {
	for _, zone := range zones {
		w.line("D_EXTEND(%s,", jsonQuote(zone.Apex))
		var lines [][2]string // the comment and the record
		for _, set := range zone.Sets {
			for _, e := range set.remove() {
				w.line("  // take this out, if it is declared: %s: %.300s", e.label, e.zoneValue())
			}
			for _, e := range set.add() {
				record, err := w.dnscontrolRecord(host(e.Name, zone.Apex), e, w.ttlOf(set))
				if err != nil {
					return err
				}
				lines = append(lines, [2]string{e.label, record})
			}
		}
		for i, line := range lines {
			comma := ","
			if i == len(lines)-1 {
				comma = ""
			}
			w.line("  // %s\n  %s%s", line[0], line[1], comma)
		}
		w.line(");")
	}
	return nil
}

func (w *writer) dnscontrolRecord(name string, e entry, ttl uint32) (string, error) {
	switch e.Type {
	case federation.CNAMERecord:
		return fmt.Sprintf("CNAME(%s, %s, TTL(%d))", jsonQuote(name), jsonQuote(e.Target+"."), ttl), nil
	case federation.SRVRecord:
		return fmt.Sprintf("SRV(%s, %d, %d, %d, %s, TTL(%d))", jsonQuote(name), e.Priority, e.Weight, e.Port, jsonQuote(e.Target+"."), ttl), nil
	}
	text, err := w.plainText(e)
	return fmt.Sprintf("TXT(%s, %s, TTL(%d))", jsonQuote(name), jsonQuote(text), ttl), err
}
