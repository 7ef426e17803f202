package format

import (
	"encoding/csv"
	"fmt"
	"strings"
)

// csv writes RFC 4180 with LF line ends. Values are as in a zone file, TXT records in quotes:
// then no cell begins with a sign that a spreadsheet takes for a formula, as a proof may, and as
// the name may to which an alias led so far.
func (w *writer) csv(zones []Zone) error {
	table := csv.NewWriter(&w.text)
	if len(zones) > 0 {
		_ = table.Write([]string{"Action", "Zone", "Name", "Type", "TTL", "Value", "Purpose"})
	}
	row := func(action string, zone Zone, set Set, e entry) {
		_ = table.Write([]string{action, zone.Apex, e.Name + ".", string(e.Type), fmt.Sprint(w.ttlOf(set)), noFormula(e.zoneValue()), e.label})
	}
	err := each(zones, func(Zone) {}, func(zone Zone, set Set) error {
		for _, e := range set.add() {
			row("Add", zone, set, e)
		}
		for _, e := range set.remove() {
			row("Remove", zone, set, e)
		}
		return nil
	})
	table.Flush() // writing to memory does not fail
	return err
}

// noFormula escapes a first sign that makes a formula as a zone file may (RFC 1035 section 5.1).
func noFormula(value string) string {
	if strings.ContainsAny(value[:min(len(value), 1)], "=+-@") {
		return fmt.Sprintf(`\%03d`, value[0]) + value[1:]
	}
	return value
}
