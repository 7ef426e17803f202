package cmd

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"exfed/cmd/psargs"
	"exfed/cmd/terminal"
)

// TestCmdletsAreDescribed wants a line of help of every cmdlet and parameter, and an
// example of every cmdlet that the parser takes as it stands.
func TestCmdletsAreDescribed(t *testing.T) {
	t.Parallel()
	examples, parameters := 0, 0
	for _, c := range cmdlets() {
		if c.short == "" || strings.HasSuffix(c.short, ".") {
			t.Errorf("%s: the short help is a line without a full stop: %q", c.name, c.short)
		}
		for _, p := range append(c.prepare().parameters, commonParametersOf(c.changes)...) {
			if !strings.HasSuffix(p.help, ".") || p.typeName == "" {
				t.Errorf("%s -%s: the help is a sentence, and the type has a name: %q %q", c.name, p.name, p.help, p.typeName)
			}
			parameters++
		}
		own := 0
		for _, example := range c.examples {
			for _, words := range commandsIn(t, example) {
				name, err := try(words[1:])
				if err != nil {
					t.Errorf("%s: example %q: %v", c.name, example, err)
				}
				if name == c.word() {
					own++
				}
			}
		}
		if own == 0 {
			t.Errorf("%s has no example", c.name)
		}
		examples += own
	}
	if examples < 30 || parameters < 250 {
		t.Errorf("%d examples and %d parameters, at least 30 and 250 are expected", examples, parameters)
	}
}

// TestGuidesParse tries every command line of exfed in the shell blocks of the guides.
func TestGuidesParse(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, name := range treeFiles(t) {
		if path.Ext(name) != ".md" {
			continue
		}
		content, err := os.ReadFile(treePath(name))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range shellLines(string(content)) {
			for _, words := range commandsIn(t, line) {
				if _, err := try(words[1:]); err != nil {
					t.Errorf("%s: %s: %v", name, line, err)
				}
				tried++
			}
		}
	}
	if tried < 40 {
		t.Errorf("%d command lines were tried, at least 40 are expected", tried)
	}
}

// shellLines returns the commands in the sh and console blocks of a page, the lines of one
// command joined. In console blocks only what follows a prompt is a command.
func shellLines(page string) []string {
	var out []string
	language, pending := "", ""
	for _, line := range strings.Split(page, "\n") {
		if fence, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); ok {
			if language == "" {
				language = fence + " "
			} else {
				language = ""
			}
			continue
		}
		line, prompted := strings.CutPrefix(line, "$ ")
		if language != "sh " && (language != "console " || !prompted && pending == "") {
			continue
		}
		pending += strings.TrimSuffix(line, `\`)
		if !strings.HasSuffix(line, `\`) && !strings.HasSuffix(strings.TrimSpace(line), "|") {
			out = append(out, pending)
			pending = ""
		}
	}
	return out
}

// commandsIn returns the words of every call of exfed in a pipeline.
func commandsIn(t *testing.T, line string) [][]string {
	t.Helper()
	var out [][]string
	for _, words := range pipeline(t, line) {
		if len(words) > 0 && (words[0] == "exfed" || words[0] == "./exfed") {
			out = append(out, words)
		}
	}
	return out
}

// pipeline splits a line as a POSIX shell does: words, quotes, pipes, redirections and comments.
func pipeline(t *testing.T, line string) [][]string {
	t.Helper()
	commands := [][]string{nil}
	var word strings.Builder
	var quote rune
	inWord := false
	end := func() {
		if inWord {
			last := &commands[len(commands)-1]
			*last = append(*last, word.String())
		}
		word.Reset()
		inWord = false
	}
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == '#' && !inWord:
			return commands
		case strings.ContainsRune("|;&>", r):
			end()
			commands = append(commands, nil)
		case r == ' ' || r == '\t':
			end()
		case strings.ContainsRune("$`(){}<*?", r):
			t.Errorf("%q: the shell reads %q, quote it", line, r)
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		t.Errorf("%q: a quote is open", line)
	}
	end()
	return commands
}

// try parses a command line as a run would, up to the point where the cmdlet starts.
// Parameters that take pipeline input may be missing.
func try(args []string) (cmdlet string, err error) {
	s := &session{process: Process{Args: args, Streams: terminal.Streams{In: strings.NewReader("")}}}
	line, err := psargs.Rewrite(args, s)
	if err != nil || line.Action != psargs.Run {
		return line.Cmdlet, err
	}
	flags := pflag.NewFlagSet(s.chosen.word(), pflag.ContinueOnError)
	s.bind(flags, s.first, &s.common)
	if err := flags.Parse(line.Args[1:]); err != nil {
		return line.Cmdlet, err
	}
	for _, p := range s.first.parameters {
		if p.required && !p.given() && !p.piped {
			return line.Cmdlet, fmt.Errorf("-%s is missing", p.name)
		}
	}
	return line.Cmdlet, nil
}

