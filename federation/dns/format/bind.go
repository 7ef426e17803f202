package format

// bind writes lines that may stand anywhere in a zone file: absolute names, each with its time
// to live. Removals are comments.
func (w *writer) bind(zones []Zone) error {
	return each(zones, func(zone Zone) { w.line("; zone %s", zone.Apex) }, func(_ Zone, set Set) error {
		for _, e := range set.add() {
			w.line("; %s", e.label)
			w.line("%s. %d IN %s %s", e.Name, w.ttlOf(set), e.Type, e.zoneValue())
		}
		for _, e := range set.remove() {
			w.line("; remove this: %s", e.label)
			w.line("; %s. IN %s %s", e.Name, e.Type, e.zoneValue())
		}
		return nil
	})
}
