package xmlsec_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/xmlsec"
)

// FuzzCanonical: what was parsed once has one canonical form, which is a document
// with the same content and the same canonical form.
func FuzzCanonical(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		f.Add([]byte(generated(random)))
	}
	f.Add([]byte(request))
	f.Fuzz(func(t *testing.T, document []byte) {
		if root, err := xmlsec.Parse(document, xmlsec.Limits{}); err == nil {
			checkStable(t, root)
		}
	})
}

// TestCanonicalIsStable does what FuzzCanonical does, with as many documents in every run.
func TestCanonicalIsStable(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(6, 0))
	parts := 0
	for range 500 {
		for e := range elements(mustParse(t, generated(random))) {
			checkStable(t, e)
			parts++
		}
	}
	if parts < 1000 {
		t.Fatalf("%d elements, want at least 1000", parts)
	}
}

// checkStable parses the canonical form of an element, of which the canonical form must be
// the same, and the content.
func checkStable(t *testing.T, e *xmlsec.Element) {
	t.Helper()
	first := e.Canonical()
	again, err := xmlsec.Parse(first, xmlsec.Limits{Bytes: len(first), Nodes: len(first)})
	if err != nil {
		t.Fatalf("the canonical form is refused: %v\n%q", err, first)
	}
	if second := again.Canonical(); !bytes.Equal(first, second) {
		t.Fatalf("not a fixed point:\n%q\n%q", first, second)
	}
	if diff := cmp.Diff(content(e), content(again)); diff != "" {
		t.Fatalf("another document: %q (-before +after):\n%s", first, diff)
	}
}

// seen is what a reader sees of an element without its children.
type seen struct {
	Name       xmlsec.Name
	Prefix     string
	Attributes map[xmlsec.Name]string
	Text       string
	Children   int
}

// content is what a reader sees of an element and of all within it, in document order.
func content(e *xmlsec.Element) (all []seen) {
	for within := range elements(e) {
		s := seen{within.Name, within.Prefix, map[xmlsec.Name]string{}, within.Text(), len(within.Elements())}
		for _, a := range within.Attributes {
			s.Attributes[a.Name] = a.Value
		}
		all = append(all, s)
	}
	return all
}

// FuzzSignVerify signs an element with any content and then replaces the content:
// the first verifies as it was, the second only if it is the same in canonical form.
func FuzzSignVerify(f *testing.F) {
	signer := newParty(f)
	f.Add("<a>1</a>", "<a>2</a>")
	f.Add("1<!-- c -->2", "12")
	f.Add(`<a b="&#9;"/>`, "<a b=\"\t\"/>")
	f.Add("a\r\nb", "a\nb")
	f.Add("<p:a xmlns:p='urn:p'/>", "<q:a xmlns:q='urn:p'/>")
	f.Add("</x><y>", "<![CDATA[</x>]]>")
	f.Fuzz(func(t *testing.T, content, other string) {
		place := func(content string) string {
			return `<s xmlns="urn:s" xmlns:p="urn:o"><h></h><x Id="x">` + content + `</x></s>`
		}
		root, err := xmlsec.Parse([]byte(place(content)), xmlsec.Limits{})
		if err != nil || root.ByID("x") == nil || len(root.Elements()) != 2 {
			return
		}
		signature, err := signer.signer(xmlsec.RSASHA256).Sign(root, "x")
		if err != nil {
			t.Fatal(err)
		}
		signed := mustParse(t, string(root.Elements()[0].WithChild(signature)))
		want := root.ByID("x").Canonical()
		verified, err := xmlsec.Verify(signed.Elements()[0].Elements()[0], xmlsec.ModernAlgorithms(), signer.selects)
		if err != nil {
			t.Fatalf("a good signature is refused: %v", err)
		}
		if !bytes.Equal(verified.References[0].Canonical(), want) || !bytes.Equal(verified.References[0].Element.Canonical(), want) {
			t.Fatalf("what is handed out is not what was signed: %q", verified.References[0].Canonical())
		}
		changed, err := xmlsec.Parse([]byte(place(other)), xmlsec.Limits{})
		if err != nil || changed.ByID("x") == nil || len(changed.Elements()) != 2 {
			return
		}
		forged := mustParse(t, string(changed.Elements()[0].WithChild(signature)))
		verified, err = xmlsec.Verify(forged.Elements()[0].Elements()[0], xmlsec.ModernAlgorithms(), signer.selects)
		if same := bytes.Equal(forged.ByID("x").Canonical(), want); same != (err == nil) {
			t.Fatalf("same content %v, but Verify = %v, %v", same, verified, err)
		}
	})
}

// FuzzVerify alters one byte of a signed document at any place: what verifies after
// that covers the same content as before.
func FuzzVerify(f *testing.F) {
	signer := newParty(f)
	good := signRequest(f, signer.signer(xmlsec.RSASHA256), "timestamp", "body", "proof")
	wanted := mustParse(f, string(good))
	for i := 0; i < len(good); i += 97 {
		f.Add(uint16(i), byte('x'))
	}
	f.Fuzz(func(t *testing.T, at uint16, b byte) {
		altered := bytes.Clone(good)
		altered[int(at)%len(altered)] = b
		root, err := xmlsec.Parse(altered, xmlsec.Limits{})
		if err != nil {
			return
		}
		for _, signature := range findAll(root, "Signature") {
			verified, err := xmlsec.Verify(signature, xmlsec.ModernAlgorithms(), signer.selects)
			if err != nil {
				continue
			}
			for _, id := range []string{"timestamp", "body", "proof"} {
				element := root.ByID(id)
				covered, ok := verified.Of(element)
				if !ok || !bytes.Equal(covered.Canonical(), wanted.ByID(id).Canonical()) {
					t.Fatalf("the altered %s verifies: %q at %d", id, b, at)
				}
			}
		}
	})
}
