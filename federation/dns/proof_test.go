package dns_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"exfed/federation/dns"

	"github.com/google/go-cmp/cmp"
	mdns "github.com/miekg/dns"
)

func TestProofRecord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		proof string
		ttl   time.Duration
		want  string
	}{
		{proof, 0, `contoso.com. IN TXT "` + proof + `"`},
		{proof, time.Hour, `contoso.com. 3600 IN TXT "` + proof + `"`},
		{proof, 999 * time.Millisecond, `contoso.com. IN TXT "` + proof + `"`},
		{"x", 1 << 62, `contoso.com. 2147483647 IN TXT "x"`},
		{"a\"b\\c;d é\x00\x7f", 0, `contoso.com. IN TXT "a\"b\\c;d \195\169\000\127"`},
		{"", 0, `contoso.com. IN TXT ""`},
		{strings.Repeat("a", 256), 0, `contoso.com. IN TXT "` + strings.Repeat("a", 255) + `" "a"`},
	} {
		if got := dns.ProofRecord("contoso.com", c.proof, c.ttl); got != c.want {
			t.Errorf("%.20q, %v: %s, want %s", c.proof, c.ttl, got, c.want)
		}
	}
}

func TestMatchProof(t *testing.T) {
	t.Parallel()
	missing := func(text string, reason dns.MissReason) dns.Match {
		return dns.Match{NearMisses: []dns.NearMiss{{Text: text, Reason: reason}}}
	}
	lower := strings.ToLower(proof)
	cases := map[string]dns.Match{
		proof:                         {Found: true},
		" \t" + proof + "\r\n":        {Found: true},
		`"` + proof + `"`:             {Found: true},
		` " ` + proof + ` " `:         {Found: true},
		`""` + proof + `""`:           missing(`""`+proof+`""`, dns.Damaged),
		`\"` + proof + `\"`:           missing(`\"`+proof+`\"`, dns.Damaged),
		proof[:80] + " " + proof[80:]: missing(proof[:80]+" "+proof[80:], dns.Damaged),
		lower:                         missing(lower, dns.WrongCase),
		proof[:80]:                    missing(proof[:80], dns.Cut),
		proof[:86]:                    missing(proof[:86], dns.Cut),
		proof[8:]:                     missing(proof[8:], dns.Cut),
		otherProof:                    missing(otherProof, dns.AnotherProof),
		"AppID=00000000400A9B47":      missing("AppID=00000000400A9B47", dns.LegacyAppID),
		`"appid = x"`:                 missing(`"appid = x"`, dns.LegacyAppID),
		"v=spf1 -all":                 {},
		"":                            {},
		"==":                          {},
		proof[:4]:                     {},
		"MS=ms12345678":               {},
		proof + "A":                   {},
	}
	for text, want := range cases {
		if diff := cmp.Diff(want, dns.MatchProof([]string{text}, proof)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	if len(cases) < 20 {
		t.Errorf("%d cases only", len(cases))
	}
	got := dns.MatchProof([]string{"v=spf1 -all", otherProof, proof, proof[:80]}, proof)
	want := dns.Match{Found: true, NearMisses: []dns.NearMiss{{otherProof, dns.AnotherProof}, {proof[:80], dns.Cut}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("several (-want +got):\n%s", diff)
	}
	if got := dns.MatchProof([]string{"", `""`, " "}, ""); got.Found || got.NearMisses != nil {
		t.Errorf("without a proof: %+v", got)
	}
}

// FuzzMatchProof checks what must hold for any record and any proof.
func FuzzMatchProof(f *testing.F) {
	for _, seed := range []string{proof, `"` + proof + `"`, ` "` + proof, strings.ToLower(proof), proof[:86], proof + "\u00a0", `""`, "", "AppID=", otherProof, proof[:80] + "\n" + proof[80:]} {
		f.Add(seed, proof)
		f.Add(seed, seed)
	}
	f.Add("", strings.Repeat("0", 255))
	f.Fuzz(func(t *testing.T, text, wanted string) {
		match := dns.MatchProof([]string{text}, wanted)
		if match.Found && (wanted == "" || !strings.Contains(text, wanted)) {
			t.Fatalf("%q was taken for %q", text, wanted)
		}
		if match.Found && len(match.NearMisses) > 0 {
			t.Fatalf("%q is both the proof and a near miss", text)
		}
		// Base64 that decodes to other bytes never matches.
		a, errA := base64.StdEncoding.DecodeString(strings.Trim(text, " \t\r\n\""))
		b, errB := base64.StdEncoding.DecodeString(wanted)
		if match.Found && errA == nil && errB == nil && string(a) != string(b) {
			t.Fatalf("%q was taken for %q", text, wanted)
		}
		// Blanks around a record never matter, nor does one layer of quotes around a bare one.
		if again := dns.MatchProof([]string{" \t" + text + "\r\n"}, wanted); again.Found != match.Found {
			t.Fatalf("%q: %v, in blanks %v", text, match.Found, again.Found)
		}
		if text == wanted && text != "" && strings.Trim(text, " \t\r\n\"") == text {
			if !match.Found || !dns.MatchProof([]string{` "` + text + `" `}, wanted).Found {
				t.Fatalf("%q is not found in itself, or not in quotes", text)
			}
		}
		recordHoldsBytes(t, wanted)
	})
}

// recordHoldsBytes has the DNS library's zone parser read ProofRecord's line, and compares
// the bytes it puts on the wire.
func recordHoldsBytes(t *testing.T, raw string) {
	t.Helper()
	if len(raw) > 4000 {
		return
	}
	line := dns.ProofRecord("contoso.com", raw, time.Minute)
	record, err := mdns.NewRR(line)
	if err != nil || record == nil {
		t.Fatalf("%s: %v", line, err)
	}
	wire := make([]byte, mdns.Len(record)+mdns.MaxMsgSize/4)
	end, err := mdns.PackRR(record, wire, 0, nil, false)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	data := wire[len("\x07contoso\x03com\x00")+10 : end]
	var got []byte
	for len(data) > 0 {
		n := int(data[0])
		got, data = append(got, data[1:1+n]...), data[1+n:]
	}
	if string(got) != raw {
		t.Fatalf("%s holds %q, want %q", line, got, raw)
	}
}
