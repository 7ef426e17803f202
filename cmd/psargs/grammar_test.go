package psargs_test

import (
	"slices"
	"strings"
	"testing"

	"exfed/cmd/psargs"
)

// testGrammar is a small shell of cmdlets with every kind of parameter. It counts what is built.
type testGrammar struct{ found *[]string }

func newGrammar() testGrammar { return testGrammar{new([]string)} }

func (g testGrammar) Names() []string {
	return []string{
		"New-FederationTrust", "Get-FederationTrust", "Set-FederationTrust", "Remove-FederationTrust",
		"Test-FederationTrust", "Test-FederationTrustCertificate", "Get-FederationInformation",
		"Set-FederatedOrganizationIdentifier", "Add-FederatedDomain", "Remove-FederatedDomain",
		"New-OrganizationRelationship", "Set-OrganizationRelationship", "Invoke-FederationLab",
	}
}

func (g testGrammar) Summary(name string) string { return "about " + name + "\nand more" }

func (g testGrammar) Find(name string) (psargs.Cmdlet, bool) {
	*g.found = append(*g.found, name)
	own := map[string][]psargs.Param{
		"New-FederationTrust": {
			{Name: "Name", Position: 1, Summary: "what to call it"},
			{Name: "Thumbprint"},
			{Name: "ApplicationUri"},
			{Name: "MetadataUrl"},
			{Name: "SkipNamespaceProviderProvisioning", Kind: psargs.Switch},
			{Name: "UseLegacyProvisioningService", Kind: psargs.Switch},
			{Name: "SecurityProfile", Values: []string{"modern", "exchange"}},
		},
		"Get-FederationTrust":    {{Name: "Identity", Position: 1}},
		"Set-FederationTrust":    {{Name: "Identity", Position: 1}, {Name: "PublishFederationCertificate", Kind: psargs.Switch}},
		"Test-FederationTrust":   {{Name: "UserIdentity"}, {Name: "User"}, {Name: "Site", Position: 2}, {Name: "Server", Position: 1}},
		"Remove-FederationTrust": {{Name: "Identity", Position: 1}},
		"Get-FederationInformation": {
			{Name: "DomainName"},
			{Name: "TrustedHostnames", Kind: psargs.List},
			{Name: "BypassAdditionalDomainValidation", Kind: psargs.Switch},
			{Name: "Force", Kind: psargs.Switch},
		},
		"Add-FederatedDomain":          {{Name: "DomainName", Kind: psargs.List, Position: 1}, {Name: "Identity", Position: 2}},
		"New-OrganizationRelationship": relationship("Name"),
		"Set-OrganizationRelationship": relationship("Identity"),
		"Invoke-FederationLab":         {{Name: "Path", File: true, Position: 1}, {Name: "Serve", Kind: psargs.Switch, Word: true}},
	}
	if !slices.Contains(g.Names(), name) {
		return psargs.Cmdlet{}, false
	}
	return psargs.Cmdlet{Name: name, Params: append(own[name], common()...)}, true
}

func relationship(key string) []psargs.Param {
	return []psargs.Param{
		{Name: key, Position: 1},
		{Name: "DomainNames", Kind: psargs.List, Edit: true, Position: 2},
		{Name: "Enabled", Kind: psargs.Boolean},
		{Name: "FreeBusyAccessEnabled", Kind: psargs.Boolean},
		{Name: "FreeBusyAccessLevel", Values: []string{"None", "AvailabilityOnly", "LimitedDetails"}},
		{Name: "TargetAutodiscoverEpr"},
		{Name: "TargetApplicationUri"},
		{Name: "TargetSharingEpr"},
		{Name: "TargetOwaURL"},
		{Name: "RemoteUrl"},
		{Name: "AddressBook"},
		{Name: "OrganizationContact"},
		{Name: "Scopes", Kind: psargs.List, Edit: true, Values: []string{"Calendar", "MailTips"}},
	}
}

func common() []psargs.Param {
	return []psargs.Param{
		{Name: "Config", Common: true, File: true},
		{Name: "Output", Common: true, Values: []string{"list", "table", "json"}},
		{Name: "Property", Common: true, Kind: psargs.List},
		{Name: "WhatIf", Aliases: []string{"wi"}, Common: true, Kind: psargs.Switch},
		{Name: "Confirm", Aliases: []string{"cf"}, Common: true, Kind: psargs.Switch},
		{Name: "Verbose", Aliases: []string{"vb"}, Common: true, Kind: psargs.Switch},
		{Name: "Debug", Aliases: []string{"db"}, Common: true, Kind: psargs.Switch},
		{Name: "DnsServer", Common: true, Kind: psargs.List},
		{Name: "ErrorAction", Aliases: []string{"ea"}, Common: true, Values: []string{"Stop", "Continue", "SilentlyContinue"}},
		{Name: "Timeout", Common: true},
	}
}

func TestFlag(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"DomainName":                   "domain-name",
		"TargetAutodiscoverEpr":        "target-autodiscover-epr",
		"WhatIf":                       "what-if",
		"SkipDnsCheck":                 "skip-dns-check",
		"UseLegacyProvisioningService": "use-legacy-provisioning-service",
		"ApplicationURI":               "application-uri",
		"TargetOwaURL":                 "target-owa-url",
		"MRSProxyEnabled":              "mrs-proxy-enabled",
		"IncludeServerFQDN":            "include-server-fqdn",
		"WSSecurityAuthentication":     "ws-security-authentication",
		"TrustAnySSLCertificate":       "trust-any-ssl-certificate",
		"EnableNego2Authentication":    "enable-nego2-authentication",
		"Name":                         "name",
		"X":                            "x",
		"name":                         "name",
	}
	if len(cases) < 15 {
		t.Fatalf("only %d cases", len(cases))
	}
	for name, want := range cases {
		p := psargs.Param{Name: name}
		if got := p.Flag(); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		if got := p.AddFlag() + " " + p.RemoveFlag(); got != "add-"+want+" remove-"+want {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// words splits a test's command line at blanks; ~ stands for a blank within a word and ^ for an
// empty word.
func words(line string) []string {
	var out []string
	for _, w := range strings.Fields(line) {
		out = append(out, strings.ReplaceAll(strings.ReplaceAll(w, "^", ""), "~", " "))
	}
	return out
}
