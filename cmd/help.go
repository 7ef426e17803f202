package cmd

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"exfed/cmd/psargs"
)

// writeOverview lists the cmdlets.
func writeOverview(w io.Writer) {
	fmt.Fprint(w, `exfed runs Exchange federation from any shell.

Usage:
  exfed CMDLET [-Parameter value ...]

Try it, on loopback, with nothing set up:
  exfed invoke-federationlab

Cmdlets:
`)
	width := 0
	for _, c := range cmdlets() {
		width = max(width, len(c.word()))
	}
	for _, c := range cmdlets() {
		fmt.Fprintf(w, "  %-*s  %s\n", width, c.word(), c.short)
	}
	fmt.Fprint(w, `
  exfed help CMDLET            shows a cmdlet's parameters and examples
  exfed completion SHELL       prints the completion script for bash, zsh, fish or powershell
  exfed version                prints the version

Parameters work as PowerShell spells them (-DomainName contoso.com, any case, any
unambiguous prefix) and as --domain-name contoso.com. In a POSIX shell write true and
false, not $true and $false: the shell would swallow those.

Environment:
`)
	for _, v := range variables() {
		fmt.Fprintf(w, "  %-19s %s\n", v.name, v.meaning)
	}
}

// writeHelp shows the help of the chosen cmdlet, or the overview.
func (s *session) writeHelp() error {
	var out bytes.Buffer
	if s.chosen.name == "" {
		writeOverview(&out)
	} else {
		writeCmdletHelp(&out, s.chosen, s.first, &s.common)
	}
	_, err := s.process.Streams.Out.Write(out.Bytes())
	return err
}

func writeCmdletHelp(w io.Writer, c cmdlet, inv *invocation, common *commonParameters) {
	fmt.Fprintf(w, "%s: %s\n\nUsage:\n  exfed %s%s\n", c.name, c.short, c.word(), usageLine(inv))
	if c.long != "" {
		fmt.Fprintf(w, "\n%s\n", c.long)
	}
	var own, inert []*parameter
	for _, p := range inv.parameters {
		if p.noEffect != "" {
			inert = append(inert, p)
		} else {
			own = append(own, p)
		}
	}
	writeParameters(w, "Parameters", own)
	writeParameters(w, "Common parameters", effective(common.declare(c.changes)))
	if len(inert) > 0 {
		fmt.Fprintf(w, "\nAccepted, without effect here: %s.\n", strings.Join(parameterNames(inert), ", "))
	}
	if len(c.examples) > 0 {
		fmt.Fprint(w, "\nExamples:\n")
		for _, e := range c.examples {
			fmt.Fprintf(w, "  %s\n", e)
		}
	}
}

func effective(all []*parameter) []*parameter {
	var out []*parameter
	for _, p := range all {
		if p.noEffect == "" {
			out = append(out, p)
		}
	}
	return out
}

func parameterNames(all []*parameter) []string {
	var names []string
	for _, p := range all {
		names = append(names, "-"+p.name)
	}
	return names
}

// usageLine shows the parameters that are required or may go without their name, and
// that there are others.
func usageLine(inv *invocation) string {
	var b strings.Builder
	optional := false
	for _, p := range inv.parameters {
		switch {
		case p.required && p.position > 0:
			fmt.Fprintf(&b, " [-%s] %s", p.name, p.placeholder())
		case p.required:
			fmt.Fprintf(&b, " -%s %s", p.name, p.placeholder())
		case p.position > 0:
			fmt.Fprintf(&b, " [[-%s] %s]", p.name, p.placeholder())
		default:
			optional = true
		}
	}
	if optional {
		b.WriteString(" [-Parameter value ...]")
	}
	return b.String()
}

// placeholder stands for the parameter's value in help.
func (p *parameter) placeholder() string {
	switch {
	case p.kind == psargs.Switch:
		return ""
	case len(p.values) > 0:
		return "<" + strings.Join(p.values, "|") + ">"
	}
	return "<" + p.typeName + ">"
}

func writeParameters(w io.Writer, title string, parameters []*parameter) {
	if len(parameters) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", title)
	for _, p := range parameters {
		fmt.Fprintf(w, "  %s\n%s\n", p.heading(), wrapped(p.describe(), "      ", 90))
	}
}

// heading shows both spellings of the parameter and what it takes.
func (p *parameter) heading() string {
	text := "-" + p.name + ", --" + p.flag()
	for _, a := range p.aliases {
		text += ", -" + a
	}
	if v := p.placeholder(); v != "" {
		text += " " + v
	}
	return text
}

// describe is the parameter's help with what the parser knows besides.
func (p *parameter) describe() string {
	text := p.help
	if p.fallback != "" {
		text += " Default: " + p.fallback + "."
	}
	if p.required {
		text += " Required."
	}
	if p.piped {
		text += " Taken from objects on standard input."
	}
	if p.noEffect != "" {
		text += " No effect: " + p.noEffect + "."
	}
	return text
}

// wrapped breaks text between words so that its lines, indented, fit the width in columns.
func wrapped(text, indent string, width int) string {
	var b strings.Builder
	line := indent
	for _, word := range strings.Fields(text) {
		switch {
		case line == indent:
			line += word
		case len(line)+1+len(word) > width:
			b.WriteString(line + "\n")
			line = indent + word
		default:
			line += " " + word
		}
	}
	return b.String() + line
}
