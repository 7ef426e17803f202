package xmlsec_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
)

// What stands outside the root element of a generated document. Canonical form with
// comments, which xmllint writes, has these with a line feed that belongs to them.
const (
	commentBefore = "<!--before-->"
	commentAfter  = "<!--after-->"
)

// generator writes documents that use what canonicalization has rules for.
type generator struct {
	random *rand.Rand
	out    strings.Builder
	ids    []string // of the elements with an xml:id, when there are to be any
	marked bool     // there are to be some
}

// generated returns a document.
func generated(random *rand.Rand) string {
	g := &generator{random: random}
	if g.one(2) {
		g.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n")
	}
	if g.one(4) {
		g.write(commentBefore)
	}
	g.element(map[string]string{}, 0)
	if g.one(4) {
		g.write("\n", commentAfter)
	}
	return g.out.String()
}

func (g *generator) write(texts ...string) {
	for _, text := range texts {
		g.out.WriteString(text)
	}
}

// one is true once in so many times.
func (g *generator) one(of int) bool { return g.random.IntN(of) == 0 }

func (g *generator) pick(from ...string) string { return from[g.random.IntN(len(from))] }

func (g *generator) element(outer map[string]string, depth int) {
	scope := maps.Clone(outer)
	attributes := append(g.declarations(scope, depth), g.attributes(scope)...)
	g.random.Shuffle(len(attributes), func(i, j int) { attributes[i], attributes[j] = attributes[j], attributes[i] })
	name := g.pick("x", "y", "ü", "a.b-c_1", "𐐀")
	if p := g.pick("", "p", "q", "r"); scope[p] != "" && p != "" {
		name = p + ":" + name
	}
	g.write("<", name)
	for _, a := range attributes {
		g.write(g.pick(" ", "\n", "\t ", "\r\n"), a)
	}
	if g.one(6) {
		g.write(g.pick("", " "), "/>")
		return
	}
	g.write(g.pick("", "\n"), ">")
	if depth == 0 && g.one(10) {
		depth = 9 // a narrow, deep one
	}
	g.content(scope, depth)
	g.write("</", name, g.pick("", " "), ">")
}

func (g *generator) content(scope map[string]string, depth int) {
	const broad, deepest = 8, 50
	if depth > broad && depth < deepest {
		g.element(scope, depth+1)
	}
	for range g.random.IntN(4) {
		if g.one(2) && depth < broad {
			g.element(scope, depth+1)
		}
		g.write(g.pick("text", "&lt;&amp;&gt;", "\r\n\t", "&#13;&#xA;&#x9;", "<![CDATA[<&]]]]><![CDATA[>]]>", "<![CDATA[\r\n]]>", "<![CDATA[]]>",
			"\"'", "€😀", "&#x20AC;", "&#0065;&#x1F600;&#x0000A;", "]]&gt;", "\r", "<!-- c - c -->", "<!---->", "\u0085\u2028\uE000\uFFFD", " ", "&apos;&quot;"))
	}
}

// declarations declares prefixes anew: with a name of their own, with that of another
// one, with the one that they have already.
func (g *generator) declarations(scope map[string]string, depth int) (all []string) {
	for _, p := range []string{"p", "q", "r"} {
		if g.one(4 + depth) {
			scope[p] = g.pick("urn:m", "urn:z"+p, "urn:a", "http://x.example/"+p+"?a=1", "urn:%C3%A9", "URN:m")
			all = append(all, "xmlns:"+p+g.pick("=", " = ")+`"`+scope[p]+`"`)
		}
	}
	if g.one(3 + depth) {
		all = append(all, "xmlns="+g.pick(`""`, `"urn:d1"`, `'urn:d2'`, `"urn:m"`))
	}
	return all
}

// attributes writes no expanded name twice.
func (g *generator) attributes(scope map[string]string) (all []string) {
	seen := map[string]bool{}
	for range g.random.IntN(5) {
		p, local := g.pick("", "", "p", "q", "r"), g.pick("a", "b", "é", "B", "𐐀")
		expanded := scope[p] + " " + local
		if p == "" {
			expanded = local
		} else if scope[p] == "" {
			continue
		} else {
			local = p + ":" + local
		}
		if seen[expanded] {
			continue
		}
		seen[expanded] = true
		all = append(all, local+g.pick("=", " = ", "\n=")+g.value())
	}
	if g.one(8) {
		all = append(all, g.pick(`xml:lang="de"`, `xml:space='preserve'`, `xml:base="http://x.example/"`))
	}
	if g.marked && g.one(2) {
		id := fmt.Sprintf("i%d", len(g.ids))
		g.ids = append(g.ids, id)
		all = append(all, `xml:id="`+id+`"`)
	}
	return all
}

func (g *generator) value() string {
	value := ""
	for range g.random.IntN(4) {
		value += g.pick("v", "\t", "\n", "\r\n", "\r", "&#9;", "&#xA;", "&#xD;", "&quot;&apos;", "&lt;", ">", "&amp;", "ß", "😀", "&#x1F600;", "  ")
	}
	if g.one(2) {
		return `"` + value + `'"`
	}
	return `'` + value + `"'`
}
