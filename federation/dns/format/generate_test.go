package format_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"exfed/federation"
	"exfed/federation/dns/format"
)

// hostileTexts are texts that somebody may have published, chosen for what they do to shells,
// templates, spreadsheets and parsers.
func hostileTexts() []string {
	return []string{
		"v=spf1 include:spf.protection.outlook.com -all", "MS=ms12345678", `she said "no"`, "it's", "${var.x} %{if true}x%{endif} $${y} $ % {}",
		"`id` $(id) $HOME", `'; touch /tmp/pwned; '`, `\`, `\\`, `\"`, `a\;b`, "a;b;c", "v=DKIM1; k=rsa; p=MIGf", "=1+1", "+1", "-x", "--help", "@file", "@",
		"line\nbreak", "tab\tcr\r\nend", "\x00\x01\x7f\x80\xff", "\xff\xfe", "umlaut \u00fc, cafe\u0301 and \u202e bidi", "\u2018curly\u2019 \u201cquotes\u201d", "\ufeff\u2028",
		strings.Repeat("k", 255), strings.Repeat("k", 256), strings.Repeat(`"`, 300), strings.Repeat("\xfe", 700), strings.Repeat(`\`, 255),
		"", " ", " lead and trail ", `" "`, `"quoted"`, "a,b,c", "^:^a:b", ":0:", "#{x} # comment", "// comment */", "<script>&amp;", "{{x}}", "%s%d%n",
		"$(calc.exe)", "$_.x", "a`nb", "- yaml: [x]", "---", "!!python/object", "null", "~", "yes", "0x1F", "EOF", "; comment", "(", ")",
	}
}

// world makes zones out of nothing but its seed.
type world struct {
	random *rand.Rand
	fits   func(text string) bool // what the format can write; nil: everything
	live   bool                   // every set was looked at
	count  map[string]int         // what was made, for the floors
	n      int
}

func newWorld(seed uint64, live bool, fits func(string) bool) *world {
	return &world{random: rand.New(rand.NewPCG(seed, 1)), live: live, fits: fits, count: map[string]int{}}
}

// enough wants every kind of thing made so often at least.
func (w *world) enough(t *testing.T, least int) {
	t.Helper()
	for _, kind := range []string{"apex", "below", "international", "label of 63", "name of 253", "digit first", "hostile", "add TXT", "remove TXT", "CNAME", "SRV", "live"} {
		if w.count[kind] < least && (kind != "live" || w.live) {
			t.Errorf("%d of %s were made, at least %d are expected", w.count[kind], kind, least)
		}
	}
}

// zones makes zones with one to four domains each.
func (w *world) zones(number int) []format.Zone {
	var zones []format.Zone
	for range number {
		zones = append(zones, w.zone())
	}
	return zones
}

func (w *world) zone() format.Zone {
	w.n++
	apex := fmt.Sprintf("zone%d.example", w.n)
	switch w.n % 5 {
	case 1:
		domain, err := federation.ParseDomain(fmt.Sprintf("Bücher%d.例え.example", w.n))
		if err != nil {
			panic(err)
		}
		apex = string(domain)
		w.count["international"]++
	case 2:
		apex = fmt.Sprintf("%d-digit.example", w.n)
		w.count["digit first"]++
	case 3:
		apex = fmt.Sprintf("%s%03d.example", strings.Repeat("l", 60), w.n)
		w.count["label of 63"]++
	}
	zone := format.Zone{Apex: apex}
	zone.Sets = append(zone.Sets, w.sets(apex)...)
	w.count["apex"]++
	for i := range w.random.IntN(3) {
		zone.Sets = append(zone.Sets, w.sets(fmt.Sprintf("sub%d.x--y.%s", i, apex))...)
		w.count["below"]++
	}
	if w.n%4 == 0 {
		zone.Sets = append(zone.Sets, w.texts(longName("", apex)), w.leads("CNAME", longName("autodiscover", apex)))
		w.count["name of 253"] += 2
	}
	return zone
}

// longName is a name of 253 characters that begins with a label and ends in a suffix.
func longName(first, suffix string) string {
	name := suffix
	for room := 253 - len(first) - len(name); room > 1; room = 253 - len(first) - len(name) {
		if first != "" {
			room--
		}
		n := min(63, room-1)
		if room-1-n == 1 { // a rest of one would have no room for a label
			n--
		}
		name = strings.Repeat("n", n) + "." + name
		if first != "" && 253-len(first)-1-len(name) <= 1 {
			break
		}
	}
	if first != "" {
		name = first + "." + name
	}
	return name
}

// sets are those of a domain.
func (w *world) sets(domain string) []format.Set {
	return []format.Set{w.texts(domain), w.leads("CNAME", "autodiscover."+domain), w.leads("SRV", "_autodiscover._tcp."+domain)}
}

// proof is 88 characters of Base64.
func (w *world) proof() string {
	var raw [64]byte
	for i := range raw {
		raw[i] = byte(w.random.Uint32())
	}
	return base64.StdEncoding.EncodeToString(raw[:])
}

// text is a hostile text, or any bytes.
func (w *world) text() string {
	for {
		texts := hostileTexts()
		text := texts[w.random.IntN(len(texts))] + fmt.Sprint(w.random.IntN(1000))
		if w.random.IntN(3) == 0 {
			raw := make([]byte, w.random.IntN(400))
			for i := range raw {
				raw[i] = byte(w.random.Uint32())
			}
			text = string(raw)
		}
		if w.fits == nil || w.fits(text) {
			w.count["hostile"]++
			return text
		}
	}
}

func (w *world) planned(name, text string, slot federation.DomainProofSlot) federation.PlannedRecord {
	return federation.PlannedRecord{DNSRecord: federation.DNSRecord{Name: name, Type: "TXT", Text: text}, Domain: federation.Domain(name),
		Purpose: federation.ProofPurpose, Slot: slot, Thumbprint: fmt.Sprintf("%016X%024X", w.random.Uint64(), w.n), Remove: slot == federation.PreviousSlot}
}

// texts is a TXT set: proofs and another text to add, proofs to remove, and what is live.
func (w *world) texts(name string) format.Set {
	set := format.Set{Name: name, Type: "TXT", Add: []federation.PlannedRecord{w.planned(name, w.proof(), federation.CurrentSlot)}}
	if w.random.IntN(2) == 0 {
		set.Add = append(set.Add, w.planned(name, w.proof(), federation.NextSlot))
	}
	if text := w.text(); text != set.Add[0].Text {
		set.Add = append(set.Add, w.planned(name, text, ""))
	}
	w.count["add TXT"] += len(set.Add)
	for range w.random.IntN(3) {
		set.Remove = append(set.Remove, w.planned(name, w.proof(), federation.PreviousSlot))
	}
	w.count["remove TXT"] += len(set.Remove)
	if !w.live {
		return set
	}
	live := &federation.LiveSet{}
	put := func(text string) {
		if slices.ContainsFunc(live.Records, func(r federation.LiveRecord) bool { return r.Text == text }) {
			return
		}
		live.Records = append(live.Records, federation.LiveRecord{DNSRecord: federation.DNSRecord{Name: name, Type: "TXT", Text: text}, Strings: w.cut(text)})
		w.count["live"]++
	}
	for range w.random.IntN(4) {
		put(w.text())
	}
	for _, r := range slices.Concat(set.Remove, set.Add) {
		if w.random.IntN(2) == 0 {
			put(r.Text)
		}
	}
	if len(live.Records) > 0 && w.random.IntN(3) > 0 {
		live.TTL = 60 + w.random.Uint32N(86000)
	}
	set.Live = live
	return set
}

// cut cuts a text into strings, sometimes shorter than they must be.
func (w *world) cut(text string) []string {
	var pieces []string
	for text != "" {
		n := min(len(text), 255)
		if w.random.IntN(3) == 0 {
			n = 1 + w.random.IntN(n)
		}
		pieces, text = append(pieces, text[:n]), text[n:]
	}
	if pieces == nil {
		return []string{""}
	}
	return pieces
}

// leads is the set of an Autodiscover record, and what leads elsewhere now.
func (w *world) leads(kind federation.DNSRecordType, name string) format.Set {
	record := federation.DNSRecord{Name: name, Type: kind, Target: "mail.contoso.com"}
	if kind == federation.SRVRecord {
		record.Priority, record.Weight, record.Port = uint16(w.random.Uint32()), uint16(w.random.Uint32()), uint16(w.random.Uint32())
	}
	w.count[string(kind)]++
	plan := func(r federation.DNSRecord, remove bool) federation.PlannedRecord {
		return federation.PlannedRecord{DNSRecord: r, Domain: federation.Domain(name), Purpose: federation.AutodiscoverPurpose, Remove: remove}
	}
	set := format.Set{Name: name, Type: kind, Add: []federation.PlannedRecord{plan(record, false)}}
	if !w.live {
		return set
	}
	set.Live = &federation.LiveSet{}
	if w.random.IntN(2) == 0 {
		other := record
		other.Target = []string{"mail.contoso.com", "old.example", `we\032ird'$x.example`}[w.random.IntN(3)]
		set.Live = &federation.LiveSet{Records: []federation.LiveRecord{{DNSRecord: other}}, TTL: 60 + w.random.Uint32N(9)}
		if other != record {
			set.Remove = append(set.Remove, plan(other, true))
		}
	}
	return set
}
