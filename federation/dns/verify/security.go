package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"exfed/federation"

	mdns "github.com/miekg/dns"
)

// signed reports whether the parent says that the zone is signed, with a key of a kind that
// is known here. Without that nobody validates it (RFC 4035 section 5.2).
func (z *zone) signed() bool {
	return slices.ContainsFunc(z.keys, func(ds *mdns.DS) bool { return knownAlgorithm(ds.Algorithm) && knownDigest(ds.DigestType) })
}

func knownAlgorithm(algorithm uint8) bool {
	return slices.Contains([]uint8{mdns.RSASHA1, mdns.RSASHA1NSEC3SHA1, mdns.RSASHA256, mdns.RSASHA512, mdns.ECDSAP256SHA256, mdns.ECDSAP384SHA384, mdns.ED25519}, algorithm)
}

func knownDigest(digest uint8) bool {
	return slices.Contains([]uint8{mdns.SHA1, mdns.SHA256, mdns.SHA384}, digest)
}

// security is the keys of a zone, or what is wrong with them.
type security struct {
	keys   []*mdns.DNSKEY
	cause  Cause
	detail string
	server server
}

// checkSecurity validates what the authority shows of a record: the step from the parent's
// word on (RFC 4035 section 5). That there is no record is not validated.
func (r *run) checkSecurity(ctx context.Context, s sight, record federation.ExpectedRecord, kind uint16) []federation.DNSFinding {
	if !s.zone.signed() {
		return nil
	}
	trust := r.trusted.of(s.zone.apex, func() security { return r.keysOf(ctx, s.zone) })
	if trust.cause != "" {
		return []federation.DNSFinding{finding(record, trust.cause, trust.detail, []federation.Sighting{{Server: trust.server.String(), What: trust.detail}})}
	}
	seen := map[Cause][]federation.Sighting{}
	for _, v := range answering(s.authority) {
		records, alias := recordsAt(v.answer, canonical(record.Name), kind)
		covered := kind
		if alias != "" {
			records, _ = recordsAt(v.answer, canonical(record.Name), mdns.TypeCNAME)
			covered = mdns.TypeCNAME
		}
		if len(records) == 0 || len(trust.keys) == 0 {
			continue
		}
		if cause, detail := r.validate(records, signaturesOf(v.answer, canonical(record.Name), covered), trust.keys, s.zone.apex); cause != "" {
			seen[cause] = append(seen[cause], federation.Sighting{Server: v.server.String(), What: detail})
		}
	}
	var findings []federation.DNSFinding
	for _, cause := range []Cause{SignatureExpired, SignatureNotYetValid, SignatureWrong} {
		if len(seen[cause]) > 0 {
			findings = append(findings, finding(record, cause, seen[cause][0].What, seen[cause]))
		}
	}
	return findings
}

// keysOf asks for the keys of a zone and follows the parent's word to one of them, and its
// signature to the others.
func (r *run) keysOf(ctx context.Context, z *zone) security {
	v := r.firstOf(ctx, z, z.apex, mdns.TypeDNSKEY)
	if v.answer == nil {
		return security{} // others tell what is wrong with the servers
	}
	records, _ := recordsAt(v.answer, z.apex, mdns.TypeDNSKEY)
	var all, named []*mdns.DNSKEY
	for _, record := range records {
		if key, ok := record.(*mdns.DNSKEY); ok {
			all = append(all, key)
			if slices.ContainsFunc(z.keys, func(ds *mdns.DS) bool { return names(ds, key) }) {
				named = append(named, key)
			}
		}
	}
	if len(named) == 0 {
		return security{cause: KeyNotDelegated, server: v.server, detail: fmt.Sprintf("the parent names the key %s, the zone has %s", tagsOfDS(z.keys), tagsOf(all))}
	}
	if cause, detail := r.validate(records, signaturesOf(v.answer, z.apex, mdns.TypeDNSKEY), named, z.apex); cause != "" {
		return security{cause: cause, server: v.server, detail: "of the zone's keys " + detail}
	}
	return security{keys: all}
}

func names(ds *mdns.DS, key *mdns.DNSKEY) bool {
	if key.Algorithm != ds.Algorithm || key.KeyTag() != ds.KeyTag || !knownDigest(ds.DigestType) {
		return false
	}
	made := key.ToDS(ds.DigestType)
	return made != nil && strings.EqualFold(made.Digest, ds.Digest)
}

func tagsOfDS(keys []*mdns.DS) string {
	var tags []string
	for _, ds := range keys[:min(len(keys), 8)] {
		tags = append(tags, fmt.Sprint(ds.KeyTag))
	}
	return strings.Join(tags, ", ")
}

func tagsOf(keys []*mdns.DNSKEY) string {
	if len(keys) == 0 {
		return "none"
	}
	var tags []string
	for _, key := range keys[:min(len(keys), 8)] {
		tags = append(tags, fmt.Sprint(key.KeyTag()))
	}
	return strings.Join(tags, ", ")
}

// maxSignatures bounds the signatures of one record set that are computed: each takes time, and
// a zone may have any number of keys that a signature could be of (CVE-2023-50387).
const maxSignatures = 16

func signaturesOf(answer *mdns.Msg, name string, kind uint16) []*mdns.RRSIG {
	var signatures []*mdns.RRSIG
	records, _ := recordsAt(answer, name, mdns.TypeRRSIG)
	for _, record := range records {
		if sig, ok := record.(*mdns.RRSIG); ok && sig.TypeCovered == kind && len(signatures) < maxSignatures {
			signatures = append(signatures, sig)
		}
	}
	return signatures
}

// validate returns why none of the signatures holds; "" if one does.
func (r *run) validate(records []mdns.RR, signatures []*mdns.RRSIG, keys []*mdns.DNSKEY, apex string) (Cause, string) {
	cause, detail := SignatureWrong, "no signature"
	now, computed := r.now(), 0
	for _, sig := range signatures {
		if canonical(sig.SignerName) != apex || !slices.ContainsFunc(keys, func(key *mdns.DNSKEY) bool {
			if key.KeyTag() != sig.KeyTag || key.Algorithm != sig.Algorithm || computed == maxSignatures {
				return false
			}
			computed++
			return sig.Verify(key, records) == nil
		}) {
			if cause == SignatureWrong {
				detail = fmt.Sprintf("the signature with key %d does not hold", sig.KeyTag)
			}
			continue
		}
		if sig.ValidityPeriod(now) {
			return "", ""
		}
		cause, detail = SignatureExpired, "the signature expired on "+moment(sig.Expiration, now)
		if begin := signatureTime(sig.Inception, now); begin.After(now) {
			cause, detail = SignatureNotYetValid, "the signature begins on "+moment(sig.Inception, now)
		}
	}
	return cause, detail
}

// signatureTime reads a time of a signature, which counts seconds in 32 bits (RFC 4034
// section 3.1.5): the one nearest to now.
func signatureTime(seconds uint32, now time.Time) time.Time {
	return now.Add(time.Duration(int32(seconds-uint32(now.Unix()))) * time.Second).Truncate(time.Second)
}

func moment(seconds uint32, now time.Time) string {
	return signatureTime(seconds, now).UTC().Format(time.RFC3339)
}
