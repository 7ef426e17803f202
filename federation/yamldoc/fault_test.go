package yamldoc

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFaultsHaveTheirPlace(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"empty", "", "line 1, column 1: version is missing; the file begins with `version: 2`"},
		{"comments only", "# a\n", "line 1, column 1: version is missing; the file begins with `version: 2`"},
		{"no version", "things: []\n", "line 1, column 1: version is missing; the file begins with `version: 2`"},
		{"version is text", "version: one\n", "line 1, column 10: version: is not a version number"},
		{"version in quotes", "version: \"1\"\n", "line 1, column 10: version: is not a version number"},
		{"version zero", "version: 0\n", "line 1, column 10: version: is not a version number"},
		{"version is a list", "version: [1]\n", "line 1, column 10: version: is not a version number"},
		{"a list", "- version: 1\n", "line 1, column 1: is not a mapping; a document is made of `key: value` lines"},
		{"in braces", "{version: 1}\n", "line 1, column 1: the document stands in braces; write `key: value` lines"},
		{"unknown section", "version: 1\nstuff: 1\n", "line 2, column 1: unknown key \"stuff\"; known are version, about, things, others"},
		{"unknown field", "version: 1\nthings:\n- name: a\n  colour: red\n", "line 4, column 3: things[0] (a): unknown key \"colour\""},
		{"unknown field far down", "version: 1\nthings:\n- name: a\n  parts:\n  - name: p\n    size: 1\n", "line 6, column 5: things[0] (a).parts[0]: unknown key \"size\""},
		{"case of a field", "version: 1\nabout:\n  Name: a\n", "line 3, column 3: about: unknown key \"Name\""},
		{"several at once", "version: 1\nx: 1\nthings:\n- name: a\n  y: 1\n- 7\n", "line 2, column 1: unknown key \"x\"; known are version, about, things, others; line 5, column 3: things[0] (a): unknown key \"y\"; line 6, column 3: things[1]: is not a mapping"},
		{"key twice", "version: 1\nthings: []\nthings: []\n", "line 3, column 1: key \"things\" is on line 2 already"},
		{"field twice", "version: 1\nthings:\n- name: a\n  kind: 1\n  kind: 2\n", "line 5, column 3: key \"kind\" is on line 4 already"},
		{"object twice", "version: 1\nthings:\n- name: a\n- name: A\n", "line 4, column 9: things[1].name: \"A\" is at things[0] already"},
		{"object without a name", "version: 1\nthings:\n- kind: a\n", "line 3, column 3: things[0]: name is missing"},
		{"object with an empty name", "version: 1\nthings:\n- name:\n", "line 3, column 8: things[0].name: is not a name"},
		{"section is text", "version: 1\nthings: a\n", "line 2, column 9: things: is not a list"},
		{"section is a list", "version: 1\nabout: []\n", "line 2, column 8: about: is not a mapping"},
		{"second document", "version: 1\n---\nversion: 1\n", "line 2, column 1: a second document begins here; a file holds one"},
		{"second document, empty", "version: 1\n---\n", "line 2, column 1: a second document begins here; a file holds one"},
		{"anchor", "version: 1\nthings: &a []\n", "line 2, column 9: anchor &a; anchors are not used in this file"},
		{"alias", "version: 1\nthings: &a []\nothers: *a\n", "line 2, column 9: anchor &a; anchors are not used in this file; line 3, column 9: alias *a; write the value out"},
		{"merge key", "version: 1\nabout:\n  <<: {name: a}\n", "line 3, column 3: merge key <<; write the fields out"},
		{"tag", "version: 1\nabout:\n  name: !!str a\n", "line 3, column 9: tag !!str; tags are not used in this file"},
		{"own tag", "version: 1\nabout: !mine\n  name: a\n", "line 2, column 8: tag !mine; tags are not used in this file"},
		{"key with a question mark", "version: 1\nabout:\n  ? name\n  : a\n", "line 3, column 5: a key that is not a plain name"},
		{"key that is a list", "version: 1\nabout:\n  [a]: b\n", "line 3, column 3: a key that is not a plain name"},
		{"tab", "version: 1\nabout:\n\tname: a\n", "line 3, column 1: found character that cannot start any token"},
		{"two colons", "version: 1\nabout: a: b\n", "line 2, column 9: mapping values are not allowed in this context"},
		{"two colons on the first line", "version: a: b\n", "line 1, column 11: mapping values are not allowed in this context"},
		{"bracket left open", "version: 1\nthings: [1, 2\nothers: 3\n", "line 2, column 10: did not find expected ',' or ']'"},
		{"quote left open", "version: 1\nabout:\n  name: 'a\n  kind: b\n", "line 3, column 9: found unexpected end of stream"},
		{"wrong indentation", "version: 1\nthings:\n  - name: a\n kind: b\n", "line 4, column 2: did not find expected key"},
		{"reserved character", "version: 1\nabout: @a\n", "line 2, column 8: found character that cannot start any token"},
		{"unknown alias", "version: 1\nabout: *a\n", "line 2, column 9: unknown anchor 'a' referenced"},
		{"not UTF-8", "version: 1\n# \xff\n", "line 2, column 3: is not UTF-8"},
		{"UTF-16", "\xff\xfev\x00", "line 1, column 1: is UTF-16; write the file as UTF-8"},
		{"carriage returns", "version: 1\rabout:\r", "line 1, column 11: a carriage return without a line feed; end lines with LF or CR LF"},
		{"next line", "version: 1 # a\u0085b\n", "line 1, column 15: a line break of an unusual kind, U+0085; write it as \"\\u0085\" in double quotes"},
		{"control character", "version: 1\nabout:\n  name: \"\x07\"\n", "line 3, column 10: a control character, U+0007; write it as \"\\u0007\" in double quotes"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(c.text), testLayout())
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
	if len(cases) < 40 {
		t.Errorf("only %d cases", len(cases))
	}
}

func TestNewerVersionComesBeforeOtherFaults(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte("version: 3\nstuff: 1\n"), testLayout())
	var newer *VersionError
	if !errors.As(err, &newer) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(VersionError{Found: 3, Supported: 2}, *newer); diff != "" {
		t.Error(diff)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	_, err := Parse(bytes.Repeat([]byte("#"), MaxSize+1), testLayout())
	if err == nil || !strings.Contains(err.Error(), "67108865 bytes long, at most 67108864") {
		t.Errorf("got %v", err)
	}
}

func TestDecodeNamesEachWrongValue(t *testing.T) {
	t.Parallel()
	d := parse(t, "version: 1\nthings:\n- name: a\n  active: perhaps\n  count: many\n  tags: x\n  when: soon\n  inner: [1]\n  parts:\n  - name: [p]\n")
	want := "line 4, column 11: things[0] (a).active: is not true or false; " +
		"line 5, column 10: things[0] (a).count: is not a whole number; " +
		"line 6, column 9: things[0] (a).tags: is not a list; " +
		"line 7, column 9: things[0] (a).when: is not a time such as 2026-01-31T12:00:00Z; " +
		"line 8, column 10: things[0] (a).inner: is not a mapping; " +
		"line 10, column 11: things[0] (a).parts[0].name: is not a text"
	err := d.Decode("things", 0, new(thing))
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}
