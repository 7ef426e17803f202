package token_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// FuzzOpen changes signed and encrypted tokens at one place, or cuts pieces out and puts
// them elsewhere. What can still be opened claims what was issued.
func FuzzOpen(f *testing.F) {
	s := newScene(f, federation.Exchange)
	plain := signed(f, s.broker, s.profile, template)
	encrypted := sealed(f, s.target.Certificate, s.profile, plain)
	want := templateToken()
	f.Add(uint16(0), uint16(0), uint16(0), "", false)
	f.Add(uint16(1300), uint16(0), uint16(0), "<!-- -->", false)
	f.Add(uint16(1300), uint16(6), uint16(0), "boss", false)
	f.Add(uint16(40), uint16(1), uint16(0), " ", false)
	f.Add(uint16(60), uint16(60), uint16(900), "", false)
	f.Add(uint16(700), uint16(1), uint16(0), "&#x41;", false)
	f.Add(uint16(3000), uint16(1), uint16(0), "A", true)
	f.Add(uint16(900), uint16(4), uint16(2000), "AAAA", true)
	f.Fuzz(func(t *testing.T, at, length, to uint16, insert string, sealing bool) {
		document := plain
		if sealing {
			document = encrypted
		}
		mutated := mutate(document, int(at), int(length), int(to), insert)
		root, err := xmlsec.Parse([]byte(mutated), xmlsec.Limits{})
		if err != nil {
			return
		}
		found, err := token.Find(root)
		if err != nil {
			return
		}
		opened, err := s.plainVerifier().Open(found, noon())
		if (opened == nil) != (err != nil) {
			t.Fatalf("%v, %v", opened, err)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(want, opened.Token); diff != "" {
			t.Errorf("%s\n%s", diff, mutated)
		}
	})
}

// mutate takes length bytes out at a place, puts insert there and what was taken
// elsewhere, unless that is the beginning.
func mutate(document string, at, length, to int, insert string) string {
	at %= len(document)
	length = min(length, len(document)-at)
	taken := document[at : at+length]
	document = document[:at] + insert + document[at+length:]
	if to %= len(document) + 1; to > 0 {
		document = document[:to] + taken + document[to:]
	}
	return document
}

// FuzzSign signs texts of any kind: what can be signed is read back as it was.
func FuzzSign(f *testing.F) {
	s := newScene(f, federation.Modern)
	for _, seed := range []string{"sales@contoso.com", `a<b>&"c"'d' ]]>`, "a\r\nb", "\u2028\u0085", "𝄞", "\xff", "<!-- -->", "&#13;"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		want := templateToken()
		want.Issuer, want.EmailAddress, want.NameIdentifier = text, text, name
		want.Others = []token.Attribute{{Namespace: text, Name: name, Value: text}}
		assertion, err := s.issuer().Sign(want)
		if err != nil {
			return
		}
		opened, err := s.plainVerifier().Open(parse(t, string(assertion)), noon())
		if err != nil {
			t.Fatalf("%q, %q: %v", text, name, err)
		}
		if diff := cmp.Diff(want, opened.Token); diff != "" {
			t.Error(diff)
		}
	})
}
