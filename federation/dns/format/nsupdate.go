package format

import "fmt"

// maxUpdate is how much text goes into one update, in bytes: the message it makes stays far
// below the 64 KiB a DNS message may have.
const maxUpdate = 32 << 10

// nsupdate writes an update for each zone, or several for one with very many records. What
// goes is deleted record by record, so that nothing else at the name is touched, and what is
// live is not added in other strings.
func (w *writer) nsupdate(zones []Zone) error {
	size := 0
	send := func() {
		if size > 0 {
			w.line("send")
		}
		size = 0
	}
	put := func(zone Zone, comment, format string, args ...any) {
		if size == 0 {
			w.line("zone %s.", zone.Apex)
		}
		text := fmt.Sprintf(format, args...)
		size += len(text)
		w.line("; %s", comment)
		w.line("%s", text)
	}
	err := each(zones, func(Zone) { send() }, func(zone Zone, set Set) error {
		for _, e := range set.remove() {
			put(zone, "remove: "+e.label, "update delete %s. IN %s %s", e.Name, e.Type, e.zoneValue())
		}
		for _, e := range set.missing() {
			put(zone, e.label, "update add %s. %d IN %s %s", e.Name, w.ttlOf(set), e.Type, e.zoneValue())
		}
		if size > maxUpdate {
			send()
		}
		return nil
	})
	send()
	return err
}
