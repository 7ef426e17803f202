package federation_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"exfed/federation"
)

// TestHostileDomains reads texts nobody types: each is refused at once, and the error is
// short and fit for a terminal.
func TestHostileDomains(t *testing.T) {
	t.Parallel()
	var distinct strings.Builder // different letters are what takes long
	for r := 0x4e00; r < 0x4e00+20_000; r++ {
		distinct.WriteRune(rune(r))
	}
	cases := map[string]string{
		"long label":      strings.Repeat("ü", 900),
		"too long":        strings.Repeat(distinct.String(), 3) + ".example",
		"too long, plain": strings.Repeat("a.", 600) + "example",
		"dots":            "a" + strings.Repeat(".", 900),
		"escape":          "\x1b[31mred.example",
		"direction":       "a\u202egnp.example",
		"new line":        "a\nb.example",
		"no UTF-8":        "\xff\xfe.example",
	}
	if len(cases) < 8 {
		t.Fatalf("%d cases", len(cases))
	}
	for name, text := range cases {
		_, err := federation.ParseDomain(text)
		var e *federation.Error
		if !errors.As(err, &e) || e.ID != "InvalidDomain" {
			t.Errorf("%s: the error is %v", name, err)
			continue
		}
		// What is too long is refused before anything looks at it: that took seconds.
		if long := len(text) > 1000; long != strings.Contains(e.Reason, "bytes long") {
			t.Errorf("%s: %d bytes, and the reason is %q", name, len(text), e.Reason)
		}
		if len(e.Error()) > 1000 || strings.ContainsAny(e.Error(), "\x1b\u202e\n") || !utf8.ValidString(e.Error()) {
			t.Errorf("%s: %d bytes: %.300q", name, len(e.Error()), e.Error())
		}
	}
}
