package render_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/render"
)

// drawing is a record that brings its view along.
func drawing(name string, lines ...string) render.Record {
	r := render.New(render.Text("Name", name), render.Int("Count", 1))
	r.Lines = lines
	return r
}

// raw is a record that is bytes for a program.
func raw(name, content string) render.Record {
	r := render.New(render.Text("Name", name))
	r.Bytes = []byte(content)
	return r
}

// TestLinesAreTheDefaultView shows the lines of records where nothing else is asked for,
// made safe, and never where the records are for programs.
func TestLinesAreTheDefaultView(t *testing.T) {
	t.Parallel()
	drawn := []render.Record{drawing("a", "first \x1b[31m", "", "last  "), drawing("b", "│ █", "x\ny")}
	list := "Name  : a\nCount : 1\n\nName  : b\nCount : 1\n"
	cases := []struct {
		name       string
		format     render.Format
		properties []string
		records    []render.Record
		want       string
	}{
		{"default", "", nil, drawn, "first \\u{1B}[31m\n\nlast\n\n│ █\nx\\ny\n"},
		{"list", render.AsList, nil, drawn, list},
		{"table", render.AsTable, nil, drawn, "Name  Count\n----  -----\na     1\nb     1\n"},
		{"JSON lines", render.AsJSONL, nil, drawn, `{"Name":"a","Count":1}` + "\n" + `{"Name":"b","Count":1}` + "\n"},
		{"CSV", render.AsCSV, nil, drawn, "Name,Count\na,1\nb,1\n"},
		{"names", render.AsName, nil, drawn, "a\nb\n"},
		{"properties", "", []string{"Count"}, drawn, "Count : 1\n\nCount : 1\n"},
		{"nothing but lines", render.AsJSON, nil, []render.Record{{Lines: []string{"first"}}, {Lines: []string{"second"}}}, "first\n\nsecond\n"},
		{"one without lines", "", nil, []render.Record{drawing("a", "first"), drawing("b")}, list},
		{"bytes", "", nil, []render.Record{raw("a", "\x00\x1b\n"), raw("b", "\xff")}, "\x00\x1b\n\xff"},
		{"bytes as records", render.AsCSV, nil, []render.Record{raw("a", "\x00")}, "Name\na\n"},
		{"properties of bytes", "", []string{"Name"}, []render.Record{raw("a", "\x00")}, "Name : a\n"},
		{"no records", "", nil, nil, ""},
	}
	for _, c := range cases {
		got := written(t, c.format, render.View{Kind: render.AsList, Key: "Name"}, c.properties, c.records)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if len(cases) < 13 {
		t.Errorf("%d cases, at least 13 are expected", len(cases))
	}
}

// TestLinesCannotBeAskedFor leaves them to records that have them.
func TestLinesCannotBeAskedFor(t *testing.T) {
	t.Parallel()
	if format, err := render.ParseFormat("lines"); err == nil {
		t.Errorf("-Output lines is %q", format)
	}
}
