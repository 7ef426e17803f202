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
	kind       uint16                // of what leads there: CNAME, SRV, A or AAAA
	have, lack []view                // of the authority
	within     []federation.Sighting // what resolvers alone show
}

func (r *run) checkAutodiscover(ctx context.Context, record federation.ExpectedRecord) []federation.DNSFinding {
	w := way{record: record, name: canonical(record.Name)}
	kinds := []uint16{mdns.TypeCNAME, mdns.TypeA, mdns.TypeAAAA}
	if record.Type == federation.SRVRecord {
		kinds = []uint16{mdns.TypeSRV}
	}
	first := r.lookFor(ctx, &w, kinds[0])
	if unheard, fault := r.unheard(first, record); unheard {
		return []federation.DNSFinding{fault}
	}
	for _, kind := range kinds[1:] { // a host of one's own will do as well as an alias
		if len(w.have) == 0 {
			r.lookFor(ctx, &w, kind)
		}
	}
	if len(w.have) == 0 && len(kinds) > 1 {
		r.lookFor(ctx, &w, kinds[0])
	}
	w.preferWanted()
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

// lookFor asks for records of a kind and parts the views by whether they show any.
func (r *run) lookFor(ctx context.Context, w *way, kind uint16) sight {
	w.kind, w.sight = kind, r.look(ctx, w.record.Name, kind, true)
	w.have, w.lack = nil, nil
	for _, v := range answering(w.authority) {
		if len(w.leads(v)) > 0 {
			w.have = append(w.have, v)
		} else {
			w.lack = append(w.lack, v)
		}
	}
	if len(w.have) == 0 {
		w.within = append(w.within, saw(answering(w.resolvers), func(v view) string { return nameSet(w.leads(v)) })...)
	}
	return w.sight
}

// preferWanted has the servers lag that lead elsewhere while others lead where they should.
func (w *way) preferWanted() {
	elsewhere := func(v view) bool {
		return w.record.Target != "" && aliasOf(v.answer, w.name) != canonical(w.record.Target)
	}
	if w.kind != mdns.TypeCNAME || !slices.ContainsFunc(w.have, func(v view) bool { return !elsewhere(v) }) {
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
	if alias := aliasOf(v.answer, w.name); alias != "" {
		return []string{"CNAME " + plainName(alias)}
	}
	records, _ := recordsAt(v.answer, w.name, w.kind)
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
	if len(w.within) > 0 {
		return finding(w.record, SplitView, "a resolver shows the record, and no public name server does", append(w.within, saw(w.lack, w.what)...))
	}
	return finding(w.record, AutodiscoverAbsent, "no name server shows a record that leads to Autodiscover", saw(w.lack, w.what))
}

// wayNotEverywhere compares the servers with the first that has the record.
func (r *run) wayNotEverywhere(ctx context.Context, w way) []federation.DNSFinding {
	var differ []view
	for _, v := range answering(w.resolvers) {
		if aliasOf(v.answer, w.name) != aliasOf(w.have[0].answer, w.name) || len(w.leads(v)) == 0 {
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

// besideAlias looks for addresses at a name that is an alias: few servers load such a zone,
// and none should.
func (r *run) besideAlias(ctx context.Context, w way) []federation.DNSFinding {
	if w.kind != mdns.TypeCNAME {
		return nil
	}
	v := r.first(ctx, w.record.Name, mdns.TypeA)
	if v.answer == nil || aliasOf(v.answer, w.name) != "" {
		return nil
	}
	addresses, _ := recordsAt(v.answer, w.name, mdns.TypeA)
	if len(addresses) == 0 {
		return nil
	}
	seen := append(saw(w.have, w.what), federation.Sighting{Server: v.server.String(), What: "addresses at the same name"})
	return []federation.DNSFinding{finding(w.record, AliasBesideData, "the name is an alias and has addresses as well", seen)}
}
