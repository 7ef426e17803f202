package psargs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/psargs"
)

// objects knows the names of some objects.
func objects(cmdlet, param, _ string) []string {
	switch {
	case strings.HasSuffix(cmdlet, "-FederationTrust") && param == "Identity":
		return []string{"Contoso", "Fourth Coffee", "bad\nname"}
	case param == "DomainNames", param == "DomainName":
		return []string{"contoso.com", "fabrikam.com", "a,b"}
	}
	return nil
}

// completeRow is a command line whose last word is to be completed, as words() reads it, the
// candidates, separated by "|", and whether the shell offers files.
type completeRow struct {
	line, want string
	files      bool
}

func completeRows() []completeRow {
	return []completeRow{
		// Cmdlets.
		{"new-f", "new-federationtrust", false},
		{"New-F", "New-FederationTrust", false},
		{"New-f", "New-federationTrust", false},
		{"NEW-F", "NEW-FederationTrust", false},
		{"New-", "New-FederationTrust|New-OrganizationRelationship", false},
		{"new-", "new-federationtrust|new-organizationrelationship", false},
		{"-Config x new-f", "new-federationtrust", false},
		{"h", "help", false},
		{"H", "Help", false},
		{"v", "version", false},
		{"c", "completion", false},
		{"zzz", "", false},
		{"zzz ^", "", false},
		{"-", "-Help|-Version", false},
		{"--", "--help|--version", false},
		{"--v", "--version", false},
		// Plain words.
		{"help new-f", "new-federationtrust", false},
		{"help New-F", "New-FederationTrust", false},
		{"help comp", "completion", false},
		{"help new-federationtrust ^", "", false},
		{"completion ^", "bash|zsh|fish|powershell", false},
		{"completion z", "zsh", false},
		{"completion -", "-Help", false},
		{"version ^", "", false},
		// Parameters, in the style typed.
		{"add-federateddomain -Do", "-DomainName", false},
		{"add-federateddomain -do", "-domainname", false},
		{"add-federateddomain --do", "--domain-name", false},
		{"add-federateddomain --Do", "--DomainName", false},
		{"add-federateddomain --domainn", "--domainname", false},
		{"add-federateddomain -domain-", "-domain-name", false},
		{"add-federateddomain –Do", "–DomainName", false},
		{"add-federateddomain -DO", "-DOmainName", false},
		{"add-federateddomain -zz", "", false},
		{"set-organizationrelationship -Target", "-TargetAutodiscoverEpr|-TargetApplicationUri|-TargetSharingEpr|-TargetOwaURL", false},
		{"set-organizationrelationship --target-a", "--target-autodiscover-epr|--target-application-uri", false},
		{"set-organizationrelationship --add", "--address-book|--add-domain-names|--add-scopes", false},
		{"set-organizationrelationship -RemoveD", "-RemoveDomainNames", false},
		{"set-organizationrelationship -H", "-Help", false},
		{"Set-OrganizationRelationship -Enab", "-Enabled", false},
		// What is given already, unless a list; what is wrong does not matter.
		{"new-federationtrust -Name a -Na", "", false},
		{"new-federationtrust -wi -Wha", "", false},
		{"new-federationtrust -Thumbprint:a -Thu", "", false},
		{"add-federateddomain -DomainName a -Do", "-DomainName", false},
		{"new-federationtrust -Bogus -Na", "-Name", false},
		{"new-federationtrust -Bogus x -Na", "-Name", false},
		{"new-federationtrust -Name -Thu", "-Thumbprint", false},
		{"get-federationtrust -Con -Outp", "-Output", false},
		// Values.
		{"set-organizationrelationship -Enabled ^", "true|false", false},
		{"set-organizationrelationship -Enabled t", "true", false},
		{"set-organizationrelationship -Enabled T", "True", false},
		{"set-organizationrelationship -Enabled $t", "$true", false},
		{"set-organizationrelationship -Enabled:", "-Enabled:true|-Enabled:false", false},
		{"set-organizationrelationship -Confirm:f", "-Confirm:false", false},
		{"set-organizationrelationship --confirm=", "true|false", false},
		{"set-organizationrelationship --confirm=f", "false", false},
		{"set-organizationrelationship -FreeBusyAccessLevel ^", "None|AvailabilityOnly|LimitedDetails", false},
		{"set-organizationrelationship -FreeBusyAccessLevel lim", "limiteddetails", false},
		{"set-organizationrelationship -FreeBusyAccessLevel Lim", "LimitedDetails", false},
		{"set-organizationrelationship -freebusyaccessl:Lim", "-freebusyaccessl:LimitedDetails", false},
		{"set-organizationrelationship -Bogus -FreeBusyAccessLevel A", "AvailabilityOnly", false},
		{"set-organizationrelationship -Scopes calendar,", "calendar,MailTips", false},
		{"set-organizationrelationship -Scopes:calendar,m", "-Scopes:calendar,mailtips", false},
		{"set-organizationrelationship -Scopes calendar, ^", "MailTips", false},
		{"set-organizationrelationship -Bogus:x -zzz", "", false},
		{"set-organizationrelationship -Bogus:x", "", false},
		// Objects.
		{"get-federationtrust ^", "Contoso|Fourth Coffee", false},
		{"get-federationtrust C", "Contoso", false},
		{"get-federationtrust c", "contoso", false},
		{"get-federationtrust -Identity C", "Contoso", false},
		{"get-federationtrust -Identity:C", "-Identity:Contoso", false},
		{"get-federationtrust -WhatIf C", "Contoso", false},
		{"get-federationtrust -Bogus x C", "Contoso", false},
		{"get-federationtrust -- C", "Contoso", false},
		{"get-federationtrust -- -C", "", false},
		{"get-federationtrust Contoso C", "", false},
		{"add-federateddomain ^", "contoso.com|fabrikam.com", false},
		{"add-federateddomain contoso.com,", "contoso.com,fabrikam.com", false},
		{"add-federateddomain contoso.com, f", "fabrikam.com", false},
		{"add-federateddomain -DomainName contoso.com, f", "fabrikam.com", false},
		{"set-organizationrelationship --add-domain-names f", "fabrikam.com", false},
		// Files are the shell's.
		{"get-federationtrust -Config ^", "", true},
		{"get-federationtrust -Config x", "", true},
		{"get-federationtrust --config=x", "", true},
		{"invoke-federationlab -Path ^", "", true},
		{"get-federationtrust -Property ^", "", false},
	}
}

