package psargs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/psargs"
)

// rewriteRow is a command line and what it becomes, both as words() reads them.
type rewriteRow struct{ line, want string }

func rewriteRows() []rewriteRow {
	return []rewriteRow{
		// Names of cmdlets.
		{`get-federationtrust`, `get-federationtrust`},
		{`Get-FederationTrust`, `get-federationtrust`},
		{`NEW-federationTRUST -Name a`, `new-federationtrust --name=a`},
		{`get-federation-trust`, `get-federationtrust`},
		{`get_federation_trust`, `get-federationtrust`},
		{`Get–FederationTrust`, `get-federationtrust`},
		{`Get—FederationTrust`, `get-federationtrust`},
		// Names of parameters.
		{`new-federationtrust -Name a`, `new-federationtrust --name=a`},
		{`new-federationtrust -name a`, `new-federationtrust --name=a`},
		{`new-federationtrust -NAME a`, `new-federationtrust --name=a`},
		{`new-federationtrust -Name:a`, `new-federationtrust --name=a`},
		{`new-federationtrust -Name=a`, `new-federationtrust --name=a`},
		{`new-federationtrust -Name: a`, `new-federationtrust --name=a`},
		{`new-federationtrust --name a`, `new-federationtrust --name=a`},
		{`new-federationtrust --name=a`, `new-federationtrust --name=a`},
		{`new-federationtrust --name:a`, `new-federationtrust --name=a`},
		{`new-federationtrust --Name a`, `new-federationtrust --name=a`},
		{`new-federationtrust --application-uri a`, `new-federationtrust --application-uri=a`},
		{`new-federationtrust --ApplicationUri a`, `new-federationtrust --application-uri=a`},
		{`new-federationtrust -application-uri a`, `new-federationtrust --application-uri=a`},
		{`new-federationtrust --application_uri=a`, `new-federationtrust --application-uri=a`},
		{`new-federationtrust -ApplicationURI a`, `new-federationtrust --application-uri=a`},
		{`new-federationtrust –Name a`, `new-federationtrust --name=a`},
		{`new-federationtrust —Name a`, `new-federationtrust --name=a`},
		{`new-federationtrust ―Name a`, `new-federationtrust --name=a`},
		{`new-federationtrust ––name=a`, `new-federationtrust --name=a`},
		{`new-federationtrust --application–uri=a`, `new-federationtrust --application-uri=a`},
		// Prefixes.
		{`new-federationtrust -Na a`, `new-federationtrust --name=a`},
		{`new-federationtrust -Thumb a`, `new-federationtrust --thumbprint=a`},
		{`new-federationtrust -Thumb:a`, `new-federationtrust --thumbprint=a`},
		{`new-federationtrust --app=a`, `new-federationtrust --application-uri=a`},
		{`get-federationinformation -D contoso.com`, `get-federationinformation --domain-name=contoso.com`},
		{`new-federationtrust -T a`, `new-federationtrust --thumbprint=a`},
		{`new-federationtrust -Ti 5m`, `new-federationtrust --timeout=5m`},
		{`new-federationtrust -Wh`, `new-federationtrust --what-if=true`},
		{`set-organizationrelationship -D a`, `set-organizationrelationship --domain-names="a"`},
		{`set-organizationrelationship -TargetAuto a`, `set-organizationrelationship --target-autodiscover-epr=a`},
		{`test-federationtrust -User a`, `test-federationtrust --user=a`},
		{`test-federationtrust -UserI a`, `test-federationtrust --user-identity=a`},
		{`set-organizationrelationship -Remo a`, `set-organizationrelationship --remote-url=a`},
		{`set-organizationrelationship -Add a`, `set-organizationrelationship --address-book=a`},
		{`new-federationtrust -W`, `new-federationtrust --what-if=true`},
		// Aliases.
		{`new-federationtrust -wi`, `new-federationtrust --what-if=true`},
		{`new-federationtrust -CF:false`, `new-federationtrust --confirm=false`},
		{`new-federationtrust -ea silentlycontinue`, `new-federationtrust --error-action=SilentlyContinue`},
		{`new-federationtrust -vb -db`, `new-federationtrust --verbose=true --debug=true`},
		// Switches and Booleans.
		{`remove-federationtrust a -Confirm:$false`, `remove-federationtrust --confirm=false --identity=a`},
		{`remove-federationtrust -Confirm:false a`, `remove-federationtrust --confirm=false --identity=a`},
		{`remove-federationtrust -Confirm:0 a`, `remove-federationtrust --confirm=false --identity=a`},
		{`remove-federationtrust -Confirm:NO a`, `remove-federationtrust --confirm=false --identity=a`},
		{`remove-federationtrust --confirm=$False a`, `remove-federationtrust --confirm=false --identity=a`},
		{`remove-federationtrust -WhatIf:yes a`, `remove-federationtrust --what-if=true --identity=a`},
		{`remove-federationtrust -WhatIf a`, `remove-federationtrust --what-if=true --identity=a`},
		{`remove-federationtrust -WhatIf:$TRUE a`, `remove-federationtrust --what-if=true --identity=a`},
		{`remove-federationtrust -WhatIf 1`, `remove-federationtrust --what-if=true --identity=1`},
		// A switch that takes a word, as Exchange's documentation writes -Default $true.
		{`invoke-federationlab -Serve`, `invoke-federationlab --serve=true`},
		{`invoke-federationlab -Serve $true`, `invoke-federationlab --serve=true`},
		{`invoke-federationlab -Serve FALSE`, `invoke-federationlab --serve=false`},
		{`invoke-federationlab -Serve:false true`, `invoke-federationlab --serve=false --path=true`},
		{`invoke-federationlab -Serve true true`, `invoke-federationlab --serve=true --path=true`},
		{`invoke-federationlab -Serve yes`, `invoke-federationlab --serve=true --path=yes`},
		{`invoke-federationlab -Serve -Path a`, `invoke-federationlab --serve=true --path=a`},
		{`set-organizationrelationship a -Enabled $true`, `set-organizationrelationship --enabled=true --identity=a`},
		{`set-organizationrelationship a -Enabled true`, `set-organizationrelationship --enabled=true --identity=a`},
		{`set-organizationrelationship a -Enabled:1`, `set-organizationrelationship --enabled=true --identity=a`},
		{`set-organizationrelationship a -Enabled: false`, `set-organizationrelationship --enabled=false --identity=a`},
		{`set-organizationrelationship a -Enabled=no`, `set-organizationrelationship --enabled=false --identity=a`},
		{`set-organizationrelationship a --enabled FALSE`, `set-organizationrelationship --enabled=false --identity=a`},
		{`set-organizationrelationship a -FreeBusyAccessE yes`, `set-organizationrelationship --free-busy-access-enabled=true --identity=a`},
		// Enumerations.
		{`set-organizationrelationship -FreeBusyAccessLevel limiteddetails`, `set-organizationrelationship --free-busy-access-level=LimitedDetails`},
		{`set-organizationrelationship -FreeBusyAccessLevel:NONE`, `set-organizationrelationship --free-busy-access-level=None`},
		{`set-organizationrelationship -FreeBusyAccessLevel $null`, `set-organizationrelationship --free-busy-access-level=$null`},
		{`get-federationtrust -Output JSON`, `get-federationtrust --output=json`},
		{`set-organizationrelationship -Scopes mailtips,CALENDAR`, `set-organizationrelationship --scopes="MailTips","Calendar"`},
		{`set-organizationrelationship -Scopes @{add=mailtips}`, `set-organizationrelationship --scopes=@{Add="MailTips"}`},
		// Values are kept as they are.
		{`new-federationtrust -Name Fourth~Coffee`, `new-federationtrust --name=Fourth~Coffee`},
		{`new-federationtrust -Name:a:b=c`, `new-federationtrust --name=a:b=c`},
		{`new-federationtrust --name=a:b=c`, `new-federationtrust --name=a:b=c`},
		{`new-federationtrust -MetadataUrl https://x/y?a=b`, `new-federationtrust --metadata-url=https://x/y?a=b`},
		{`new-federationtrust -Name -5`, `new-federationtrust --name=-5`},
		{`new-federationtrust -Name -`, `new-federationtrust --name=-`},
		{`new-federationtrust -Name:-Thumbprint`, `new-federationtrust --name=-Thumbprint`},
		{`new-federationtrust -Name -zzz9`, `new-federationtrust --name=-zzz9`},
		{`new-federationtrust -Name O’Brien`, `new-federationtrust --name=O’Brien`},
		{`new-federationtrust -Name ’t~Hart`, `new-federationtrust --name=’t~Hart`},
		{"new-federationtrust -Name \xff\xfe", "new-federationtrust --name=\xff\xfe"},
		{`set-organizationrelationship a -TargetSharingEpr $null`, `set-organizationrelationship --target-sharing-epr=$null --identity=a`},
		{`set-organizationrelationship a -TargetSharingEpr ^`, `set-organizationrelationship --target-sharing-epr= --identity=a`},
		{`set-organizationrelationship a --target-sharing-epr=`, `set-organizationrelationship --target-sharing-epr= --identity=a`},
		// Positional values.
		{`get-federationtrust Contoso`, `get-federationtrust --identity=Contoso`},
		{`get-federationtrust -- -Contoso`, `get-federationtrust --identity=-Contoso`},
		{`get-federationtrust -- --`, `get-federationtrust --identity=--`},
		{`get-federationtrust --`, `get-federationtrust`},
		{`get-federationtrust -5`, `get-federationtrust --identity=-5`},
		{`remove-federationtrust -`, `remove-federationtrust --identity=-`},
		{`add-federateddomain a.com b`, `add-federateddomain --domain-name="a.com" --identity=b`},
		{`add-federateddomain -DomainName a.com b`, `add-federateddomain --domain-name="a.com" --identity=b`},
		{`add-federateddomain b -DomainName a.com`, `add-federateddomain --domain-name="a.com" --identity=b`},
		{`add-federateddomain -Identity b a.com`, `add-federateddomain --identity=b --domain-name="a.com"`},
		{`add-federateddomain a.com, c.com b`, `add-federateddomain --domain-name="a.com","c.com" --identity=b`},
		{`test-federationtrust a b`, `test-federationtrust --server=a --site=b`},
		{`test-federationtrust -Server a b`, `test-federationtrust --server=a --site=b`},
		// Lists.
		{`add-federateddomain -DomainName a`, `add-federateddomain --domain-name="a"`},
		{`add-federateddomain -DomainName a,b`, `add-federateddomain --domain-name="a","b"`},
		{`add-federateddomain -DomainName a, b ,c`, `add-federateddomain --domain-name="a","b","c"`},
		{`add-federateddomain -DomainName a , b`, `add-federateddomain --domain-name="a","b"`},
		{`add-federateddomain -DomainName:a, b`, `add-federateddomain --domain-name="a","b"`},
		{`add-federateddomain -DomainName a -DomainName b,c`, `add-federateddomain --domain-name="a","b","c"`},
		{`add-federateddomain --domain-name=a --domain-name=b`, `add-federateddomain --domain-name="a","b"`},
		{`add-federateddomain -DomainName @("a","b")`, `add-federateddomain --domain-name="a","b"`},
		{`add-federateddomain -DomainName @( "a", 'b' )`, `add-federateddomain --domain-name="a","b"`},
		{`add-federateddomain -DomainName @(a b) c`, `add-federateddomain --domain-name="a~b" --identity=c`},
		{`add-federateddomain -DomainName "a,b",c`, `add-federateddomain --domain-name="a,b","c"`},
		{`add-federateddomain -DomainName $null`, `add-federateddomain --domain-name=$null`},
		{`add-federateddomain -DomainName ^`, `add-federateddomain --domain-name=$null`},
		{`add-federateddomain -DomainName=`, `add-federateddomain --domain-name=$null`},
		{`add-federateddomain -DomainName @()`, `add-federateddomain --domain-name=$null`},
		{`add-federateddomain -DomainName -5, b`, `add-federateddomain --domain-name="-5","b"`},
		{"add-federateddomain -DomainName \xff,b", "add-federateddomain --domain-name=\"\xff\",\"b\""},
		// Edits.
		{`set-organizationrelationship -DomainNames @{Add="a","b";Remove="c"}`, `set-organizationrelationship --domain-names=@{Add="a","b";Remove="c"}`},
		{`set-organizationrelationship -DomainNames @{remove='c'; ADD='a'}`, `set-organizationrelationship --domain-names=@{Add="a";Remove="c"}`},
		{`set-organizationrelationship -DomainNames @{ Add = a , b } x`, `set-organizationrelationship --domain-names=@{Add="a","b"} --identity=x`},
		{`set-organizationrelationship -DomainNames @{Add=@("a","b")} x`, `set-organizationrelationship --domain-names=@{Add="a","b"} --identity=x`},
		{`set-organizationrelationship -DomainNames @{Add="}" , "b"} x`, `set-organizationrelationship --domain-names=@{Add="}","b"} --identity=x`},
		{`set-organizationrelationship -DomainNames @{Add=O'Brien} x`, `set-organizationrelationship --domain-names=@{Add="O'Brien"} --identity=x`},
		{`set-organizationrelationship --add-domain-names a,b`, `set-organizationrelationship --domain-names=@{Add="a","b"}`},
		{`set-organizationrelationship --add-domain-names=a --remove-domain-names=c --add-domain-names b`, `set-organizationrelationship --domain-names=@{Add="a","b";Remove="c"}`},
		{`set-organizationrelationship -AddDomainNames a, b x`, `set-organizationrelationship --domain-names=@{Add="a","b"} --identity=x`},
		{`set-organizationrelationship -RemoveD a`, `set-organizationrelationship --domain-names=@{Remove="a"}`},
		{`set-organizationrelationship -AddDomainNames a -DomainNames @{Remove="b"}`, `set-organizationrelationship --domain-names=@{Add="a";Remove="b"}`},
		{`set-organizationrelationship --add-scopes calendar`, `set-organizationrelationship --scopes=@{Add="Calendar"}`},
		// Parameters before the cmdlet.
		{`-Config x get-federationtrust a`, `get-federationtrust --config=x --identity=a`},
		{`--config=x get-federationtrust a`, `get-federationtrust --config=x --identity=a`},
		{`-Verbose get-federationtrust`, `get-federationtrust --verbose=true`},
		{`-Output json -Verbose get-federationtrust a`, `get-federationtrust --output=json --verbose=true --identity=a`},
		// Words and help.
		{``, `--help`},
		{`help`, `--help`},
		{`HELP`, `--help`},
		{`help help`, `--help`},
		{`--help`, `--help`},
		{`-?`, `--help`},
		{`–?`, `--help`},
		{`-h`, `--help`},
		{`-Help`, `--help`},
		{`help NEW-federationtrust`, `new-federationtrust --help`},
		{`help new-federationtrust -Full`, `new-federationtrust --help`},
		{`-? new-federationtrust`, `new-federationtrust --help`},
		{`new-federationtrust -?`, `new-federationtrust --help`},
		{`new-federationtrust -h`, `new-federationtrust --help`},
		{`new-federationtrust --help`, `new-federationtrust --help`},
		{`new-federationtrust -Bogus -Name -?`, `new-federationtrust --help`},
		{`help completion`, `completion --help`},
		{`completion -h`, `completion --help`},
		{`version --help`, `version --help`},
		{`version`, `--version`},
		{`--version`, `--version`},
		{`-Version`, `--version`},
		{`completion bash`, `completion bash`},
		{`Completion PowerShell`, `completion powershell`},
	}
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	rows := rewriteRows()
	if len(rows) < 140 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		g := newGrammar()
		argv := words(row.line)
		got, err := psargs.Rewrite(argv, g)
		if err != nil {
			t.Errorf("%s: %v", row.line, err)
			continue
		}
		if diff := cmp.Diff(words(row.want), got.Args); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", row.line, diff)
		}
		again, err := psargs.Rewrite(got.Args, newGrammar())
		if diff := cmp.Diff(got, again); err != nil || diff != "" {
			t.Errorf("%s: rewritten again: %v\n%s", row.line, err, diff)
		}
		if len(*g.found) > 1 {
			t.Errorf("%s: built %v", row.line, *g.found)
		}
	}
}

func TestRewriteResult(t *testing.T) {
	t.Parallel()
	cases := map[string]psargs.Result{
		`New-FederationTrust -Name a`: {Cmdlet: "new-federationtrust", Args: []string{"new-federationtrust", "--name=a"}},
		`-?`:                          {Action: psargs.Help, Args: []string{"--help"}},
		`help New-FederationTrust`:    {Action: psargs.Help, Cmdlet: "new-federationtrust", Args: []string{"new-federationtrust", "--help"}},
		`version`:                     {Action: psargs.Version, Args: []string{"--version"}},
		`completion ZSH`:              {Action: psargs.Completion, Cmdlet: "completion", Shell: "zsh", Args: []string{"completion", "zsh"}},
	}
	if len(cases) < 5 {
		t.Fatalf("only %d cases", len(cases))
	}
	for line, want := range cases {
		got, err := psargs.Rewrite(words(line), newGrammar())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", line, err, diff)
		}
	}
}
