package verify_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"exfed/federation"

	mdns "github.com/miekg/dns"
)

// The proofs are 88 Base64 characters that decode to 64 bytes.
const (
	proof      = "x9VgOT6tNkG0bXQmfyRzV7dT0pLq1W4sYhJcE2uKaF8iM3nBrPvZlDwSgHj5tUeXoCqA6IkRyN+/mQbLfVdGzA=="
	otherProof = "Qk3pTz8nLxW5vYc1Rj7sHd2gBf9mKa4eUi6oPy0tXwZqNVbMCrESlGhDFkJuAQIOTLPvWnRz/+s8c5x2y1d7gA=="
	thirdProof = "AAAATz8nLxW5vYc1Rj7sHd2gBf9mKa4eUi6oPy0tXwZqNVbMCrESlGhDFkJuAQIOTLPvWnRz/+s8c5x2y1d7gA=="
)

// zoneCase is a domain with one fault, or with none.
type zoneCase struct {
	name string
	// zone is what stands in the zone below its SOA record; lines with ZONE for the zone's name.
	// second is the zone of the other server where it is another one; "none": it has no zone.
	zone, second string
	// parent is the delegation, for another one than to both servers: hosts under dns.example.
	// FIRST and SECOND stand for the names of the two servers.
	parent string
	from   string // signed: since when, "" for not at all
	to     string
	breaks func(signed string) string // what an edit does to the signed zone
	ds     string                     // instead of the right one; TAG for its key tag

	at      string // the label below the zone where the proof is looked for
	records []federation.ExpectedRecord
	want    []string
}

// delegated is the delegation to the two servers, as both sides have it.
const delegated = "ZONE. NS FIRST.dns.example.\nZONE. NS SECOND.dns.example.\n"

func txt(text string) string { return `@ TXT "` + text + "\"\n" }

// many are other TXT records of so many bytes.
func many(count int) string {
	var zone strings.Builder
	for i := range count {
		fmt.Fprintf(&zone, "@ TXT \"%03d%s\"\n", i, strings.Repeat("x", 90))
	}
	return zone.String()
}

func proofRecord(text string) federation.ExpectedRecord {
	return federation.ExpectedRecord{PlannedRecord: federation.PlannedRecord{
		DNSRecord: federation.DNSRecord{Type: federation.TXTRecord, Text: text}, Purpose: federation.ProofPurpose, Slot: federation.CurrentSlot, Thumbprint: "AAAA",
	}}
}

func proofs(texts ...string) (records []federation.ExpectedRecord) {
	for _, text := range texts {
		records = append(records, proofRecord(text))
	}
	return records
}

func stale(text string) []federation.ExpectedRecord {
	record := proofRecord(text)
	record.Slot, record.Remove = federation.PreviousSlot, true
	return []federation.ExpectedRecord{record}
}

func beside(text string) []federation.ExpectedRecord {
	record := proofRecord(text)
	record.Others = func() []federation.SlotProof {
		return []federation.SlotProof{{DomainProof: federation.DomainProof{Value: otherProof}, Slot: federation.NextSlot, Thumbprint: "BBBB"}}
	}
	return []federation.ExpectedRecord{record}
}

func autodiscover(target string) []federation.ExpectedRecord {
	return []federation.ExpectedRecord{{PlannedRecord: federation.PlannedRecord{
		DNSRecord: federation.DNSRecord{Type: federation.CNAMERecord, Target: target}, Purpose: federation.AutodiscoverPurpose,
	}}}
}

func service(target string) []federation.ExpectedRecord {
	return []federation.ExpectedRecord{{PlannedRecord: federation.PlannedRecord{
		DNSRecord: federation.DNSRecord{Type: federation.SRVRecord, Target: target, Port: 443}, Purpose: federation.AutodiscoverPurpose,
	}}}
}

// Signatures of these times are good, too old and too new.
const (
	longAgo, yesterday = "20200101000000", "20200201000000"
	farOff, furtherOff = "20700101000000", "20710101000000"
	today              = "20200101000000"
	later              = "20600101000000"
)

