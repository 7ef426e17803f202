package dns

import (
	"fmt"
	"slices"
	"strings"

	mdns "github.com/miekg/dns"
)

// recordTTL is the time to live of every record of the server, in seconds: none, so that no
// resolver between a test and its server remembers what has changed since.
const recordTTL = 0

// zones are the zones of a server by their apex. Names are canonical: lower case, with the
// final dot.
type zones map[string]zone

// zone holds the records of each name by type.
type zone map[string]map[uint16][]mdns.RR

// add adds a zone with a SOA and an NS record.
func (z zones) add(apex string) error {
	if _, ok := mdns.IsDomainName(apex); !ok || apex == "" {
		return fmt.Errorf("zone %.80q: is not a domain name", apex)
	}
	apex = mdns.CanonicalName(apex)
	if _, ok := z[apex]; ok {
		return fmt.Errorf("zone %s: is there already", apex)
	}
	server := "ns." + apex
	z[apex] = zone{apex: {
		mdns.TypeSOA: {&mdns.SOA{Hdr: header(apex, mdns.TypeSOA), Ns: server, Mbox: "hostmaster." + apex,
			Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400}},
		mdns.TypeNS: {&mdns.NS{Hdr: header(apex, mdns.TypeNS), Ns: server}},
	}}
	return nil
}

func header(name string, kind uint16) mdns.RR_Header {
	return mdns.RR_Header{Name: mdns.Fqdn(name), Rrtype: kind, Class: mdns.ClassINET, Ttl: recordTTL}
}

// makeRecords makes records of a type from values as Set takes them.
func makeRecords(name, recordType string, values []string) ([]mdns.RR, error) {
	kind, ok := mdns.StringToType[strings.ToUpper(recordType)]
	if !ok || recordType == "" {
		return nil, fmt.Errorf("%s: %q is not a type of record", name, recordType)
	}
	var records []mdns.RR
	for _, value := range values {
		if kind == mdns.TypeTXT {
			txt := &mdns.TXT{Hdr: header(name, kind)}
			for _, piece := range CharacterStrings(value) {
				txt.Txt = append(txt.Txt, escape(piece))
			}
			records = append(records, txt)
			continue
		}
		if strings.ContainsAny(value, "\r\n") {
			return nil, fmt.Errorf("%s: %s %q: is more than one line", name, recordType, value)
		}
		record, err := mdns.NewRR(fmt.Sprintf("%s %d IN %s %s", mdns.Fqdn(name), recordTTL, recordType, value))
		if err != nil {
			return nil, fmt.Errorf("%s: %s %q: %w", name, recordType, value, err)
		}
		if record == nil || record.Header().Rrtype != kind {
			return nil, fmt.Errorf("%s: %s %q: is not a record", name, recordType, value)
		}
		records = append(records, record)
	}
	return records, nil
}

// of returns the apex of the zone a name lies in, "" if in none.
func (z zones) of(name string) string {
	name = mdns.CanonicalName(name)
	for _, i := range append(mdns.Split(name), len(name)-1) {
		if _, ok := z[name[i:]]; ok {
			return name[i:]
		}
	}
	return ""
}

func (z zones) set(name string, kind uint16, records []mdns.RR) error {
	apex := z.of(name)
	if apex == "" {
		return fmt.Errorf("%s: lies in no zone of this server", name)
	}
	name = mdns.CanonicalName(name)
	if len(records) == 0 {
		z.remove(name, kind)
		return nil
	}
	if z[apex][name] == nil {
		z[apex][name] = map[uint16][]mdns.RR{}
	}
	z[apex][name][kind] = records
	return nil
}

func (z zones) remove(name string, kind uint16) {
	zone, name := z[z.of(name)], mdns.CanonicalName(name)
	delete(zone[name], kind)
	if len(zone[name]) == 0 {
		delete(zone, name)
	}
}

// answer fills in the answer to its question (RFC 1034 section 4.3.2).
func (z zones) answer(answer *mdns.Msg) {
	question := answer.Question[0]
	apex := z.of(question.Name)
	if apex == "" || question.Qclass != mdns.ClassINET {
		answer.Rcode = mdns.RcodeRefused
		return
	}
	answer.Authoritative = true
	name := question.Name
	for range maxAliases + 1 {
		records := z[apex].at(name)
		if wanted := records[question.Qtype]; len(wanted) > 0 {
			answer.Answer = append(answer.Answer, wanted...)
			return
		}
		alias, ok := firstAlias(records)
		if !ok {
			z.nothing(answer, apex, name)
			return
		}
		answer.Answer = append(answer.Answer, alias)
		name = alias.Target
		if apex = z.of(name); apex == "" {
			return // another server's to answer
		}
	}
}

func firstAlias(records map[uint16][]mdns.RR) (*mdns.CNAME, bool) {
	if len(records[mdns.TypeCNAME]) == 0 {
		return nil, false
	}
	alias, ok := records[mdns.TypeCNAME][0].(*mdns.CNAME)
	return alias, ok
}

// nothing says that the name has no such records, or does not exist (RFC 2308 section 2).
func (z zones) nothing(answer *mdns.Msg, apex, name string) {
	answer.Ns = z[apex][apex][mdns.TypeSOA]
	if !z[apex].has(name) {
		answer.Rcode = mdns.RcodeNameError
	}
}

func (z zone) at(name string) map[uint16][]mdns.RR { return z[mdns.CanonicalName(name)] }

// has reports whether the name exists: it has records, or a name below it does.
func (z zone) has(name string) bool {
	name = mdns.CanonicalName(name)
	if _, ok := z[name]; ok {
		return true
	}
	for other := range z {
		if slices.Contains(ancestors(other), name) {
			return true
		}
	}
	return false
}

func ancestors(name string) []string {
	var names []string
	for _, i := range mdns.Split(name) {
		names = append(names, name[i:])
	}
	return names
}
