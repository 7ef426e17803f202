package format

import (
	"fmt"
	"strings"

	"exfed/federation"
)

// powerShellQuote writes printable ASCII as a verbatim string: nothing but its quote is special.
func powerShellQuote(text string) string { return `'` + strings.ReplaceAll(text, `'`, `''`) + `'` }

// powershell writes commands of the DnsServer module of Windows. A record that goes is looked for
// by its exact content, with regard to case, so that no other is taken for it.
func (w *writer) powershell(zones []Zone) error {
	if len(zones) > 0 {
		w.line("$ErrorActionPreference = 'Stop'")
	}
	return each(zones, func(zone Zone) { w.line("\n# zone %s", zone.Apex) }, func(zone Zone, set Set) error {
		at := fmt.Sprintf("-ZoneName %s -Name %s", powerShellQuote(zone.Apex), powerShellQuote(host(set.Name, zone.Apex)))
		for _, e := range set.remove() {
			match, err := w.powerShellMatch(e)
			if err != nil {
				return err
			}
			w.line("# remove: %s\nGet-DnsServerResourceRecord %s -Node -RRType %s -ErrorAction SilentlyContinue | Where-Object { %s } | Remove-DnsServerResourceRecord -ZoneName %s -Force",
				e.label, at, powerShellType(e), match, powerShellQuote(zone.Apex))
		}
		for _, e := range set.missing() {
			content, err := w.powerShellContent(e)
			if err != nil {
				return err
			}
			w.line("# %s\nAdd-DnsServerResourceRecord %s -%s %s -TimeToLive '%s'", e.label, at, powerShellType(e), content, timeSpan(w.ttlOf(set)))
		}
		return nil
	})
}

func powerShellType(e entry) string {
	return map[federation.DNSRecordType]string{federation.TXTRecord: "Txt", federation.CNAMERecord: "CName", federation.SRVRecord: "Srv"}[e.Type]
}

func (w *writer) powerShellContent(e entry) (string, error) {
	switch e.Type {
	case federation.CNAMERecord:
		return "-HostNameAlias " + powerShellQuote(e.Target+"."), nil
	case federation.SRVRecord:
		return fmt.Sprintf("-DomainName %s -Priority %d -Weight %d -Port %d", powerShellQuote(e.Target+"."), e.Priority, e.Weight, e.Port), nil
	}
	text, err := w.plainText(e)
	return "-DescriptiveText " + powerShellQuote(text), err
}

// powerShellMatch is the condition that a record is the one to remove.
func (w *writer) powerShellMatch(e entry) (string, error) {
	switch e.Type {
	case federation.CNAMERecord:
		return "$_.RecordData.HostNameAlias -eq " + powerShellQuote(e.Target+"."), nil
	case federation.SRVRecord:
		return fmt.Sprintf("$_.RecordData.DomainName -eq %s -and $_.RecordData.Priority -eq %d -and $_.RecordData.Weight -eq %d -and $_.RecordData.Port -eq %d",
			powerShellQuote(e.Target+"."), e.Priority, e.Weight, e.Port), nil
	}
	text, err := w.plainText(e)
	return "$_.RecordData.DescriptiveText -ceq " + powerShellQuote(text), err
}

// timeSpan writes seconds as d.hh:mm:ss.
func timeSpan(seconds uint32) string {
	return fmt.Sprintf("%d.%02d:%02d:%02d", seconds/86400, seconds/3600%24, seconds/60%60, seconds%60)
}
