package format

import (
	"fmt"
	"strings"

	"exfed/federation"
)

// human writes the records as people type them into a form, a blank line between two.
func (w *writer) human(zones []Zone) error {
	blocks := 0
	put := func(block []string) {
		if blocks++; blocks > 1 {
			w.line("")
		}
		w.line("%s", strings.Join(block, "\n"))
	}
	return each(zones, func(Zone) {}, func(zone Zone, set Set) error {
		for _, e := range set.add() {
			put(w.block(zone, set, e, false))
		}
		for _, e := range set.remove() {
			put(w.block(zone, set, e, true))
		}
		return nil
	})
}

// Block draws one of a set's records as people type it into a form of their DNS host; ttl is
// as in Write.
func Block(zone Zone, set Set, record federation.PlannedRecord, ttl uint32) []string {
	w := &writer{format: Human, ttl: ttl}
	return w.block(zone, set, set.planned(record), record.Remove)
}

func (w *writer) block(zone Zone, set Set, e entry, remove bool) []string {
	title := "zone " + zone.Apex + ": " + e.label
	if remove {
		title = "zone " + zone.Apex + ": to be removed: " + e.label
	}
	block := []string{title, "  Host      " + host(e.Name, zone.Apex), "  Type      " + string(e.Type)}
	switch e.Type {
	case federation.SRVRecord:
		block = append(block, fmt.Sprintf("  Priority  %d", e.Priority), fmt.Sprintf("  Weight    %d", e.Weight),
			fmt.Sprintf("  Port      %d", e.Port), "  Target    "+e.Target)
	case federation.CNAMERecord:
		block = append(block, "  Value     "+e.Target)
	default:
		block = append(block, "  Value     "+formText(e))
	}
	if !remove {
		block = append(block, fmt.Sprintf("  TTL       %d", w.ttlOf(set)))
	}
	return block
}

// formText is the text of a TXT record without quotes, or what a zone file has if it is not all
// printable ASCII.
func formText(e entry) string {
	if strings.ContainsFunc(e.Text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return e.zoneValue()
	}
	return e.Text
}