// ourCmdlets are those Exchange does not have.
func ourCmdlets() []string {
	return []string{
		"Get-DelegationToken", "Get-FederatedDnsRecord", "Get-FederationBrokerOrganization", "Get-UserAvailability", "Invoke-FederationLab", "Set-FederationBrokerOrganization",
		"Enable-FederationTrust", "Protect-ExchangeCertificate", "Repair-FederationTrust", "Start-FederationBroker", "Start-FederationEndpoint", "Test-DelegationToken", "Test-FederatedDnsRecord", "Update-FederationBrokerKey", "Update-FederationCertificate",
		// Exchange's has parameters for what a mailbox is; here it is addresses and a calendar.
		"New-Mailbox", "Get-Mailbox", "Set-Mailbox", "Remove-Mailbox", "Test-SharingPolicy",
		"Get-CalendarSource", "Set-CalendarSource", "Remove-CalendarSource",
	}
}

// ourParameters are parameters of Exchange's cmdlets that only exfed has.
func ourParameters() []string {
	ours := []string{"New-FederationTrust SecurityProfile", "Set-FederationTrust SecurityProfile"}
	for _, cmdlet := range []string{"New-FederationTrust", "Set-FederationTrust", "Test-FederationTrustCertificate"} {
		ours = append(ours, cmdlet+" CheckRevocation")
	}
	for _, parameter := range []string{"WarningDays", "CriticalDays", "At"} {
		ours = append(ours, "Test-FederationTrustCertificate "+parameter)
	}
	ours = append(ours, "New-ExchangeCertificate ValidDays", "Export-ExchangeCertificate Format", "Export-ExchangeCertificate Legacy")
	for _, cmdlet := range []string{"Add-FederatedDomain", "Set-FederatedOrganizationIdentifier", "Set-FederationTrust"} {
		ours = append(ours, cmdlet+" SkipDnsCheck", cmdlet+" Force")
	}
	return ours
}

// deviations are the facts about Exchange's parameters that exfed has differently, with
// the line it has instead.
func deviations() map[string]string {
	return map[string]string{
		// Two parameters of different sets share the position; a bare value is the
		// thumbprint, and -Identity is named.
		"Get-ExchangeCertificate Identity ExchangeCertificateIdParameter 1 optional - -":    "Get-ExchangeCertificate Identity ExchangeCertificateIdParameter named optional - -",
		"Enable-ExchangeCertificate Identity ExchangeCertificateIdParameter 1 optional - -": "Enable-ExchangeCertificate Identity ExchangeCertificateIdParameter named optional - -",
		"Remove-ExchangeCertificate Identity ExchangeCertificateIdParameter 1 optional - -": "Remove-ExchangeCertificate Identity ExchangeCertificateIdParameter named optional - -",
		"Export-ExchangeCertificate Identity ExchangeCertificateIdParameter 1 optional - -": "Export-ExchangeCertificate Identity ExchangeCertificateIdParameter named optional - -",
		// Without effect: there are no certificate objects to pipe.
		"Import-ExchangeCertificate Instance String[] named optional pipeline -":      "Import-ExchangeCertificate Instance String[] named optional - -",
		"Get-ExchangeCertificate Instance X509Certificate2 named optional pipeline -": "Get-ExchangeCertificate Instance X509Certificate2 named optional - -",
	}
}

// TestParametersAreExchanges compares the declarations of the parameters with
// testdata/parameters.txt, which states what Exchange documents about its own: a line
// "Cmdlet Parameter Type position required pipeline aliases" for each.
func TestParametersAreExchanges(t *testing.T) {
	t.Parallel()
	want := parameterFacts(t)
	var have []string
	for _, c := range cmdlets() {
		if slices.Contains(ourCmdlets(), c.name) {
			continue
		}
		for _, p := range c.prepare().parameters {
			if !slices.Contains(ourParameters(), c.name+" "+p.name) {
				have = append(have, factOf(c, p))
			}
		}
		for _, p := range commonParametersOf(c.changes) {
			if p.name == "WhatIf" || p.name == "Confirm" {
				have = append(have, factOf(c, p))
			}
		}
	}
	slices.Sort(want)
	slices.Sort(have)
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("-Exchange's +ours\n%s", diff)
	}
	if len(want) < 110 {
		t.Errorf("%d parameters are in the table, at least 110 are expected", len(want))
	}
}

func factOf(c cmdlet, p *parameter) string {
	position, required, pipeline, aliases := "named", "optional", "-", "-"
	if p.position > 0 {
		position = fmt.Sprint(p.position)
	}
	if p.required {
		required = "required"
	}
	if p.piped {
		pipeline = "pipeline"
	}
	if len(p.aliases) > 0 {
		aliases = strings.Join(p.aliases, ",")
	}
	return strings.Join([]string{c.name, p.name, p.typeName, position, required, pipeline, aliases}, " ")
}

// parameterFacts reads the table, the deviations applied. What is required in one of
// several parameter sets is declared optional: the cmdlet itself says what goes together.
func parameterFacts(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "parameters.txt"))
	if err != nil {
		t.Fatal(err)
	}
	left := deviations()
	var out []string
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		line = strings.Replace(line, " in-set ", " optional ", 1)
		if ours, ok := left[line]; ok {
			delete(left, line)
			line = ours
		}
		out = append(out, line)
	}
	for line := range left {
		t.Errorf("a deviation from a line that is not there: %s", line)
	}
	return out
}
