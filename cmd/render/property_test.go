package render_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/render"
)

func TestPropertySelection(t *testing.T) {
	t.Parallel()
	certificate := func(thumbprint string) render.Field {
		return render.Nested("OrgCertificate", render.New(render.Text("Thumbprint", thumbprint), render.Int("KeySize", 2048)))
	}
	records := []render.Record{
		render.New(render.Text("Name", "c"), render.Bool("Enabled", true), certificate("AC"),
			render.NestedList("Events", []render.Record{
				render.New(render.Int("Start", 1), render.List("To", []string{"x", "y"})),
				render.New(render.Int("Start", 2), render.List("To", []string{"z"})),
				render.New(),
			})),
		render.New(render.Text("Name", "f"), render.Unset("OrgCertificate"), render.Text("Notes", "n")),
	}
	cases := []struct {
		properties []string
		want       string // the two records as JSON lines
	}{
		{[]string{"Name"}, `{"Name":"c"} {"Name":"f"}`},
		{[]string{"NAME", "name", "n?me"}, `{"Name":"c"} {"Name":"f"}`},
		{[]string{"Notes", "Name"}, `{"Notes":null,"Name":"c"} {"Notes":"n","Name":"f"}`},
		{[]string{"n*"}, `{"Name":"c","Notes":null} {"Name":"f","Notes":"n"}`},
		{[]string{"Enabled", " * ", "Enabled"}[:1], `{"Enabled":true} {"Enabled":null}`},
		{[]string{" notes", "*e"}, `{"Notes":null,"Name":"c","OrgCertificate":{"Thumbprint":"AC","KeySize":2048}} {"Notes":"n","Name":"f","OrgCertificate":null}`},
		{[]string{"orgcertificate.thumbprint"}, `{"OrgCertificate.Thumbprint":"AC"} {"OrgCertificate.Thumbprint":null}`},
		{[]string{"Org*.*"}, `{"OrgCertificate.Thumbprint":"AC","OrgCertificate.KeySize":2048} {"OrgCertificate.Thumbprint":null,"OrgCertificate.KeySize":null}`},
		{[]string{"Events.Start"}, `{"Events.Start":[1,2,null]} {"Events.Start":null}`},
		{[]string{"events.to"}, `{"Events.To":["x","y","z",null]} {"Events.To":null}`},
	}
	for _, c := range cases {
		got := written(t, render.AsJSONL, render.View{}, c.properties, records)
		if diff := cmp.Diff(strings.ReplaceAll(c.want, "} {", "}\n{")+"\n", got); diff != "" {
			t.Errorf("%q: %s", c.properties, diff)
		}
	}
	if len(cases) < 10 {
		t.Errorf("%d cases, expected 10 or more", len(cases))
	}
}

func TestPropertiesReplaceTheColumnsOfATable(t *testing.T) {
	t.Parallel()
	records := []render.Record{render.New(render.Text("Name", "c"), render.Text("Notes", "n"), render.Bool("Enabled", true))}
	view := render.View{Kind: render.AsTable, Columns: []string{"Name", "Missing", "On=Enabled"}}
	for _, c := range []struct {
		properties []string
		want       string
	}{
		{nil, "Name  Missing  On\n----  -------  --\nc              True\n"},
		{[]string{"enabled", "name"}, "Enabled  Name\n-------  ----\nTrue     c\n"},
	} {
		if diff := cmp.Diff(c.want, written(t, "", view, c.properties, records)); diff != "" {
			t.Errorf("%q: %s", c.properties, diff)
		}
	}
}

func TestUnknownProperties(t *testing.T) {
	t.Parallel()
	records := []render.Record{
		render.New(render.Text("Name", "c"), render.Text("Notes", "n")),
		render.New(render.Text("Extra", "e")),
	}
	var out bytes.Buffer
	err := render.Write(&out, render.AsJSON, render.View{}, []string{"Name", "Nmae", "", "Name.First", "x*\x1b"}, records)
	var unknown *render.UnknownPropertyError
	if !errors.As(err, &unknown) {
		t.Fatalf("Write: %v, want an UnknownPropertyError", err)
	}
	want := &render.UnknownPropertyError{
		Names: []string{"Nmae", "", "Name.First", "x*\x1b"},
		Known: []string{"Name", "Notes", "Extra"},
	}
	if diff := cmp.Diff(want, unknown); diff != "" {
		t.Error(diff)
	}
	text := "no property matches \"Nmae\", \"\", \"Name.First\", \"x*\\\\u{1B}\"; the properties are Name, Notes, Extra"
	if diff := cmp.Diff(text, err.Error()); diff != "" {
		t.Error(diff)
	}
	if out.Len() > 0 {
		t.Errorf("written although the properties are unknown: %q", out.String())
	}
	if got := written(t, render.AsJSON, render.View{}, []string{"Nmae"}, nil); got != "[]\n" {
		t.Errorf("without records: %q", got)
	}
}