func healthyCases() []zoneCase {
	host := "mail A 192.0.2.80\nmail AAAA 2001:db8::80\n"
	return []zoneCase{
		{name: "plain", zone: txt(proof)},
		{name: "spf", zone: txt("v=spf1 -all") + txt(proof) + txt("MS=ms12345678") + "@ MX 0 mail\n" + host},
		{name: "strings", zone: `@ TXT "` + proof[:40] + `" "` + proof[40:] + "\"\n"},
		{name: "form", zone: `@ TXT "  \"` + proof + `\" "` + "\n"},
		{name: "rotating", zone: txt(proof) + txt(otherProof), records: proofs(proof, otherProof)},
		{name: "big", zone: many(10) + txt(proof)},
		{name: "signed", zone: txt(proof), from: today, to: later},
		{name: "signedbig", zone: many(10) + txt(proof), from: today, to: later},
		{name: "wild", zone: txt(proof) + "* A 192.0.2.80\n* MX 0 mail\n" + host},
		{name: "below", zone: `sales TXT "` + proof + "\"\n", at: "sales"},
		{name: "empty", zone: `a.sales A 192.0.2.1` + "\n" + `sales TXT "` + proof + "\"\n", at: "sales"},
		{name: "aliased", zone: "sales CNAME proofs\nproofs TXT \"" + proof + "\"\n", at: "sales"},
		{name: "gone", zone: txt(proof), records: stale(otherProof)},
		{name: "way", zone: "autodiscover CNAME mail\n" + host, records: autodiscover("mail.ZONE")},
		{name: "wayfar", zone: "autodiscover CNAME hop\nhop CNAME mail.way-b.example.\n", records: autodiscover("mail.way-b.example")},
		{name: "wayaddress", zone: "autodiscover A 192.0.2.80\n", records: autodiscover("mail.ZONE")},
		{name: "waysix", zone: "autodiscover AAAA 2001:db8::80\n", records: autodiscover("")},
		{name: "wayservice", zone: "_autodiscover._tcp SRV 0 0 443 mail\n" + host, records: service("mail.ZONE")},
		{name: "wayissued", zone: "autodiscover CNAME mail\n@ CAA 0 issue \";\"\n@ CAA 0 issue \"ca.example\"\n" + host, records: autodiscover("mail.ZONE")},
		{name: "waysigned", zone: "autodiscover CNAME mail\n" + host, records: autodiscover("mail.ZONE"), from: today, to: later},
	}
}

func proofCases() []zoneCase {
	return []zoneCase{
		{name: "absent", zone: txt("v=spf1 -all"), want: []string{"P01 ProofAbsent Error"}},
		{name: "none", want: []string{"P01 ProofAbsent Error"}},
		{name: "nextabsent", zone: txt(proof), records: proofs(proof, otherProof), want: []string{"P01 ProofAbsent Error"}},
		{name: "other", zone: txt(otherProof), records: beside(proof), want: []string{"P02 AnotherProof Error"}},
		{name: "unknown", zone: txt(thirdProof), records: beside(proof), want: []string{"P02 AnotherProof Error"}},
		{name: "blank", zone: txt(proof[:80] + " " + proof[80:]), want: []string{"P03 ProofMangled Error"}},
		{name: "quoted", zone: txt(`\"\"` + proof + `\"\"`), want: []string{"P03 ProofMangled Error"}},
		{name: "case", zone: txt(strings.ToLower(proof)), want: []string{"P03 ProofMangled Error"}},
		{name: "cut", zone: txt(proof[:80]), want: []string{"P03 ProofMangled Error"}},
		{name: "doubled", zone: `ZONE TXT "` + proof + "\"\n", want: []string{"P04 ProofAtWrongName Error"}},
		{name: "label", zone: `_federation TXT "` + proof + "\"\n", want: []string{"P04 ProofAtWrongName Error"}},
		{name: "at", zone: `\@ TXT "` + proof + "\"\n", want: []string{"P04 ProofAtWrongName Error"}},
		{name: "parent", zone: txt(proof), at: "sales", want: []string{"P04 ProofAtWrongName Error"}},
		{name: "internalonly", zone: txt("v=spf1 -all"), want: []string{"P05 SplitView Error"}},
		{name: "shadowed", zone: txt(proof), want: []string{"P05 SplitView Warning"}},
		{name: "shadowedsoa", zone: txt(proof), want: []string{"P05 SplitView Warning"}},
		{name: "notcp", zone: many(10) + txt(proof), parent: "ZONE. NS notcp-FIRST.dns.example.\n", want: []string{"P06 TcpRefused Error"}},
		{name: "notcphuge", zone: many(30) + txt(proof), parent: "ZONE. NS notcp-FIRST.dns.example.\n", want: []string{"P06 TcpRefused Error"}},
		{name: "full", zone: many(4), want: []string{"P01 ProofAbsent Error", "P07 AnswerTooLarge Warning"}},
		{name: "legacy", zone: txt(proof) + txt("AppID=0123456789"), want: []string{"P12 LegacyAppId Warning"}},
		{name: "legacyonly", zone: txt("AppID=0123456789"), want: []string{"P12 LegacyAppId Warning", "P01 ProofAbsent Error"}},
		{name: "onlyone", zone: txt(proof), second: txt("v=spf1 -all"), want: []string{"P16 NotEverywhere Error"}},
		{name: "remembered", zone: txt(proof), want: []string{"P16 NotEverywhere Error"}},
		{name: "stale", zone: txt(otherProof), records: stale(otherProof), want: []string{"P17 ProofStale Warning"}},
		{name: "alias", zone: "sales CNAME host\nhost A 192.0.2.1\n", at: "sales", want: []string{"P18 AliasBesideData Error"}},
	}
}

