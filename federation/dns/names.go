package dns

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	mdns "github.com/miekg/dns"
)

// LookupAliases returns the names that CNAME records lead to from a host on, without final
// dots, and whether the last of them, or the host itself, exists: whether there are records
// of any type. Errors are those of LookupTXT, and DnsAliasLoop where the aliases do not end.
func (r *Resolver) LookupAliases(ctx context.Context, host string) (aliases []string, exists bool, err error) {
	servers := r.servers()
	if len(servers) == 0 {
		return systemAliases(ctx, host)
	}
	found, err := r.trace(ctx, servers, host, mdns.TypeA)
	if err != nil {
		return nil, false, err
	}
	for _, alias := range found.aliases {
		aliases = append(aliases, hostText(alias))
	}
	return aliases, !found.missing, nil
}

// LookupSRV returns the SRV records of a name, the ones to try first first: lower priority,
// then higher weight (RFC 2782, without its lots). A record with the target "." says that the
// service is not offered and is left out. No such name and no such record give an empty list;
// errors are those of LookupTXT.
func (r *Resolver) LookupSRV(ctx context.Context, name string) ([]net.SRV, error) {
	servers := r.servers()
	var services []net.SRV
	if len(servers) == 0 {
		var err error
		if services, err = systemSRV(ctx, name); err != nil {
			return nil, err
		}
	} else {
		records, err := r.lookup(ctx, servers, name, mdns.TypeSRV)
		if err != nil {
			return nil, err
		}
		for _, record := range records {
			if srv, ok := record.(*mdns.SRV); ok {
				services = append(services, net.SRV{Target: srv.Target, Port: srv.Port, Priority: srv.Priority, Weight: srv.Weight})
			}
		}
	}
	services = slices.DeleteFunc(services, func(s net.SRV) bool { return s.Target == "." })
	for i := range services {
		services[i].Target = hostText(services[i].Target)
	}
	slices.SortFunc(services, func(a, b net.SRV) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Port, b.Port))
	})
	return services, nil
}

// hostText is a name as it stands in a URL.
func hostText(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

func systemAliases(ctx context.Context, host string) ([]string, bool, error) {
	canonical, err := new(net.Resolver).LookupCNAME(ctx, rooted(host))
	switch {
	case notFound(err):
		return nil, false, nil
	case err != nil:
		return nil, false, systemError(fmt.Sprintf("host %.260q", host), err)
	case hostText(canonical) == hostText(host):
		return nil, true, nil
	}
	return []string{hostText(canonical)}, true, nil
}

func systemSRV(ctx context.Context, name string) ([]net.SRV, error) {
	_, found, err := new(net.Resolver).LookupSRV(ctx, "", "", rooted(name))
	if notFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, systemError(fmt.Sprintf("DNS name %.260q", name), err)
	}
	var services []net.SRV
	for _, srv := range found {
		services = append(services, *srv)
	}
	return services, nil
}
