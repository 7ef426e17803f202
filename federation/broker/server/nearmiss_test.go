package server_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"exfed/federation/broker"
)

// TestLogNamesNearMisses looks at what the operator reads, and the caller does not, about
// records that are almost the proof.
func TestLogNamesNearMisses(t *testing.T) {
	t.Parallel()
	value := newProof(t, newPair(t, 1, nil), "contoso.com", "modern").Value
	other := newProof(t, newPair(t, 2, nil), "contoso.com", "modern").Value
	many := make([]string, 500)
	for i := range many {
		many[i] = other
	}
	const hostile = "AppID=\x1b[31m\u202e\r\n{\"level\":\"INFO\"}"
	cases := []struct {
		name  string
		texts []string
		want  []string // each in the log
		not   []string
	}{
		{"legacy", []string{"v=spf1 -all", "AppID=0123"}, []string{"none of the 2 TXT records of contoso.com is the proof", "AppID=0123", "(LegacyAppID)"}, []string{"spf1"}},
		{"case", []string{strings.ToLower(value)}, []string{"(WrongCase)", strings.ToLower(value)}, nil},
		{"cut", []string{value[:80]}, []string{"(Cut)"}, nil},
		{"damaged", []string{value[:40] + " " + value[40:]}, []string{"(Damaged)"}, nil},
		{"another", []string{other}, []string{"(AnotherProof)", other}, nil},
		{"nothing like it", []string{"v=spf1 -all"}, []string{"none of the 1 TXT records"}, []string{"like it", "spf1"}},
		{"hostile", []string{hostile}, []string{"(LegacyAppID)", "AppID=?[31m?"}, []string{"\x1b", `\u001b`, "\u202e", `\u202e`, `\r`, `\n`}},
		{"long", []string{"AppID=" + strings.Repeat("x", 5000)}, []string{"(LegacyAppID)", strings.Repeat("x", 94) + "…"}, []string{strings.Repeat("x", 95)}},
		{"many", many, []string{"and more"}, nil},
	}
	if len(cases) < 9 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			o := r.register(1)
			proof := r.publish(o.pair, "contoso.com")
			r.zone.set("contoso.com", c.texts...)
			before := len(r.log.String())
			err := r.client.AddURI(t.Context(), o.pair, o.appID, "contoso.com", proof)
			wantFault(t, "AddUri", err, broker.ProofOfDomainOwnershipFailed)
			line := strings.TrimSuffix(r.log.String()[before:], "\n")
			for _, want := range c.want {
				if !strings.Contains(line, want) {
					t.Errorf("the log does not hold %q: %s", want, line)
				}
			}
			for _, not := range c.not {
				if strings.Contains(line, not) {
					t.Errorf("the log holds %q: %s", not, line)
				}
			}
			if n := utf8.RuneCountInString(line); n > 1500 || strings.Count(line, "(") > 5 || strings.Contains(line, "\n") {
				t.Errorf("%d characters: %s", n, line)
			}
			if text := err.Error(); strings.Contains(text, "like it") || strings.Contains(text, c.texts[0]) {
				t.Errorf("the caller reads %q", text)
			}
		})
	}
}
