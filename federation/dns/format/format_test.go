package format_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/dns/format"
)

var update = flag.Bool("update", false, "rewrite the golden files; read them before committing")

// ttl is the time to live that every test asks for.
const ttl = 1800

// record is a record as a reader saw it. Value of a TXT record is its strings, each quoted as
// Go does; targets have their final dot.
type record struct {
	Name, Type, Value string
	TTL               uint32
}

// textValue is the value of a TXT record of these strings; joined, where the format takes one
// text and its reader cuts it.
func textValue(strs []string, joined bool) string {
	if joined {
		return fmt.Sprintf("%q", strings.Join(strs, ""))
	}
	return fmt.Sprintf("%q", strs)
}

func cutText(text string) []string {
	strs := []string{}
	for len(text) > 255 {
		strs, text = append(strs, text[:255]), text[255:]
	}
	return append(strs, text)
}

// expectation is what the zones mean, worked out without the code under test.
type expectation struct {
	joined    bool // see textValue
	onlyNew   bool // what is live stays as it is and is not added again
	anyTTL    bool // the format or its reader has none
	removals  []record
	additions []record
	wholes    []record
}

func (e *expectation) make(r federation.DNSRecord, strs []string, ttl uint32) record {
	out := record{Name: r.Name, Type: string(r.Type), TTL: ttl}
	if e.anyTTL {
		out.TTL = 0
	}
	switch r.Type {
	case "TXT":
		out.Value = textValue(strs, e.joined)
	case "CNAME":
		out.Value = r.Target + "."
	case "SRV":
		out.Value = fmt.Sprintf("%d %d %d %s.", r.Priority, r.Weight, r.Port, r.Target)
	}
	return out
}

// expect works out what is to be added, removed, and there in the end.
func (e expectation) expect(zones []format.Zone) expectation {
	for _, zone := range zones {
		for _, set := range zone.Sets {
			e.set(set)
		}
	}
	return e
}

func (e *expectation) set(set format.Set) {
	seconds := uint32(ttl)
	live := map[federation.DNSRecord][]string{}
	if set.Live != nil {
		if set.Live.TTL > 0 {
			seconds = set.Live.TTL
		}
		for _, r := range set.Live.Records {
			live[r.DNSRecord] = r.Strings
		}
	}
	for _, r := range set.Add {
		strs, there := live[r.DNSRecord]
		if !there || !e.onlyNew {
			strs = cutText(r.Text)
		}
		made := e.make(r.DNSRecord, strs, seconds)
		if !there || !e.onlyNew {
			e.additions = append(e.additions, made)
		}
		e.wholes = append(e.wholes, made)
		delete(live, r.DNSRecord)
	}
	for _, r := range set.Remove {
		strs, there := live[r.DNSRecord]
		if set.Live == nil {
			strs, there = cutText(r.Text), true
		}
		if there {
			e.removals = append(e.removals, e.make(r.DNSRecord, strs, 0))
		}
		delete(live, r.DNSRecord)
	}
	for r, strs := range live {
		e.wholes = append(e.wholes, e.make(r, strs, seconds))
	}
}

func sorted(records []record) []record {
	out := slices.Clone(records)
	slices.SortFunc(out, func(a, b record) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Value, b.Value), cmp.Compare(a.TTL, b.TTL))
	})
	return out
}

// same compares records in whatever order.
func same(t *testing.T, what string, want, got []record) {
	t.Helper()
	if diff := gocmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
	if len(want) == 0 {
		t.Errorf("%s: nothing was to be compared", what)
	}
}

// write writes the zones, and wants nothing but printable ASCII.
func write(t *testing.T, f format.Format, zones []format.Zone) (string, []string) {
	t.Helper()
	text, notes, err := format.Write(f, zones, ttl)
	if err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); i >= 0 {
		t.Errorf("%s writes %q", f, text[i:min(len(text), i+20)])
	}
	return text, notes
}

// parseValue reads the content of a record as a zone file has it (RFC 1035 section 5.1).
func parseValue(t *testing.T, kind, content string, joined bool) string {
	t.Helper()
	if kind != "TXT" {
		return content
	}
	var strs []string
	for rest := strings.TrimSpace(content); rest != ""; rest = strings.TrimSpace(rest) {
		if rest[0] != '"' {
			t.Fatalf("%s: a string without quotes", content)
		}
		var raw []byte
		i := 1
		for ; i < len(rest) && rest[i] != '"'; i++ {
			if rest[i] != '\\' {
				raw = append(raw, rest[i])
				continue
			}
			if n, err := strconv.ParseUint(rest[i+1:min(len(rest), i+4)], 10, 8); err == nil {
				raw, i = append(raw, byte(n)), i+3
			} else {
				raw, i = append(raw, rest[i+1]), i+1
			}
		}
		strs, rest = append(strs, string(raw)), rest[i+1:]
	}
	return textValue(strs, joined)
}

