package yamldoc

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// generator writes documents as people do: any style, comments and blank lines
// anywhere. It keeps the text of each object apart, so a test knows what an edit may
// touch without asking the code that edits.
type generator struct {
	*rand.Rand
	comments int
	margin   string // before the dash
	gap      string // between the dash and the fields
}

func (g *generator) one(options ...string) string { return options[g.IntN(len(options))] }

func (g *generator) comment() string {
	g.comments++
	return fmt.Sprintf("# c%d: [x, 'y", g.comments)
}

// tail is what may follow a value on its line.
func (g *generator) tail() string {
	if g.IntN(3) > 0 {
		return ""
	}
	return g.one(" ", "   ", "\t") + g.comment()
}

// filler is text between objects that belongs to none of them.
func (g *generator) filler() string {
	return g.one("", "", "\n", "\n\n", "\n"+g.margin+g.comment()+"\n\n")
}

// field writes a field in one of the ways it can be written. margin is that of its key.
func (g *generator) field(margin, name string) string {
	values := map[string][]string{
		"kind":    {" k", " 'it''s'", ` "a \" # b"`, " a\n" + margin + "  b", " >-\n" + margin + "  folded\n\n" + margin + "  # text", " |\n" + margin + "   lit\n" + margin + "     # eral", " é日", "", " ''", " ~"},
		"active":  {" true", " yes", " False", ""},
		"count":   {" 7", " 0x1F", " 0", " 1_0"},
		"tags":    {" [a, 'b']", " []", "\n" + margin + "- a" + g.tail() + "\n" + margin + "- \"b\"", "\n" + margin + "  - a\n" + margin + "  " + g.comment() + "\n" + margin + "  - c", " [a, # " + "x\n" + margin + "  b]"},
		"parts":   {" [{name: p}]", "\n" + margin + "  - name: p" + g.tail() + "\n" + margin + "    state: s\n" + margin + "  -\n" + margin + "    name: q"},
		"inner":   {" {uri: u}", "\n" + margin + "  uri: u" + g.tail() + "\n" + margin + "  " + g.comment() + "\n" + margin + "  note: m", " {}"},
		"comment": {" c", " \"two\n" + margin + "  lines\"", " 'two\n\n" + margin + "  # lines'"},
		"id":      {" i", " '#'"},
	}
	value := g.one(values[name]...)
	if strings.Contains(value, "|\n") || strings.Contains(value, ">-\n") {
		return name + ":" + value + "\n"
	}
	return name + ":" + value + g.tail() + "\n"
}

// object writes one object with what belongs to it: the comment above and those below
// that are indented deeper.
func (g *generator) object(name string) string {
	head := g.one("", "", g.margin+g.comment()+"\n")
	if g.IntN(8) == 0 {
		return head + g.margin + "-" + g.gap + "{name: " + name + g.one("", ", active: yes", ", tags: [a, 'b'], inner: {uri: u}") + "}" + g.tail() + "\n"
	}
	margin := g.margin + " " + strings.Repeat(" ", len(g.gap))
	fields := []string{"kind", "active", "count", "tags", "parts", "inner", "comment", "id"}
	g.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	fields = append([]string{""}, fields[:g.IntN(len(fields))]...)
	if g.IntN(6) == 0 {
		g.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	}
	lines := make([]string, 0, len(fields))
	for _, field := range fields {
		text := g.one("name", "\"name\"", "name ") + ": " + name + g.tail() + "\n"
		if field != "" {
			text = g.field(margin, field)
		}
		lines = append(lines, text)
	}
	body := strings.Join(lines, g.one("", margin+g.comment()+"\n", "\n")+margin)
	return head + g.margin + "-" + g.gap + body + g.one("", "", margin+g.comment()+"\n", "\n"+margin+g.comment()+"\n")
}

// document returns the text before the objects, each object with the filler behind
// it, and the text after them.
func (g *generator) document(objects int) (before string, texts, fillers []string, after string) {
	g.margin, g.gap = g.one("", "  ", "    "), g.one(" ", "   ")
	before = g.one("", "# top\n\n", "---\n") + "version: 1" + g.tail() + "\n" + g.one("", "others:\n- {name: o}\n", "about: {name: me}"+g.tail()+"\n") + "things:" + g.tail() + "\n" + g.filler()
	for i := range objects {
		texts = append(texts, g.object(fmt.Sprintf("n%d", i)))
		fillers = append(fillers, g.filler())
	}
	return before, texts, fillers, g.one("", "# end\n", "...\n", "\n\n# end\n...\n# gone\n")
}

