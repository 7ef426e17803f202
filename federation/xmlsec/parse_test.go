package xmlsec_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/xmlsec"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		document string
		code     xmlsec.Code
	}{
		"nothing":                       {"", xmlsec.Malformed},
		"white space only":              {" \n", xmlsec.Malformed},
		"text only":                     {"text", xmlsec.Malformed},
		"document type":                 {`<!DOCTYPE a><a/>`, xmlsec.Malformed},
		"billion laughs":                {`<!DOCTYPE a [<!ENTITY b "&c;&c;"><!ENTITY c "x">]><a>&b;</a>`, xmlsec.Malformed},
		"external entity":               {`<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`, xmlsec.Malformed},
		"processing instruction":        {`<a><?b c?></a>`, xmlsec.Malformed},
		"stylesheet before the root":    {`<?xml-stylesheet href="a"?><a/>`, xmlsec.Malformed},
		"declaration not at the start":  {` <?xml version="1.0"?><a/>`, xmlsec.Malformed},
		"declaration twice":             {`<?xml version="1.0"?><?xml version="1.0"?><a/>`, xmlsec.Malformed},
		"XML 1.1":                       {`<?xml version="1.1"?><a/>`, xmlsec.Malformed},
		"another encoding":              {`<?xml version="1.0" encoding="iso-8859-1"?><a/>`, xmlsec.Malformed},
		"UTF-16":                        {"\xFF\xFE<\x00a\x00/\x00>\x00", xmlsec.Malformed},
		"invalid UTF-8":                 {"<a>\xC3\x28</a>", xmlsec.Malformed},
		"overlong UTF-8":                {"<a>\xC0\xBC</a>", xmlsec.Malformed},
		"a surrogate in UTF-8":          {"<a>\xED\xA0\x80</a>", xmlsec.Malformed},
		"a NUL":                         {"<a>\x00</a>", xmlsec.Malformed},
		"an escape character":           {"<a>\x1B[2J</a>", xmlsec.Malformed},
		"U+FFFE":                        {"<a>\uFFFE</a>", xmlsec.Malformed},
		"a reference to a NUL":          {"<a>&#0;</a>", xmlsec.Malformed},
		"a reference to a surrogate":    {"<a>&#xD800;</a>", xmlsec.Malformed},
		"a reference beyond Unicode":    {"<a>&#x110000;</a>", xmlsec.Malformed},
		"a reference past 32 bits":      {"<a>&#x100000041;</a>", xmlsec.Malformed},
		"an empty reference":            {"<a>&#;</a>", xmlsec.Malformed},
		"a signed reference":            {"<a>&#+65;</a>", xmlsec.Malformed},
		"a reference with underscores":  {"<a>&#x4_1;</a>", xmlsec.Malformed},
		"hex in capitals":               {"<a>&#X41;</a>", xmlsec.Malformed},
		"an HTML entity":                {"<a>&nbsp;</a>", xmlsec.Malformed},
		"a bare ampersand":              {"<a>b & c</a>", xmlsec.Malformed},
		"an ampersand in an attribute":  {`<a b="&"/>`, xmlsec.Malformed},
		"an entity in an attribute":     {`<a b="&c;"/>`, xmlsec.Malformed},
		"< in an attribute":             {`<a b="<"/>`, xmlsec.Malformed},
		"]]> in text":                   {"<a>]]></a>", xmlsec.Malformed},
		"second root":                   {"<a/><b/>", xmlsec.Malformed},
		"text behind the root":          {"<a/>b", xmlsec.Malformed},
		"text before the root":          {"b<a/>", xmlsec.Malformed},
		"CDATA behind the root":         {"<a/><![CDATA[b]]>", xmlsec.Malformed},
		"an end tag behind the root":    {"<a/></a>", xmlsec.Malformed},
		"not closed":                    {"<a><b></b>", xmlsec.Malformed},
		"closed by another":             {"<a></b>", xmlsec.Malformed},
		"closed by a longer name":       {"<a></ab>", xmlsec.Malformed},
		"closed by another prefix":      {`<p:a xmlns:p="urn:p" xmlns:q="urn:p"></q:a>`, xmlsec.Malformed},
		"crossed":                       {"<a><b></a></b>", xmlsec.Malformed},
		"a tag that does not end":       {"<a", xmlsec.Malformed},
		"an end tag that does not end":  {"<a></a", xmlsec.Malformed},
		"a slash and no more":           {"<a/", xmlsec.Malformed},
		"no white space":                {`<a b="1"c="2"/>`, xmlsec.Malformed},
		"no quotes":                     {`<a b=1/>`, xmlsec.Malformed},
		"no value":                      {`<a b/>`, xmlsec.Malformed},
		"a value that does not end":     {`<a b="1/>`, xmlsec.Malformed},
		"an attribute twice":            {`<a b="1" b="1"/>`, xmlsec.Malformed},
		"an expanded name twice":        {`<a xmlns:p="urn:x" xmlns:q="urn:x" p:b="1" q:b="2"/>`, xmlsec.Malformed},
		"undeclared prefix":             {"<p:a/>", xmlsec.Malformed},
		"undeclared attribute prefix":   {`<a p:b="1"/>`, xmlsec.Malformed},
		"a prefix out of scope":         {`<a><b xmlns:p="urn:p"/><p:c/></a>`, xmlsec.Malformed},
		"a prefix declared twice":       {`<a xmlns:p="urn:p" xmlns:p="urn:p"/>`, xmlsec.Malformed},
		"the default declared twice":    {`<a xmlns="urn:p" xmlns="urn:q"/>`, xmlsec.Malformed},
		"a prefix undone":               {`<a xmlns:p="urn:p"><b xmlns:p=""/></a>`, xmlsec.Malformed},
		"a relative namespace":          {`<a xmlns="relative"/>`, xmlsec.Malformed},
		"xmlns as a prefix":             {`<xmlns:a/>`, xmlsec.Malformed},
		"xmlns declared":                {`<a xmlns:xmlns="urn:a"/>`, xmlsec.Malformed},
		"the namespace of xmlns":        {`<a xmlns:p="http://www.w3.org/2000/xmlns/"/>`, xmlsec.Malformed},
		"xml declared otherwise":        {`<a xmlns:xml="urn:a"/>`, xmlsec.Malformed},
		"the namespace of xml":          {`<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>`, xmlsec.Malformed},
		"a huge namespace":              {`<a xmlns="urn:` + strings.Repeat("x", 1100) + `"/>`, xmlsec.Malformed},
		"two colons":                    {`<a:b:c xmlns:a="urn:a"/>`, xmlsec.Malformed},
		"a colon first":                 {`<:a/>`, xmlsec.Malformed},
		"a colon last":                  {`<a: xmlns:a="urn:a"/>`, xmlsec.Malformed},
		"a digit first":                 {`<1a/>`, xmlsec.Malformed},
		"a blank first":                 {`< a/>`, xmlsec.Malformed},
		"a multiplication sign":         {`<a×/>`, xmlsec.Malformed},
		"-- in a comment":               {"<a><!-- -- --></a>", xmlsec.Malformed},
		"--- at the end of a comment":   {"<a><!-- ---></a>", xmlsec.Malformed},
		"a comment that does not end":   {"<a><!-- </a>", xmlsec.Malformed},
		"a short comment":               {"<a><!--></a>", xmlsec.Malformed},
		"a CDATA that does not end":     {"<a><![CDATA[</a>", xmlsec.Malformed},
		"an identifier twice":           {`<a><b Id="x"/><c Id="x"/></a>`, xmlsec.Malformed},
		"an identifier in two kinds":    {`<a ID="x"><c AssertionID="x"/></a>`, xmlsec.Malformed},
		"an identifier of wsu and none": {`<a xmlns:u="` + xmlsec.NamespaceWSU + `"><b u:Id="x"/><c Id="&#120;"/></a>`, xmlsec.Malformed},
		"too deep":                      {strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65), xmlsec.TooLarge},
		"1000 deep":                     {strings.Repeat("<a>", 1000) + strings.Repeat("</a>", 1000), xmlsec.TooLarge},
		"too many elements":             {"<a>" + strings.Repeat("<b/>", 10_000) + "</a>", xmlsec.TooLarge},
		"too many attributes":           {"<a " + numbered(10_000, ` b%d=""`) + "/>", xmlsec.TooLarge},
		"too many declarations":         {"<a " + numbered(10_000, ` xmlns:b%d="urn:b"`) + "/>", xmlsec.TooLarge},
		"too big":                       {"<a>" + strings.Repeat(" ", 1<<20) + "</a>", xmlsec.TooLarge},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, err := xmlsec.Parse([]byte(c.document), xmlsec.Limits{})
			var fault *xmlsec.Error
			if !errors.As(err, &fault) || fault.Code != c.code || root != nil {
				t.Errorf("Parse = %v, %v, want an error of code %s", root, err, c.code)
			}
		})
	}
	if len(cases) < 80 {
		t.Fatalf("%d cases, want at least 80", len(cases))
	}
}

