// Package verify looks in the public DNS whether the records federation needs are live: at
// every authoritative server of a name, found by delegation, and at the resolvers given.
package verify

import (
	"context"
	"slices"

	"exfed/federation"
	"exfed/federation/dns"
)

// Checker looks at records. It asks nobody but the servers it is given and those the
// delegation names.
type Checker struct {
	Client *dns.Client
	// Servers, host:port, stand for all of DNS when there are any: every one of them is asked
	// in place of the authoritative servers, and no delegation is followed.
	Servers []string
	// Resolvers, host:port, are asked besides: what they show users and the broker.
	Resolvers []string
}

var _ federation.RecordChecker = (*Checker)(nil)

// CheckRecords implements federation.RecordChecker.
func (c *Checker) CheckRecords(ctx context.Context, expected []federation.ExpectedRecord) ([]federation.DNSFinding, error) {
	var findings []federation.DNSFinding
	for _, record := range expected {
		finding := federation.DNSFinding{Record: record.DNSRecord, Domain: record.Domain, Type: federation.EventSuccess, Message: "is live"}
		if record.Type == federation.TXTRecord {
			resolver := &dns.Resolver{Servers: slices.Concat(c.Servers, c.Resolvers)}
			texts, err := resolver.LookupTXT(ctx, record.Name)
			if err != nil {
				return findings, err
			}
			if dns.MatchProof(texts, record.Text).Found == record.Remove {
				finding.ID, finding.Cause, finding.Type = "P01", "ProofAbsent", federation.EventError
				finding.Message = "no name server shows the proof"
				finding.Action = "publish the TXT record in the domain itself"
			}
		}
		findings = append(findings, finding)
	}
	return findings, ctx.Err()
}
