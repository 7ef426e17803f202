package federation

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
)

// httpsPort is where Autodiscover is looked for at a host that a CNAME record leads to.
const httpsPort = 443

// maxName is the length of a domain name as text, without the final dot (RFC 1035 section 2.3.4).
const maxName = 253

// ParseAutodiscoverTarget reads the host that Autodiscover records lead to, as people type it:
// a full host name, international or not, with or without a final dot. It returns A-labels in
// lower case without the dot. An address is refused: neither CNAME nor SRV records hold one.
func ParseAutodiscoverTarget(text string) (string, error) {
	object := "Autodiscover target " + quote(text)
	if _, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return "", Errorf(Invalid, "InvalidAutodiscoverTarget", object, "is an address; CNAME and SRV records lead to a host name")
	}
	host, err := ParseDomain(strings.TrimSuffix(text, "."))
	if err != nil {
		return "", &Error{Kind: Invalid, ID: "InvalidAutodiscoverTarget", Object: object, Reason: "is not a host name such as mail.contoso.com", Err: reasonOf(err)}
	}
	return string(host), nil
}

// reasonOf is an error without the object it names, for one that names the object itself.
func reasonOf(err error) error {
	if e, ok := asError(err); ok {
		return &Error{Reason: e.Reason}
	}
	return err
}

// NoAutodiscover begins the note that no record leads partners to Autodiscover.
const NoAutodiscover = "no Autodiscover record is listed"

// autodiscoverPlan says how Autodiscover records look.
type autodiscoverPlan struct {
	target  string // "": none are listed
	port    uint16
	service bool
}

// planAutodiscover finds out where Autodiscover records lead. A target that was asked for and
// cannot be is an error; of the endpoint's address it is noted why nothing is listed.
func (o *Organization) planAutodiscover(ctx context.Context, domains []Domain, request DNSPlanRequest, plan *DNSPlan) (autodiscoverPlan, error) {
	a := autodiscoverPlan{target: request.AutodiscoverTarget, port: httpsPort, service: request.Service}
	if len(domains) == 0 {
		return a, nil
	}
	if a.target != "" {
		if len(domains) == 1 && a.name(domains[0]) == a.target {
			return a, Errorf(Invalid, "InvalidAutodiscoverTarget", "Autodiscover target "+quote(a.target), "is the name of the record itself")
		}
		return a, nil
	}
	address, err := o.EndpointURL(ctx)
	if err != nil {
		return a, err
	}
	if address == "" {
		plan.note(NoAutodiscover + ": the state file does not say where the organization's endpoint is")
		return a, nil
	}
	u, err := ParseEndpointURL(address)
	if err != nil {
		return a, err
	}
	host, err := ParseAutodiscoverTarget(u.Hostname())
	if err != nil {
		plan.note(NoAutodiscover+": the endpoint's address is %s, and %v", address, err)
		return a, nil
	}
	if port, err := strconv.ParseUint(u.Port(), 10, 16); err == nil && port != httpsPort {
		if !a.service {
			plan.note(NoAutodiscover+": the endpoint's address is %s, and only a SRV record leads to a port other than %d", address, httpsPort)
			return a, nil
		}
		a.port = uint16(port)
	}
	a.target = host
	return a, nil
}

// name is the name of the domain's record.
func (a autodiscoverPlan) name(domain Domain) string {
	if a.service {
		return "_autodiscover._tcp." + string(domain)
	}
	return "autodiscover." + string(domain)
}

// record leads partners who look for the domain's Autodiscover to the target
// ([MS-OXDISCO] section 3.1.5.1 for the SRV record).
func (a autodiscoverPlan) record(domain Domain, plan *DNSPlan) (PlannedRecord, bool) {
	record := DNSRecord{Name: a.name(domain), Type: CNAMERecord, Target: a.target}
	if a.service {
		record.Type, record.Port = SRVRecord, a.port
	}
	switch {
	case a.target == "":
		return PlannedRecord{}, false
	case len(record.Name) > maxName:
		plan.note("no Autodiscover record of %s is listed: a name in DNS has %d characters at most", domain, maxName)
		return PlannedRecord{}, false
	case record.Name == a.target:
		plan.note("no Autodiscover record of %s is listed: %s is the host it would lead to, and needs address records", domain, a.target)
		return PlannedRecord{}, false
	}
	return PlannedRecord{DNSRecord: record, Domain: domain, Purpose: AutodiscoverPurpose}, true
}