func numbered(n int, format string) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, format, i)
	}
	return all.String()
}

func TestParseText(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ content, want string }{
		"plain":                  {"b", "b"},
		"none":                   {"", ""},
		"a comment splits it":    {"admin@a.example<!-- -->.evil.example", "admin@a.example.evil.example"},
		"CDATA joins":            {"b<![CDATA[<c>&d;]]>e", "b<c>&d;e"},
		"CDATA between brackets": {"]<![CDATA[]]]]>>", "]]]>"},
		"references":             {"&lt;&gt;&amp;&quot;&apos;&#65;&#x41;&#x1F600;", `<>&"'AA😀`},
		"escaped twice":          {"&amp;lt;", "&lt;"},
		"line ends":              {"b\r\nc\rd\n\r\ne", "b\nc\nd\n\ne"},
		"line ends in CDATA":     {"<![CDATA[b\r\nc\rd]]>", "b\nc\nd"},
		"a return by reference":  {"b&#13;&#xA;c", "b\r\nc"},
		"]]&gt;":                 {"]]&gt;", "]]>"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mustParse(t, "<a>"+c.content+"</a>").Value()
			if err != nil || got != c.want {
				t.Errorf("Value = %q, %v, want %q", got, err, c.want)
			}
		})
	}
	if len(cases) < 11 {
		t.Fatalf("%d cases, want at least 11", len(cases))
	}
}

