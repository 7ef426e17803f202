package token_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

// withCipherValue changes the octets of the first or second CipherValue.
func withCipherValue(t *testing.T, document string, which int, change func([]byte) []byte) string {
	t.Helper()
	parts := strings.SplitAfter(document, "<CipherValue>")
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	value, rest, _ := strings.Cut(parts[which], "</CipherValue>")
	octets, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	parts[which] = base64.StdEncoding.EncodeToString(change(octets)) + "</CipherValue>" + rest
	return strings.Join(parts, "")
}

// TestProbesAreAnsweredAlike sends what an attacker sends who wants to know about a key
// or a token from how it is refused: all of it has one reason and one text.
func TestProbesAreAnsweredAlike(t *testing.T) {
	t.Parallel()
	const key, content = 1, 2
	flip := func(at int) func([]byte) []byte {
		return func(octets []byte) []byte {
			at := (at + len(octets)) % len(octets)
			octets[at] ^= 0x55
			return octets
		}
	}
	for _, profile := range profiles() {
		s := newScene(t, profile)
		good := sealed(t, s.target.Certificate, profile, signed(t, s.broker, profile, template))
		cases := map[string]string{
			"a key that is altered":     withCipherValue(t, good, key, flip(5)),
			"a key that is cut":         withCipherValue(t, good, key, func(o []byte) []byte { return o[:len(o)-1] }),
			"a key of zeros":            withCipherValue(t, good, key, func(o []byte) []byte { return make([]byte, len(o)) }),
			"a key too large":           withCipherValue(t, good, key, func(o []byte) []byte { return []byte(strings.Repeat("\xff", len(o))) }),
			"an altered first block":    withCipherValue(t, good, content, flip(0)),
			"an altered last byte":      withCipherValue(t, good, content, flip(-1)),
			"an altered padding":        withCipherValue(t, good, content, flip(-17)),
			"20 bytes":                  withCipherValue(t, good, content, func(o []byte) []byte { return o[:20] }),
			"one block":                 withCipherValue(t, good, content, func(o []byte) []byte { return o[:16] }),
			"a vector only":             withCipherValue(t, good, content, func(o []byte) []byte { return o[:8] }),
			"half of it":                withCipherValue(t, good, content, func(o []byte) []byte { return o[:len(o)/32*16] }),
			"something that is no XML":  sealed(t, s.target.Certificate, profile, "hello"),
			"an XML that is cut":        sealed(t, s.target.Certificate, profile, template[:200]),
			"an entity bomb":            sealed(t, s.target.Certificate, profile, `<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>`),
			"a thousand elements deep":  sealed(t, s.target.Certificate, profile, strings.Repeat("<a>", 1000)+strings.Repeat("</a>", 1000)),
			"the token and a bit extra": sealed(t, s.target.Certificate, profile, template+template),
		}
		answers := map[string]int{}
		for name, document := range cases {
			opened, err := s.verifier().Accept(parse(t, document), expectation())
			if idOf(err) != "TokenNotDecrypted" || opened != nil {
				t.Errorf("%s, %s: %v, %v", profile, name, opened, err)
				continue
			}
			answers[err.Error()]++
		}
		if len(answers) != 1 || len(cases) < 16 {
			t.Errorf("%s: %d answers to %d probes: %v", profile, len(answers), len(cases), answers)
		}
	}
}
