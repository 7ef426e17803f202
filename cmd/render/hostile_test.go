package render_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/render"
)

var hostile = map[string]string{ // text: how Clean shows it
	"plain":                       "plain",
	"":                            "",
	`CONTOSO\admin`:               `CONTOSO\admin`,
	"日本語 Zürich é":                "日本語 Zürich é",
	"می\u200cخواهم":               "می\u200cخواهم", // Persian needs the non-joiner
	"\U0001F469\u200d\U0001F4BB":  "\U0001F469\u200d\U0001F4BB",
	"a\nName : forged":            `a\nName : forged`,
	"a\r\tb":                      `a\r\tb`,
	"\x1b]0;title\x07":            `\u{1B}]0;title\u{7}`,
	"\x1b[2J\x00\x7f":             `\u{1B}[2J\u{0}\u{7F}`,
	"\u009b31m\u0085":             `\u{9B}31m\u{85}`,
	"\x9b31m":                     `\x9B31m`,
	"\xff\xc0\xaf":                `\xFF\xC0\xAF`,
	"\ufffd":                      "\ufffd",
	"moc.\u202eosotnoc":           `moc.\u{202E}osotnoc`,
	"\u202a\u202b\u202c\u202d":    `\u{202A}\u{202B}\u{202C}\u{202D}`,
	"\u2066\u2067\u2068\u2069":    `\u{2066}\u{2067}\u{2068}\u{2069}`,
	"\u200e\u200f\u061c":          `\u{200E}\u{200F}\u{61C}`,
	"a\u2028b\u2029c":             `a\u{2028}b\u{2029}c`,
	"\u200b\u2060\ufeffx\u00ad":   `\u{200B}\u{2060}\u{FEFF}x\u{AD}`,
	"\U000e0041\U000e007f":        `\u{E0041}\u{E007F}`,
	"\ufffe\U0010ffff":            `\u{FFFE}\u{10FFFF}`,
	"=cmd|' /C calc'!A0":          "=cmd|' /C calc'!A0",
	`"; - {x: [y]} # & * ! | > %`: `"; - {x: [y]} # & * ! | > %`,
}

func TestClean(t *testing.T) {
	t.Parallel()
	for text, want := range hostile {
		if got := render.Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
	if len(hostile) < 24 {
		t.Errorf("%d cases, expected 24 or more", len(hostile))
	}
}

// dangerous is a definition of its own, by code point, of what must not be printed.
func dangerous(r rune) bool {
	switch {
	case r == '\n': // ours, unless a test counts lines
		return false
	case r < 0x20, r >= 0x7f && r <= 0x9f,
		r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
		r == 0x200e, r == 0x200f, r == 0x61c, r == 0x2028, r == 0x2029, r == 0xfeff,
		r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

func TestNoFormatPrintsHostileCharacters(t *testing.T) {
	t.Parallel()
	for text := range hostile {
		records := []render.Record{render.New(
			render.Text("Name", text),
			render.List("Domains", []string{"a", text}),
			render.Nested("Certificate", render.New(render.Text("Subject", text))),
			render.NestedList("Events", []render.Record{render.New(render.Text("Subject", text))}),
		)}
		for _, format := range render.Formats() {
			out := written(t, format, render.View{}, nil, records)
			if format == render.AsCSV { // quoted cells keep their tabs
				out = strings.ReplaceAll(out, "\t", "")
			}
			if !utf8.ValidString(out) || strings.ContainsFunc(out, dangerous) {
				t.Errorf("%s of %q: %q", format, text, out)
			}
		}
		lines := strings.Count(written(t, render.AsList, render.View{}, nil, records), "\n")
		if lines != 4 {
			t.Errorf("list of %q has %d lines, want 4", text, lines)
		}
	}
}

func FuzzClean(f *testing.F) {
	for text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cleaned := render.Clean(text)
		if !utf8.ValidString(cleaned) || strings.ContainsFunc(cleaned, dangerous) || strings.Contains(cleaned, "\n") {
			t.Errorf("Clean(%q) = %q", text, cleaned)
		}
		if again := render.Clean(cleaned); again != cleaned {
			t.Errorf("cleaning twice changes %q to %q", cleaned, again)
		}
	})
}

// asRead is what text becomes when it is written as JSON or YAML and read back: bytes that
// are not UTF-8 are lost, nothing else.
func asRead(text string) string {
	var out strings.Builder
	for _, r := range text {
		out.WriteRune(r)
	}
	return out.String()
}

func TestJSONAndYAMLGiveHostileTextBack(t *testing.T) {
	t.Parallel()
	var want []map[string]any
	var records []render.Record
	for text := range hostile {
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Noncharacter_Code_Point, r) }) {
			continue // PyYAML refuses noncharacters even when escaped
		}
		records = append(records, render.New(
			render.Text("Text", text),
			render.List("Values", []string{text, ""}),
			render.Nested("One", render.New(render.Text("Text", text), render.Unset("None"), render.Nested("Empty", render.New()))),
			render.NestedList("Many", []render.Record{render.New(render.List("Values", []string{text})), render.New()}),
		))
		text = asRead(text)
		want = append(want, map[string]any{
			"Text":   text,
			"Values": []any{text, ""},
			"One":    map[string]any{"Text": text, "None": nil, "Empty": map[string]any{}},
			"Many":   []any{map[string]any{"Values": []any{text}}, map[string]any{}},
		})
	}
	check := func(t *testing.T, document []byte) {
		t.Helper()
		var got []map[string]any
		if err := json.Unmarshal(document, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}

	t.Run("json", func(t *testing.T) {
		t.Parallel()
		check(t, []byte(written(t, render.AsJSON, render.View{}, nil, records)))
	})
	t.Run("jsonl", func(t *testing.T) {
		t.Parallel()
		lines := strings.TrimSuffix(written(t, render.AsJSONL, render.View{}, nil, records), "\n")
		check(t, []byte("["+strings.ReplaceAll(lines, "\n", ",")+"]"))
	})
	t.Run("yaml", func(t *testing.T) {
		t.Parallel()
		const python = "/usr/bin/python3" // the one that the packages of the system are installed for
		if output, err := exec.Command(python, "-c", "import yaml").CombinedOutput(); err != nil && os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
			t.Fatalf("python3 with yaml is required here: %v\n%s", err, output)
		} else if err != nil {
			t.Skip("python3 has no yaml")
		}
		convert := exec.Command(python, "-c", "import sys, json, yaml; json.dump(yaml.safe_load(sys.stdin.buffer), sys.stdout)")
		convert.Stdin = strings.NewReader(written(t, render.AsYAML, render.View{}, nil, records))
		document, err := convert.Output()
		if err != nil {
			t.Fatal(err)
		}
		check(t, document)
	})
}

