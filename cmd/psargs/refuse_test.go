package psargs_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"exfed/cmd/psargs"
)

// refusal is a command line, the identifier of its error, the parameter blamed, and text that
// the hints, or the caret lines, must contain.
type refusal struct{ line, id, param, hint string }

func refusals() []refusal {
	return []refusal{
		{`new-federationtrsut`, psargs.UnknownCmdlet, "", "new-federationtrust"},
		{`nwe-federationtrust`, psargs.UnknownCmdlet, "", "new-federationtrust"},
		{`Test-FederationCertificate`, psargs.UnknownCmdlet, "", "test-federationtrustcertificate"},
		{`Set-OrganizationIdentifier`, psargs.UnknownCmdlet, "", "set-federatedorganizationidentifier"},
		{`RemoveFederatedDomain`, psargs.UnknownCmdlet, "", "remove-federateddomain"},
		{`get-help new-federationtrust`, psargs.UnknownCmdlet, "", "help"},
		{`hlep`, psargs.UnknownCmdlet, "", "did you mean help?"},
		{`qqq`, psargs.UnknownCmdlet, "", "help lists every cmdlet"},
		{`help qqq`, psargs.UnknownCmdlet, "", "help lists every cmdlet"},
		{`-Config x new-federationtrsut`, psargs.UnknownCmdlet, "", "new-federationtrust"},
		{`-Verbose new-federationtrsut`, psargs.UnknownCmdlet, "", "new-federationtrust"},
		{`-Verbose foo get-federationtrust`, psargs.UnknownCmdlet, "", "help lists every cmdlet"},
		{`--bogus`, psargs.MissingCmdlet, "", "help lists every cmdlet"},
		{`-- get-federationtrust`, psargs.MissingCmdlet, "", "help lists every cmdlet"},
		{`new-federationtrust -Thumbrint a`, psargs.UnknownParameter, "Thumbrint", "-Thumbprint"},
		{`new-federationtrust --aplication-uri a`, psargs.UnknownParameter, "aplication-uri", "-ApplicationUri"},
		{`set-federationtrust a -PublishCertificate`, psargs.UnknownParameter, "PublishCertificate", "-PublishFederationCertificate"},
		{`new-federationtrust -Qqq`, psargs.UnknownParameter, "Qqq", "colon"},
		{`new-federationtrust -_ a`, psargs.UnknownParameter, "_", "colon"},
		{`new-federationtrust -Name a~b -DomainNames c`, psargs.UnknownParameter, "DomainNames", "colon"},
		{`completion bash --no-descriptions`, psargs.UnknownParameter, "no-descriptions", "colon"},
		{`set-organizationrelationship -Target a`, psargs.AmbiguousParameter, "Target", "-TargetAutodiscoverEpr, -TargetApplicationUri, -TargetSharingEpr or -TargetOwaURL"},
		{`set-organizationrelationship -FreeBusy true`, psargs.AmbiguousParameter, "FreeBusy", "-FreeBusyAccessEnabled or -FreeBusyAccessLevel"},
		{`get-federationtrust -Con x`, psargs.AmbiguousParameter, "Con", "-Config or -Confirm"},
		{`new-federationtrust -Name a -name b`, psargs.DuplicateParameter, "Name", ""},
		{`new-federationtrust -wi -WhatIf`, psargs.DuplicateParameter, "WhatIf", ""},
		{`new-federationtrust -Name`, psargs.MissingValue, "Name", "null"},
		{`new-federationtrust -Name -Thumbprint a`, psargs.MissingValue, "Name", "colon"},
		{`new-federationtrust -Name -Thumbrint a`, psargs.MissingValue, "Name", "colon"},
		{`new-federationtrust -Name –Thumbprint a`, psargs.MissingValue, "Name", "colon"},
		{`new-federationtrust -Name -- a`, psargs.MissingValue, "Name", "colon"},
		{`new-federationtrust -Name:`, psargs.MissingValue, "Name", "null"},
		{`add-federateddomain -DomainName`, psargs.MissingValue, "DomainName", "null"},
		{`set-organizationrelationship -Enabled -WhatIf`, psargs.MissingValue, "Enabled", "-Enabled true or -Enabled false"},
		{`set-organizationrelationship -Enabled:`, psargs.MissingValue, "Enabled", "-Enabled true"},
		{`set-organizationrelationship --enabled=`, psargs.MissingValue, "Enabled", "-Enabled true"},
		{`set-organizationrelationship --enabled= true`, psargs.MissingValue, "Enabled", "-Enabled true"},
		{`remove-federationtrust -Confirm: a`, psargs.MissingValue, "Confirm", "-Confirm:false"},
		{`remove-federationtrust -Confirm: 0`, psargs.MissingValue, "Confirm", "-Confirm:false"},
		{`remove-federationtrust --what-if=`, psargs.MissingValue, "WhatIf", "-WhatIf:true"},
		{`completion`, psargs.MissingValue, "", "bash, zsh, fish or powershell"},
		{`completion tcsh`, psargs.InvalidEnum, "", "bash, zsh, fish or powershell"},
		{`set-organizationrelationship -Enabled Contoso`, psargs.InvalidBoolean, "Enabled", "the shell replaces $true"},
		{`set-organizationrelationship -Enabled $null`, psargs.InvalidBoolean, "Enabled", "-Enabled true"},
		{`remove-federationtrust -Confirm:never`, psargs.InvalidBoolean, "Confirm", "-Confirm:true"},
		{`remove-federationtrust -Confirm false`, psargs.InvalidBoolean, "Confirm", "-Confirm:false"},
		{`remove-federationtrust a -Confirm $false`, psargs.InvalidBoolean, "Confirm", "-Confirm:false"},
		{`set-organizationrelationship -FreeBusyAccessLevel all`, psargs.InvalidEnum, "FreeBusyAccessLevel", "None, AvailabilityOnly or LimitedDetails"},
		{`set-organizationrelationship -Scopes calendar,x`, psargs.InvalidEnum, "Scopes", "Calendar or MailTips"},
		{`get-federationtrust a b`, psargs.TooManyPositionals, "", "in quotes"},
		{`add-federateddomain a b c`, psargs.TooManyPositionals, "", "in quotes"},
		{`get-federationtrust a, b`, psargs.TooManyPositionals, "Identity", "in quotes"},
		{`get-federationinformation a`, psargs.TooManyPositionals, "", "name of its parameter"},
		{`version a`, psargs.TooManyPositionals, "", ""},
		{`help a-b c`, psargs.TooManyPositionals, "", ""},
		{`completion bash zsh`, psargs.TooManyPositionals, "", ""},
		{`set-organizationrelationship -DomainNames @Add=a @c`, psargs.MangledHashtable, "DomainNames", `'@{Add="a","b";Remove="c"}'`},
		{`set-organizationrelationship -DomainNames @{Add=a`, psargs.MangledHashtable, "DomainNames", "--add-domain-names a,b --remove-domain-names c"},
		{`set-organizationrelationship -DomainNames @{Add=a -Enabled true`, psargs.MangledHashtable, "DomainNames", "single quotes"},
		{`set-organizationrelationship -DomainNames @remove=a`, psargs.MangledHashtable, "DomainNames", "single quotes"},
		{`set-organizationrelationship x @Add=a @c`, psargs.MangledHashtable, "DomainNames", "single quotes"},
		{`set-organizationrelationship -DomainNames a,@{Add="b"}`, psargs.MixedList, "DomainNames", "a,b to set"},
		{`set-organizationrelationship -DomainNames a -DomainNames @{Add="b"}`, psargs.MixedList, "DomainNames", "a,b to set"},
		{`set-organizationrelationship -AddDomainNames a -DomainNames b`, psargs.MixedList, "DomainNames", "a,b to set"},
		{`set-organizationrelationship -DomainNames a -DomainNames $null`, psargs.MixedList, "DomainNames", "a,b to set"},
		{`set-organizationrelationship -DomainNames $null -DomainNames a`, psargs.MixedList, "DomainNames", "a,b to set"},
		{`set-organizationrelationship -DomainNames $null -AddDomainNames b`, psargs.MixedList, "AddDomainNames", "a,b to set"},
		{`set-organizationrelationship -AddDomainNames $null`, psargs.InvalidList, "AddDomainNames", ""},
		{`set-organizationrelationship -AddDomainNames @{Add="a"}`, psargs.InvalidList, "AddDomainNames", ""},
		{`set-organizationrelationship -DomainNames a,`, psargs.InvalidList, "DomainNames", "a,\n  ^"},
		{`set-organizationrelationship -DomainNames a, -Enabled true`, psargs.InvalidList, "DomainNames", "a,\n  ^"},
		{`set-organizationrelationship -DomainNames @{Ad="a"}`, psargs.InvalidList, "DomainNames", "\n  ^"},
		{`add-federateddomain -DomainName @{Add="a"}`, psargs.EditNotAllowed, "DomainName", ""},
		{`new-federationtrust -Name @{Add="a"}`, psargs.EditNotAllowed, "Name", ""},
		{`new-federationtrust -Name @Add=a`, psargs.EditNotAllowed, "Name", ""},
		{`new-federationtrust -Name “Fourth Coffee”`, psargs.SmartQuotes, "Name", "straight"},
		{`new-federationtrust -Name ‘Fourth~Coffee’`, psargs.SmartQuotes, "Name", "straight"},
		{`new-federationtrust “Contoso”`, psargs.SmartQuotes, "Name", "straight"},
		{`add-federateddomain -DomainName a,“b”`, psargs.SmartQuotes, "DomainName", "a,“b”\n  ^"},
		{`get-federationtrust a Coffee”`, psargs.SmartQuotes, "", "straight"},
	}
}

