package yamldoc

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The objects of the tests: every kind of field there is.
type inner struct {
	URI  string `yaml:"uri,omitempty"`
	Note string `yaml:"note,omitempty"`
}

type part struct {
	Name  string `yaml:"name"`
	State string `yaml:"state,omitempty"`
}

type meta struct {
	ID   string    `yaml:"id,omitempty"`
	When time.Time `yaml:"when,omitempty"`
}

type thing struct {
	Name    string   `yaml:"name"`
	Kind    string   `yaml:"kind,omitempty"`
	Active  bool     `yaml:"active,omitempty"`
	Count   int      `yaml:"count,omitempty"`
	Tags    []string `yaml:"tags,omitempty"`
	Parts   []part   `yaml:"parts,omitempty"`
	Inner   inner    `yaml:"inner,omitempty"`
	Comment string   `yaml:"comment,omitempty"`
	meta    `yaml:",inline"`
}

func testLayout() Layout {
	return Layout{Version: 2, Header: "# head\n", Sections: []Section{
		Mapping[thing]("about"),
		List[thing]("things", "name"),
		List[part]("others", "name"),
	}}
}

func parse(t *testing.T, text string) *Document {
	t.Helper()
	d, err := Parse([]byte(text), testLayout())
	if err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return d
}

func apply(t *testing.T, d *Document, edits ...Edit) *Document {
	t.Helper()
	after, err := d.Apply(edits)
	if err != nil {
		t.Fatalf("%v in:\n%s", err, d.Bytes())
	}
	return after
}

// edited changes one thing of the document by fn.
func edited(t *testing.T, d *Document, key string, fn func(*thing)) Edit {
	t.Helper()
	var object thing
	section, at := "things", d.Index("things", key)
	if key == "" {
		section, at = "about", 0
	}
	if err := d.Decode(section, at, &object); err != nil {
		t.Fatal(err)
	}
	fn(&object)
	return Edit{Section: section, Key: key, Object: object}
}

func add(object thing) Edit {
	return Edit{Section: "things", Key: object.Name, Object: object, New: true}
}

