package verify

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"

	"exfed/federation/dns"

	mdns "github.com/miekg/dns"
)

// Bounds of the way to a name, without which a zone that aliases lead to could have thousands
// of questions asked, by delegating over and over, to ever more names.
const (
	// maxParents is how many servers of a top-level domain are tried.
	maxParents = 4
	// maxLabels is how many labels a name has at most that is asked about, and maxCuts how many
	// delegations lead to it.
	maxLabels, maxCuts = 32, 8
	// maxNames is how many servers of a zone are looked up, and maxMissing after how many
	// without an address no more are.
	maxNames, maxMissing = 16, 5
)

// zone is a zone of DNS and who serves it.
type zone struct {
	apex      string
	top       bool     // where the resolvers were asked: nothing above it is known
	servers   []server // every address of every name server
	delegated []string // the names of the servers, as the parent has them; nil of a top
	keys      []*mdns.DS
	fault     string // why it has no servers
}

// zoneOf returns the zone to ask about a name, going down from the top-level domain by
// delegation. Lazily it leaves out to ask about a cut at the name itself, which most names do
// not have: who asks about the name is then referred to where it lies.
func (r *run) zoneOf(ctx context.Context, name string, lazily bool) *zone {
	if len(r.Servers) > 0 {
		return r.stand()
	}
	suffixes := suffixesOf(name)
	if len(suffixes) > maxLabels {
		return &zone{apex: name, fault: "its name has too many labels"}
	}
	var z *zone
	cuts := 0
	for _, suffix := range suffixes {
		switch {
		case z == nil:
			z = r.tops.of(suffix, func() *zone { return r.findTop(ctx, suffix) })
		case suffix == name && !z.top && lazily:
			return z
		default:
			parent := z
			if z = r.cuts.of(suffix, func() *zone { return r.cut(ctx, parent, suffix) }); z != parent {
				cuts++
			}
			if cuts > maxCuts {
				return &zone{apex: z.apex, fault: "too many delegations lead to it"}
			}
		}
		if z != nil && z.fault != "" {
			return z
		}
	}
	if z == nil {
		return &zone{fault: "no resolver knows of a name server above it"}
	}
	if z.top && z.apex != name && mdns.CountLabel(z.apex) == 1 {
		return &zone{apex: z.apex, fault: strings.TrimSuffix(z.apex, ".") + " does not delegate it"}
	}
	return z
}

// suffixesOf lists a name's suffixes, the top-level domain first and the name last.
func suffixesOf(name string) []string {
	var suffixes []string
	for _, i := range mdns.Split(name) {
		suffixes = append(suffixes, name[i:])
	}
	slices.Reverse(suffixes)
	return suffixes
}

// stand is the zone that holds everything: what the user named.
func (r *run) stand() *zone {
	z := &zone{apex: "."}
	for _, address := range r.Servers {
		z.servers = append(z.servers, server{address: r.where(address), role: stand})
	}
	return z
}

// findTop returns a zone as the resolvers know it, nil if there is none of that name.
func (r *run) findTop(ctx context.Context, apex string) *zone {
	v := r.resolve(ctx, apex, mdns.TypeNS)
	if v.answer == nil {
		return &zone{apex: apex, fault: "no resolver says where " + plainName(apex) + " is: " + v.server.String() + " " + v.detail}
	}
	names := targetsOf(v.answer.Answer, apex)
	if len(names) == 0 {
		return nil
	}
	if mdns.CountLabel(apex) == 1 { // it only has to say where things are delegated to
		names = names[:min(len(names), maxParents)]
	}
	z := &zone{apex: apex, top: true}
	z.servers = r.addressesOf(ctx, apex, names, nil)
	return z
}

// cut asks the parent's servers, one after the other, whether a name is delegated. It
// returns the zone that the name lies in.
func (r *run) cut(ctx context.Context, parent *zone, name string) *zone {
	said := ""
	for _, s := range parent.servers {
		v := r.put(ctx, s, dns.Question{Name: name, Type: mdns.TypeNS, DNSSEC: true})
		if v.answer == nil {
			said = s.String() + " " + v.detail
			continue
		}
		return r.below(ctx, parent, v.answer, name)
	}
	return &zone{apex: name, fault: "no server of " + strings.TrimSuffix(parent.apex, ".") + " says where it is delegated to: " + said}
}

