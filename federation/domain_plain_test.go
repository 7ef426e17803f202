package federation

import (
	"math/rand/v2"
	"testing"
)

// TestPlainDomains compares the names that are taken for domains at once with what the whole
// way makes of them: the same.
func TestPlainDomains(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	const letters = "ab09z--..xnA_é"
	plain := 0
	for range 300_000 {
		text := ""
		for range 1 + random.IntN(14) {
			if random.IntN(40) == 0 {
				text += "xn--"
			}
			text += string([]rune(letters)[random.IntN(len([]rune(letters)))])
		}
		if !isPlainDomain(text) {
			continue
		}
		plain++
		if ascii, err := domainProfile().ToASCII(text); err != nil || ascii != text {
			t.Fatalf("%q is plain, and becomes %q, %v", text, ascii, err)
		}
	}
	if plain < 3000 {
		t.Errorf("only %d names were plain", plain)
	}
}
