package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"exfed/federation"
	"exfed/federation/dns"

	mdns "github.com/miekg/dns"
)

// whyAbsent finds out why no authority shows the proof.
func (r *run) whyAbsent(ctx context.Context, p proofSight) []federation.DNSFinding {
	var findings []federation.DNSFinding
	expected := r.expected[p.name]
	if texts, seen := p.misses(expected, dns.Damaged, dns.WrongCase, dns.Cut); len(texts) > 0 {
		findings = append(findings, finding(p.record, ProofMangled, "the proof is there and "+p.mangled(texts[0]), seen))
	}
	if texts, seen := p.misses(expected, dns.AnotherProof); len(texts) > 0 {
		findings = append(findings, finding(p.record, AnotherProof, "the proof there is "+p.slotOf(texts[0]), seen))
	}
	if p.alias != "" {
		message := "the name is an alias of " + plainName(p.alias) + ", where there is no proof either"
		findings = append(findings, finding(p.record, AliasBesideData, message, saw(p.lack, func(v view) string { return "CNAME " + plainName(p.alias) })))
	}
	if seen := saw(p.resolverHas, p.what); len(seen) > 0 {
		findings = append(findings, finding(p.record, SplitView, "a resolver shows the proof, and no public name server does", append(seen, saw(p.lack, p.what)...)))
	}
	if seen := r.atWrongNames(ctx, p); len(seen) > 0 {
		findings = append(findings, finding(p.record, ProofAtWrongName, "the proof is at another name", seen))
	}
	if len(findings) == 0 {
		findings = append(findings, finding(p.record, ProofAbsent, "no name server shows the proof", saw(slices.Concat(p.lack, p.resolverLacks), p.what)))
	}
	return findings
}

// mangled says what happened to a proof.
func (p *proofSight) mangled(text string) string {
	switch dns.MatchProof([]string{text}, p.record.Text).NearMisses[0].Reason {
	case dns.WrongCase:
		return "its letters are of another case"
	case dns.Cut:
		foreign := func(c rune) bool { return !strings.ContainsRune(p.record.Text, c) } // blanks in it are none of the proof's
		kept := len(strings.Join(strings.FieldsFunc(text, foreign), ""))
		return fmt.Sprintf("%d of its %d characters are missing", len(p.record.Text)-kept, len(p.record.Text))
	}
	inner := strings.TrimLeft(text, " \t\r\n") // blanks around a proof do no harm
	at := len(text) - len(inner) + strings.IndexFunc(inner, func(c rune) bool { return !strings.ContainsRune(p.record.Text, c) })
	return fmt.Sprintf("has blanks, quotes or backslashes in it, the first at character %d", at+1)
}

// wrongNames are where a proof lands that was meant for the name.
func wrongNames(name, apex string) []string {
	names := []string{name + strings.TrimPrefix(apex, ".")}
	for above := parentOf(name); mdns.CountLabel(above) >= 2; above = parentOf(above) {
		names = append(names, above)
	}
	for _, label := range []string{`\@`, "_federation", "_acme-challenge", "_dnsauth", "autodiscover"} {
		names = append(names, label+"."+name)
	}
	if mdns.CountLabel(name) > 2 {
		names = append(names, "_"+name)
	}
	return slices.DeleteFunc(names, func(wrong string) bool {
		_, ok := mdns.IsDomainName(wrong)
		return !ok || wrong == name
	})
}

// apexOf returns the apex of the zone a name lies in, also where the servers given stand
// for all of DNS.
func (r *run) apexOf(ctx context.Context, z *zone, name string) string {
	if z.apex != "." {
		return z.apex
	}
	if v := r.first(ctx, name, mdns.TypeSOA); v.answer != nil {
		if soa := soaOf(v.answer); soa != nil && mdns.IsSubDomain(soa.Hdr.Name, name) {
			return canonical(soa.Hdr.Name)
		}
	}
	return z.apex
}

func parentOf(name string) string {
	if i, end := mdns.NextLabel(name, 0); !end {
		return name[i:]
	}
	return "."
}

// atWrongNames looks for the proof at the names it is put at by mistake.
func (r *run) atWrongNames(ctx context.Context, p proofSight) []federation.Sighting {
	names := wrongNames(p.name, r.apexOf(ctx, p.zone, p.name))
	found := make([]federation.Sighting, len(names))
	var group sync.WaitGroup
	for i, name := range names {
		group.Go(func() {
			v := r.first(ctx, name, mdns.TypeTXT)
			if v.answer == nil {
				return
			}
			if records, _ := recordsAt(v.answer, name, mdns.TypeTXT); dns.MatchProof(dns.Texts(records), p.record.Text).Found {
				found[i] = federation.Sighting{Server: v.server.String(), What: "shows the proof at " + plainName(name)}
			}
		})
	}
	group.Wait()
	return slices.DeleteFunc(found, func(s federation.Sighting) bool { return s.Server == "" })
}

// notEverywhere judges a record that some servers of the authority show.
func (r *run) notEverywhere(ctx context.Context, p proofSight) []federation.DNSFinding {
	split, old := r.partResolvers(ctx, p.zone, p.name, p.resolverLacks)
	var findings []federation.DNSFinding
	if lacking := slices.Concat(p.lack, old); len(lacking) > 0 {
		findings = append(findings, finding(p.record, NotEverywhere, "some servers do not show the proof yet", saw(lacking, p.what)))
	}
	if len(split) > 0 {
		f := finding(p.record, SplitView, "a resolver shows another zone, without the proof", saw(split, p.what))
		f.Type = federation.EventWarning
		findings = append(findings, f)
	}
	return findings
}

// partResolvers tells resolvers that see another zone from those that remember what was.
func (r *run) partResolvers(ctx context.Context, z *zone, name string, views []view) (split, old []view) {
	for _, v := range views {
		if r.seesAnotherZone(ctx, z, name, v) {
			split = append(split, v)
		} else {
			old = append(old, v)
		}
	}
	return split, old
}

// seesAnotherZone reports whether a resolver has the zone from somebody else: it is itself
// the authority, or the start of authority it shows is another one.
func (r *run) seesAnotherZone(ctx context.Context, z *zone, name string, v view) bool {
	if v.answer.Authoritative {
		return true
	}
	apex := r.apexOf(ctx, z, name)
	if apex == "." {
		return false
	}
	own := r.first(ctx, apex, mdns.TypeSOA)
	theirs := r.put(ctx, v.server, dns.Question{Name: apex, Type: mdns.TypeSOA})
	if own.answer == nil || theirs.answer == nil {
		return false
	}
	a, b := soaOf(own.answer), soaOf(theirs.answer)
	return a != nil && (b == nil || canonical(a.Hdr.Name) != canonical(b.Hdr.Name) ||
		canonical(a.Ns) != canonical(b.Ns) || canonical(a.Mbox) != canonical(b.Mbox))
}
