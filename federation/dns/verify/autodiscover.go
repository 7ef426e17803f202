package verify

import (
	"context"
	"fmt"
	"slices"

	"exfed/federation"

	mdns "github.com/miekg/dns"
)

// way is a sight of the record that leads to a domain's Autodiscover.
type way struct {
	sight
	record     federation.ExpectedRecord
	name       string
	kind       uint16 // asked for: A, whose answer shows an alias too, or SRV
	have, lack []view // of the authority
}

func (r *run) checkAutodiscover(ctx context.Context, record federation.ExpectedRecord) []federation.DNSFinding {
	w := way{record: record, name: canonical(record.Name), kind: mdns.TypeA}
	if record.Type == federation.SRVRecord {
		w.kind = mdns.TypeSRV
	}
	w.sight = r.look(ctx, record.Name, w.kind, true)
	if unheard, fault := r.unheard(w.sight, record); unheard {
		return []federation.DNSFinding{fault}
	}
	r.sortWay(ctx, &w)
	findings := r.checkSecurity(ctx, w.sight, record, w.kind)
	if len(w.have) == 0 {
		findings = append(findings, w.absent())
	} else {
		findings = append(findings, r.wayNotEverywhere(ctx, w)...)
		findings = append(findings, r.besideAlias(ctx, w)...)
		findings = append(findings, r.follow(ctx, w)...)
		findings = append(findings, r.checkIssuance(ctx, w)...)
	}
	return append(findings, r.checkServers(ctx, w.sight, record)...)
}

// sortWay parts the views. A host with IPv6 addresses alone is asked about once more.
func (r *run) sortWay(ctx context.Context, w *way) {
	for _, v := range answering(w.authority) {
		if len(w.leads(v)) > 0 {
			w.have = append(w.have, v)
		} else {
			w.lack = append(w.lack, v)
		}
	}
	if len(w.have) > 0 {
		w.preferWanted()
		return
	}
	if w.kind != mdns.TypeA {
		return
	}
	six := *w
	six.kind = mdns.TypeAAAA
	six.sight = r.look(ctx, w.record.Name, six.kind, true)
	six.have, six.lack = nil, nil
	for _, v := range answering(six.authority) {
		if len(six.leads(v)) > 0 {
			six.have = append(six.have, v)
		} else {
			six.lack = append(six.lack, v)
		}
	}
	if len(six.have) > 0 {
		*w = six
	}
}

// preferWanted has the servers lag that lead elsewhere while others lead where they should.
func (w *way) preferWanted() {
	elsewhere := func(v view) bool {
		_, alias := recordsAt(v.answer, w.name, w.kind)
		return w.record.Target != "" && alias != canonical(w.record.Target)
	}
	if w.kind == mdns.TypeSRV || !slices.ContainsFunc(w.have, func(v view) bool { return !elsewhere(v) }) {
		return
	}
	for _, v := range w.have {
		if elsewhere(v) {
			w.lack = append(w.lack, v)
		}
	}
	w.have = slices.DeleteFunc(w.have, elsewhere)
}

// leads says where the name leads by what a server shows.
func (w *way) leads(v view) []string {
	records, alias := recordsAt(v.answer, w.name, w.kind)
	if alias != "" {
		return []string{"CNAME " + plainName(alias)}
	}
	var leads []string
	for _, record := range records {
		if srv, ok := record.(*mdns.SRV); ok {
			leads = append(leads, fmt.Sprintf("SRV %d %d %d %s", srv.Priority, srv.Weight, srv.Port, plainName(srv.Target)))
		} else if addr, ok := addressIn(record); ok {
			leads = append(leads, mdns.TypeToString[w.kind]+" "+addr.String())
		}
	}
	slices.Sort(leads)
	return leads
}

func (w *way) what(v view) string {
	leads := w.leads(v)
	if len(leads) == 0 {
		return nothingAt(v, typeOf(w.record))
	}
	return nameSet(leads)
}

func typeOf(record federation.ExpectedRecord) uint16 {
	return mdns.StringToType[string(record.Type)]
}

// absent: no authority has the record. A resolver that has it shows an internal zone.
func (w *way) absent() federation.DNSFinding {
	seen := saw(w.resolvers, func(v view) string {
		if v.answer == nil || len(w.leads(v)) == 0 {
			return ""
		}
		return w.what(v)
	})
	if len(seen) > 0 {
		return finding(w.record, SplitView, "a resolver shows the record, and no public name server does", append(seen, saw(w.lack, w.what)...))
	}
	return finding(w.record, AutodiscoverAbsent, "no name server shows a record that leads to Autodiscover", saw(w.lack, w.what))
}

// wayNotEverywhere compares the servers with the first that has the record.
func (r *run) wayNotEverywhere(ctx context.Context, w way) []federation.DNSFinding {
	var differ []view
	for _, v := range answering(w.resolvers) {
		_, ours := recordsAt(w.have[0].answer, w.name, w.kind)
		if _, theirs := recordsAt(v.answer, w.name, w.kind); theirs != ours || len(w.leads(v)) == 0 {
			differ = append(differ, v)
		}
	}
	split, old := r.partResolvers(ctx, w.zone, w.name, differ)
	var findings []federation.DNSFinding
	if lacking := slices.Concat(w.lack, old); len(lacking) > 0 {
		findings = append(findings, finding(w.record, NotEverywhere, "some servers do not show the record yet", saw(lacking, w.what)))
	}
	if len(split) > 0 {
		f := finding(w.record, SplitView, "a resolver shows another zone, which leads elsewhere", saw(split, w.what))
		f.Type = federation.EventWarning
		findings = append(findings, f)
	}
	return findings
}

// besideAlias looks for an alias at a name that has addresses: few servers load such a zone,
// and none should.
func (r *run) besideAlias(ctx context.Context, w way) []federation.DNSFinding {
	direct := slices.ContainsFunc(w.have, func(v view) bool { _, alias := recordsAt(v.answer, w.name, w.kind); return alias == "" })
	if w.kind == mdns.TypeSRV || !direct {
		return nil
	}
	aliases := r.look(ctx, w.record.Name, mdns.TypeCNAME, true)
	seen := saw(answering(aliases.authority), func(v view) string {
		if records, _ := recordsAt(v.answer, w.name, mdns.TypeCNAME); len(records) > 0 {
			return "a CNAME record beside addresses"
		}
		return ""
	})
	if len(seen) == 0 {
		return nil
	}
	return []federation.DNSFinding{finding(w.record, AliasBesideData, "the name is an alias and has addresses as well", seen)}
}
