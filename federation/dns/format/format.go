// Package format writes DNS records in the forms that DNS hosts and their tools take. What it
// writes is printable ASCII, whatever the records hold.
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
	Human               Format = "human"      // host, type, value, as registrars' forms ask for them
	BIND                Format = "bind"       // lines for a zone file, RFC 1035 section 5
	NSUpdate            Format = "nsupdate"   // input of nsupdate, RFC 2136
	Route53             Format = "route53"    // change batches of Amazon Route 53, a JSON object each
	Azure               Format = "azure"      // a shell script for the Azure CLI
	Cloudflare          Format = "cloudflare" // bodies for the batch call of Cloudflare's API, a JSON object each
	GCloud              Format = "gcloud"     // a shell script for the Google Cloud CLI
	TerraformRoute53    Format = "terraform-route53"
	TerraformAzureRM    Format = "terraform-azurerm"
	TerraformCloudflare Format = "terraform-cloudflare"
	TerraformGoogle     Format = "terraform-google"
	OctoDNS             Format = "octodns"    // YAML, a document for each zone
	DNSControl          Format = "dnscontrol" // JavaScript, an extension of each domain
	PowerShell          Format = "powershell" // for the DNS server of Windows
	CSV                 Format = "csv"        // RFC 4180
)

// Formats lists the formats in the order help shows them.
func Formats() []Format {
	return []Format{Human, BIND, NSUpdate, Route53, Azure, Cloudflare, GCloud, TerraformRoute53, TerraformAzureRM, TerraformCloudflare,
		TerraformGoogle, OctoDNS, DNSControl, PowerShell, CSV}
}

// Replaces reports whether what is written takes the place of all records of the same name and
// type, so that it must hold those that are live.
func (f Format) Replaces() bool {
	return slices.Contains([]Format{Route53, GCloud, TerraformRoute53, TerraformAzureRM, TerraformGoogle, OctoDNS}, f)
}

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
	Live *federation.LiveSet
}

// Write returns the changes in the format, ready to be pasted, and notes on what the format
// cannot express. ttl is in seconds and for sets that have no time to live yet. Errors are
// *federation.Error: LiveRecordsNeeded (Invalid) for a format that replaces sets where a set is
// not known, RecordNotExpressible (Conflict) for text that the format has no way to write.
func Write(f Format, zones []Zone, ttl uint32) (text string, notes []string, err error) {
	w := &writer{format: f, ttl: ttl}
	write, ok := map[Format]func([]Zone) error{
		Human: w.human, BIND: w.bind, NSUpdate: w.nsupdate, Route53: w.route53, Azure: w.azure, Cloudflare: w.cloudflare, GCloud: w.gcloud,
		TerraformRoute53: w.terraformRoute53, TerraformAzureRM: w.terraformAzureRM, TerraformCloudflare: w.terraformCloudflare,
		TerraformGoogle: w.terraformGoogle, OctoDNS: w.octodns, DNSControl: w.dnscontrol, PowerShell: w.powershell, CSV: w.csv,
	}[f]
	if !ok {
		return "", nil, federation.Errorf(federation.Invalid, "UnknownFormat", fmt.Sprintf("format %.40q", f), "is not known")
	}
	if f.Replaces() {
		if err := needLive(f, zones); err != nil {
			return "", nil, err
		}
	}
	if err := write(zones); err != nil {
		return "", nil, err
	}
	return w.text.String(), w.notes, nil
}

// needLive refuses a set whose live records are not known.
func needLive(f Format, zones []Zone) error {
	for _, zone := range zones {
		for _, set := range zone.Sets {
			if set.Live == nil {
				return federation.Errorf(federation.Invalid, "LiveRecordsNeeded", "format "+string(f),
					"what it writes replaces all %s records of %s, and which ones are live is not known", set.Type, set.Name)
			}
		}
	}
	return nil
}

// writer collects what is written.
type writer struct {
	format Format
	ttl    uint32
	text   strings.Builder
	notes  []string
}

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(&w.text, format, args...)
	w.text.WriteByte('\n')
}

func (w *writer) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(w.notes, text) {
		w.notes = append(w.notes, text)
	}
}

// each calls fn with every set, and first with a zone before its sets.
func each(zones []Zone, first func(Zone), fn func(Zone, Set) error) error {
	for _, zone := range zones {
		first(zone)
		for _, set := range zone.Sets {
			if err := fn(zone, set); err != nil {
				return err
			}
		}
	}
	return nil
}

// ttlOf is the time to live of a set: the one it has, for all records of a set have the same
// (RFC 2181 section 5.2).
func (w *writer) ttlOf(set Set) uint32 {
	if set.Live != nil && set.Live.TTL > 0 {
		return set.Live.TTL
	}
	return w.ttl
}
