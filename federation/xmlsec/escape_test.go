package xmlsec_test

import (
	"testing"

	"exfed/federation/xmlsec"
)

// TestEscape: what is escaped is read as it was, in content and in an attribute, but for
// what no document can hold.
func TestEscape(t *testing.T) {
	t.Parallel()
	cases := []struct{ text, escaped, read string }{
		{"", "", ""},
		{"plain", "plain", "plain"},
		{`<a b="c">&'d'</a>`, `&lt;a b=&quot;c&quot;&gt;&amp;'d'&lt;/a&gt;`, `<a b="c">&'d'</a>`},
		{"]]>", "]]&gt;", "]]>"},
		{"\t\n\r", "&#x9;&#xA;&#xD;", "\t\n\r"},
		{"é€😀\u0085\u2028", "é€😀\u0085\u2028", "é€😀\u0085\u2028"},
		{"a\x00b\x0bc\x1fd<", "a\uFFFDb\uFFFDc\uFFFDd&lt;", "a\uFFFDb\uFFFDc\uFFFDd<"},
		{"12345678\x1f", "12345678\uFFFD", "12345678\uFFFD"},
		{"\uFFFE\uFFFF\uFFFD", "\uFFFD\uFFFD\uFFFD", "\uFFFD\uFFFD\uFFFD"},
		{"a\xffb\xed\xa0\x80", "a\uFFFDb\uFFFD\uFFFD\uFFFD", "a\uFFFDb\uFFFD\uFFFD\uFFFD"},
	}
	for _, c := range cases {
		got := xmlsec.Escape(c.text)
		if got != c.escaped {
			t.Errorf("Escape(%q) = %q, want %q", c.text, got, c.escaped)
		}
		root := mustParse(t, `<a b="`+got+`">`+got+`</a>`)
		if value, _ := root.Attribute("", "b"); root.Text() != c.read || value != c.read {
			t.Errorf("%q is read as %q and %q, want %q", got, root.Text(), value, c.read)
		}
	}
	if len(cases) < 10 {
		t.Fatalf("%d cases, want 10", len(cases))
	}
}

// TestCanonicalEscapes: the two forms differ, and neither has more references than it needs.
func TestCanonicalEscapes(t *testing.T) {
	t.Parallel()
	const text = "a<>&\"'\t\n\rb"
	if got := string(xmlsec.AppendText([]byte("x"), text)); got != "xa&lt;&gt;&amp;\"'\t\n&#xD;b" {
		t.Errorf("AppendText: %q", got)
	}
	if got := string(xmlsec.AppendValue([]byte("x"), text)); got != "xa&lt;>&amp;&quot;'&#x9;&#xA;&#xD;b" {
		t.Errorf("AppendValue: %q", got)
	}
}

// TestCharactersAnywhere puts each character of ASCII at each place of two words, where
// several are looked at together.
func TestCharactersAnywhere(t *testing.T) {
	t.Parallel()
	refused := 0
	for b := range 0x80 {
		for at := range 16 {
			text := []byte("0123456789abcdef")
			text[at] = byte(b)
			_, err := xmlsec.Parse([]byte(`<a><![CDATA[`+string(text)+`]]></a>`), xmlsec.Limits{})
			if allowed := b >= 0x20 || b == '\t' || b == '\n' || b == '\r'; allowed != (err == nil) {
				t.Errorf("%q: %v", text, err)
			}
			if err != nil {
				refused++
			}
		}
	}
	if refused != 29*16 {
		t.Errorf("%d refused, want %d", refused, 29*16)
	}
}
