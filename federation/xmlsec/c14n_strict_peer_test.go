package xmlsec_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"exfed/federation/xmlsec"
)

// xmllintCanonical is what xmllint makes of a document, without comments; not accepted
// when it complains about anything.
func xmllintCanonical(t testing.TB, program string, document []byte) (canonical, complaints string, accepted bool) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command := exec.Command(program, "--exc-c14n", "--nonet", "-")
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(document), &stdout, &stderr
	if err := command.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	} else if err != nil {
		return "", stderr.String(), false
	}
	return strings.Trim(withoutComments(stdout.Bytes()), "\n"), stderr.String(), true // line feeds go with comments outside the root
}

// TestStricterThanXMLLint documents what is refused here although xmllint takes it.
func TestStricterThanXMLLint(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmllint")
	declared := strings.Builder{}
	for i := range 65 {
		fmt.Fprintf(&declared, ` xmlns:p%d="urn:%d"`, i, i)
	}
	utf16 := "\xff\xfe<\x00a\x00/\x00>\x00"
	cases := map[string]struct {
		document string
		code     xmlsec.Code
	}{
		"a document type":                {`<!DOCTYPE a><a/>`, xmlsec.Malformed},
		"an entity of its own":           {`<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>`, xmlsec.Malformed},
		"a default attribute":            {`<!DOCTYPE a [<!ATTLIST a b CDATA "x">]><a/>`, xmlsec.Malformed},
		"a processing instruction":       {`<a><?b c?></a>`, xmlsec.Malformed},
		"one before the root":            {`<?b c?><a/>`, xmlsec.Malformed},
		"one after the root":             {`<a/><?b?>`, xmlsec.Malformed},
		"another version":                {`<?xml version="1.1"?><a/>`, xmlsec.Malformed},
		"another encoding":               {`<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, xmlsec.Malformed},
		"UTF-16":                         {utf16, xmlsec.Malformed},
		"two equal identifiers":          {`<a><b Id="x"/><c ID="x"/></a>`, xmlsec.Malformed},
		"65 declarations in scope":       {`<a` + declared.String() + `/>`, xmlsec.TooLarge},
		"65 elements deep":               {strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65), xmlsec.TooLarge},
		"a namespace name of 1025 bytes": {`<a xmlns="urn:` + strings.Repeat("x", 1021) + `"/>`, xmlsec.Malformed},
		"10,001 nodes":                   {`<a>` + strings.Repeat("<b/>", 10_000) + `</a>`, xmlsec.TooLarge},
		"more than a megabyte":           {`<a>` + strings.Repeat("x", 1<<20) + `</a>`, xmlsec.TooLarge},
		"a NUL after the root":           {"<a/>\x00", xmlsec.Malformed}, // for xmllint the document ends there
		"a root after a NUL":             {"<a/>\x00<b/>", xmlsec.Malformed},
		"a reference with many zeros":    {`<a>&#` + strings.Repeat("0", 40) + `65;</a>`, xmlsec.Malformed},
	}
	for name, c := range cases {
		if _, err := xmlsec.Parse([]byte(c.document), xmlsec.Limits{}); codeOf(err) != c.code {
			t.Errorf("%s: Parse says %v, want an error of code %s", name, err, c.code)
		}
		if _, complaints, accepted := xmllintCanonical(t, program, []byte(c.document)); !accepted {
			t.Errorf("%s: xmllint refuses it too: %s", name, complaints)
		}
	}
	if len(cases) < 18 {
		t.Fatalf("%d cases, want at least 18", len(cases))
	}
}

// reasons are the details of errors about what is refused here although xmllint takes it.
const reasons = `document types|processing instructions|the identifier|deeper than|namespace declarations|too long|` +
	`more than|starts no reference|something other than a character|the character U\+0000 is not allowed`

// verdicts counts what came of the comparison of documents.
type verdicts struct{ taken, refused, stricter int }

// judge compares both verdicts about a document, and both canonical forms.
func (v *verdicts) judge(t testing.TB, program string, document []byte) {
	t.Helper()
	root, err := xmlsec.Parse(document, xmlsec.Limits{})
	theirs, complaints, accepted := xmllintCanonical(t, program, document)
	switch {
	case err != nil && accepted:
		v.stricter++
		if !regexp.MustCompile(reasons).MatchString(err.Error()) && complaints == "" {
			t.Fatalf("refused here only: %v\n%q", err, document)
		}
	case err != nil:
		v.refused++
	case !accepted:
		if !strings.Contains(complaints, "is not a valid URI") { // it reads namespace names more strictly
			t.Fatalf("accepted here only: %s\n%q", complaints, document)
		}
	default:
		v.taken++
		if ours := string(root.Canonical()); ours != theirs && !ampersandInNamespace(document) {
			t.Fatalf("%q:\nours   %q\ntheirs %q", document, ours, theirs)
		}
	}
}

// ampersandInNamespace reports whether a namespace name has a character that xmllint does
// not escape.
func ampersandInNamespace(document []byte) bool {
	return regexp.MustCompile(`xmlns(:[^=]*)?\s*=\s*("[^"]*[&\s][^"]*"|'[^']*[&"\s][^']*')`).Match(document)
}

// TestMutatedAgainstXMLLint compares what two parsers say of documents that are nearly
// right: what is accepted here xmllint accepts and reads alike.
func TestMutatedAgainstXMLLint(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmllint")
	random := rand.New(rand.NewPCG(4, 0))
	var v verdicts
	for range 800 {
		v.judge(t, program, mutated(random))
	}
	if v.taken < 60 || v.refused < 500 || v.stricter < 15 {
		t.Fatalf("%+v: too few of a kind", v)
	}
}

// mutated returns a generated document with something put in, taken out or said twice.
func mutated(random *rand.Rand) []byte {
	document := []byte(generated(random))
	tokens := []string{
		"<", ">", "&", "\"", "'", "=", ":", "/", "]]>", "<!--", "-->", "--", "<?pi?>", "<?xml version='1.0'?>", "<!DOCTYPE x>", "<![CDATA[", "x", " ",
		"\x00", "\xff", "\x0b", "\uFFFE", "&#0;", "&#xD800;", "&#x110000;", "&e;", "&amp", "&#x9;", "\r\n", "\t", "é", "😀", "<y/>", "<p:y/>", "</y>",
		" xmlns='urn:d'", " xmlns=''", " xmlns:p=''", " xmlns:p='urn:m'", " xmlns:xml='urn:m'", " a='1'", " Id='1'", " xml:lang='x'", "\uFEFF", "-",
	}
	at, to := random.IntN(len(document)), random.IntN(len(document))
	at, to = min(at, to), min(max(at, to), min(at, to)+20)
	switch random.IntN(4) {
	case 0:
		return append(document[:at:at], document[to:]...)
	case 1:
		return append(document[:to:to], document[at:]...)
	}
	return append(append(document[:at:at], tokens[random.IntN(len(tokens))]...), document[at:]...)
}

// FuzzAgainstXMLLint compares what two parsers make of any document.
func FuzzAgainstXMLLint(f *testing.F) {
	random := rand.New(rand.NewPCG(5, 0))
	for range 20 {
		f.Add([]byte(generated(random)))
		f.Add(mutated(random))
	}
	f.Add([]byte(request))
	f.Add([]byte(assertion))
	f.Add([]byte("<x\r\n/>\x00"))
	f.Fuzz(func(t *testing.T, document []byte) {
		new(verdicts).judge(t, peer(t, "xmllint"), document)
	})
}
