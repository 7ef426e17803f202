package verify

import (
	"context"
	"slices"

	"exfed/federation"

	mdns "github.com/miekg/dns"
)

// refusals is why each server gave no answer.
func (s sight) refusals() []federation.Sighting {
	seen := saw(slices.Concat(s.authority, s.resolvers), func(v view) string {
		if v.answer != nil {
			return ""
		}
		return quoteless(errorText(v.detail))
	})
	if len(seen) == 0 && s.zone.fault != "" {
		seen = []federation.Sighting{{Server: "delegation", What: s.zone.fault}}
	}
	return seen
}

type errorText string

func (e errorText) Error() string { return string(e) }

// unheard reports that no authority told anything of the record.
func (r *run) unheard(s sight, record federation.ExpectedRecord) (bool, federation.DNSFinding) {
	if len(answering(s.authority)) > 0 {
		return false, federation.DNSFinding{}
	}
	message := "no name server of the domain gave an answer"
	if s.zone.fault != "" {
		message = "the domain's name servers are not known: " + s.zone.fault
	}
	return true, finding(record, NoNameServer, message, s.refusals())
}

// checkServers finds what is wrong with servers while others answered.
func (r *run) checkServers(ctx context.Context, s sight, record federation.ExpectedRecord) []federation.DNSFinding {
	var findings []federation.DNSFinding
	for _, kind := range []struct {
		cause   Cause
		message string
	}{
		{NameServerSilent, "a name server gives no answer"},
		{NameServerLame, "a name server does not serve the zone"},
		{NameServerGarbled, "a name server answers something else"},
		{NameServerWithoutAddress, "a name server is not to be found"},
	} {
		seen := saw(slices.Concat(s.authority, s.resolvers), func(v view) string {
			if v.answer != nil || v.fault != kind.cause {
				return ""
			}
			return quoteless(errorText(v.detail))
		})
		if len(seen) > 0 {
			findings = append(findings, finding(record, kind.cause, kind.message, seen))
		}
	}
	refused := saw(slices.Concat(s.authority, s.resolvers), func(v view) string {
		if !v.bogus {
			return ""
		}
		return "said SERVFAIL, and answers when it is told not to validate"
	})
	if len(refused) > 0 {
		findings = append(findings, finding(record, ValidationFailed, "a resolver that validates refuses the record", refused))
	}
	return append(findings, r.checkNames(ctx, s, record)...)
}

// checkNames compares the servers the parent names with those the zone names.
func (r *run) checkNames(ctx context.Context, s sight, record federation.ExpectedRecord) []federation.DNSFinding {
	z := s.zone
	if z.delegated == nil {
		return nil
	}
	own := r.names.of(z.apex, func() []string {
		v := r.firstOf(ctx, z, z.apex, mdns.TypeNS)
		if v.answer == nil {
			return nil
		}
		return targetsOf(v.answer.Answer, z.apex)
	})
	if len(own) == 0 || slices.Equal(own, z.delegated) {
		return nil
	}
	return []federation.DNSFinding{finding(record, NameServersDiffer, "the delegation and the zone name different servers", []federation.Sighting{
		{Server: "delegation", What: nameSet(z.delegated)}, {Server: plainName(z.apex), What: nameSet(own)},
	})}
}
