package format_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/dns/format"
)

// names answers what is live by "NAME TYPE", and remembers what it was asked.
type names struct {
	sets  map[string]federation.LiveSet
	fails map[string]error
	// later is a name about which there is no answer before the first failure of another one.
	later  string
	failed chan struct{}
	takes  time.Duration // before the zone of any other name is known
	once   sync.Once
	mu     sync.Mutex
	asked  []string
}

func (n *names) LiveSet(_ context.Context, name string, kind federation.DNSRecordType) (federation.LiveSet, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := name + " " + string(kind)
	n.asked = append(n.asked, key)
	if n.fails[key] != nil && n.failed != nil {
		n.once.Do(func() { close(n.failed) })
	}
	return n.sets[key], n.fails[key]
}

func (n *names) survey() format.Survey {
	return format.Survey{Live: n, Zone: func(_ context.Context, name string) (string, error) {
		if name == n.later {
			<-n.failed
		} else {
			time.Sleep(n.takes)
		}
		labels := strings.Split(name, ".")
		return strings.Join(labels[len(labels)-2:], "."), n.fails[name]
	}}
}

func seen(name string, kind federation.DNSRecordType, values ...string) federation.LiveSet {
	set := federation.LiveSet{TTL: 300}
	for _, value := range values {
		r := federation.LiveRecord{DNSRecord: federation.DNSRecord{Name: name, Type: kind, Text: value}}
		switch kind {
		case "TXT":
			r.Strings = cutText(value)
		case "CNAME", "SRV":
			r.Text, r.Target = "", value
		}
		set.Records = append(set.Records, r)
	}
	return set
}

func autodiscover(domain, target string, remove bool) federation.PlannedRecord {
	return federation.PlannedRecord{DNSRecord: federation.DNSRecord{Name: "autodiscover." + domain, Type: "CNAME", Target: target},
		Domain: federation.Domain(domain), Purpose: federation.AutodiscoverPurpose, Remove: remove}
}

func plannedProof(domain, text string, slot federation.DomainProofSlot) federation.PlannedRecord {
	return federation.PlannedRecord{DNSRecord: federation.DNSRecord{Name: domain, Type: "TXT", Text: text}, Domain: federation.Domain(domain),
		Purpose: federation.ProofPurpose, Slot: slot, Remove: slot == federation.PreviousSlot}
}

// TestZonesHoldWhatIsLive sorts a plan and wants each set with what is there, and a record that
// leads elsewhere removed.
func TestZonesHoldWhatIsLive(t *testing.T) {
	t.Parallel()
	n := &names{sets: map[string]federation.LiveSet{
		"contoso.com TXT":                    seen("contoso.com", "TXT", "v=spf1 -all", "old"),
		"autodiscover.contoso.com CNAME":     seen("autodiscover.contoso.com", "CNAME", "old.example"),
		"autodiscover.fabrikam.com CNAME":    seen("autodiscover.fabrikam.com", "CNAME", "mail.contoso.com"),
		"autodiscover.eu.contoso.com A":      seen("autodiscover.eu.contoso.com", "A", "192.0.2.1"),
		"autodiscover.us.contoso.com AAAA":   seen("autodiscover.us.contoso.com", "AAAA", "2001:db8::1"),
		"autodiscover.asia.contoso.com TXT":  seen("autodiscover.asia.contoso.com", "TXT", "x\nWARNING: y"),
		"autodiscover.africa.contoso.com MX": seen("autodiscover.africa.contoso.com", "MX", "x"),
	}}
	mail := "mail.contoso.com"
	current, previous := plannedProof("contoso.com", "new", federation.CurrentSlot), plannedProof("contoso.com", "old", federation.PreviousSlot)
	plan := federation.DNSPlan{Records: []federation.PlannedRecord{current, previous, autodiscover("contoso.com", mail, false),
		autodiscover("fabrikam.com", mail, false), autodiscover("eu.contoso.com", mail, false), autodiscover("us.contoso.com", mail, false), autodiscover("asia.contoso.com", mail, false)}}
	set := func(planned federation.PlannedRecord, live federation.LiveSet, remove ...federation.PlannedRecord) format.Set {
		return format.Set{Name: planned.Name, Type: planned.Type, Add: []federation.PlannedRecord{planned}, Remove: remove, Live: &live}
	}
	want := []format.Zone{
		{Apex: "contoso.com", Sets: []format.Set{
			set(current, n.sets["contoso.com TXT"], previous),
			set(autodiscover("contoso.com", mail, false), n.sets["autodiscover.contoso.com CNAME"], autodiscover("contoso.com", "old.example", true)),
		}},
		{Apex: "fabrikam.com", Sets: []format.Set{set(autodiscover("fabrikam.com", mail, false), n.sets["autodiscover.fabrikam.com CNAME"])}},
	}
	beside := func(name, what string) string {
		return "no Autodiscover record of autodiscover." + name + ".contoso.com is written: it has " + what +
			", and no CNAME record can stand beside them; if they lead elsewhere than to the endpoint, remove them first"
	}
	wantNotes := []string{"autodiscover.contoso.com leads to old.example. now, and is to lead to mail.contoso.com.",
		beside("eu", "A records (192.0.2.1)"), beside("us", "AAAA records (2001:db8::1)"), beside("asia", `TXT records ("x\010WARNING: y")`)}
	for _, f := range []format.Format{format.BIND, format.Route53} {
		zones, notes, err := n.survey().Zones(t.Context(), f, plan)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, zones); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f, diff)
		}
		if diff := gocmp.Diff(wantNotes, notes); diff != "" {
			t.Errorf("%s, notes (-want +got):\n%s", f, diff)
		}
	}
}