func TestCSVIsReadBackAndRunsNoFormula(t *testing.T) {
	t.Parallel()
	cases := []struct{ text, want string }{
		{"plain", "plain"},
		{`comma, "quote"`, `comma, "quote"`},
		{"two\nlines\tand a tab", "two\nlines\tand a tab"},
		{"carriage\rreturn", `carriage\rreturn`},
		{"\x1b[2J", `\u{1B}[2J`},
		{"", ""},
		{"=1+1", "'=1+1"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\t=1", "'\t=1"},
		{"+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"},
		{"-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"},
		{"＝1+1", "'＝1+1"},
		{"+zn/Mf=", "+zn/Mf="},
		{"-7", "-7"},
		{"a=b", "a=b"},
	}
	records := make([]render.Record, len(cases))
	want := [][]string{{"Text", "Domains"}}
	for i, c := range cases {
		records[i] = render.New(render.Text("Text", c.text), render.List("Domains", []string{"x", c.text}))
		want = append(want, []string{c.want, "x;" + c.want})
	}
	got, err := csv.NewReader(strings.NewReader(written(t, render.AsCSV, render.View{}, nil, records))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(cases) < 15 {
		t.Errorf("%d cases, expected 15 or more", len(cases))
	}
}

func TestCSVKeepsARecordWhoseOnlyValueIsUnset(t *testing.T) {
	t.Parallel()
	records := []render.Record{render.New(render.Unset("Name")), render.New(render.Text("Name", "b"))}
	got, err := csv.NewReader(strings.NewReader(written(t, render.AsCSV, render.View{}, nil, records))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"Name"}, {""}, {"b"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWriteError(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := render.WriteError(&out, render.ErrorRecord{
		FullyQualifiedErrorID: "FederationTrustNotFound",
		CategoryInfo:          "NotFound",
		Cmdlet:                "Get-FederationTrust",
		Message:               "federation trust \"<x>\u202e\": not found",
		Hints:                 []string{"list them with get-federationtrust"},
		ExitCode:              5,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"error":{"FullyQualifiedErrorId":"FederationTrustNotFound","CategoryInfo":"NotFound",` +
		`"Cmdlet":"Get-FederationTrust","TargetObject":null,` +
		`"Message":"federation trust \"<x>\u202e\": not found",` +
		`"Hints":["list them with get-federationtrust"],"ExitCode":5}}` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
