package xmlsec_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/xmlsec"
)

// TestCanonicalAgainstXMLLint compares with another implementation, which writes an
// ampersand in a namespace name as it is, so that the documents have none there.
func TestCanonicalAgainstXMLLint(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmllint")
	const count = 1500
	random := rand.New(rand.NewPCG(2, 0))
	folder := t.TempDir()
	args := []string{"--exc-c14n", "--nonet"}
	var ours bytes.Buffer
	for i := range count {
		document := generated(random)
		ours.Write(mustParse(t, document).Canonical())
		name := filepath.Join(folder, fmt.Sprint(i))
		if err := os.WriteFile(name, []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	if theirs := withoutComments(run(t, program, args...)); theirs == ours.String() {
		return
	}
	for _, name := range args[2:] {
		document, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		theirs := withoutComments(run(t, program, "--exc-c14n", "--nonet", name))
		if diff := cmp.Diff(theirs, string(mustParse(t, string(document)).Canonical())); diff != "" {
			t.Fatalf("%q (-xmllint +ours):\n%s", document, diff)
		}
	}
	t.Fatal("the documents differ all together, but not one by one")
}

// withoutComments makes the canonical form with comments, which xmllint writes, the one
// without. A < that begins no markup is a reference in it.
func withoutComments(canonical []byte) string {
	text := strings.ReplaceAll(strings.ReplaceAll(string(canonical), commentBefore+"\n", ""), "\n"+commentAfter, "")
	return regexp.MustCompile(`(?s)<!--.*?-->`).ReplaceAllString(text, "")
}

// TestPartsAgainstXMLSec1 has xmlsec1 compute digests of parts of documents, with inclusive
// prefixes, many in one signature.
func TestPartsAgainstXMLSec1(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmlsec1")
	secret := write(t, "secret.bin", []byte("a secret that is not one"))
	random := rand.New(rand.NewPCG(3, 0))
	parts := 0
	for range 12 {
		g := &generator{random: random, marked: true}
		g.write(`<docs xmlns:p="urn:zp" xmlns:r="urn:m" xmlns="urn:d0">`)
		for range 60 {
			g.element(map[string]string{"p": "urn:zp", "r": "urn:m"}, 1)
		}
		prefixes := map[string]string{}
		var references strings.Builder
		for _, id := range g.ids {
			prefixes[id] = g.pick("", "", "p", "q", "r p", "#default", "#default q p r", "none")
			references.WriteString(reference(id, prefixes[id]))
		}
		g.write(`<Signature xmlns="`, xmlsec.NamespaceSignature, `"><SignedInfo><CanonicalizationMethod Algorithm="`, xmlsec.ExclusiveC14N,
			`"/><SignatureMethod Algorithm="`, string(xmlsec.HMACSHA256), `"/>`, references.String(), `</SignedInfo><SignatureValue/></Signature></docs>`)
		document := g.out.String()
		signed := run(t, program, "--sign", "--hmackey", secret, write(t, "template.xml", []byte(document)))
		root, err := xmlsec.Parse(signed, xmlsec.Limits{Nodes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		theirs := map[string]string{}
		for _, r := range findAll(root, "Reference") {
			uri, _ := r.Attribute("", "URI")
			theirs[uri[1:]] = find(t, r, "DigestValue").Text()
		}
		ours := map[string]string{}
		for e := range elements(root) {
			if id, ok := e.Attribute("http://www.w3.org/XML/1998/namespace", "id"); ok {
				digest := sha256.Sum256(e.Canonical(strings.Fields(prefixes[id])...))
				ours[id] = base64.StdEncoding.EncodeToString(digest[:])
			}
		}
		if !maps.Equal(ours, theirs) {
			t.Fatalf("%s\n(-xmlsec1 +ours):\n%s", document, cmp.Diff(theirs, ours))
		}
		parts += len(ours)
	}
	if parts < 500 {
		t.Fatalf("%d parts, want at least 500", parts)
	}
}

func reference(id, prefixes string) string {
	inclusive := ""
	if prefixes != "" {
		inclusive = `<InclusiveNamespaces xmlns="` + xmlsec.ExclusiveC14N + `" PrefixList="` + prefixes + `"/>`
	}
	return `<Reference URI="#` + id + `"><Transforms><Transform Algorithm="` + xmlsec.ExclusiveC14N + `">` + inclusive + `</Transform></Transforms>` +
		`<DigestMethod Algorithm="` + string(xmlsec.SHA256) + `"/><DigestValue/></Reference>`
}
