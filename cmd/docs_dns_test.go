package cmd

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/dns/verify"
)

// dnsFindingsPage explains every finding of test-federateddnsrecord.
func dnsFindingsPage() string {
	var b strings.Builder
	b.WriteString("# Findings about DNS records\n\n" + generatedNote)
	b.WriteString("What [test-federateddnsrecord](cmdlets/test-federateddnsrecord.md) finds, by Id: what it means, what is listed under `Seen`, " +
		"and what to do next. The Id and the Cause are stable. P is for proofs and the name servers that show them, N for the way to Autodiscover. " +
		"An Error ends with [exit code](exit-codes.md) 3, a Warning does not.\n")
	for _, k := range verify.Kinds() {
		fmt.Fprintf(&b, "\n## %s %s\n\n%s\n\n* Type: %s.\n* Seen: %s.\n* Next: %s.\n", k.ID, k.Cause, markdown(k.Meaning), k.Type, markdown(k.Seen), markdown(k.Action))
	}
	return b.String()
}

// TestDNSFindingsAreExplained wants a section of every cause that the checker names, with
// an Id of its own, its meaning, what is seen and what is next.
func TestDNSFindingsAreExplained(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(treePath("docs/dns-findings.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := constantsOf(t, "federation/dns/verify/kinds.go", "Cause")
	if len(named) < 32 {
		t.Errorf("%d causes, at least 32 are expected", len(named))
	}
	have, ids := map[string]bool{}, map[string]bool{}
	heading := regexp.MustCompile(`(?m)^([PN]\d\d) (\w+)\n\n\S.*\.\n\n\* Type: (Error|Warning)\.\n\* Seen: \S.*\.\n\* Next: \S.*\.\n$`)
	for _, section := range strings.Split(string(content), "\n## ")[1:] {
		m := heading.FindStringSubmatch(section)
		if m == nil {
			t.Errorf("a section is not whole:\n%s", section)
			continue
		}
		if have[m[2]] || ids[m[1]] {
			t.Errorf("%s %s is there twice", m[1], m[2])
		}
		have[m[2]], ids[m[1]] = true, true
	}
	if diff := cmp.Diff(named, have); diff != "" {
		t.Errorf("sections (-want +have):\n%s", diff)
	}
}