func TestComplete(t *testing.T) {
	t.Parallel()
	rows := completeRows()
	if len(rows) < 80 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		g := newGrammar()
		found, directive := psargs.Complete(words(row.line), g, objects)
		var texts []string
		for _, c := range found {
			texts = append(texts, c.Text)
		}
		if got := strings.Join(texts, "|"); got != row.want {
			t.Errorf("%s: got %s, want %s", row.line, got, row.want)
		}
		if files := directive == psargs.ShellDefault; files != row.files {
			t.Errorf("%s: directive %d", row.line, directive)
		}
		if len(*g.found) > 1 {
			t.Errorf("%s: built %v", row.line, *g.found)
		}
	}
}

func TestCompleteEverything(t *testing.T) {
	t.Parallel()
	var lower []string
	for _, name := range newGrammar().Names() {
		lower = append(lower, strings.ToLower(name))
	}
	lower = append(lower, "help", "completion", "version")
	cases := map[string][]string{
		"":      lower,
		"help ": lower,
		"get-federationinformation -": {
			"-DomainName", "-TrustedHostnames", "-BypassAdditionalDomainValidation", "-Force", "-Config", "-Output", "-Property",
			"-WhatIf", "-Confirm", "-Verbose", "-Debug", "-DnsServer", "-ErrorAction", "-Timeout", "-Help",
		},
		"add-federateddomain --what-if --": {
			"--domain-name", "--identity", "--config", "--output", "--property", "--confirm", "--verbose", "--debug",
			"--dns-server", "--error-action", "--timeout", "--help",
		},
	}
	cases["get-federationinformation "] = cases["get-federationinformation -"]
	if len(cases) < 5 {
		t.Fatalf("only %d cases", len(cases))
	}
	for line, want := range cases {
		found, _ := psargs.Complete(strings.Split(line, " "), newGrammar(), nil)
		var got []string
		for _, c := range found {
			got = append(got, c.Text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", line, diff)
		}
	}
	if found, _ := psargs.Complete(nil, newGrammar(), nil); len(found) != len(lower) {
		t.Errorf("no words at all: %v", found)
	}
}

func TestCompleteDescribes(t *testing.T) {
	t.Parallel()
	cases := map[string]psargs.Candidate{
		"new-federationt":         {Text: "new-federationtrust", Description: "about New-FederationTrust"},
		"new-federationtrust -Na": {Text: "-Name", Description: "what to call it"},
	}
	for line, want := range cases {
		found, _ := psargs.Complete(words(line), newGrammar(), nil)
		if !slices.Contains(found, want) {
			t.Errorf("%s: got %v", line, found)
		}
	}
}
