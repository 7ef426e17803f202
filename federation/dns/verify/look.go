package verify

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"exfed/federation/dns"

	mdns "github.com/miekg/dns"
)

// sight is what all servers show about a name and type, all asked side by side.
type sight struct {
	zone      *zone
	authority []view // or what stands for it
	resolvers []view
}

// look asks every server of the zone that a name lies in, and every resolver.
func (r *run) look(ctx context.Context, name string, kind uint16, lazily bool) sight {
	name = canonical(name)
	return r.looked.of(fmt.Sprint(kind, " ", name), func() sight {
		z := r.zoneOf(ctx, name, lazily)
		q := dns.Question{Name: name, Type: kind, DNSSEC: z.signed()}
		s := sight{zone: z}
		var group sync.WaitGroup
		group.Go(func() { s.resolvers = r.askResolvers(ctx, q) })
		s.authority = r.askAll(ctx, z.servers, q)
		if deeper := r.deeper(ctx, z, s.authority, name); deeper != nil {
			s.zone, q.DNSSEC = deeper, deeper.signed()
			s.authority = r.askAll(ctx, deeper.servers, q)
		}
		group.Wait()
		return s
	})
}

// deeper returns the zone that the servers of z refer to, nil if they do not.
func (r *run) deeper(ctx context.Context, z *zone, views []view, name string) *zone {
	for _, v := range views {
		if v.answer == nil || v.role != authority || cutBelow(v.answer, z.apex, name) == "" {
			continue
		}
		z = r.cuts.of(name, func() *zone { return r.cut(ctx, z, name) })
		return z
	}
	return nil
}

// askAll asks servers side by side. The views are in the order of the servers.
func (r *run) askAll(ctx context.Context, servers []server, q dns.Question) []view {
	views := make([]view, len(servers))
	var group sync.WaitGroup
	for i, s := range servers {
		group.Go(func() { views[i] = r.put(ctx, s, q) })
	}
	group.Wait()
	return views
}

// askResolvers asks every resolver of the user's, and of the system's the first that answers:
// they are one view, in the order in which programs ask them.
func (r *run) askResolvers(ctx context.Context, q dns.Question) []view {
	var given []server
	for _, address := range r.Resolvers {
		given = append(given, server{address: r.where(address), role: resolver})
	}
	q.DNSSEC = false
	views := r.askAll(ctx, given, q)
	for i, address := range r.System {
		v := r.put(ctx, server{address: r.where(address), name: "this machine's resolver", role: resolver}, q)
		if v.answer != nil || i == len(r.System)-1 {
			return append(views, v)
		}
	}
	return views
}

// first asks a name's servers one after the other until one has an answer.
func (r *run) first(ctx context.Context, name string, kind uint16) view {
	name = canonical(name)
	return r.found.of(fmt.Sprint(kind, " ", name), func() view {
		z := r.zoneOf(ctx, name, true)
		v := r.firstOf(ctx, z, name, kind)
		if deeper := r.deeper(ctx, z, []view{v}, name); deeper != nil {
			return r.firstOf(ctx, deeper, name, kind)
		}
		return v
	})
}

func (r *run) firstOf(ctx context.Context, z *zone, name string, kind uint16) view {
	none := view{fault: NoNameServer, detail: z.fault}
	for _, s := range z.servers {
		v := r.put(ctx, s, dns.Question{Name: name, Type: kind, DNSSEC: z.signed()})
		if v.answer != nil {
			return v
		}
		none = v
	}
	return none
}

// answering are the views that tell something of the name.
func answering(views []view) []view {
	return slices.DeleteFunc(slices.Clone(views), func(v view) bool { return v.answer == nil })
}

// recordsAt returns the records of a type at a name, and where its alias leads, "" if it has
// none. What an answer holds about other names is not looked at.
func recordsAt(answer *mdns.Msg, name string, kind uint16) (records []mdns.RR, alias string) {
	for _, record := range answer.Answer {
		if canonical(record.Header().Name) != name || record.Header().Class != mdns.ClassINET {
			continue
		}
		if record.Header().Rrtype == kind {
			records = append(records, record)
		} else if cname, ok := record.(*mdns.CNAME); ok {
			alias = canonical(cname.Target)
		}
	}
	return records, alias
}

// aliasOf returns where the alias of a name leads, "" if it is none.
func aliasOf(answer *mdns.Msg, name string) string {
	_, alias := recordsAt(answer, name, mdns.TypeNone)
	return alias
}

// soaOf returns the SOA record that a negative answer comes with (RFC 2308 section 3).
func soaOf(answer *mdns.Msg) *mdns.SOA {
	for _, record := range slices.Concat(answer.Ns, answer.Answer) {
		if soa, ok := record.(*mdns.SOA); ok {
			return soa
		}
	}
	return nil
}
