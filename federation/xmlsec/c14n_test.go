package xmlsec_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
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
	if len(cases) < 20 {
		t.Fatalf("%d cases, want at least 20", len(cases))
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

// TestCanonicalAgainstXMLLint compares with another implementation. xmllint keeps
// comments, so the documents have none; and it writes an ampersand in a namespace
// name as it is, so they have none of those either.
func TestCanonicalAgainstXMLLint(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmllint")
	const count = 400
	random := rand.New(rand.NewPCG(2, 0))
	folder := t.TempDir()
	args := []string{"--exc-c14n", "--nonet"}
	var documents [][]byte
	var ours bytes.Buffer
	for i := range count {
		document := []byte(generated(random))
		root, err := xmlsec.Parse(document, xmlsec.Limits{})
		if err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		ours.Write(root.Canonical())
		documents = append(documents, document)
		name := filepath.Join(folder, fmt.Sprint(i))
		if err := os.WriteFile(name, document, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	if theirs := run(t, program, args...); !bytes.Equal(theirs, ours.Bytes()) {
		for i, document := range documents {
			one := string(mustParse(t, string(document)).Canonical())
			if diff := cmp.Diff(string(run(t, program, append(args[:2:2], args[i+2])...)), one); diff != "" {
				t.Fatalf("document %d: %q (-xmllint +ours):\n%s", i, document, diff)
			}
		}
		t.Fatal("the documents differ all together, but not one by one")
	}
	if len(documents) < 200 {
		t.Fatalf("%d documents, want at least 200", len(documents))
	}
}

// generated returns a document that uses what canonicalization has rules for.
func generated(random *rand.Rand) string {
	var out strings.Builder
	if random.IntN(2) == 0 {
		out.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n")
	}
	generateElement(&out, random, map[string]bool{}, 0)
	return out.String()
}

func pick(random *rand.Rand, from ...string) string { return from[random.IntN(len(from))] }

func generateElement(out *strings.Builder, random *rand.Rand, outer map[string]bool, depth int) {
	prefixes := map[string]bool{}
	for p := range outer {
		prefixes[p] = true
	}
	var attributes []string
	for _, p := range []string{"p", "q", "r"} {
		if random.IntN(4) == 0 {
			prefixes[p] = true
			attributes = append(attributes, fmt.Sprintf(`xmlns:%s="%s"`, p, "urn:"+p+pick(random, "1", "2", "3")))
		}
	}
	if random.IntN(3) == 0 {
		attributes = append(attributes, "xmlns="+pick(random, `""`, `"urn:d1"`, `'urn:d2'`, `"http://x.example/?a=1"`))
	}
	for _, local := range []string{"a", "b", "é"} {
		p := pick(random, "", "", "p", "q", "r", "xml")
		if random.IntN(3) > 0 || p != "" && p != "xml" && !prefixes[p] || p == "xml" && local != "a" {
			continue
		}
		if p == "xml" {
			local = "lang"
		}
		if p != "" {
			p += ":"
		}
		attributes = append(attributes, p+local+pick(random, "=", " = ", "\n=")+quotedValue(random))
	}
	random.Shuffle(len(attributes), func(i, j int) { attributes[i], attributes[j] = attributes[j], attributes[i] })
	name := pick(random, "x", "y", "ü", "a.b-c_1")
	if p := pick(random, "", "p", "q", "r"); prefixes[p] {
		name = p + ":" + name
	}
	out.WriteString("<" + name)
	for _, a := range attributes {
		out.WriteString(pick(random, " ", "\n", "\t ", "\r\n") + a)
	}
	if random.IntN(6) == 0 {
		out.WriteString(pick(random, "", " ") + "/>")
		return
	}
	out.WriteString(pick(random, "", "\n") + ">")
	for range random.IntN(4) {
		if random.IntN(2) == 0 && depth < 6 {
			generateElement(out, random, prefixes, depth+1)
		}
		out.WriteString(pick(random, "text", "&lt;&amp;&gt;", "\r\n\t", "&#13;&#xA;&#x9;", "<![CDATA[<&]]]]><![CDATA[>]]>", "\"'", "€😀", "&#x20AC;", "]]&gt;", "\r"))
	}
	out.WriteString("</" + name + pick(random, "", " ") + ">")
}

func quotedValue(random *rand.Rand) string {
	value := ""
	for range random.IntN(4) {
		value += pick(random, "v", "\t", "\n", "\r\n", "\r", "&#9;", "&#xA;", "&#xD;", "&quot;&apos;", "&lt;", ">", "&amp;", "ß")
	}
	if random.IntN(2) == 0 {
		return `"` + value + `'"`
	}
	return `'` + value + `"'`
}
