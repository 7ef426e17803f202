package render_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/render"
)

var update = flag.Bool("update", false, "rewrite the golden files; read them before committing")

var trustView = render.View{
	Kind:    render.AsTable,
	Columns: []string{"Name", "Enabled", "OrgCertificate.Thumbprint", "Domains"},
	Key:     "Name",
}

// trusts are records with every kind of value, wide characters, and two different shapes.
func trusts() []render.Record {
	const longProof = "+znMfbkgSbOQSsWFdsW+gm3to0nZSdE3zbcPPHGVAqdgsLFGsCPuLHiyVbKoPmgyZKX90NH2g1PbCZH0YTQF6oA=="
	east := time.FixedZone("east", 2*60*60)
	return []render.Record{
		render.New(
			render.Text("Name", "日本語 Contoso"),
			render.Bool("Enabled", true),
			render.List("Domains", []string{"contoso.com", "a.contoso.com", "b.contoso.com", "c.contoso.com", "d.contoso.com"}),
			render.Nested("OrgCertificate", render.New(
				render.Text("Thumbprint", "AC00F35CBA8359953F4126E0984B5CCAFA2F4F17"),
				render.Int("KeySize", 2048),
				render.Time("NotAfter", time.Date(2031, 2, 3, 1, 30, 0, 5000, east)),
			)),
			render.Text("Proof", longProof),
			render.Duration("TokenLifetime", 8*time.Hour),
			render.Unset("OrganizationContact"),
			render.NestedList("Events", []render.Record{
				render.New(render.Text("BusyType", "Busy"), render.Text("Subject", `Lunch, "long" <&>`)),
				render.New(render.Text("BusyType", "Free")),
			}),
		),
		render.New(
			render.Text("Name", "Fabrikam"),
			render.Bool("Enabled", false),
			render.List("Domains", []string{}),
			render.Nested("OrgCertificate", render.New()),
			render.Text("Proof", ""),
			render.Int("Count", -7),
			render.NestedList("Events", nil),
		),
	}
}

func written(t *testing.T, format render.Format, view render.View, properties []string, records []render.Record) string {
	t.Helper()
	var out bytes.Buffer
	if err := render.Write(&out, format, view, properties, records); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return out.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	cases := 0
	for _, format := range append(render.Formats(), "") {
		for name, records := range map[string][]render.Record{
			"trusts": trusts(),
			"none":   nil,
		} {
			cases++
			file := filepath.Join("testdata", name+"."+string(format))
			if format == "" {
				file = filepath.Join("testdata", name+".default")
			}
			got := written(t, format, trustView, nil, records)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s: %s", file, diff)
			}
		}
	}
	if cases < 16 {
		t.Errorf("%d cases, expected 16 or more", cases)
	}
}

func TestNothingIsCutOrWrapped(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdef", 700) + " with blanks " + strings.Repeat("x ", 2000) + "end"
	records := []render.Record{render.New(render.Text("Name", "first"), render.Text("Proof", long), render.Text("After", "last"))}
	for _, format := range render.Formats() {
		if format == render.AsName {
			continue
		}
		text := written(t, format, render.View{}, nil, records)
		if !strings.Contains(text, long) {
			t.Errorf("%s cuts or wraps a long value", format)
		}
	}
}

func TestTableKeepsBlanksAndAlignsWideCharacters(t *testing.T) {
	t.Parallel()
	records := []render.Record{
		render.New(render.Text("Name", "株式会社"), render.Text("State", "A")),
		render.New(render.Text("Name", " e\u0301 "), render.Text("State", "B")),
		render.New(render.Text("Name", "two  blanks"), render.Text("State", "")),
	}
	// 株式会社 takes eight columns; e and its accent take one.
	want := "" +
		"Name         State\n" +
		"----         -----\n" +
		"株式会社     A\n" +
		" e\u0301           B\n" +
		"two  blanks\n"
	if diff := cmp.Diff(want, written(t, render.AsTable, render.View{}, nil, records)); diff != "" {
		t.Error(diff)
	}
}

func TestNameChoosesWhatIdentifies(t *testing.T) {
	t.Parallel()
	record := func(pairs ...string) render.Record {
		var fields []render.Field
		for i := 0; i < len(pairs); i += 2 {
			fields = append(fields, render.OptionalText(pairs[i], pairs[i+1]))
		}
		return render.New(fields...)
	}
	records := []render.Record{
		record("Identity", "i", "Name", "n", "Id", "TokenRequest"),
		record("Thumbprint", "t", "DomainName", "d", "Identity", "i", "Name", "n"),
		record("Thumbprint", "t", "DomainName", "d", "Identity", "i", "Name", ""),
		record("Thumbprint", "t", "DomainName", "d"),
		record("State", "", "Site", "s", "Thumbprint", "t"),
		record("State", "", "Site", "s"),
		record("State", ""),
	}
	want := "TokenRequest\nn\ni\nd\nt\ns\n\n"
	if diff := cmp.Diff(want, written(t, render.AsName, render.View{Key: "Id"}, nil, records)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("t\n", written(t, render.AsName, render.View{}, []string{"thumbprint"}, records[3:4])); diff != "" {
		t.Error(diff)
	}
}

func TestParseFormat(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]render.Format{
		"list": render.AsList, "Table": render.AsTable, "JSON": render.AsJSON, "jsonL": render.AsJSONL,
		"yaml": render.AsYAML, "CSV": render.AsCSV, "name": render.AsName,
	} {
		if got, err := render.ParseFormat(text); err != nil || got != want {
			t.Errorf("ParseFormat(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "xml", "js", "json "} {
		_, err := render.ParseFormat(text)
		if unknown, ok := err.(*render.UnknownFormatError); !ok || unknown.Text != text {
			t.Errorf("ParseFormat(%q): %v, want an UnknownFormatError", text, err)
		}
	}
	want := `"xml" is no output format; the formats are list, table, json, jsonl, yaml, csv, name`
	if _, err := render.ParseFormat("xml"); err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}
