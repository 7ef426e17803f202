package cmd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// manualDate is the same in every manual, so that pages change only when their text does.
const manualDate = "2026-11-21"

// manual is a page in the man macros.
type manual struct{ strings.Builder }

// roff makes text plain in a manual. A hyphen is written so that it can be copied as one.
func roff(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "\u2013", `\(en`).Replace(text)
}

// line writes one line of text. A period or an apostrophe in front would be a macro.
func (m *manual) line(text string) {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		m.WriteString(`\&`)
	}
	m.WriteString(roff(text) + "\n")
}

func (m *manual) title(name string) {
	fmt.Fprintf(m, ".TH %s 1 %s exfed \"exfed manual\"\n", roff(strings.ToUpper(name)), manualDate)
}

func (m *manual) section(name string) { fmt.Fprintf(m, ".SH %s\n", name) }

// literal writes lines whose layout is kept.
func (m *manual) literal(lines []string) {
	m.WriteString(".RS 4\n.nf\n")
	for _, l := range lines {
		m.line(strings.TrimSpace(l))
	}
	m.WriteString(".fi\n.RE\n")
}

// item writes a term and what it means.
func (m *manual) item(term, meaning string) {
	m.WriteString(".TP\n\\fB" + roff(term) + "\\fR\n")
	m.line(meaning)
}

// prose writes a long help text.
func (m *manual) prose(text string) {
	for i, part := range blocks(text) {
		if part.literal {
			m.literal(part.lines)
			continue
		}
		if i > 0 {
			m.WriteString(".PP\n")
		}
		for _, l := range part.lines {
			m.line(l)
		}
	}
}

func (m *manual) parameters(section string, parameters []*parameter) {
	if len(parameters) == 0 {
		return
	}
	m.section(section)
	for _, p := range parameters {
		m.item(p.heading(), p.describe())
	}
}

func cmdletManual(c cmdlet) string {
	inv := c.prepare()
	own, inert := split(inv.parameters)
	common, _ := split(commonParametersOf(c.changes))
	m := &manual{}
	m.title("exfed-" + c.word())
	m.section("NAME")
	fmt.Fprintf(m, "exfed\\-%s \\- %s\n", roff(c.word()), roff(c.short))
	m.section("SYNOPSIS")
	m.line("exfed " + c.word() + usageLine(inv))
	m.section("DESCRIPTION")
	m.line(c.name + ": " + strings.ToLower(c.short[:1]) + c.short[1:] + ".")
	if c.long != "" {
		m.WriteString(".PP\n")
		m.prose(c.long)
	}
	m.parameters("PARAMETERS", own)
	m.parameters(`"COMMON PARAMETERS"`, common)
	if len(inert) > 0 {
		m.section(`"ACCEPTED, WITHOUT EFFECT"`)
		for _, p := range inert {
			m.item("-"+p.name, "No effect: "+p.noEffect+".")
		}
	}
	m.section("EXAMPLES")
	m.literal(c.examples)
	m.section(`"SEE ALSO"`)
	m.WriteString(".BR exfed (1)\n")
	return m.String()
}

func overviewManual() string {
	m := &manual{}
	m.title("exfed")
	m.section("NAME")
	m.WriteString("exfed \\- Exchange federation from any shell\n")
	m.section("SYNOPSIS")
	m.line("exfed CMDLET [-Parameter value ...]")
	m.section("DESCRIPTION")
	m.line("Cmdlets and parameters have the names they have in the Exchange Management Shell, in any case.")
	m.line("A parameter is written -DomainName contoso.com, as any unambiguous beginning of its name, or --domain-name contoso.com.")
	m.line("In a POSIX shell write true and false, not $true and $false: the shell would swallow those.")
	m.section("CMDLETS")
	for _, c := range cmdlets() {
		fmt.Fprintf(m, ".TP\n.BR exfed\\-%s (1)\n", roff(c.word()))
		m.line(c.short + ".")
	}
	common, inert := split(commonParametersOf(true))
	m.parameters(`"COMMON PARAMETERS"`, common)
	m.WriteString(".PP\n")
	m.line("Accepted, without effect: " + strings.Join(parameterNames(inert), ", ") + ".")
	m.section(`"EXIT STATUS"`)
	for _, e := range exitMeanings() {
		m.item(fmt.Sprint(int(e.code)), e.meaning)
	}
	m.section("ENVIRONMENT")
	for _, v := range variables() {
		m.item(v.name, v.meaning)
	}
	return m.String()
}

// TestManuals has mandoc look for faults in every manual.
func TestManuals(t *testing.T) {
	t.Parallel()
	mandoc := peer(t, "mandoc")
	folder := t.TempDir()
	pages := map[string]string{"exfed.1": overviewManual()}
	for _, c := range cmdlets() {
		pages["exfed-"+c.word()+".1"] = cmdletManual(c)
	}
	if len(pages) < 19 {
		t.Errorf("%d manuals, at least 19 are expected", len(pages))
	}
	for name, content := range pages {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), mandoc, "-Tlint", "-Wwarning", path).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("mandoc: %v\n%s", err, out)
		}
	}
}

// TestManualKeepsText has mandoc show hostile text as it was written.
func TestManualKeepsText(t *testing.T) {
	t.Parallel()
	mandoc := peer(t, "mandoc")
	const text = `.so \fBx <String> -WhatIf 'a' "b" C:\n`
	m := &manual{}
	m.title("x")
	m.section("NAME")
	m.WriteString("x \\- y\n")
	m.section("DESCRIPTION")
	m.line(text)
	command := exec.CommandContext(t.Context(), mandoc, "-Tascii", "-Owidth=78")
	command.Stdin = strings.NewReader(m.String())
	out, err := command.Output()
	if err != nil || !strings.Contains(string(out), text) {
		t.Errorf("mandoc: %v\n%s\ndoes not show\n%s", err, out, text)
	}
}