func serverCases() []zoneCase {
	with := func(host string) string { return "ZONE. NS FIRST.dns.example.\nZONE. NS " + host + ".dns.example.\n" }
	return []zoneCase{
		{name: "down", zone: txt(proof), parent: with("down"), want: []string{"P19 NameServerSilent Warning"}},
		{name: "silent", zone: txt(proof), parent: with("silent"), want: []string{"P19 NameServerSilent Warning"}},
		{name: "refused", zone: txt(proof), second: "none", want: []string{"P20 NameServerLame Warning"}},
		{name: "broken", zone: txt(proof), second: "( no zone", want: []string{"P20 NameServerLame Warning"}},
		{name: "upward", zone: txt(proof), parent: with("upward"), want: []string{"P20 NameServerLame Warning"}},
		{name: "secondhand", zone: txt(proof), parent: with("secondhand-FIRST"), want: []string{"P20 NameServerLame Warning"}},
		{name: "garbage", zone: txt(proof), parent: with("garbage"), want: []string{"P21 NameServerGarbled Warning"}},
		{name: "differ", zone: txt(proof) + "ZONE. NS FIRST.dns.example.\n", want: []string{"P22 NameServersDiffer Warning"}},
		{name: "undelegated", second: "none", parent: "; nothing\n", want: []string{"P23 NoNameServer Error"}},
		{name: "alldown", zone: txt(proof), parent: "ZONE. NS down.dns.example.\n", want: []string{"P23 NoNameServer Error"}},
		{name: "expired", zone: txt(proof), from: longAgo, to: yesterday, want: []string{"P24 SignatureExpired Error"}},
		{name: "early", zone: txt(proof), from: farOff, to: furtherOff, want: []string{"P25 SignatureNotYetValid Error"}},
		{name: "edited", zone: txt(thirdProof), from: today, to: later, breaks: func(signed string) string {
			return strings.ReplaceAll(signed, thirdProof, proof)
		}, want: []string{"P26 SignatureWrong Error"}},
		{name: "rekeyed", zone: txt(proof), from: today, to: later, ds: "12345 13 2 " + strings.Repeat("AB", 32), want: []string{"P27 KeyNotDelegated Error"}},
		{name: "redigested", zone: txt(proof), from: today, to: later, ds: "TAG 13 2 " + strings.Repeat("AB", 32), want: []string{"P27 KeyNotDelegated Error"}},
		{name: "refusedvalid", zone: txt(proof), want: []string{"P28 ValidationFailed Error"}},
		{name: "noedns", zone: txt(proof), parent: "ZONE. NS noedns-FIRST.dns.example.\n", want: []string{"P29 ExtensionsRefused Warning"}},
		{name: "homeless", zone: txt(proof), parent: with("homeless"), want: []string{"P30 NameServerWithoutAddress Warning"}},
	}
}

