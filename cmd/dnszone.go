package cmd

import (
	"context"
	"fmt"
	"strings"

	"exfed/cmd/psargs"
	"exfed/federation"
	"exfed/federation/dns"
	"exfed/federation/dns/format"
)

// dnsZones sorts the records of a plan by zone, and looks at what is live if there are name
// servers to ask.
func (e *env) dnsZones(ctx context.Context, p *dnsFormParams, f format.Format, plan federation.DNSPlan) ([]format.Zone, error) {
	servers, err := e.dnsServers()
	if err != nil {
		return nil, err
	}
	survey := format.Survey{Zone: func(_ context.Context, name string) (string, error) { return dns.ZoneOf(name), nil }}
	if len(servers) > 0 {
		live := &dns.Live{Client: e.dnsClient(), Servers: servers}
		survey = format.Survey{Zone: live.Zone, Live: live}
	}
	if len(p.zoneNames.value) > 0 {
		zones, err := parseDomains(p.zoneNames.value)
		if err != nil {
			return nil, err
		}
		for _, record := range plan.Records {
			if _, err := zoneAmong(zones, record.Name); err != nil {
				return nil, err
			}
		}
		survey.Zone = func(_ context.Context, name string) (string, error) { return zoneAmong(zones, name) }
	}
	zones, notes, err := survey.Zones(ctx, f, plan)
	if err != nil {
		return nil, err
	}
	for _, note := range notes {
		e.warn("%s", note)
	}
	return zones, nil
}

// zoneAmong returns the zone that a name lies in, the longest if one of them lies in another.
func zoneAmong(zones []federation.Domain, name string) (string, error) {
	found := ""
	for _, zone := range zones {
		if (name == string(zone) || strings.HasSuffix(name, "."+string(zone))) && len(zone) > len(found) {
			found = string(zone)
		}
	}
	if found == "" {
		return "", &psargs.UsageError{ID: "ZoneNotAbove", Param: "ZoneName", Msg: fmt.Sprintf("-ZoneName: %.260s lies in none of these zones", name),
			Hints: []string{"name every zone, or the domains of this zone alone with -DomainName"}}
	}
	return found, nil
}