// peer returns the path of a program that reads what we write.
func peer(t *testing.T, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(path); err == nil {
			return path
		}
	}
	if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is missing and EXFED_REQUIRE_PEERS=1", name)
	}
	t.Skipf("%s is missing", name)
	return ""
}

// run runs a program with the text as its standard input, and returns what it prints.
func run(t *testing.T, stdin string, program string, args ...string) string {
	t.Helper()
	command := exec.Command(program, args...)
	command.Stdin = strings.NewReader(stdin)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s%s", program, args, err, out, stderr.String())
	}
	return string(out)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// goldenZones are two zones as Contoso has them during a rotation, the second one a sub-domain
// below a registrable domain of its own.
func goldenZones() []format.Zone {
	plan := func(name, text string, slot federation.DomainProofSlot, thumbprint string) federation.PlannedRecord {
		return federation.PlannedRecord{DNSRecord: federation.DNSRecord{Name: name, Type: "TXT", Text: text}, Domain: federation.Domain(name),
			Purpose: federation.ProofPurpose, Slot: slot, Thumbprint: strings.Repeat(thumbprint, 20), Remove: slot == federation.PreviousSlot}
	}
	lead := func(name string, kind federation.DNSRecordType, target string, remove bool) federation.PlannedRecord {
		r := federation.DNSRecord{Name: name, Type: kind, Target: target}
		if kind == "SRV" {
			r.Port = 443
		}
		return federation.PlannedRecord{DNSRecord: r, Domain: "x", Purpose: federation.AutodiscoverPurpose, Remove: remove}
	}
	live := func(name string, texts ...string) *federation.LiveSet {
		set := &federation.LiveSet{TTL: 300}
		for _, text := range texts {
			set.Records = append(set.Records, federation.LiveRecord{DNSRecord: federation.DNSRecord{Name: name, Type: "TXT", Text: text}, Strings: cutText(text)})
		}
		return set
	}
	current, next, previous := strings.Repeat("Ab", 43)+"==", "+"+strings.Repeat("Cd", 42)+"e==", strings.Repeat("Ef", 43)+"=="
	old := lead("autodiscover.contoso.com", "CNAME", "old.contoso.com", true)
	return []format.Zone{
		{Apex: "contoso.com", Sets: []format.Set{
			{Name: "contoso.com", Type: "TXT", Live: live("contoso.com", "v=spf1 -all", previous, `k="$x"; ${y}`),
				Add:    []federation.PlannedRecord{plan("contoso.com", current, federation.CurrentSlot, "A1"), plan("contoso.com", next, federation.NextSlot, "B2")},
				Remove: []federation.PlannedRecord{plan("contoso.com", previous, federation.PreviousSlot, "C3")}},
			{Name: "autodiscover.contoso.com", Type: "CNAME", Live: &federation.LiveSet{TTL: 600, Records: []federation.LiveRecord{{DNSRecord: old.DNSRecord}}},
				Add: []federation.PlannedRecord{lead("autodiscover.contoso.com", "CNAME", "mail.contoso.com", false)}, Remove: []federation.PlannedRecord{old}},
		}},
		{Apex: "xn--bcher-kva.example", Sets: []format.Set{
			{Name: "sales.xn--bcher-kva.example", Type: "TXT", Live: &federation.LiveSet{},
				Add: []federation.PlannedRecord{plan("sales.xn--bcher-kva.example", current, federation.CurrentSlot, "A1")}},
			{Name: "_autodiscover._tcp.sales.xn--bcher-kva.example", Type: "SRV", Live: &federation.LiveSet{},
				Add: []federation.PlannedRecord{lead("_autodiscover._tcp.sales.xn--bcher-kva.example", "SRV", "mail.contoso.com", false)}},
		}},
	}
}

// TestGoldenFiles compares what each format writes with testdata/FORMAT.golden.
func TestGoldenFiles(t *testing.T) {
	t.Parallel()
	for _, f := range format.Formats() {
		text, notes := write(t, f, goldenZones())
		for _, note := range notes {
			text += "NOTE: " + note + "\n"
		}
		path := filepath.Join("testdata", string(f)+".golden")
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := gocmp.Diff(string(want), text); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f, diff)
		}
		if empty, _, err := format.Write(f, nil, ttl); empty != "" || err != nil {
			t.Errorf("%s of nothing: %q, %v", f, empty, err)
		}
	}
	if n := len(format.Formats()); n < 15 {
		t.Errorf("only %d formats", n)
	}
}

func srvValue(priority, weight, port uint16, target string) string {
	return fmt.Sprintf("%d %d %d %s.", priority, weight, port, target)
}

// liveRecord is a planned record as name servers show it.
func liveRecord(r federation.PlannedRecord) federation.LiveRecord {
	return federation.LiveRecord{DNSRecord: r.DNSRecord, Strings: cutText(r.Text)}
}
