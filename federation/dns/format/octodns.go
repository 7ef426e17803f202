package format

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"exfed/federation"
)

// octodns writes a YAML document for each zone, to be merged into the file of the zone. Keys are
// in the order octoDNS enforces.
func (w *writer) octodns(zones []Zone) error {
	for _, zone := range zones {
		byName := map[string][]Set{}
		var names []string
		for _, set := range zone.Sets {
			name := host(set.Name, zone.Apex)
			if len(set.whole()) == 0 {
				continue
			}
			if name == "@" {
				name = ""
			}
			if byName[name] == nil {
				names = append(names, name)
			}
			byName[name] = append(byName[name], set)
		}
		slices.SortFunc(names, cmp.Compare[string])
		w.line("---\n# %s.yaml", zone.Apex)
		for _, name := range names {
			w.line("%s:", jsonQuote(name))
			for _, set := range byName[name] {
				if err := w.octodnsSet(set); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (w *writer) octodnsSet(set Set) error {
	for _, e := range set.remove() {
		w.line("  # left out, to be removed: %s", e.label)
	}
	entries := set.whole()
	w.line("  - ttl: %d\n    type: %s", w.ttlOf(set), set.Type)
	if set.Type == federation.CNAMERecord {
		w.line("    # %s\n    value: %s", entries[0].label, jsonQuote(entries[0].zoneValue()))
		return nil
	}
	w.line("    values:")
	for _, e := range entries {
		w.line("    # %s", e.label)
		if e.Type == federation.SRVRecord {
			w.line("    - port: %d\n      priority: %d\n      target: %s\n      weight: %d", e.Port, e.Priority, jsonQuote(e.Target+"."), e.Weight)
			continue
		}
		text, err := w.octodnsText(e)
		if err != nil {
			return err
		}
		w.line("    - %s", jsonQuote(text))
	}
	return nil
}

// octodnsText writes a text as octoDNS reads it: semicolons behind a backslash, and nothing that
// it takes for quotes of a zone file.
func (w *writer) octodnsText(e entry) (string, error) {
	text, err := w.plainText(e)
	switch {
	case err != nil:
		return "", err
	case strings.Contains(text, `\`):
		return "", w.inexpressible(e, "octoDNS takes its backslashes for escapes")
	case strings.HasPrefix(text, `"`), strings.Contains(text, `" "`), text == "":
		return "", w.inexpressible(e, "octoDNS takes its quotes for those of a zone file")
	}
	return strings.ReplaceAll(text, ";", `\;`), nil
}

// jsonQuote writes printable ASCII as a string of JSON, which is one of YAML and of JavaScript
// too.
func jsonQuote(text string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return fmt.Sprintf("%q", text) // strings are always encoded
	}
	return strings.TrimSuffix(out.String(), "\n")
}
