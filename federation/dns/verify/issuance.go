package verify

import (
	"context"
	"slices"
	"strings"

	"exfed/federation"

	mdns "github.com/miekg/dns"
)

// checkIssuance looks, as a certificate authority does, whether one may issue a certificate
// for the name (RFC 8659 section 3): by the CAA records of the name, or else by those of the
// closest name above that has any.
func (r *run) checkIssuance(ctx context.Context, w way) []federation.DNSFinding {
	if w.kind == mdns.TypeSRV {
		return nil
	}
	for name := w.name; mdns.CountLabel(name) >= 2; name = parentOf(name) {
		v := r.first(ctx, name, mdns.TypeCAA)
		if v.answer == nil {
			seen := []federation.Sighting{{Server: v.server.String(), What: "asked for CAA at " + plainName(name) + ": " + quoteless(errorText(v.detail))}}
			return []federation.DNSFinding{finding(w.record, IssuanceLookupFailed, "no server answers the question for CAA records at "+plainName(name), seen)}
		}
		set, alias := recordsAt(v.answer, name, mdns.TypeCAA)
		if alias != "" {
			set = r.caaBehind(ctx, alias)
		}
		if len(set) == 0 {
			continue
		}
		if !forbids(set) {
			return nil
		}
		seen := []federation.Sighting{{Server: v.server.String(), What: `CAA 0 issue ";" at ` + plainName(name)}}
		return []federation.DNSFinding{finding(w.record, IssuanceForbidden, "no authority may issue a certificate for "+plainName(w.name), seen)}
	}
	return nil
}

// caaBehind returns the CAA records of the host that an alias leads to.
func (r *run) caaBehind(ctx context.Context, name string) []mdns.RR {
	for range maxAliases {
		v := r.first(ctx, name, mdns.TypeCAA)
		if v.answer == nil {
			return nil
		}
		set, alias := recordsAt(v.answer, name, mdns.TypeCAA)
		if alias == "" {
			return set
		}
		name = alias
	}
	return nil
}

// forbids reports whether a set lets no authority issue: it has issue properties, and none
// of them names one (RFC 8659 section 4.2).
func forbids(set []mdns.RR) bool {
	issues := slices.DeleteFunc(slices.Clone(set), func(record mdns.RR) bool {
		caa, ok := record.(*mdns.CAA)
		return !ok || !strings.EqualFold(caa.Tag, "issue")
	})
	return len(issues) > 0 && !slices.ContainsFunc(issues, func(record mdns.RR) bool {
		issuer, _, _ := strings.Cut(record.(*mdns.CAA).Value, ";")
		return strings.TrimSpace(issuer) != ""
	})
}