func TestRewriteRefuses(t *testing.T) {
	t.Parallel()
	rows := refusals()
	if len(rows) < 75 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		g := newGrammar()
		got, err := psargs.Rewrite(words(row.line), g)
		var usage *psargs.UsageError
		if !errors.As(err, &usage) {
			t.Errorf("%s: got %q, %v", row.line, got.Args, err)
			continue
		}
		if usage.ID != row.id || usage.Param != row.param {
			t.Errorf("%s: got %s about %q: %s", row.line, usage.ID, usage.Param, usage.Msg)
		}
		if text := strings.Join(usage.Hints, "\n") + "\n" + usage.Caret; !strings.Contains(text, row.hint) {
			t.Errorf("%s: hints lack %q:\n%s", row.line, row.hint, text)
		}
		if len(*g.found) > 1 {
			t.Errorf("%s: built %v", row.line, *g.found)
		}
		if len(*g.found) == 1 && usage.Cmdlet != strings.ToLower((*g.found)[0]) {
			t.Errorf("%s: the error is about cmdlet %q", row.line, usage.Cmdlet)
		}
	}
}

// TestRewriteIsHarmless holds messages to what may reach a terminal.
func TestRewriteIsHarmless(t *testing.T) {
	t.Parallel()
	_, err := psargs.Rewrite([]string{"new-federationtrust", "-X\x1b[31m\u202e"}, newGrammar())
	if err == nil || strings.ContainsAny(err.Error(), "\x1b\u202e") {
		t.Errorf("got %q", err)
	}
	_, err = psargs.Rewrite([]string{strings.Repeat("a", 1<<20)}, newGrammar())
	if err == nil || len(err.Error()) > 200 {
		t.Errorf("a message of %d bytes", len(err.Error()))
	}
	nested := append([]string{"add-federateddomain", "-DomainName"}, slices.Repeat([]string{"@(,"}, 1<<16)...)
	if _, err = psargs.Rewrite(nested, newGrammar()); err == nil || len(err.Error()) > 200 {
		t.Errorf("brackets without end: %v", err)
	}
}
