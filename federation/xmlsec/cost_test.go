package xmlsec_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"exfed/federation/xmlsec"
)

// many returns a document whose element with the identifier "target" has count
// children, each with the prefix that the root declares for the given namespace.
func many(namespace string, count int) string {
	return `<r xmlns:p="` + namespace + `"><b Id="target">` + strings.Repeat("<p:c/>", count) + `</b><s/></r>`
}

// signedInto returns the document with a signature over "target" in s. change is made
// to the SignedInfo before it is signed: anybody has a key and can sign what he likes.
func signedInto(t testing.TB, signer party, document string, change func(signedInfo string) string) *xmlsec.Element {
	t.Helper()
	root := mustParse(t, document)
	signature, err := signer.signer(xmlsec.RSASHA256).Sign(root, "target")
	if err != nil {
		t.Fatal(err)
	}
	old := between(t, string(signature), "<SignedInfo>", "</SignedInfo>")
	signed := mustParse(t, replaced(t, string(signature), old, change(old)))
	sum := sha256.Sum256(find(t, signed, "SignedInfo").Canonical())
	value, err := rsa.SignPKCS1v15(rand.Reader, signer.key.(*rsa.PrivateKey), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	text := string(signed.Source())
	text = replaced(t, text, between(t, text, "<SignatureValue>", "</SignatureValue>"),
		"<SignatureValue>"+base64.StdEncoding.EncodeToString(value)+"</SignatureValue>")
	return mustParse(t, string(find(t, root, "s").WithChild([]byte(text))))
}

// TestCostlySignaturesAreRefused signs what would cost the verifier far more than the
// sender: the signatures hold.
func TestCostlySignaturesAreRefused(t *testing.T) {
	t.Parallel()
	signer := newParty(t)
	same := func(signedInfo string) string { return signedInfo }
	again := func(signedInfo string) string {
		reference := between(t, signedInfo, "<Reference", "</Reference>")
		return strings.Replace(signedInfo, reference, reference+reference, 1)
	}
	long := "urn:" + strings.Repeat("x", 1000)
	cases := map[string]struct {
		document string
		change   func(string) string
		code     xmlsec.Code
	}{
		"nothing wrong":                    {many("urn:p", 5), same, ""},
		"a declaration repeated within":    {many(long, 900), same, ""},
		"a declaration repeated ten times": {many(long, 9000), same, xmlsec.TooLarge},
		"one element in two references":    {many("urn:p", 5), again, xmlsec.ReferenceRefused},
		"one element, by two identifiers":  {strings.Replace(many("urn:p", 5), `Id="target"`, `Id="target" ID="alias"`, 1), func(s string) string { return strings.Replace(again(s), "#target", "#alias", 1) }, xmlsec.ReferenceRefused},
	}
	for name, c := range cases {
		root := signedInto(t, signer, c.document, c.change)
		_, err := xmlsec.Verify(findSignature(t, root), xmlsec.ModernAlgorithms(), signer.selects)
		if codeOf(err) != c.code {
			t.Errorf("%s: Verify says %v, want an error of code %q", name, err, c.code)
		}
	}
	if len(cases) < 5 {
		t.Fatalf("%d cases, want at least 5", len(cases))
	}
}

// TestDeclarationsInScope: each prefix is looked for among the declarations in scope,
// so their number multiplies what a document costs.
func TestDeclarationsInScope(t *testing.T) {
	t.Parallel()
	declare := func(from, to int) (text string) {
		for i := from; i < to; i++ {
			text += fmt.Sprintf(` xmlns:p%d="urn:%d"`, i, i)
		}
		return text
	}
	cases := map[string]struct {
		document string
		code     xmlsec.Code
	}{
		"64 on one element":  {`<a` + declare(0, 64) + `/>`, ""},
		"65 on one element":  {`<a` + declare(0, 65) + `/>`, xmlsec.TooLarge},
		"65 along one path":  {`<a` + declare(0, 32) + `><b` + declare(32, 64) + `><c xmlns="urn:x"/></b></a>`, xmlsec.TooLarge},
		"many beside others": {`<a` + declare(0, 32) + `><b` + declare(32, 64) + `/><b` + declare(64, 96) + `/></a>`, ""},
	}
	for name, c := range cases {
		if _, err := xmlsec.Parse([]byte(c.document), xmlsec.Limits{}); codeOf(err) != c.code {
			t.Errorf("%s: Parse says %v, want an error of code %q", name, err, c.code)
		}
	}
	if len(cases) < 4 {
		t.Fatalf("%d cases, want at least 4", len(cases))
	}
}

// BenchmarkInclusivePrefixes compares canonicalization with as many inclusive prefixes
// as there may be to that without any. The two must not be far apart.
func BenchmarkInclusivePrefixes(b *testing.B) {
	var declarations, names strings.Builder
	for i := range 60 {
		fmt.Fprintf(&declarations, ` xmlns:q%02d="urn:%d"`, i, i)
		fmt.Fprintf(&names, "x%02d ", i)
	}
	document := strings.Replace(many("urn:p", 9000), "<r ", "<r"+declarations.String()+" ", 1)
	target := mustParse(b, document).ByID("target")
	for name, prefixes := range map[string][]string{"none": nil, "64": strings.Fields(names.String())} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				target.Canonical(prefixes...)
			}
		})
	}
}

// TestAllocations bounds what parsing allocates for documents that have much of one thing. What
// else runs at the same time would be counted, so it runs alone.
func TestAllocations(t *testing.T) {
	const elements = 1000
	cases := map[string]string{
		"bare elements": `<b></b>`,
		"attributes":    `<b c="1" d="2" e="3" f="4"></b>`,
		"declarations":  `<b xmlns="urn:b" xmlns:c="urn:c" xmlns:d="urn:d"></b>`,
		"texts":         ` x<b></b> y <b></b> `,
	}
	for name, content := range cases {
		document := []byte(`<a>` + strings.Repeat(content, elements) + `</a>`)
		count := testing.AllocsPerRun(5, func() {
			if _, err := xmlsec.Parse(document, xmlsec.Limits{}); err != nil {
				t.Error(err)
			}
		})
		if most := float64(elements / 5); count > most {
			t.Errorf("%s: %.0f allocations for %d elements, %.0f are wanted at most", name, count, elements, most)
		}
		t.Logf("%s: %.0f allocations", name, count)
	}
	if len(cases) < 4 {
		t.Fatalf("%d cases, want at least 4", len(cases))
	}
}
