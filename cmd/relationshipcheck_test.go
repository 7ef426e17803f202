package cmd

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/partner"
)

// TestFindingsAreExplained wants advice on every finding, and a line in the guide.
func TestFindingsAreExplained(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(treePath("docs/sharing.md"))
	if err != nil {
		t.Fatal(err)
	}
	var listed, have []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\| (?:Error|Warning|Information|Success)").FindAllStringSubmatch(string(guide), -1) {
		listed = append(listed, m[1])
	}
	causes := map[partner.FindingID]error{
		partner.UserNotValid:      federation.Errorf(federation.Conflict, "UserDomainNotFederated", "", ""),
		partner.NoDelegationToken: federation.Errorf(federation.Refused, "InvalidScope", "", ""),
	}
	r := federation.OrganizationRelationship{Name: "Fabrikam & Sons", DomainNames: []federation.Domain{"fabrikam.com"}}
	for _, id := range partner.FindingIDs() {
		have = append(have, string(id))
		f := partner.Finding{ID: id, Domains: []federation.Domain{"fabrikam.de"}, Value: "it's", Cause: causes[id]}
		advice := strings.Join(adviceOn(findingCause(r, f)), "\n")
		if (advice == "") != (id == partner.NoSignificantIssues) {
			t.Errorf("%s: the advice is %q", id, advice)
		}
		if strings.Contains(advice, "Fabrikam & Sons") && !strings.Contains(advice, "'Fabrikam & Sons'") || strings.Contains(advice, " it's") {
			t.Errorf("%s: a shell reads this otherwise: %q", id, advice)
		}
	}
	if diff := cmp.Diff(have, listed); diff != "" {
		t.Errorf("findings (-there are +in the guide):\n%s", diff)
	}
	if len(have) < 23 {
		t.Errorf("%d findings, at least 23 are expected", len(have))
	}
}

// TestAdviceOfCauses: what the place that failed knows goes before what a finding says in
// general, and what it found stays its reason.
func TestAdviceOfCauses(t *testing.T) {
	t.Parallel()
	r := federation.OrganizationRelationship{Name: "Fabrikam", DomainNames: []federation.Domain{"fabrikam.com"}}
	cause := &federation.Error{Kind: federation.Unavailable, ID: "AutodiscoverUnreachable", Object: "service", Reason: "no answer", Remedy: "look there"}
	got := []federation.Error{
		*findingCause(r, partner.Finding{ID: partner.NoRemoteAnswer, Cause: cause}),
		*findingCause(r, partner.Finding{ID: partner.RelationshipDisabled, Description: "It is disabled."}),
	}
	want := []federation.Error{
		{Kind: federation.Unavailable, ID: "AutodiscoverUnreachable", Object: "RemoteOrganizationRelationshipIsNotAvailable", Reason: "no answer", Remedy: "look there"},
		{Kind: federation.ChecksFailed, ID: "OrganizationRelationshipIsDisabled", Object: "OrganizationRelationshipIsDisabled", Reason: "It is disabled.",
			Remedy: "switch it on: exfed set-organizationrelationship Fabrikam -Enabled true"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