func TestEditKeepsOtherBytes(t *testing.T) {
	t.Parallel()
	count := func(n int) func(*thing) { return func(o *thing) { o.Count = n } }
	cases := []struct {
		name, before, key string
		edit              func(*thing)
		after             string
	}{
		{"value, comment behind it", "version: 1\nthings:\n  - name: a   # who\n    count: 1   # how many\n    active: true # yes\n", "a", count(2),
			"version: 1\nthings:\n  - name: a   # who\n    count: 2   # how many\n    active: true # yes\n"},
		{"comments and blank lines everywhere", "# top\n\n---\n# before\nversion: 1 # v\n\n\n# the things\nthings: # list\n\n  # about a\n  - name: a\n\n    # how many\n    count: 1\n\n    # end\n\n  # about b\n  -   name: b\n      count: 7\n# bye\n...\n# gone\n", "b", count(8),
			"# top\n\n---\n# before\nversion: 1 # v\n\n\n# the things\nthings: # list\n\n  # about a\n  - name: a\n\n    # how many\n    count: 1\n\n    # end\n\n  # about b\n  -   name: b\n      count: 8\n# bye\n...\n# gone\n"},
		{"windows line ends", "version: 1\r\nthings:\r\n- name: a\r\n  count: 1\r\n", "a", func(o *thing) { o.Kind = "k"; o.Count = 2 },
			"version: 1\r\nthings:\r\n- name: a\r\n  kind: k\r\n  count: 2\r\n"},
		{"no line end at the end", "version: 1\nthings:\n- name: a\n  count: 1", "a", func(o *thing) { o.Comment = "c" },
			"version: 1\nthings:\n- name: a\n  count: 1\n  comment: c"},
		{"no line end, windows", "version: 1\r\nthings:\r\n- name: a", "a", count(1),
			"version: 1\r\nthings:\r\n- name: a\r\n  count: 1"},
		{"byte order mark", "\ufeffversion: 1\nthings:\n- name: a\n  count: 1\n", "a", count(3),
			"\ufeffversion: 1\nthings:\n- name: a\n  count: 3\n"},
		{"single quotes stay", "version: 1\nthings:\n- name: a\n  kind: 'it''s' # q\n", "a", func(o *thing) { o.Kind = "isn't" },
			"version: 1\nthings:\n- name: a\n  kind: 'isn''t' # q\n"},
		{"double quotes stay", "version: 1\nthings:\n- name: a\n  kind: \"x \\\" # y\" # q\n", "a", func(o *thing) { o.Kind = "z" },
			"version: 1\nthings:\n- name: a\n  kind: \"z\" # q\n"},
		{"spelling of untouched fields", "version: 1\nthings:\n- \"name\": 'a'\n  active: True\n  tags: [ x ,y ]\n  kind: \"\"\n  count: 0x10\n  comment: >-\n    folded\n    text\n", "a", func(o *thing) { o.Inner.URI = "u" },
			"version: 1\nthings:\n- \"name\": 'a'\n  active: True\n  tags: [ x ,y ]\n  inner:\n    uri: u\n  kind: \"\"\n  count: 0x10\n  comment: >-\n    folded\n    text\n"},
		{"field removed, comments stay", "version: 1\nthings:\n- name: a\n  # before\n  count: 1 # c\n  # after\n  active: true\n", "a", count(0),
			"version: 1\nthings:\n- name: a\n  # before\n  # after\n  active: true\n"},
		{"empty value filled", "version: 1\nthings:\n- name: a\n  kind:    # none\n  active: true\n", "a", func(o *thing) { o.Kind = "k" },
			"version: 1\nthings:\n- name: a\n  kind: k    # none\n  active: true\n"},
		{"first field behind the dash removed", "version: 1\nthings:\n- count: 1\n  name: a\n- name: b # b\n", "a", count(0),
			"version: 1\nthings:\n- name: a\n- name: b # b\n"},
		{"text over several lines", "version: 1\nthings:\n- name: a\n  comment: one\n    two\n\n    three # c\n  active: true\n", "a", func(o *thing) { o.Comment = "short" },
			"version: 1\nthings:\n- name: a\n  comment: short # c\n  active: true\n"},
		{"quoted text over several lines", "version: 1\nthings:\n- name: a\n  comment: \"one\n# two \\\" x\"\n# c\n- name: b\n", "b", func(o *thing) { o.Active = true },
			"version: 1\nthings:\n- name: a\n  comment: \"one\n# two \\\" x\"\n# c\n- name: b\n  active: true\n"},
		{"literal text with what looks like comments", "version: 1\nthings:\n- name: a\n  comment: |\n    x\n\n    # no comment\n# comment\n- name: b\n", "a", func(o *thing) { o.ID = "i" },
			"version: 1\nthings:\n- name: a\n  comment: |\n    x\n\n    # no comment\n  id: i\n# comment\n- name: b\n"},
		{"literal text replaced", "version: 1\nthings:\n- name: a\n  comment: |-2 # c\n     x\n    # no comment\n  # comment\n  active: true\n", "a", func(o *thing) { o.Comment = "short" },
			"version: 1\nthings:\n- name: a\n  comment: short\n  # comment\n  active: true\n"},
		{"kept blank lines belong to the text", "version: 1\nthings:\n- name: a\n  comment: |+\n    x\n\n\n- name: b\n", "a", func(o *thing) { o.ID = "i" },
			"version: 1\nthings:\n- name: a\n  comment: |+\n    x\n\n\n  id: i\n- name: b\n"},
		{"list in brackets", "version: 1\nthings:\n- name: a\n  tags: [x, 'y'] # t\n  active: true\n", "a", func(o *thing) { o.Tags = []string{"x", "z"} },
			"version: 1\nthings:\n- name: a\n  tags: # t\n    - x\n    - z\n  active: true\n"},
		{"list item added and removed", "version: 1\nthings:\n- name: a\n  tags: # t\n  - x # x\n  # about y\n  - y # y\n\n  # z\n  - z\n  active: true\n", "a", func(o *thing) { o.Tags = []string{"x", "w", "z", "end"} },
			"version: 1\nthings:\n- name: a\n  tags: # t\n  - x # x\n  - w\n\n  # z\n  - z\n  - end\n  active: true\n"},
		{"part changed within a list", "version: 1\nthings:\n- name: a\n  parts:\n    # p\n    - name: p # p\n      state: s # s\n    - name: q # q\n    # end\n", "a", func(o *thing) { o.Parts[0].State = ""; o.Parts[1].State = "new" },
			"version: 1\nthings:\n- name: a\n  parts:\n    # p\n    - name: p # p\n    - name: q # q\n      state: new\n    # end\n"},
		{"mapping within", "version: 1\nthings:\n- name: a\n  inner: # i\n    # u\n    uri: u # u\n  active: true\n", "a", func(o *thing) { o.Inner.Note = "m" },
			"version: 1\nthings:\n- name: a\n  inner: # i\n    # u\n    uri: u # u\n    note: m\n  active: true\n"},
		{"mapping within, in braces", "version: 1\nthings:\n- name: a\n  inner: {uri: u} # i\n  active: true\n", "a", func(o *thing) { o.Inner.Note = "m" },
			"version: 1\nthings:\n- name: a\n  inner: # i\n    uri: u\n    note: m\n  active: true\n"},
		{"object in braces", "version: 1\nthings:\n- {name: a, active: yes} # a\n- {name: b, active: yes} # b\n", "a", func(o *thing) { o.Count = 1 },
			"version: 1\nthings:\n- name: a # a\n  active: true\n  count: 1\n- {name: b, active: yes} # b\n"},
		{"dash on a line of its own", "version: 1\nthings:\n  - # a\n    name: a\n  -\n\n    # n\n    name: b\n", "b", func(o *thing) { o.Active = true },
			"version: 1\nthings:\n  - # a\n    name: a\n  -\n\n    # n\n    name: b\n    active: true\n"},
		{"letters beyond ASCII", "version: 1\nthings:\n- {name: \"ä\", kind: 'ö'}\n- kind: \"日本\" # 日本\n  name: b # ü\n", "b", func(o *thing) { o.Kind = "ß" },
			"version: 1\nthings:\n- {name: \"ä\", kind: 'ö'}\n- kind: \"ß\" # 日本\n  name: b # ü\n"},
		{"single object", "version: 1\nabout: # a\n  # n\n  name: x # x\n  active: true\n\n  # end\nthings: []\n", "", func(o *thing) { o.Active = false; o.Count = 4 },
			"version: 1\nabout: # a\n  # n\n  name: x # x\n  count: 4\n\n  # end\nthings: []\n"},
		{"single object in braces", "version: 1\nabout: {name: x} # a\n# t\nthings: []\n", "", func(o *thing) { o.Active = true },
			"version: 1\nabout: # a\n  name: x\n  active: true\n# t\nthings: []\n"},
		{"nothing changed", "version: 1\nthings:\n- {name: a, active: yes, }\n", "a", func(*thing) {},
			"version: 1\nthings:\n- {name: a, active: yes, }\n"},
	}
	run := 0
	for _, c := range cases {
		run++
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, c.before)
			got := apply(t, d, edited(t, d, c.key, c.edit))
			if diff := cmp.Diff(c.after, string(got.Bytes())); diff != "" {
				t.Error(diff)
			}
		})
	}
	if run < 25 {
		t.Errorf("only %d cases", run)
	}
}