// TestZonesOfWhatIsNotKnown refuses for formats that replace sets; for the others it notes what
// could not be found out, once, and asks servers that do not answer no more.
func TestZonesOfWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, zonesOfWhatIsNotKnown) // so that all who can go on have done so before others are answered
}

func zonesOfWhatIsNotKnown(t *testing.T) {
	down := federation.Errorf(federation.Unavailable, "LiveRecordsUnknown", "x", "down")
	alias := federation.Errorf(federation.Conflict, "AliasAtName", "y", "an alias")
	var plan federation.DNSPlan
	n := &names{fails: map[string]error{"d3.example TXT": alias, "d20.example": down}, later: "d20.example", failed: make(chan struct{}), takes: time.Millisecond}
	for i := range 2000 {
		plan.Records = append(plan.Records, plannedProof(fmt.Sprintf("d%d.example", i), "p", federation.CurrentSlot))
	}
	zones, notes, err := n.survey().Zones(t.Context(), format.BIND, plan)
	if err != nil || len(zones) != 2000 || zones[20].Apex != "d20.example" || zones[1999].Apex != "d1999.example" || zones[1999].Sets[0].Live != nil {
		t.Errorf("%d zones, %v", len(zones), err)
	}
	if len(n.asked) > 100 {
		t.Errorf("%d names were asked about", len(n.asked))
	}
	if len(notes) != 3 || notes[0] != "y: an alias" || notes[1] != "x: down" || !strings.HasSuffix(notes[2], " other names is guessed, and what is live there not looked at") {
		t.Errorf("%q", notes)
	}
	for _, f := range format.Formats() {
		_, _, err := n.survey().Zones(t.Context(), f, plan)
		if f.Replaces() != (err == error(alias) || err == error(down)) || !f.Replaces() && err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if zones, _, err := n.survey().Zones(ctx, format.BIND, plan); zones != nil || err != context.Canceled {
		t.Errorf("interrupted: %d zones, %v", len(zones), err)
	}
}

// TestReplacingFormatsNeedWhatIsLive refuses a set nobody looked at, in every format that would
// wipe an SPF record, and in no other.
func TestReplacingFormatsNeedWhatIsLive(t *testing.T) {
	t.Parallel()
	zones := newWorld(40, false, func(text string) bool { return forOctoDNS(text) && text[0] != '-' && text[0] != '@' }).zones(3)
	var refused []format.Format
	for _, f := range format.Formats() {
		text, _, err := format.Write(f, zones, ttl)
		if err == nil {
			continue
		}
		refused = append(refused, f)
		want := "format " + string(f) + ": what it writes replaces all TXT records of " + zones[0].Apex + ", and which ones are live is not known"
		if text != "" || err.Error() != want || federation.KindOf(err) != federation.Invalid {
			t.Errorf("%s: %q, %v", f, text, err)
		}
	}
	want := []format.Format{"route53", "gcloud", "terraform-route53", "terraform-azurerm", "terraform-google", "octodns"}
	if diff := gocmp.Diff(want, refused); diff != "" {
		t.Error(diff)
	}
}

// TestWhatAFormatCannotWriteIsRefused puts each hostile text into each format: either the text
// is written (the round trips say how), or the whole is refused with the record and the reason.
func TestWhatAFormatCannotWriteIsRefused(t *testing.T) {
	t.Parallel()
	ascii := func(text string) bool { return !strings.ContainsFunc(text, func(r rune) bool { return r > '~' }) }
	limits := map[format.Format]func(string) bool{
		format.OctoDNS: forOctoDNS, format.DNSControl: plain, format.PowerShell: plain, format.TerraformAzureRM: ascii,
		format.Azure: func(text string) bool { return plain(text) && text != "" && text[0] != '@' && text[0] != '-' },
	}
	refused := 0
	for _, text := range hostileTexts() {
		set := format.Set{Name: "a.example", Type: "TXT", Live: &federation.LiveSet{}, Add: []federation.PlannedRecord{plannedProof("a.example", text, "")}}
		for _, f := range format.Formats() {
			out, _, err := format.Write(f, []format.Zone{{Apex: "a.example", Sets: []format.Set{set}}}, ttl)
			if fits := limits[f] == nil || limits[f](text); fits != (err == nil) {
				t.Errorf("%s of %q: %v", f, text, err)
			}
			if err == nil {
				continue
			}
			refused++
			if out != "" || federation.KindOf(err) != federation.Conflict || !strings.HasPrefix(err.Error(), "TXT record of a.example: cannot be written as "+string(f)+", since ") {
				t.Errorf("%s of %q: %q, %v", f, text, out, err)
			}
		}
	}
	if refused < 50 || len(hostileTexts()) < 50 {
		t.Errorf("%d refusals of %d texts", refused, len(hostileTexts()))
	}
}

// TestSetsAreWrittenTheSameInAnyOrder shuffles what a name server shows.
func TestSetsAreWrittenTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	zones := goldenZones()
	slices.Reverse(zones[0].Sets[0].Live.Records)
	for _, f := range format.Formats() {
		was, _ := write(t, f, goldenZones())
		if got, _ := write(t, f, zones); got != was {
			t.Errorf("%s: %s", f, gocmp.Diff(was, got))
		}
	}
}

