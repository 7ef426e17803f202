package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"exfed/federation"

	mdns "github.com/miekg/dns"
)

const (
	defaultTimeout = 3 * time.Second
	// maxAliases is how many CNAME records are followed.
	maxAliases = 8
	// maxRecords is how many records an answer may hold.
	maxRecords = 512
)

// Resolver asks name servers. The zero value asks the system's. It keeps no answers, so that
// a record published a moment ago is seen unless a name server hides it.
type Resolver struct {
	// Servers are host:port, asked in this order until one answers; empty: the system's.
	Servers []string
	// Timeout is how long one server may take for one answer; 0: 3 seconds.
	Timeout time.Duration
	// Client asks the servers, within its own Timeout; nil: one of the resolver's own.
	Client *Client

	begin      sync.Once
	own        Client
	resolvConf string // path of resolv.conf(5); empty: where the system keeps it
}

// Close closes the sockets of a resolver that has no Client given, which otherwise are closed
// some seconds after the last question. Nothing can be asked afterwards.
func (r *Resolver) Close() error { return r.own.Close() }

// LookupTXT returns the content of every TXT record of the name: raw bytes, the strings of
// one record joined without a separator (RFC 7208 section 3.3). No such name and no such
// record give an empty list. That no server gave an answer is a *federation.Error of kind
// Unavailable, DnsUnavailable, which says what each of them said.
func (r *Resolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	servers := r.servers()
	if len(servers) == 0 {
		return systemTXT(ctx, name)
	}
	records, err := r.lookup(ctx, servers, name, mdns.TypeTXT)
	if err != nil {
		return nil, err
	}
	return Texts(records), nil
}

// LookupHost returns the addresses of a host, IPv4 first. An address stands for itself, and
// localhost for loopback (RFC 6761 section 6.3). A host without any address is a
// *federation.Error of kind Unavailable, HostNotFound.
func (r *Resolver) LookupHost(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return []netip.Addr{addr}, nil
	}
	if name := strings.ToLower(strings.TrimSuffix(host, ".")); name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, nil
	}
	servers := r.servers()
	if len(servers) == 0 {
		return systemHost(ctx, host)
	}
	v4, err4 := r.addresses(ctx, servers, host, mdns.TypeA)
	v6, err6 := r.addresses(ctx, servers, host, mdns.TypeAAAA)
	addresses := append(v4, v6...)
	if len(addresses) > 0 {
		return addresses, nil
	}
	if err := errors.Join(err4, err6); err != nil {
		if err4 != nil {
			return nil, err4
		}
		return nil, err6
	}
	return nil, hostNotFound(host)
}

func (r *Resolver) addresses(ctx context.Context, servers []string, host string, kind uint16) ([]netip.Addr, error) {
	records, err := r.lookup(ctx, servers, host, kind)
	if err != nil {
		return nil, err
	}
	var addresses []netip.Addr
	for _, record := range records {
		var ip net.IP
		switch record := record.(type) {
		case *mdns.A:
			ip = record.A
		case *mdns.AAAA:
			ip = record.AAAA
		}
		if addr, ok := netip.AddrFromSlice(ip); ok {
			addresses = append(addresses, addr.Unmap())
		}
	}
	return addresses, nil
}

func (r *Resolver) servers() []string {
	if len(r.Servers) > 0 {
		return r.Servers
	}
	return r.systemServers()
}

// lookup returns the records of a kind that a name has, following aliases.
func (r *Resolver) lookup(ctx context.Context, servers []string, name string, kind uint16) ([]mdns.RR, error) {
	found, err := r.trace(ctx, servers, name, kind)
	return found.records, err
}

// trace follows the aliases of a name: those the answer holds, and then by asking for the
// name they lead to.
func (r *Resolver) trace(ctx context.Context, servers []string, name string, kind uint16) (found, error) {
	object := fmt.Sprintf("DNS name %.260q", name)
	if _, ok := mdns.IsDomainName(name); !ok || name == "" {
		return found{}, federation.Errorf(federation.Invalid, "InvalidDnsName", object, "is not a domain name")
	}
	way := found{name: mdns.Fqdn(name)}
	for len(way.aliases) <= maxAliases {
		answer, complaints := r.ask(ctx, servers, way.name, kind)
		if answer == nil {
			return found{}, unavailable(ctx, object, complaints)
		}
		next := follow(answer, way.name, kind)
		next.aliases = append(way.aliases, next.aliases...)
		if len(next.aliases) > maxAliases {
			break
		}
		if len(next.records) > 0 || len(next.aliases) == len(way.aliases) || next.final {
			return next, nil
		}
		way = next
	}
	return found{}, federation.Errorf(federation.Untrusted, "DnsAliasLoop", object, "its aliases (CNAME) lead further than %d names", maxAliases)
}

// ask puts the question to one server after the other. The answer is nil if none of them
// gave one that can be used; complaints then hold what each said.
func (r *Resolver) ask(ctx context.Context, servers []string, name string, kind uint16) (answer *mdns.Msg, complaints []string) {
	client := r.Client
	if client == nil {
		r.begin.Do(func() { r.own.Timeout = r.Timeout })
		client = &r.own
	}
	for _, server := range servers {
		answer, err := client.Ask(ctx, server, Question{Name: name, Type: kind})
		if err == nil {
			return answer, nil
		}
		complaints = append(complaints, server+" "+err.Error())
		if ctx.Err() != nil {
			break
		}
	}
	return nil, complaints
}

func unavailable(ctx context.Context, object string, complaints []string) error {
	return &federation.Error{
		Kind: federation.Unavailable, ID: "DnsUnavailable", Object: object,
		Reason: "no name server answered: " + strings.Join(complaints, "; "),
		Err:    ctx.Err(),
	}
}

func hostNotFound(host string) error {
	return federation.Errorf(federation.Unavailable, "HostNotFound", fmt.Sprintf("host %.260q", host), "has no address in DNS")
}

// found is what an answer holds about a name.
type found struct {
	records []mdns.RR
	name    string   // the name the aliases lead to
	aliases []string // that were followed, name the last of them
	final   bool     // the server said that there is nothing at name
	missing bool     // the server said that there is no such name
}

// follow walks the aliases in the answer, beginning at name.
func follow(answer *mdns.Msg, name string, kind uint16) found {
	f := found{name: name}
	for len(f.aliases) <= maxAliases {
		alias := ""
		for _, record := range answer.Answer {
			if !sameName(record.Header().Name, f.name) || record.Header().Class != mdns.ClassINET {
				continue
			}
			if record.Header().Rrtype == kind {
				f.records = append(f.records, record)
			} else if cname, ok := record.(*mdns.CNAME); ok {
				alias = cname.Target
			}
		}
		if len(f.records) > 0 || alias == "" {
			break
		}
		f.name, f.aliases = alias, append(f.aliases, alias)
	}
	f.missing = answer.Rcode == mdns.RcodeNameError
	f.final = f.missing || HasType(answer.Ns, mdns.TypeSOA)
	return f
}

func sameName(a, b string) bool { return mdns.CanonicalName(a) == mdns.CanonicalName(b) }

// HasType reports whether one of the records is of the type.
func HasType(records []mdns.RR, kind uint16) bool {
	for _, record := range records {
		if record.Header().Rrtype == kind {
			return true
		}
	}
	return false
}
