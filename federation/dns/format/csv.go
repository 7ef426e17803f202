package format

import (
	"encoding/csv"
	"fmt"
)

// csv writes RFC 4180 with LF line ends. Values are as in a zone file, TXT records in quotes:
// then no cell begins with a sign that a spreadsheet takes for a formula, as a proof may.
func (w *writer) csv(zones []Zone) error {
	table := csv.NewWriter(&w.text)
	if len(zones) > 0 {
		_ = table.Write([]string{"Action", "Zone", "Name", "Type", "TTL", "Value", "Purpose"})
	}
	row := func(action string, zone Zone, set Set, e entry) {
		_ = table.Write([]string{action, zone.Apex, e.Name + ".", string(e.Type), fmt.Sprint(w.ttlOf(set)), e.zoneValue(), e.label})
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