// FuzzFormats writes any text as one that is live and as one that goes, and wants it to reach
// the reader of zone files whole, and to be nothing but one line of printable ASCII elsewhere.
func FuzzFormats(f *testing.F) {
	for _, text := range hostileTexts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		planned := plannedProof("a.example", text, "")
		kept := plannedProof("a.example", text+"x", "")
		set := format.Set{Name: "a.example", Type: "TXT", Add: []federation.PlannedRecord{planned}, Live: &federation.LiveSet{Records: []federation.LiveRecord{liveRecord(kept)}}}
		zones := []format.Zone{{Apex: "a.example", Sets: []format.Set{set}}}
		lines := map[format.Format]int{}
		for _, form := range format.Formats() {
			out, _, err := format.Write(form, zones, ttl)
			if err != nil {
				if federation.KindOf(err) != federation.Conflict {
					t.Errorf("%s: %v", form, err)
				}
				continue
			}
			if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); i >= 0 {
				t.Errorf("%s writes %q", form, out[i:])
			}
			lines[form] = strings.Count(out, "\n")
		}
		out, _, err := format.Write(format.BIND, zones, ttl)
		if err != nil || lines[format.BIND] != 3 || lines[format.NSUpdate] != 4 || lines[format.CSV] != 2 {
			t.Fatalf("%v %v", lines, err)
		}
		got := parseZone(t, out)
		want := []record{{"a.example", "TXT", textValue(cutText(text), false), ttl}}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if shell, _, err := format.Write(format.GCloud, zones, ttl); err != nil || strings.Count(shell, "\n") != 10 {
			t.Errorf("%s %v", shell, err)
		}
	})
}

// TestAliasIsNoFormula has an alias lead to a name that a spreadsheet would calculate.
func TestAliasIsNoFormula(t *testing.T) {
	t.Parallel()
	n := &names{sets: map[string]federation.LiveSet{"autodiscover.contoso.com CNAME": seen("autodiscover.contoso.com", "CNAME", "=a1+b2.example")}}
	zones, _, err := n.survey().Zones(t.Context(), format.CSV, federation.DNSPlan{Records: []federation.PlannedRecord{autodiscover("contoso.com", "mail.contoso.com", false)}})
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := write(t, format.CSV, zones); !strings.Contains(text, `,\061a1+b2.example.,`) {
		t.Error(text)
	}
}