func TestOnlyTheClosedSetIsShown(t *testing.T) {
	t.Parallel()
	type named string
	secret := struct{ Password string }{"x"}
	allowed := []any{
		nil, "text", true, 1, int64(math.MinInt64), time.Now(), time.Time{}, time.Second,
		[]string{"a"}, []string(nil), render.New(render.Int("A", 1)), []render.Record{render.New()},
	}
	refused := []any{
		secret, &secret, []byte("key"), named("n"), []named{"n"}, 1.5, uint(1), int32(1), []int{1}, []any{"a"},
		map[string]string{}, errors.New("e"), io.EOF, &render.Record{}, new(string), func() {}, 'r',
		render.New(render.Field{Name: "Deep", Value: secret}),
		[]render.Record{render.New(), render.New(render.Field{Name: "Deep", Value: []byte("key")})},
	}
	for _, format := range render.Formats() {
		for _, value := range allowed {
			if err := writeValue(io.Discard, format, "Value", value); err != nil {
				t.Errorf("%s of %T: %v", format, value, err)
			}
		}
		for _, value := range refused {
			var out bytes.Buffer
			var fault *render.ValueError
			if err := writeValue(&out, format, "Value", value); !errors.As(err, &fault) || out.Len() > 0 {
				t.Errorf("%s of %T: %v and %q, want a ValueError and nothing", format, value, err, out.String())
			}
		}
	}
	err := writeValue(io.Discard, render.AsJSON, "Value", refused[len(refused)-1])
	if want := `property "Value.Deep" cannot be shown: its type []uint8 is not one that is shown`; err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if len(allowed) < 12 || len(refused) < 19 {
		t.Errorf("%d allowed and %d refused, expected 12 and 19 or more", len(allowed), len(refused))
	}
}

func TestFieldNamesAreWords(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "a.b", "a b", "é", "a\x1b", "No", "null", "TRUE", "1st", "a:", "Latency(MS)"} {
		var fault *render.ValueError
		if err := writeValue(io.Discard, render.AsYAML, name, "x"); !errors.As(err, &fault) {
			t.Errorf("%q: %v, want a ValueError", name, err)
		}
	}
	twice := render.New(render.Text("Name", "a"), render.Text("NAME", "b"))
	var fault *render.ValueError
	if err := render.Write(io.Discard, render.AsList, render.View{}, nil, []render.Record{twice}); !errors.As(err, &fault) {
		t.Errorf("a name twice: %v, want a ValueError", err)
	}
}

func writeValue(w io.Writer, format render.Format, name string, value any) error {
	record := render.New(render.Text("First", "1"), render.Field{Name: name, Value: value})
	return render.Write(w, format, render.View{}, nil, []render.Record{record})
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for duration, want := range map[time.Duration]string{
		0:                             "00:00:00",
		8 * time.Hour:                 "08:00:00",
		59*time.Minute + time.Second:  "00:59:01",
		24 * time.Hour:                "1.00:00:00",
		366*24*time.Hour - 1:          "365.23:59:59.9999999",
		-90 * time.Second:             "-00:01:30",
		1500 * time.Millisecond:       "00:00:01.5000000",
		99:                            "00:00:00",
		math.MaxInt64:                 "106751.23:47:16.8547758",
		math.MinInt64:                 "-106751.23:47:16.8547758",
		-(25*time.Hour + time.Minute): "-1.01:01:00",
	} {
		records := []render.Record{render.New(render.Duration("Age", duration))}
		if got := written(t, render.AsName, render.View{}, nil, records); got != want+"\n" {
			t.Errorf("%d: %q, want %q", duration, got, want)
		}
		if got := written(t, render.AsCSV, render.View{}, nil, records); got != "Age\n"+want+"\n" {
			t.Errorf("%d in CSV: %q", duration, got)
		}
	}
}

func TestConstructors(t *testing.T) {
	t.Parallel()
	type domain string
	type bits int32
	noon := time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)
	got := render.New(
		render.Text("A", domain("x")), render.OptionalText("B", domain("")), render.OptionalText("C", domain("y")),
		render.Int("D", bits(3)), render.List("E", []domain{"x", "y"}), render.List[string]("F", nil),
		render.Time("G", noon), render.Unset("H"),
	)
	want := render.Record{Fields: []render.Field{
		{Name: "A", Value: "x"}, {Name: "B"}, {Name: "C", Value: "y"},
		{Name: "D", Value: int64(3)}, {Name: "E", Value: []string{"x", "y"}}, {Name: "F", Value: []string{}},
		{Name: "G", Value: noon}, {Name: "H"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUnknownFormatIsRefused(t *testing.T) {
	t.Parallel()
	var unknown *render.UnknownFormatError
	if err := render.Write(io.Discard, "xml", render.View{}, nil, nil); !errors.As(err, &unknown) {
		t.Errorf("Write: %v, want an UnknownFormatError", err)
	}
}

func TestWriteReportsAFullDisk(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	for _, format := range render.Formats() {
		records := []render.Record{render.New(render.Text("Name", "a"))}
		if err := render.Write(failingWriter{full}, format, render.View{}, nil, records); !errors.Is(err, full) {
			t.Errorf("%s: %v, want %v", format, err, full)
		}
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }
