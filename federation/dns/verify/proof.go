package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"exfed/federation"
	"exfed/federation/dns"

	mdns "github.com/miekg/dns"
)

// proofSight is a sight of TXT records, sorted by whether they show a proof.
type proofSight struct {
	sight
	record        federation.ExpectedRecord
	name          string
	have, lack    []view // of the authority
	alias         string // the name is an alias of this one
	behind        []string
	resolverLacks []view
	resolverHas   []view
}

func (r *run) checkProof(ctx context.Context, record federation.ExpectedRecord) []federation.DNSFinding {
	p := proofSight{sight: r.look(ctx, record.Name, mdns.TypeTXT, false), record: record, name: canonical(record.Name)}
	r.sort(ctx, &p)
	if record.Remove {
		return p.stale()
	}
	findings := p.legacy()
	if unheard, fault := r.unheard(p.sight, record); unheard {
		return append(findings, fault)
	}
	findings = append(findings, r.checkSecurity(ctx, p.sight, record, mdns.TypeTXT)...)
	findings = append(findings, p.transports()...)
	switch {
	case len(p.have) == 0 && len(p.lack) > 0:
		findings = append(findings, r.whyAbsent(ctx, p)...)
	case len(p.have) > 0:
		findings = append(findings, r.notEverywhere(ctx, p)...)
	}
	findings = append(findings, p.tooLarge(r.expected[p.name])...)
	return append(findings, r.checkServers(ctx, p.sight, record)...)
}

// sort parts the views, and follows the name where it is an alias.
func (r *run) sort(ctx context.Context, p *proofSight) {
	for _, v := range answering(p.authority) {
		if _, alias := recordsAt(v.answer, p.name, mdns.TypeTXT); alias != "" && p.alias == "" {
			p.alias = alias
			p.behind = r.textsBehind(ctx, alias)
		}
	}
	for _, v := range answering(p.authority) {
		switch {
		case p.shows(v):
			p.have = append(p.have, v)
		case v.whole: // what is missing of an answer cut off, nobody knows
			p.lack = append(p.lack, v)
		}
	}
	for _, v := range answering(p.resolvers) {
		switch {
		case p.shows(v):
			p.resolverHas = append(p.resolverHas, v)
		case v.whole:
			p.resolverLacks = append(p.resolverLacks, v)
		}
	}
}

// textsBehind returns the TXT records that an alias leads to.
func (r *run) textsBehind(ctx context.Context, name string) []string {
	for range maxAliases {
		v := r.first(ctx, name, mdns.TypeTXT)
		if v.answer == nil {
			return nil
		}
		records, alias := recordsAt(v.answer, name, mdns.TypeTXT)
		if alias == "" {
			return dns.Texts(records)
		}
		name = alias
	}
	return nil
}

// texts are the TXT records a view shows of the name, those behind its alias included.
func (p *proofSight) texts(v view) []string {
	records, alias := recordsAt(v.answer, p.name, mdns.TypeTXT)
	if alias == "" {
		return dns.Texts(records)
	}
	if v.role == resolver { // it followed the alias itself
		return dns.Texts(v.answer.Answer)
	}
	return append(dns.Texts(records), p.behind...)
}

func (p *proofSight) shows(v view) bool {
	return dns.MatchProof(p.texts(v), p.record.Text).Found
}

// what says what a view shows of the proof.
func (p *proofSight) what(v view) string {
	switch texts := p.texts(v); {
	case p.shows(v):
		return "shows the proof"
	case len(texts) == 0:
		return nothingAt(v, mdns.TypeTXT)
	default:
		return textsShown(texts) + remembered(v)
	}
}

// misses returns the near misses of a reason, with who shows them. Proofs that are to be at
// the name as well are none.
func (p *proofSight) misses(expected []federation.ExpectedRecord, reasons ...dns.MissReason) (texts []string, seen []federation.Sighting) {
	for _, v := range answering(p.authority) {
		for _, miss := range dns.MatchProof(p.texts(v), p.record.Text).NearMisses {
			wanted := slices.ContainsFunc(expected, func(e federation.ExpectedRecord) bool { return federation.TXTIsProof(miss.Text, e.Text) })
			if wanted || !slices.Contains(reasons, miss.Reason) {
				continue
			}
			seen = append(seen, federation.Sighting{Server: v.server.String(), What: "TXT " + quote(miss.Text)})
			if !slices.Contains(texts, miss.Text) {
				texts = append(texts, miss.Text)
			}
		}
	}
	return texts, seen
}

func (p *proofSight) legacy() []federation.DNSFinding {
	_, seen := p.misses(nil, dns.LegacyAppID)
	if len(seen) == 0 {
		return nil
	}
	return []federation.DNSFinding{finding(p.record, LegacyAppID, "there is a proof of early Exchange 2010", seen)}
}

// stale judges a proof that is not needed any more.
func (p *proofSight) stale() []federation.DNSFinding {
	switch {
	case len(p.have) > 0:
		return []federation.DNSFinding{finding(p.record, ProofStale, "the proof of certificate "+p.record.Thumbprint+" is not needed any more", saw(p.have, p.what))}
	case len(answering(p.authority)) == 0:
		unknown := finding(p.record, NoNameServer, "whether the proof is still there is not known", p.refusals())
		unknown.Type = federation.EventWarning
		return []federation.DNSFinding{unknown}
	}
	return nil
}

// transports finds what keeps answers from some who ask.
func (p *proofSight) transports() []federation.DNSFinding {
	var findings []federation.DNSFinding
	tcp := saw(p.authority, func(v view) string {
		if v.tcp == nil {
			return ""
		}
		size := "more than 512 bytes"
		if v.whole {
			size = fmt.Sprintf("%d bytes", plainSize(v.answer))
		}
		return size + "; over TCP it " + quoteless(v.tcp)
	})
	if len(tcp) > 0 {
		findings = append(findings, finding(p.record, TCPRefused, "the TXT records do not fit into 512 bytes, and TCP does not work", tcp))
	}
	edns := saw(p.authority, func(v view) string {
		if v.edns == nil {
			return ""
		}
		return "with EDNS it " + quoteless(v.edns) + ", without it answered"
	})
	if len(edns) > 0 {
		findings = append(findings, finding(p.record, ExtensionsRefused, "questions with EDNS are dropped", edns))
	}
	return findings
}

// proofSize is what a proof takes in an answer: 12 bytes before the content, a length and
// 88 characters.
const proofSize = 12 + 1 + 88

// tooLarge foresees that the answer will not fit when the proofs that are missing are there.
func (p *proofSight) tooLarge(expected []federation.ExpectedRecord) []federation.DNSFinding {
	var seen []federation.Sighting
	for _, v := range p.lack {
		var missing []string
		for _, e := range expected {
			if !dns.MatchProof(p.texts(v), e.Text).Found && !slices.Contains(missing, e.Text) {
				missing = append(missing, e.Text)
			}
		}
		size := plainSize(v.answer)
		if v.answer.Rcode == mdns.RcodeNameError || p.alias != "" {
			continue
		}
		if after := size + proofSize*len(missing); after > mdns.MinMsgSize {
			seen = append(seen, federation.Sighting{Server: v.server.String(), What: fmt.Sprintf("%d bytes now, %d with the proof", size, after)})
		}
	}
	if len(seen) == 0 {
		return nil
	}
	return []federation.DNSFinding{finding(p.record, AnswerTooLarge, "with the proof the TXT records take more than 512 bytes", seen)}
}

// slotOf says whose proof a text is.
func (p *proofSight) slotOf(text string) string {
	var others []federation.SlotProof
	if p.record.Others != nil {
		others = p.record.Others()
	}
	for _, other := range others {
		switch {
		case !federation.TXTIsProof(text, other.Value):
		case other.Domain != "" && other.Domain != p.record.Domain:
			return "that of " + string(other.Domain)
		case other.Slot == "":
			return fmt.Sprintf("of certificate %s, which is not in the trust", other.Thumbprint)
		default:
			return fmt.Sprintf("of certificate %s (%s)", other.Thumbprint, other.Slot)
		}
	}
	return "of a certificate or domain that is not known here"
}

func quoteless(err error) string {
	return strings.Trim(quote(err.Error()), `"`)
}