func TestParseAttributes(t *testing.T) {
	t.Parallel()
	root := mustParse(t, "\uFEFF<?xml version='1.0' encoding='UTF-8' standalone=\"yes\" ?>\n<!-- c --><p:a xmlns:p='urn:p' xmlns = \"urn:d\" "+
		"b = 'x\ty\nz\r\nw' p:b='&#9;&#xA;\"' xml:lang='de' Id='i&#x31;'>\n</p:a ><!-- d -->\n")
	want := []xmlsec.Attribute{
		{Name: xmlsec.Name{Local: "b"}, Value: "x y z w"},
		{Name: xmlsec.Name{Space: "urn:p", Local: "b"}, Prefix: "p", Value: "\t\n\""},
		{Name: xmlsec.Name{Space: "http://www.w3.org/XML/1998/namespace", Local: "lang"}, Prefix: "xml", Value: "de"},
		{Name: xmlsec.Name{Local: "Id"}, Value: "i1"},
	}
	if diff := cmp.Diff(want, root.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if !root.Is("urn:p", "a") {
		t.Errorf("name = %s", root.Name)
	}
	if root.ByID("i1") != root {
		t.Error("the root is not found by its identifier")
	}
	if space, declared := root.Namespace(""); space != "urn:d" || !declared {
		t.Errorf("default namespace = %q, %v", space, declared)
	}
}

func TestValueRefusesElements(t *testing.T) {
	t.Parallel()
	if value, err := mustParse(t, "<a>admin<b/>istrator</a>").Value(); err == nil {
		t.Errorf("Value = %q of an element that holds another", value)
	}
}

func TestWithChildKeepsAllOtherBytes(t *testing.T) {
	t.Parallel()
	cases := []struct{ document, parent, want string }{
		{"<a>\r\n <b x='1' >t</b >\n</a>", "b", "<a>\r\n <b x='1' >t<new/></b >\n</a>"},
		{"<a><b  x=\"'\" /></a>", "b", "<a><b  x=\"'\" ><new/></b></a>"},
		{"<p:a xmlns:p='urn:p'/>", "a", "<p:a xmlns:p='urn:p'><new/></p:a>"},
		{"<a><b></b><!-- </b> --></a>", "a", "<a><b></b><!-- </b> --><new/></a>"},
	}
	for _, c := range cases {
		got := string(find(t, mustParse(t, c.document), c.parent).WithChild([]byte("<new/>")))
		if got != c.want {
			t.Errorf("WithChild = %q, want %q", got, c.want)
		}
	}
}

// TestParseIsFastOnHostileInput holds quadratic costs off: each input is as costly as
// the limits allow, and none may take much longer than a harmless document of that size
// takes in the same run. A quadratic one takes a thousand times as long.
func TestParseIsFastOnHostileInput(t *testing.T) {
	t.Parallel()
	inputs := map[string]string{
		"prefixes":    "<a " + numbered(64, ` xmlns:b%d="urn:b"`) + ">" + strings.Repeat("<b0:c/>", 9900) + "</a>",
		"attributes":  "<a " + numbered(9900, ` b%d=""`) + "/>",
		"comments":    "<a>" + strings.Repeat("<!---->", 149_000) + "</a>",
		"CDATA":       "<a>" + strings.Repeat("b<![CDATA[c]]>", 70_000) + "</a>",
		"references":  "<a>" + strings.Repeat("&#1234;", 149_000) + "</a>",
		"returns":     "<a>" + strings.Repeat("\r&lt;", 200_000) + "</a>",
		"namespaces":  `<a xmlns:p="urn:` + strings.Repeat("x", 1000) + `">` + strings.Repeat("<p:b/>", 9900) + "</a>",
		"open quotes": "<a b='" + strings.Repeat(`"`, 1_000_000) + "'/>",
	}
	handle := func(name, input string) (canonical []byte, took time.Duration) {
		start := time.Now()
		root, err := xmlsec.Parse([]byte(input), xmlsec.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		canonical = root.Canonical()
		return canonical, time.Since(start)
	}
	_, harmless := handle("harmless", "<a>"+strings.Repeat("<b c='d'>"+strings.Repeat("e", 250)+"</b>", 3300)+"</a>")
	for name, input := range inputs {
		canonical, took := handle(name, input)
		if took > 200*harmless {
			t.Errorf("%s: %s, and a harmless document %s", name, took, harmless)
		}
		const most = 16 << 20
		if len(canonical) > most {
			t.Errorf("%s: %d bytes in canonical form", name, len(canonical))
		}
	}
}
