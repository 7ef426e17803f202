package xmlsec_test

import (
	"crypto/sha1"
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/xmlsec"
)

// TestPublishedDigest takes the wsa:To header of the token request published in
// [MS-OXWSLVID] §3.3.4.1.1 out of its envelope: prefixes from further out, attributes
// out of order.
func TestPublishedDigest(t *testing.T) {
	t.Parallel()
	root := mustParse(t, `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"
	  xmlns:u="`+xmlsec.NamespaceWSU+`" xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust"><s:Header>
	  <a:To s:mustUnderstand="1" u:Id="_1">https://login.live-int.com:44329/liveidSTS.srf</a:To></s:Header></s:Envelope>`)
	digest := sha1.Sum(find(t, root, "To").Canonical())
	const want = "Y6HYkPrH5NqSrdcLg8AYXDphZ74="
	if got := base64.StdEncoding.EncodeToString(digest[:]); got != want {
		t.Errorf("digest = %s, want %s", got, want)
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		document, element string
		inclusive         []string
		want              string
	}{
		"empty":                       {"<a/>", "a", nil, "<a></a>"},
		"white space in tags":         {"<a  b = '1'\n></a >", "a", nil, `<a b="1"></a>`},
		"attributes sorted":           {`<a xmlns:z="urn:1" xmlns:y="urn:2" y:a="1" z:b="2" c="3" b="4"/>`, "a", nil, `<a xmlns:y="urn:2" xmlns:z="urn:1" b="4" c="3" z:b="2" y:a="1"></a>`},
		"only what is used":           {`<a xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q"><p:b/></a>`, "a", nil, `<a xmlns="urn:d"><p:b xmlns:p="urn:p"></p:b></a>`},
		"each where it is used":       {`<a xmlns:p="urn:p"><p:b/><p:c/></a>`, "a", nil, `<a><p:b xmlns:p="urn:p"></p:b><p:c xmlns:p="urn:p"></p:c></a>`},
		"not twice":                   {`<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:p"/></p:a>`, "a", nil, `<p:a xmlns:p="urn:p"><p:b></p:b></p:a>`},
		"another meaning":             {`<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:q"><p:c/></p:b><p:d/></p:a>`, "a", nil, `<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:q"><p:c></p:c></p:b><p:d></p:d></p:a>`},
		"the default undone":          {`<a xmlns="urn:d"><b xmlns=""><c/></b></a>`, "a", nil, `<a xmlns="urn:d"><b xmlns=""><c></c></b></a>`},
		"undone where it is not":      {`<a xmlns=""><b xmlns=""/></a>`, "a", nil, `<a><b></b></a>`},
		"undone for a part":           {`<a xmlns="urn:d"><b xmlns=""/></a>`, "b", nil, `<b></b>`},
		"undone and back":             {`<p:a xmlns:p="urn:p" xmlns="urn:d"><b/><c xmlns=""/></p:a>`, "a", nil, `<p:a xmlns:p="urn:p"><b xmlns="urn:d"></b><c></c></p:a>`},
		"a part of a document":        {`<a xmlns="urn:d" xmlns:p="urn:p" xml:lang="de"><b p:x="1"/></a>`, "b", nil, `<b xmlns="urn:d" xmlns:p="urn:p" p:x="1"></b>`},
		"inclusive":                   {`<a xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q"><p:b/></a>`, "b", []string{"q", "none"}, `<p:b xmlns:p="urn:p" xmlns:q="urn:q"></p:b>`},
		"inclusive default":           {`<a xmlns="urn:d" xmlns:p="urn:p"><p:b><p:c xmlns=""/></p:b></a>`, "b", []string{"#default"}, `<p:b xmlns="urn:d" xmlns:p="urn:p"><p:c xmlns=""></p:c></p:b>`},
		"inclusive, not redundant":    {`<a xmlns:q="urn:q"><b xmlns:q="urn:q"><c xmlns:q="urn:r"/></b></a>`, "a", []string{"q"}, `<a xmlns:q="urn:q"><b><c xmlns:q="urn:r"></c></b></a>`},
		"text":                        {"<a>&lt;&gt;&amp;\"'&#13;\t\r\n</a>", "a", nil, "<a>&lt;&gt;&amp;\"'&#xD;\t\n</a>"},
		"attribute values":            {"<a b='&lt;>&amp;\"&apos;&#13;&#9;&#10;\t\n'/>", "a", nil, `<a b="&lt;>&amp;&quot;'&#xD;&#x9;&#xA;  "></a>`},
		"> and nothing else":          {`<a b=">">c > d</a>`, "a", nil, `<a b=">">c &gt; d</a>`},
		"a tab and nothing else":      {"<a b=\"c\td\">\t</a>", "a", nil, "<a b=\"c d\">\t</a>"},
		"a line feed, nothing else":   {"<a b=\"c\nd\">\n</a>", "a", nil, "<a b=\"c d\">\n</a>"},
		"a carriage return only":      {"<a b=\"c\rd\">\r</a>", "a", nil, "<a b=\"c d\">\n</a>"},
		"a quote and nothing else":    {`<a b='"'>"</a>`, "a", nil, `<a b="&quot;">"</a>`},
		"CDATA and nothing else":      {`<a><![CDATA[<b]]></a>`, "a", nil, `<a>&lt;b</a>`},
		"comments and CDATA":          {"<a>b<!-- c --><![CDATA[<d>]]></a>", "a", nil, "<a>b&lt;d&gt;</a>"},
		"beyond the first plane":      {"<ä ö='😀'>é</ä>", "ä", nil, "<ä ö=\"😀\">é</ä>"},
		"an ampersand in a namespace": {`<p:a xmlns:p="urn:?a&amp;b"/>`, "a", nil, `<p:a xmlns:p="urn:?a&amp;b"></p:a>`},
		"the xml prefix":              {`<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:space="preserve" b="1"/>`, "a", nil, `<a b="1" xml:space="preserve"></a>`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := string(find(t, mustParse(t, c.document), c.element).Canonical(c.inclusive...))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if len(cases) < 26 {
		t.Fatalf("%d cases, want at least 26", len(cases))
	}
}

func TestCanonicalWithout(t *testing.T) {
	t.Parallel()
	root := mustParse(t, `<a xmlns:p="urn:p">x<p:b><p:c/></p:b>y<p:b2/></a>`)
	got := string(root.CanonicalWithout(find(t, root, "b")))
	if want := `<a>xy<p:b2 xmlns:p="urn:p"></p:b2></a>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