func wayCases() []zoneCase {
	host := "mail A 192.0.2.80\n"
	alias := "autodiscover CNAME mail\n" + host
	good := autodiscover("mail.ZONE")
	return []zoneCase{
		{name: "wayless", zone: host, records: good, want: []string{"N04 AutodiscoverAbsent Error"}},
		{name: "waywithin", zone: host, records: good, want: []string{"P05 SplitView Error"}},
		{name: "wayonlyone", zone: alias, second: host, records: good, want: []string{"P16 NotEverywhere Error"}},
		{name: "waytwo", zone: alias, second: "autodiscover CNAME old\nold A 192.0.2.81\n" + host, records: good, want: []string{"P16 NotEverywhere Error"}},
		{name: "wayexpired", zone: alias, from: longAgo, to: yesterday, records: good, want: []string{"P24 SignatureExpired Error"}},
		{name: "waycertificate", zone: alias, records: good, want: []string{"N05 CertificateName Error"}},
		{name: "wayelsewhere", zone: "autodiscover CNAME old\nold A 192.0.2.81\n", records: good, want: []string{"N14 AutodiscoverElsewhere Error"}},
		{name: "wayserviceother", zone: "_autodiscover._tcp SRV 0 0 443 old\nold A 192.0.2.81\n", records: service("mail.ZONE"), want: []string{"N14 AutodiscoverElsewhere Error"}},
		{name: "wayloop", zone: "autodiscover CNAME a\na CNAME b\nb CNAME a\n", records: good, want: []string{"N15 AliasLoop Error"}},
		{name: "waylong", zone: "autodiscover CNAME a\na CNAME b\nb CNAME c\nc CNAME d\nd CNAME e\ne CNAME f\nf CNAME g\ng CNAME h\nh CNAME mail\n" + host, records: autodiscover("a.ZONE"), want: []string{"N15 AliasLoop Error"}},
		{name: "waydangling", zone: "autodiscover CNAME mail\n", records: good, want: []string{"N16 AliasDangling Error"}},
		{name: "waynoaddress", zone: "autodiscover CNAME mail\nmail TXT \"x\"\n", records: good, want: []string{"N16 AliasDangling Error"}},
		{name: "waydead", zone: alias, records: good, want: []string{"N17 HostNotReached Error"}},
		{name: "wayuntrusted", zone: alias, records: good, want: []string{"N18 CertificateNotTrusted Error"}},
		{name: "wayforbidden", zone: alias + "@ CAA 0 issue \";\"\n", records: good, want: []string{"N19 IssuanceForbidden Warning"}},
		{name: "waynocaa", zone: alias, parent: "ZONE. NS nocaa-FIRST.dns.example.\n", records: good, want: []string{"N20 IssuanceLookupFailed Warning"}},
	}
}

// reach stands for the TLS connections: what it says of a host is in the host's name.
func reach(host string) error {
	switch domain := strings.TrimPrefix(host, "autodiscover."); {
	case strings.HasPrefix(domain, "waycertificate"):
		wrong := x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"mail.example"}}, Host: host}
		return fmt.Errorf("handshake: %w", &tls.CertificateVerificationError{Err: wrong})
	case strings.HasPrefix(domain, "wayuntrusted"):
		return &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	case strings.HasPrefix(domain, "waydead"):
		return errors.New("connection refused")
	}
	return nil
}

// recursion stands for a resolver: what the first server says, unless the name of the domain
// says that this one sees something else.
func recursion(query, answer *mdns.Msg, checkingDisabled bool) {
	answer.Authoritative, answer.RecursionAvailable = false, true
	question := query.Question[0]
	owner := mdns.RR_Header{Name: question.Name, Class: mdns.ClassINET, Ttl: 60}
	domain := strings.TrimPrefix(question.Name, "autodiscover.")
	soa := func(server string) *mdns.SOA {
		return &mdns.SOA{Hdr: mdns.RR_Header{Name: domain, Rrtype: mdns.TypeSOA, Class: mdns.ClassINET, Ttl: 42}, Ns: server, Mbox: "hostmaster." + domain, Minttl: 60}
	}
	switch {
	case strings.HasPrefix(domain, "internalonly-") && question.Qtype == mdns.TypeTXT:
		owner.Rrtype = mdns.TypeTXT
		answer.Answer, answer.Ns = []mdns.RR{&mdns.TXT{Hdr: owner, Txt: []string{proof}}}, nil
	case strings.HasPrefix(domain, "waywithin-") && question.Qtype == mdns.TypeA && question.Name != domain:
		owner.Rrtype = mdns.TypeA
		answer.Rcode, answer.Answer, answer.Ns = 0, []mdns.RR{&mdns.A{Hdr: owner, A: []byte{10, 0, 0, 1}}}, nil
	case strings.HasPrefix(domain, "shadowed-") && question.Qtype == mdns.TypeTXT:
		answer.Authoritative, answer.Answer, answer.Ns = true, nil, []mdns.RR{soa("dc01." + domain)}
	case strings.HasPrefix(domain, "shadowedsoa-") && question.Qtype == mdns.TypeTXT:
		answer.Answer, answer.Ns = nil, []mdns.RR{soa("dc01." + domain)}
	case strings.HasPrefix(domain, "shadowedsoa-") && question.Qtype == mdns.TypeSOA:
		answer.Answer = []mdns.RR{soa("dc01." + domain)}
	case strings.HasPrefix(domain, "remembered-") && question.Qtype == mdns.TypeTXT:
		answer.Answer, answer.Ns = nil, []mdns.RR{soa("first.dns.example.")}
	case strings.HasPrefix(domain, "refusedvalid-") && question.Qtype == mdns.TypeTXT && !checkingDisabled:
		answer.Rcode, answer.Answer, answer.Ns = mdns.RcodeServerFailure, nil, nil
	}
}
