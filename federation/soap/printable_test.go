package soap_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/soap"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"plain text":            "plain text",
		" two\r\n  lines\t":     "two lines",
		"\x1b[31mred\x07":       "?[31mred?",
		"a\u202egnp.exe":        "a?gnp.exe",
		"zero\u200bwidth\ufeff": "zero?width?",
		"bad \xff byte":         "bad ? byte",
		"Grüße, 世界":             "Grüße, 世界",
		strings.Repeat("x", 30): strings.Repeat("x", 20) + "…",
		"c1 \u009b31m":          "c1 ?31m",
		"line\u2028separator":   "line separator",
		"tag \U000e0041":        "tag ?",
		strings.Repeat("y", 20): strings.Repeat("y", 20),
	}
	if len(cases) < 12 {
		t.Fatalf("%d cases", len(cases))
	}
	for text, want := range cases {
		if diff := cmp.Diff(want, soap.Printable(text, 20)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
