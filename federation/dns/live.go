package dns

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"exfed/federation"

	mdns "github.com/miekg/dns"
)

// maxShown is how much of what a server shows an error repeats, in bytes.
const maxShown = 1000

// Live asks name servers what they show now. Every one of them is asked and all must agree,
// for what is not seen here may be deleted elsewhere. It follows no aliases.
type Live struct {
	Client  *Client
	Servers []string // host:port; at least one
}

// LiveSet returns the records of a type at a name; none is no error. Errors are
// *federation.Error: LiveRecordsUnknown (Unavailable) when a server gives no answer,
// NameServersDisagree (Conflict), and AliasAtName (Conflict) when the name is an alias and
// records of another type were asked for.
func (l *Live) LiveSet(ctx context.Context, name string, kind federation.DNSRecordType) (federation.LiveSet, error) {
	var set federation.LiveSet
	var shown []string
	for i, server := range l.Servers {
		answer, err := l.ask(ctx, server, name, mdns.StringToType[string(kind)])
		if err == nil {
			err = certain(answer, server, name)
		}
		if err != nil {
			return federation.LiveSet{}, unknown(ctx, name, err)
		}
		seen, err := readSet(answer, name, kind)
		if err != nil {
			return federation.LiveSet{}, err
		}
		if i == 0 || seen.TTL > set.TTL {
			set.TTL = seen.TTL
		}
		if i == 0 {
			set.Records = seen.Records
		}
		shown = append(shown, describe(seen.Records))
	}
	if slices.ContainsFunc(shown, func(s string) bool { return s != shown[0] }) {
		return federation.LiveSet{}, l.disagree(name+" "+string(kind), shown)
	}
	return set, nil
}

// Zone returns the zone a name lies in: the owner of the SOA record that the servers show.
// An alias cannot stand at the top of a zone, so its zone is that of the name above. Errors
// are those of LiveSet.
func (l *Live) Zone(ctx context.Context, name string) (string, error) {
	var shown []string
	for _, server := range l.Servers {
		zone, err := l.zoneAt(ctx, server, name)
		if err != nil {
			return "", unknown(ctx, name, err)
		}
		shown = append(shown, zone)
	}
	if slices.ContainsFunc(shown, func(s string) bool { return s != shown[0] }) {
		return "", l.disagree("zone of "+name, shown)
	}
	return shown[0], nil
}

func (l *Live) zoneAt(ctx context.Context, server, name string) (string, error) {
	for at := name; at != ""; _, at, _ = strings.Cut(at, ".") {
		answer, err := l.ask(ctx, server, at, mdns.TypeSOA)
		if err != nil {
			return "", err
		}
		if HasType(answer.Answer, mdns.TypeCNAME) {
			continue
		}
		for _, record := range slices.Concat(answer.Answer, answer.Ns) {
			if owner := hostText(record.Header().Name); record.Header().Rrtype == mdns.TypeSOA && (owner == at || strings.HasSuffix(at, "."+owner)) {
				return owner, nil
			}
		}
	}
	return "", fmt.Errorf("%s shows no zone it lies in", server)
}

// ask returns a whole answer of one server, or an error that begins with its name.
func (l *Live) ask(ctx context.Context, server, name string, kind uint16) (*mdns.Msg, error) {
	answer, err := l.Client.Ask(ctx, server, Question{Name: name, Type: kind})
	if err != nil {
		return nil, fmt.Errorf("%s %w", server, err)
	}
	return answer, nil
}

// certain refuses an answer from which what is live cannot be told: one that is empty without
// anybody's word for it (RFC 2308 section 2), is about other names alone, or has a TXT record
// without a string (RFC 1035 section 3.3.14), which nobody could write again.
func certain(answer *mdns.Msg, server, name string) error {
	hollow := func(record mdns.RR) bool {
		txt, ok := record.(*mdns.TXT)
		return ok && len(txt.Txt) == 0
	}
	here := func(record mdns.RR) bool { return sameName(record.Header().Name, mdns.Fqdn(name)) }
	switch {
	case len(answer.Answer) == 0 && !answer.Authoritative && !HasType(answer.Ns, mdns.TypeSOA):
		return errors.New(server + " showed no records and did not say that there are none")
	case len(answer.Answer) > 0 && !slices.ContainsFunc(answer.Answer, here):
		return errors.New(server + " showed records of other names only")
	case slices.ContainsFunc(answer.Answer, hollow):
		return errors.New(server + " showed a TXT record that holds nothing")
	}
	return nil
}

func unknown(ctx context.Context, name string, err error) error {
	return &federation.Error{Kind: federation.Unavailable, ID: "LiveRecordsUnknown", Object: fmt.Sprintf("DNS name %.260q", name),
		Reason: "what is live there is not known: " + err.Error(), Err: ctx.Err()}
}

func (l *Live) disagree(object string, shown []string) error {
	texts := make([]string, len(shown))
	for i, what := range shown {
		if len(what) > maxShown {
			what = what[:maxShown] + "..."
		}
		texts[i] = l.Servers[i] + " shows " + what
	}
	return federation.Errorf(federation.Conflict, "NameServersDisagree", object, "the name servers do not agree: %s", strings.Join(texts, "; "))
}

// readSet takes the records of the type at the name out of an answer.
func readSet(answer *mdns.Msg, name string, kind federation.DNSRecordType) (federation.LiveSet, error) {
	var set federation.LiveSet
	for _, record := range answer.Answer {
		if !sameName(record.Header().Name, mdns.Fqdn(name)) || record.Header().Class != mdns.ClassINET {
			continue
		}
		live := federation.LiveRecord{DNSRecord: federation.DNSRecord{Name: name, Type: kind}}
		switch record := record.(type) {
		case *mdns.TXT:
			live.Strings = rawStrings(record)
			live.Text = strings.Join(live.Strings, "")
		case *mdns.CNAME:
			live.Target = hostText(record.Target)
			if kind != federation.CNAMERecord {
				return set, federation.Errorf(federation.Conflict, "AliasAtName", fmt.Sprintf("DNS name %.260q", name),
					"is an alias (CNAME) of %.260s; no %s record can stand beside it", live.Target, kind)
			}
		case *mdns.SRV:
			live.Target, live.Priority, live.Weight, live.Port = hostText(record.Target), record.Priority, record.Weight, record.Port
		case *mdns.A:
			live.Text = record.A.String()
		case *mdns.AAAA:
			live.Text = record.AAAA.String()
		default:
			continue
		}
		if mdns.StringToType[string(kind)] != record.Header().Rrtype {
			continue
		}
		set.Records = append(set.Records, live)
		if answer.Authoritative {
			set.TTL = max(set.TTL, record.Header().Ttl)
		}
	}
	return set, nil
}

// describe writes a set the same for every order of its records.
func describe(records []federation.LiveRecord) string {
	var texts []string
	for _, record := range records {
		if record.Type == federation.TXTRecord {
			texts = append(texts, QuoteStrings(record.Strings))
		} else {
			texts = append(texts, record.Value())
		}
	}
	if len(texts) == 0 {
		return "nothing"
	}
	slices.Sort(texts)
	return strings.Join(texts, ", ")
}
