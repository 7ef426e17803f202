package publish_test

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// parsed reads a page as a browser does.
func parsed(t testing.TB, document string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// all returns the elements that are wanted, in the order of the document.
func all(root *html.Node, wanted func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && wanted(n) {
			found = append(found, n)
		}
	}
	return found
}

// named wants elements of a name, and of a class unless that is "".
func named(name, class string) func(*html.Node) bool {
	return func(n *html.Node) bool {
		return n.Data == name && (class == "" || slices.Contains(strings.Fields(attribute(n, "class")), class))
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// textOf is what an element says, blanks made one.
func textOf(n *html.Node) string {
	var text strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			text.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(text.String()), " ")
}

// texts is what the elements of a name and class say.
func texts(root *html.Node, name, class string) []string {
	var out []string
	for _, n := range all(root, named(name, class)) {
		out = append(out, textOf(n))
	}
	return out
}

// placed is what a page says of each day that has entries: "when status; subject; location".
func placed(t testing.TB, document string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	days := all(parsed(t, document), func(n *html.Node) bool { return named("td", "")(n) || named("section", "day")(n) })
	if len(days) < 7 || len(days)%7 != 0 {
		t.Fatalf("the page has %d days", len(days))
	}
	for _, day := range days {
		date := attribute(all(day, named("time", ""))[0], "datetime")
		for _, entry := range all(day, named("li", "entry")) {
			out[date] = append(out[date], strings.Join(texts(entry, "p", ""), "; "))
		}
	}
	return out
}

// skeleton is a document without its texts: elements and attributes.
func skeleton(root *html.Node) string {
	var out strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			out.WriteString("<" + n.Data)
			for _, a := range n.Attr {
				out.WriteString(" " + a.Key + "=" + a.Val)
			}
			out.WriteString(">\n")
		}
		if n.Type == html.CommentNode {
			out.WriteString("<!--" + n.Data + "-->")
		}
		for child := range n.ChildNodes() {
			walk(child)
		}
		if n.Type == html.ElementNode {
			out.WriteString("</" + n.Data + ">\n")
		}
	}
	walk(root)
	return out.String()
}

// wellFormed returns the fault that strict XML finds in a document.
func wellFormed(document string) error {
	decoder := xml.NewDecoder(strings.NewReader(document))
	for {
		if _, err := decoder.Token(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}
