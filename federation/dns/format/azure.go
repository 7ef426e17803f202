package format

import (
	"fmt"
	"strings"

	"exfed/federation"
)

// azure writes a script for the Azure CLI. Its add-record and remove-record leave the other
// records of a set alone; set-record replaces a CNAME record, of which there is one at most.
func (w *writer) azure(zones []Zone) error {
	w.script(zones, "az login")
	return each(zones, func(zone Zone) {
		w.line("\n# zone %s", zone.Apex)
		w.line(`group=$(az network dns zone list --query "[?name=='%s'].resourceGroup" --output tsv)`, zone.Apex)
		w.line(`: "${group:?no zone %s in this subscription}"`, zone.Apex)
	}, func(zone Zone, set Set) error {
		for _, e := range set.remove() {
			if e.Type != federation.CNAMERecord || len(set.Add) == 0 {
				if err := w.azureRecord(zone, e, "remove: ", "remove-record", ""); err != nil {
					return err
				}
			}
		}
		for _, e := range set.missing() {
			verb := "add-record"
			if e.Type == federation.CNAMERecord {
				verb = "set-record"
			}
			if err := w.azureRecord(zone, e, "", verb, fmt.Sprintf(" --ttl %d", w.ttlOf(set))); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *writer) azureRecord(zone Zone, e entry, remark, verb, ttl string) error {
	content := ""
	switch e.Type {
	case federation.TXTRecord:
		text, err := w.plainText(e)
		if err == nil && (text == "" || strings.HasPrefix(text, "@") || strings.HasPrefix(text, "-")) {
			err = w.inexpressible(e, "the Azure CLI takes it for a file or a parameter")
		}
		if err != nil {
			return err
		}
		content = "--value " + shellQuote(text)
	case federation.SRVRecord:
		content = fmt.Sprintf("--priority %d --weight %d --port %d --target %s", e.Priority, e.Weight, e.Port, shellQuote(e.Target))
	default:
		content = "--cname " + shellQuote(e.Target)
	}
	w.line("# %s%s", remark, e.label)
	w.line(`az network dns record-set %s %s --resource-group "$group" --zone-name %s --record-set-name %s %s%s`,
		strings.ToLower(string(e.Type)), verb, shellQuote(zone.Apex), shellQuote(host(e.Name, zone.Apex)), content, ttl)
	return nil
}
