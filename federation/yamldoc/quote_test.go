package yamldoc

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

func TestTextsAreQuotedWhenNeeded(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"contoso.com": "contoso.com", "Contoso, Ltd.": "Contoso, Ltd.", "*.contoso.com": `"*.contoso.com"`,
		"https://b.example/x?y=1&z=%20#f": "https://b.example/x?y=1&z=%20#f", "urn:federation:Contoso": "urn:federation:Contoso",
		"0f8fad5b-d9cb-469f-a165-70867728950e":     "0f8fad5b-d9cb-469f-a165-70867728950e",
		"AC00F35CBA8359953F4126E0984B5CCAFA2F4F17": "AC00F35CBA8359953F4126E0984B5CCAFA2F4F17",
		"1234567890123456789012345678901234567890": `"1234567890123456789012345678901234567890"`,
		"12345678901234567890123456789012345678E9": `"12345678901234567890123456789012345678E9"`,
		"": `""`, "yes": `"yes"`, "No": `"No"`, "on": `"on"`, "OFF": `"OFF"`, "y": `"y"`, "N": `"N"`, "true": `"true"`, "False": `"False"`,
		"null": `"null"`, "NULL": `"NULL"`, "~": `"~"`, "0777": `"0777"`, "0o7": `"0o7"`, "0x1f": `"0x1f"`, "1e3": `"1e3"`, "1_000": `"1_000"`,
		"-1": `"-1"`, "+1": `"+1"`, ".5": `".5"`, ".inf": `".inf"`, ".nan": `".nan"`, "1:20": `"1:20"`, "190:20:30": `"190:20:30"`, "1.5": `"1.5"`,
		"2026-01-31": `"2026-01-31"`, "2026-01-31T00:00:00Z": `"2026-01-31T00:00:00Z"`, "=": `"="`, "<<": `"<<"`,
		" a": `" a"`, "a ": `"a "`, "a: b": `"a: b"`, "a:": `"a:"`, "a #b": `"a #b"`, "a#b": "a#b", "#a": `"#a"`, "- a": `"- a"`, "-a": `"-a"`,
		"[a]": `"[a]"`, "{a}": `"{a}"`, "a]": `"a]"`, "&a": `"&a"`, "*a": `"*a"`, "!a": `"!a"`, "|": `"|"`, ">": `">"`, "%a": `"%a"`, "@a": `"@a"`, "`a": "\"`a\"",
		"? a": `"? a"`, "'a'": `"'a'"`, "a'b": "a'b", `a"b`: `"a\"b"`, `a\b`: `"a\\b"`, "a\nb": `"a\nb"`, "a\tb": `"a\tb"`, "a\r": `"a\x0d"`, "\x00": `"\x00"`,
		"\x1b[1m": `"\x1b[1m"`, "ü": "ü", "Zürich": "Zürich", "日本": "日本", "a\u2028b": `"a\u2028b"`, "a\u0085b": `"a\x85b"`, "a\u00a0b": `"a\xa0b"`,
		"a\u202eb": `"a\u202eb"`, "a\u200bb": `"a\u200bb"`, "\ufeffa": `"\ufeffa"`, "a\U000e0001": `"a\U000e0001"`, "---": `"---"`, "...": `"..."`,
	}
	for text, want := range cases {
		got, err := Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want+"\n", string(got)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
		var back any
		if err := yaml.Unmarshal(got, &back); err != nil || back != text {
			t.Errorf("%q is read as %#v (%v)", text, back, err)
		}
	}
	if len(cases) < 75 {
		t.Errorf("only %d cases", len(cases))
	}
}

func TestMarshalKeepsOrderAndTypes(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 1, 31, 12, 0, 0, 5, time.UTC)
	value := []Map{{
		{"Name", "a"}, {"Enabled", true}, {"Count", 7}, {"Ratio", 0.5}, {"Big", uint64(math.MaxUint64)}, {"When", when}, {"Nothing", nil},
		{"List", []string{"x", "yes"}}, {"Empty", []string{}}, {"Records", []any{Map{{"K", "v"}, {"L", 1}}, "t"}}, {"None", Map{}}, {"Thing", &part{Name: "p"}},
	}}
	want := strings.TrimLeft(`
- Name: a
  Enabled: true
  Count: 7
  Ratio: 0.5
  Big: 18446744073709551615
  When: 2026-01-31T12:00:00.000000005Z
  Nothing: null
  List:
    - x
    - "yes"
  Empty: []
  Records:
    - K: v
      L: 1
    - t
  None: {}
  Thing:
    name: p
`, "\n")
	got, err := Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestMarshalRefusesWhatItCannotWrite(t *testing.T) {
	t.Parallel()
	for _, value := range []any{"\xff", []string{"\xff"}, Map{{"a", make(chan int)}}, map[string]int{"a": 1}, func() {}, math.NaN(), math.Inf(1)} {
		if got, err := Marshal(value); err == nil {
			t.Errorf("%T is written as %s", value, got)
		}
	}
}
