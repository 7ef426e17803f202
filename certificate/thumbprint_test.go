package certificate_test

import (
	"strings"
	"testing"

	"exfed/certificate"
)

func TestParseThumbprint(t *testing.T) {
	t.Parallel()
	const want = "AC00F35CBA8359953F4126E0984B5CCAFA2F4F17"
	right := []string{
		want, strings.ToLower(want), " " + want + " ",
		"AC:00:F3:5C:BA:83:59:95:3F:41:26:E0:98:4B:5C:CA:FA:2F:4F:17",
		"\u200eac 00 f3 5c ba 83 59 95 3f 41 26 e0 98 4b 5c ca fa 2f 4f 17",
	}
	for _, text := range right {
		if got, err := certificate.ParseThumbprint(text); err != nil || got != want {
			t.Errorf("ParseThumbprint(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
	wrong := map[string]string{
		"":                      "is empty",
		"\u200e":                "is empty",
		want[:39]:               "has 39 hex digits, a thumbprint has 40",
		want + "0":              "has 41 hex digits",
		"G" + want[1:]:          "'G' is not a hex digit",
		"../" + want:            "'.' is not a hex digit",
		want + "\x00":           `'\x00' is not a hex digit`,
		strings.Repeat("0", 64): "has 64 hex digits",
		"\u0660" + want[1:]:     "is not a hex digit",
	}
	for text, reason := range wrong {
		got, err := certificate.ParseThumbprint(text)
		if !certificate.IsCode(err, certificate.InvalidThumbprint) || !strings.Contains(err.Error(), reason) || got != "" {
			t.Errorf("ParseThumbprint(%q) = %q, %v, want an error with %q", text, got, err, reason)
		}
	}
}

func FuzzParseThumbprint(f *testing.F) {
	for _, seed := range []string{"", "AC00F35CBA8359953F4126E0984B5CCAFA2F4F17", "\u200eac:00", strings.Repeat("é", 40)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := certificate.ParseThumbprint(text)
		if err != nil {
			if got != "" {
				t.Fatalf("%q: both %q and an error", text, got)
			}
			return
		}
		if len(got) != 40 || strings.Trim(got, "0123456789ABCDEF") != "" {
			t.Fatalf("%q became %q", text, got)
		}
		if again, err := certificate.ParseThumbprint(got); err != nil || again != got {
			t.Fatalf("%q became %q, then %q, %v", text, got, again, err)
		}
	})
}
