package verify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"exfed/federation"

	mdns "github.com/miekg/dns"
)

// maxAliases is how many CNAME records are followed.
const maxAliases = 8

// chain is where a host name leads.
type chain struct {
	hops      []string // the name, and every alias after it
	addresses []netip.Addr
	cause     Cause // why there are no addresses
	seen      []federation.Sighting
}

// String shows the hops in their order.
func (c chain) String() string {
	var plain []string
	for _, hop := range c.hops {
		plain = append(plain, plainName(hop))
	}
	return strings.Join(plain, " -> ")
}

// chainOf follows a name's aliases to the addresses of a host, asking the authority of each.
func (r *run) chainOf(ctx context.Context, name string) chain {
	return r.chains.of(name, func() chain {
		c := chain{hops: []string{name}}
		for {
			last := c.hops[len(c.hops)-1]
			next, addresses, v := r.hop(ctx, last)
			c.seen = append(c.seen, federation.Sighting{Server: v.server.String(), What: plainName(last) + ": " + hopText(v, next, addresses)})
			switch {
			case next == "" && len(addresses) > 0:
				c.addresses = addresses
				return c
			case next == "":
				c.cause = AliasDangling
				return c
			case slices.Contains(c.hops, next), len(c.hops) >= maxAliases:
				c.hops, c.cause = append(c.hops, next), AliasLoop
				return c
			}
			c.hops = append(c.hops, next)
		}
	})
}

// hop asks for the addresses of a name, and returns where it leads if it is an alias. Some
// servers fail a question for addresses at aliases that go in a circle, and not that for the
// alias.
func (r *run) hop(ctx context.Context, name string) (alias string, addresses []netip.Addr, v view) {
	for _, kind := range []uint16{mdns.TypeA, mdns.TypeAAAA, mdns.TypeCNAME} {
		if kind == mdns.TypeCNAME && v.answer != nil {
			break
		}
		if v = r.first(ctx, name, kind); v.answer == nil {
			continue
		}
		if alias := aliasOf(v.answer, name); alias != "" {
			return alias, nil, v
		}
		addresses = append(addresses, addressesAt(v.answer, name, kind)...)
	}
	return "", addresses, v
}

func addressesAt(answer *mdns.Msg, name string, kind uint16) []netip.Addr {
	records, _ := recordsAt(answer, name, kind)
	var addresses []netip.Addr
	for _, record := range records {
		if addr, ok := addressIn(record); ok && len(addresses) < maxServers {
			addresses = append(addresses, addr)
		}
	}
	return addresses
}

func hopText(v view, next string, addresses []netip.Addr) string {
	switch {
	case next != "":
		return "CNAME " + plainName(next)
	case len(addresses) > 0:
		return addresses[0].String()
	case v.answer == nil:
		return quoteless(errorText(v.detail))
	case v.answer.Rcode == mdns.RcodeNameError:
		return "no such name"
	}
	return "no address"
}

// follow goes where the record leads, compares that with where it should, and reaches for
// the host.
func (r *run) follow(ctx context.Context, w way) []federation.DNSFinding {
	switch w.kind {
	case mdns.TypeSRV:
		services, _ := recordsAt(w.have[0].answer, w.name, mdns.TypeSRV)
		if !slices.ContainsFunc(services, w.wants) {
			return []federation.DNSFinding{finding(w.record, AutodiscoverElsewhere, "leads to another host", saw(w.have, w.what))}
		}
		host := canonical(w.record.Target)
		return r.arrive(ctx, w, r.chainOf(ctx, host), host)
	case mdns.TypeCNAME:
		alias := aliasOf(w.have[0].answer, w.name)
		c := r.chainOf(ctx, alias)
		if slices.Contains(c.hops, w.name) {
			c.cause = AliasLoop
		}
		c.hops = append([]string{w.name}, c.hops...)
		c.seen = append(saw(w.have[:1], w.what), c.seen...)
		if w.record.Target != "" && !slices.Contains(c.hops, canonical(w.record.Target)) && c.cause != AliasLoop {
			return []federation.DNSFinding{finding(w.record, AutodiscoverElsewhere, "leads to "+plainName(alias), saw(w.have, w.what))}
		}
		return r.arrive(ctx, w, c, w.name)
	}
	here := chain{hops: []string{w.name}, addresses: addressesAt(w.have[0].answer, w.name, w.kind), seen: saw(w.have[:1], w.what)}
	return r.arrive(ctx, w, here, w.name)
}

// arrive judges where a chain ends, and reaches for the host by the name partners ask for.
func (r *run) arrive(ctx context.Context, w way, c chain, asked string) []federation.DNSFinding {
	switch c.cause {
	case AliasLoop:
		return []federation.DNSFinding{finding(w.record, c.cause, "the aliases do not end: "+c.String(), c.seen)}
	case AliasDangling:
		return []federation.DNSFinding{finding(w.record, c.cause, c.String()+": there is no address at the end", c.seen)}
	}
	return r.reach(ctx, w, c, asked)
}

func (w *way) wants(record mdns.RR) bool {
	srv, ok := record.(*mdns.SRV)
	return ok && canonical(srv.Target) == canonical(w.record.Target) && srv.Port == w.record.Port
}

// reach makes a TLS connection for the name partners ask for.
func (r *run) reach(ctx context.Context, w way, c chain, asked string) []federation.DNSFinding {
	if r.Reach == nil {
		return nil
	}
	host := plainName(asked)
	err := r.reached.of(host, func() error {
		select {
		case r.turns <- struct{}{}:
			defer func() { <-r.turns }()
		case <-ctx.Done():
			return ctx.Err()
		}
		return r.Reach(ctx, host, c.addresses)
	})
	if err == nil {
		return nil
	}
	var name x509.HostnameError
	var certificate *tls.CertificateVerificationError
	seen := append(slices.Clone(c.seen), federation.Sighting{Server: host + ":443", What: quoteless(err)})
	switch {
	case errors.As(err, &name):
		return []federation.DNSFinding{finding(w.record, CertificateName, c.String()+": the certificate does not name "+host, seen)}
	case errors.As(err, &certificate):
		return []federation.DNSFinding{finding(w.record, CertificateNotTrusted, c.String()+": the certificate is not to be trusted", seen)}
	}
	return []federation.DNSFinding{finding(w.record, HostNotReached, c.String()+": nothing answers at port 443", seen)}
}
