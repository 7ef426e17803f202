package yamldoc

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Documents with comments in every place a section or an object can have them.
func inverseDocuments() []string {
	return []string{
		"version: 1\n",
		"version: 1",
		"version: 1\r\n",
		"version: 1 # v",
		"# a\n\nversion: 1\n\n# end\n",
		"---\nversion: 1\n...\n",
		"version: 1\n# about others\nothers:\n- name: x\n",
		"version: 1\n\n# about\nabout:\n  name: me\n  # deeper\n\n# about others\nothers:\n- name: x\n",
		"version: 1\nthings:\n  # about d\n  - name: d\n    # d, deeper\n\n    # d, far below\n  # about x\n  - name: x\n",
		"version: 1\nthings:\n# about d\n- name: d\n# about x\n- name: x\n# end\n",
		"version: 1\nthings:\n# about all\n\n# about d\n- name: d\n\n\n- name: x\n\n# end\n",
		"version: 1\nthings: # list\n-\n  # d\n  name: d\n-   name: x\n    comment: |\n      text\n\n      # text\n# end\nothers: []\n",
		"version: 1\nthings:\n- name: d\n  comment: |+\n    text\n\n\n- name: x\n  comment: 'two\n\n    lines'\n",
		"version: 1\nthings:\n- {name: d, tags: [a,\n  # c\n  b]} # d\n- {name: x}",
		"version: 1\nthings:\n- name: x\n- name: d # not sorted\n",
		"others:\n- name: x\nversion: 1\nabout: {name: me}\n",
	}
}

func TestPutThenDeleteGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	n := 0
	for _, text := range inverseDocuments() {
		for _, key := range []string{"a", "E", "m", "zz"} {
			n++
			before := parse(t, text)
			with := apply(t, before, add(thing{Name: key, Tags: []string{"1"}, Inner: inner{URI: "u"}}))
			if with.Index("things", key) < 0 {
				t.Errorf("%q is not in:\n%s", key, with.Bytes())
			}
			after := apply(t, with, Edit{Section: "things", Key: key})
			if diff := cmp.Diff(text, string(after.Bytes())); diff != "" {
				t.Errorf("with %q:\n%s", key, diff)
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d cases", n)
	}
}

func TestSingleObjectPutThenDelete(t *testing.T) {
	t.Parallel()
	n := 0
	for _, text := range inverseDocuments() {
		before := parse(t, text)
		if before.Has("about") {
			continue
		}
		n++
		with := apply(t, before, Edit{Section: "about", Object: thing{Name: "n", Count: 3}})
		after := apply(t, with, Edit{Section: "about"})
		if diff := cmp.Diff(text, string(after.Bytes())); diff != "" {
			t.Error(diff)
		}
	}
	if n < 10 {
		t.Errorf("only %d cases", n)
	}
}

func TestObjectsAndSections(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, before string
		edits        []Edit
		after        string
	}{
		{"a new section stands in the order of the layout", "version: 1\nothers:\n- name: x\n",
			[]Edit{add(thing{Name: "b"}), add(thing{Name: "a"}), {Section: "about", Object: thing{Name: "me"}}},
			"version: 1\nabout:\n  name: me\nthings:\n  - name: a\n  - name: b\nothers:\n- name: x\n"},
		{"into a sorted section", "version: 1\nthings:\n- name: a\n- name: C\n", []Edit{add(thing{Name: "b"}), add(thing{Name: "B2"}), add(thing{Name: "0"})},
			"version: 1\nthings:\n- name: \"0\"\n- name: a\n- name: b\n- name: B2\n- name: C\n"},
		{"to the end of one that is not sorted", "version: 1\nthings:\n- name: c\n- name: a\n", []Edit{add(thing{Name: "b"})},
			"version: 1\nthings:\n- name: c\n- name: a\n- name: b\n"},
		{"into an empty list", "version: 1\nthings: [] # t\n# end\n", []Edit{add(thing{Name: "b"})},
			"version: 1\nthings: # t\n  - name: b\n# end\n"},
		{"into nothing", "version: 1\nthings: # t\n  # none yet\nothers:\n", []Edit{add(thing{Name: "b"})},
			"version: 1\nthings: # t\n  - name: b\n  # none yet\nothers:\n"},
		{"into a list in brackets", "version: 1\nthings: [{name: a, active: yes}, {name: c, count: 0x10}] # t\nothers: [{name: x}]\n", []Edit{add(thing{Name: "b"}), {Section: "things", Key: "C"}},
			"version: 1\nthings: # t\n  - name: a\n    active: true\n  - name: b\nothers: [{name: x}]\n"},
		{"a deleted object takes its comment along", "version: 1\nthings:\n# all\n\n# about a\n- name: a\n  # a too\n# about b\n- name: b\n", []Edit{{Section: "things", Key: "A"}},
			"version: 1\nthings:\n# all\n\n# about b\n- name: b\n"},
		{"the last object takes the section along", "version: 1\n# things\nthings: # t\n\n# all\n\n# about a\n- name: a\n# end\n", []Edit{{Section: "things", Key: "a"}},
			"version: 1\n# things\n\n# all\n\n# end\n"},
		{"a section in brackets goes too", "version: 1\nthings: [{name: a}] # t\nothers: []\n", []Edit{{Section: "things", Key: "a"}},
			"version: 1\nothers: []\n"},
		{"all replaced", "version: 1\nthings:\n- name: a\n", []Edit{{Section: "things", Key: "a"}, add(thing{Name: "b"})},
			"version: 1\nthings:\n- name: b\n"},
		{"renamed in its place", "version: 1\nthings:\n- name: a # a\n- name: b\n", []Edit{{Section: "things", Key: "a", Object: thing{Name: "z"}}},
			"version: 1\nthings:\n- name: z # a\n- name: b\n"},
		{"renamed, and its name given away", "version: 1\nthings:\n- name: a # a\n", []Edit{{Section: "things", Key: "a", Object: thing{Name: "z"}}, add(thing{Name: "a", Count: 1})},
			"version: 1\nthings:\n- name: a\n  count: 1\n- name: z # a\n"},
		{"deleting what is not there", "version: 1\nthings: []\n", []Edit{{Section: "things", Key: "a"}, {Section: "about"}},
			"version: 1\nthings: []\n"},
		{"new part and new field at the same place", "version: 1\nthings:\n- name: a\n  parts:\n    - name: p\n      # p, off\n- name: b\n",
			[]Edit{{Section: "things", Key: "a", Object: thing{Name: "a", Parts: []part{{Name: "p"}, {Name: "q"}}, Comment: "c"}}, add(thing{Name: "aa"})},
			"version: 1\nthings:\n- name: a\n  parts:\n    - name: p\n      # p, off\n    - name: q\n  comment: c\n- name: aa\n- name: b\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			after := apply(t, parse(t, c.before), c.edits...)
			if diff := cmp.Diff(c.after, string(after.Bytes())); diff != "" {
				t.Error(diff)
			}
		})
	}
	if len(cases) < 14 {
		t.Errorf("only %d cases", len(cases))
	}
}
