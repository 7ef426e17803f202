package format

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"exfed/federation"
)

// The bounds of a change batch: an UPSERT counts twice, and so do its values (Amazon Route 53
// Developer Guide, Quotas, "ChangeResourceRecordSets requests").
const (
	maxBatchRecords = 1000 / 2
	maxBatchBytes   = 32000 / 2
)

type changeBatch struct {
	Comment string
	Changes []route53Change
}

type route53Change struct {
	Action            string
	ResourceRecordSet resourceRecordSet
}

type resourceRecordSet struct {
	Name, Type      string
	TTL             uint32
	ResourceRecords []resourceRecord
}

type resourceRecord struct{ Value string }

// route53 writes a change batch for each zone, or several for one with very many records, each
// a JSON object of its own. The comment names the zone.
func (w *writer) route53(zones []Zone) error {
	for _, zone := range zones {
		batch, records, size := changeBatch{Comment: "Exchange federation: zone " + zone.Apex}, 0, 0
		for _, set := range zone.Sets {
			change := w.route53Change(set)
			values := change.ResourceRecordSet.ResourceRecords
			if len(values) == 0 {
				continue
			}
			length := 0
			for _, value := range values {
				length += len(value.Value)
			}
			if len(batch.Changes) > 0 && (records+len(values) > maxBatchRecords || size+length > maxBatchBytes) {
				w.json(batch)
				batch.Changes, records, size = nil, 0, 0
			}
			batch.Changes, records, size = append(batch.Changes, change), records+len(values), size+length
		}
		if len(batch.Changes) > 0 {
			w.json(batch)
		}
	}
	return nil
}

// route53Change replaces a set, or deletes one of which nothing stays.
func (w *writer) route53Change(set Set) route53Change {
	action, entries := "UPSERT", set.whole()
	if len(entries) == 0 {
		action, entries = "DELETE", set.remove()
	}
	change := route53Change{Action: action, ResourceRecordSet: resourceRecordSet{Name: set.Name + ".", Type: string(set.Type), TTL: w.ttlOf(set)}}
	for _, e := range entries {
		change.ResourceRecordSet.ResourceRecords = append(change.ResourceRecordSet.ResourceRecords, resourceRecord{route53Value(e, `\"`, " ")})
	}
	return change
}

// route53Value writes a value as Route 53 takes it: bytes that are not printable ASCII, and
// backslashes, as \ and three octal digits, not decimal ones as everywhere else.
func route53Value(e entry, quote, between string) string {
	if e.Type != federation.TXTRecord {
		return e.Value()
	}
	quoted := make([]string, len(e.strings))
	for i, text := range e.strings {
		var b strings.Builder
		for _, c := range []byte(text) {
			switch {
			case c == '"':
				b.WriteString(quote)
			case c < ' ' || c > '~' || c == '\\':
				fmt.Fprintf(&b, `\%03o`, c)
			default:
				b.WriteByte(c)
			}
		}
		quoted[i] = `"` + b.String() + `"`
	}
	return strings.Join(quoted, between)
}

// json writes a value of printable ASCII as an indented JSON object.
func (w *writer) json(value any) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(value) // structs of strings and numbers
	w.text.Write(out.Bytes())
}
