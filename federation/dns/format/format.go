// Package format writes DNS records in the forms that DNS hosts and their tools take.
package format

import (
	"fmt"
	"slices"
	"strings"

	"exfed/federation"
)

// Format is a form records are written in: a value of -Format.
type Format string

// The formats.
const (
	BIND Format = "bind" // a fragment of a zone file, RFC 1035 section 5
)

// Formats lists the formats in the order help shows them.
func Formats() []Format { return []Format{BIND} }

// Zone is what is to be changed in one zone.
type Zone struct {
	Apex string // lower case, A-labels, no final dot
	Sets []Set
}

// Set is the records of one name and type.
type Set struct {
	Name        string
	Type        federation.DNSRecordType
	Add, Remove []federation.PlannedRecord
	// Live is the set as the name servers show it, nil where nobody was asked. A format that
	// replaces sets as a whole cannot be written without it.
	Live []federation.DNSRecord
}

// Write returns the changes in the format, ready to be pasted; ttl is in seconds.
func Write(f Format, zones []Zone, ttl uint32) (string, error) {
	var text strings.Builder
	for _, zone := range zones {
		for _, set := range zone.Sets {
			for _, record := range slices.Concat(set.Add) {
				fmt.Fprintf(&text, "%s. %d IN %s %s\n", record.Name, ttl, record.Type, content(record.DNSRecord))
			}
		}
	}
	return text.String(), nil
}

func content(record federation.DNSRecord) string {
	if record.Type == federation.TXTRecord {
		return `"` + record.Text + `"`
	}
	return record.Value()
}