func FuzzEdit(f *testing.F) {
	for seed := range uint64(1000) {
		f.Add(seed, uint8(seed), uint8(seed/7), "text "+string(rune(seed)))
	}
	f.Add(uint64(1), uint8(1), uint8(1), "yes\n# no\u2028")
	f.Add(uint64(116), uint8(88), uint8(7), "0") // inserts and replaces at the same line
	f.Fuzz(func(t *testing.T, seed uint64, target, operation uint8, text string) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
		objects := 1 + g.IntN(4)
		before, texts, fillers, rest := g.document(objects)
		at := int(target) % objects
		for i := range at {
			before += texts[i] + fillers[i]
		}
		for i := objects - 1; i > at; i-- {
			rest = texts[i] + fillers[i] + rest
		}
		rest = fillers[at] + rest
		if g.IntN(3) == 0 {
			before, texts[at], rest = windows(before), windows(texts[at]), windows(rest)
		}
		whole := before + texts[at] + rest
		d, err := Parse([]byte(whole), testLayout())
		if err != nil {
			t.Fatalf("the generator wrote what cannot be read: %v\n%s", err, whole)
		}
		checkEdit(t, d, edit{before: before, rest: rest, name: fmt.Sprintf("n%d", at), operation: operation % 5, text: text, only: objects == 1})
	})
}

func windows(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

type edit struct {
	before, rest string // the text before and after the object, which must stay
	name, text   string
	operation    uint8
	only         bool // it is the only object of its section
}

// checkEdit changes, adds or deletes an object and checks the bytes of all others.
func checkEdit(t *testing.T, d *Document, e edit) {
	whole := string(d.Bytes())
	var object thing
	if err := d.Decode("things", d.Index("things", e.name), &object); err != nil {
		t.Fatalf("%v\n%s", err, whole)
	}
	switch e.operation {
	case 0:
		object.Kind, object.Active = e.text, !object.Active
	case 1:
		object.Tags, object.Inner = append([]string{e.text}, object.Tags...), inner{Note: e.text}
	case 2:
		object.Parts, object.Comment, object.Count = append(object.Parts, part{Name: "r", State: e.text}), "", object.Count+1
	case 3:
		checkDelete(t, d, e)
		return
	case 4:
		checkAddAndDelete(t, d, thing{Name: "m" + e.text, Kind: e.text, Tags: []string{e.text}})
		return
	}
	after := apply(t, d, Edit{Section: "things", Key: e.name, Object: object})
	var got thing
	if err := after.Decode("things", after.Index("things", e.name), &got); err != nil {
		t.Fatal(err)
	}
	want, err1 := encode(object)
	have, err2 := encode(got)
	if err1 != nil || err2 != nil || !equal(want, have) {
		t.Errorf("another value: %s", cmp.Diff(want, have))
	}
	text := string(after.Bytes())
	if !strings.HasPrefix(text, e.before) || !strings.HasSuffix(text, e.rest) || len(text) < len(e.before)+len(e.rest) {
		t.Errorf("other bytes changed: %s", cmp.Diff(whole, text))
	}
}

func checkDelete(t *testing.T, d *Document, e edit) {
	after := string(apply(t, d, Edit{Section: "things", Key: e.name}).Bytes())
	if e.only {
		if strings.Contains(after, "things:") {
			t.Errorf("the section is still there:\n%s", after)
		}
		return
	}
	if diff := cmp.Diff(e.before+e.rest, after); diff != "" {
		t.Error(diff)
	}
}

func checkAddAndDelete(t *testing.T, d *Document, object thing) {
	whole := string(d.Bytes())
	with := apply(t, d, add(object))
	if prefix, suffix := common(whole, string(with.Bytes())); prefix+suffix < len(whole) {
		t.Errorf("other bytes changed: %s", cmp.Diff(whole, string(with.Bytes())))
	}
	without := apply(t, with, Edit{Section: "things", Key: object.Name})
	if diff := cmp.Diff(whole, string(without.Bytes())); diff != "" {
		t.Error(diff)
	}
}

// common returns how many bytes two texts begin and end with in common.
func common(a, b string) (prefix, suffix int) {
	for prefix < len(a) && prefix < len(b) && a[prefix] == b[prefix] {
		prefix++
	}
	for suffix < len(a) && suffix < len(b) && a[len(a)-1-suffix] == b[len(b)-1-suffix] {
		suffix++
	}
	return prefix, suffix
}

// FuzzParse checks that no input makes the parser panic, that what it accepts it can
// edit, and that a fault has a line of the text.
func FuzzParse(f *testing.F) {
	for _, text := range inverseDocuments() {
		f.Add([]byte(text))
	}
	f.Add([]byte("version: 1\nthings: [{name: a}, {name: b, tags: [x, {y: z}]}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data, testLayout())
		if err != nil {
			if faults, ok := err.(Faults); ok && (faults[0].Line < 1 || faults[0].Line > strings.Count(string(data), "\n")+1) {
				t.Errorf("%v in a text of %d lines", err, strings.Count(string(data), "\n")+1)
			}
			return
		}
		if got, err := d.Apply([]Edit{{Section: "things", Key: "nobody"}}); err != nil || got != d {
			t.Errorf("an edit of nothing: %v", err)
		}
		if with, err := d.Apply([]Edit{add(thing{Name: "new", Kind: "k"})}); err == nil && with.Index("things", "new") < 0 {
			t.Errorf("the new object is not in:\n%s", with.Bytes())
		}
	})
}