// below is the zone that an answer of the parent leads to.
func (r *run) below(ctx context.Context, parent *zone, answer *mdns.Msg, name string) *zone {
	records, apex := answer.Ns, cutBelow(answer, parent.apex, name)
	if apex == "" { // the parent's server may serve the child as well
		if len(targetsOf(answer.Answer, name)) == 0 || name == parent.apex {
			return parent
		}
		records, apex = answer.Answer, name
	}
	z := &zone{apex: apex, delegated: targetsOf(records, apex)}
	for _, record := range answer.Ns {
		if ds, ok := record.(*mdns.DS); ok && canonical(ds.Hdr.Name) == apex && len(z.keys) < maxServers {
			z.keys = append(z.keys, ds)
		}
	}
	z.servers = r.addressesOf(ctx, apex, z.delegated, answer.Extra)
	return z
}

// cutBelow returns the zone below apex that a referral on the way to name leads to, "" if
// the answer is no such referral.
func cutBelow(answer *mdns.Msg, apex, name string) string {
	if answer.Authoritative || len(answer.Answer) > 0 || dns.HasType(answer.Ns, mdns.TypeSOA) {
		return ""
	}
	for _, record := range answer.Ns {
		owner := canonical(record.Header().Name)
		if record.Header().Rrtype == mdns.TypeNS && owner != apex && mdns.IsSubDomain(apex, owner) && mdns.IsSubDomain(owner, canonical(name)) {
			return owner
		}
	}
	return ""
}

// targetsOf returns the names of a zone's servers, each once, in order.
func targetsOf(records []mdns.RR, apex string) []string {
	var names []string
	for _, record := range records {
		if ns, ok := record.(*mdns.NS); ok && canonical(ns.Hdr.Name) == apex {
			names = append(names, canonical(ns.Ns))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// addressesOf returns the servers of those names: by the glue, or by what the resolvers say.
func (r *run) addressesOf(ctx context.Context, apex string, names []string, glue []mdns.RR) []server {
	var servers []server
	lookups, missing := 0, 0
	for _, name := range names {
		host := strings.TrimSuffix(name, ".")
		if to, ruled := r.ruled(net.JoinHostPort(host, "53")); ruled {
			servers = append(servers, server{address: to, name: host, role: authority, apex: apex})
			continue
		}
		addresses := glueOf(glue, name)
		if len(addresses) == 0 {
			if lookups++; lookups > maxNames || missing == maxMissing {
				continue
			}
			addresses = r.lookupHost(ctx, name)
		}
		if len(addresses) == 0 {
			missing++
			servers = append(servers, server{name: host, role: authority, apex: apex, missing: "has no address"})
		}
		for _, addr := range addresses {
			s := server{address: r.where(net.JoinHostPort(addr.String(), "53")), name: host, role: authority, apex: apex}
			if !slices.ContainsFunc(servers, func(other server) bool { return other.address == s.address }) {
				servers = append(servers, s)
			}
		}
		if len(servers) >= maxServers {
			return servers[:maxServers]
		}
	}
	return servers
}

// glueOf returns the addresses that came with a delegation, IPv4 first. Only the parent may
// know where a server is that lies in the zone itself; of others it repeats what it heard.
func glueOf(glue []mdns.RR, name string) []netip.Addr {
	var addresses []netip.Addr
	for _, record := range glue {
		if canonical(record.Header().Name) != name {
			continue
		}
		if addr, ok := addressIn(record); ok {
			addresses = append(addresses, addr)
		}
	}
	slices.SortFunc(addresses, netip.Addr.Compare)
	return slices.Compact(addresses)
}

func addressIn(record mdns.RR) (netip.Addr, bool) {
	var ip net.IP
	switch record := record.(type) {
	case *mdns.A:
		ip = record.A
	case *mdns.AAAA:
		ip = record.AAAA
	}
	addr, ok := netip.AddrFromSlice(ip)
	return addr.Unmap(), ok
}

// lookupHost asks the resolvers for the addresses of a name server.
func (r *run) lookupHost(ctx context.Context, name string) []netip.Addr {
	return r.hosts.of(name, func() []netip.Addr {
		var addresses []netip.Addr
		for _, kind := range []uint16{mdns.TypeA, mdns.TypeAAAA} {
			v := r.resolve(ctx, name, kind)
			if v.answer == nil {
				continue
			}
			for _, record := range v.answer.Answer {
				if addr, ok := addressIn(record); ok && len(addresses) < maxServers {
					addresses = append(addresses, addr)
				}
			}
		}
		return addresses
	})
}

// resolve asks the resolvers, one after the other. They are told not to validate: whether a
// zone is signed well is judged here, and asked of its own servers.
func (r *run) resolve(ctx context.Context, name string, kind uint16) view {
	var v view
	for _, address := range slices.Concat(r.Resolvers, r.System) {
		v = r.put(ctx, server{address: r.where(address), role: resolver}, dns.Question{Name: name, Type: kind, CheckingDisabled: true})
		if v.answer != nil {
			break
		}
	}
	return v
}
