package cmd

import (
	"fmt"
	"slices"
	"strings"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
)

const generatedNote = "<!-- Generated from the code: go test ./cmd -run TestDocs -update -->\n\n"

// markdown makes text plain in Markdown, also inside a table.
func markdown(text string) string {
	return strings.NewReplacer(`\`, `\\`, "<", `\<`, "*", `\*`, "|", `\|`, "`", "\\`", "[", `\[`).Replace(text)
}

func code(text string) string { return "`" + strings.ReplaceAll(text, "|", `\|`) + "`" }

// codes writes words as code, separated by commas.
func codes(words []string) string {
	var out []string
	for _, w := range words {
		out = append(out, code(w))
	}
	return strings.Join(out, ", ")
}

func cmdletPage(c cmdlet) string {
	inv := c.prepare()
	own, inert := split(inv.parameters)
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s%s.\n\n```\nexfed %s%s\n```\n", c.name, generatedNote, markdown(c.short), c.word(), usageLine(inv))
	for _, part := range blocks(c.long) {
		if part.literal {
			fmt.Fprintf(&b, "\n```\n%s\n```\n", strings.Join(part.lines, "\n"))
		} else {
			fmt.Fprintf(&b, "\n%s\n", markdown(strings.Join(part.lines, "\n")))
		}
	}
	b.WriteString("\n## Examples\n\n```sh\n" + strings.Join(c.examples, "\n") + "\n```\n")
	if len(own) > 0 {
		b.WriteString("\n## Parameters\n\n" + parameterTable(own))
	}
	b.WriteString("\nThe [common parameters](README.md#common-parameters) work as well")
	if !c.changes {
		b.WriteString(", except `-WhatIf` and `-Confirm`: nothing of the organization is changed")
	}
	b.WriteString(".\n")
	if len(inert) > 0 {
		b.WriteString("\n## Accepted, without effect\n\n| parameter | why |\n| --- | --- |\n")
		for _, p := range inert {
			fmt.Fprintf(&b, "| %s | %s |\n", code("-"+p.name), markdown(p.noEffect))
		}
	}
	b.WriteString("\n## Output\n\n" + outputSentence(c) + "\n")
	return b.String()
}

// parameterTable describes parameters one a row.
func parameterTable(parameters []*parameter) string {
	var b strings.Builder
	b.WriteString("| parameter | value | meaning |\n| --- | --- | --- |\n")
	for _, p := range parameters {
		names := []string{"-" + p.name, "--" + p.flag()}
		for _, a := range p.aliases {
			names = append(names, "-"+a)
		}
		meaning := p.describe()
		if p.position > 0 {
			meaning += fmt.Sprintf(" The name may be left out: position %d.", p.position)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", codes(names), valueCell(p), markdown(meaning))
	}
	return b.String()
}

// valueCell says what a parameter takes.
func valueCell(p *parameter) string {
	switch {
	case p.kind == psargs.Switch:
		return "switch"
	case len(p.values) > 0:
		return codes(p.values)
	}
	return code(p.typeName)
}

// outputSentence says how a cmdlet shows what it returns.
func outputSentence(c cmdlet) string {
	if c.view.Kind == "" && len(c.view.Columns) == 0 && c.view.Key == "" {
		return "None when all went well."
	}
	text := "A list of properties"
	if c.view.Kind == render.AsTable {
		text = "A table"
	}
	switch {
	case len(c.view.Columns) == 0:
	case c.view.Kind == render.AsTable:
		text += " of " + codes(c.view.Columns)
	default:
		text += " (with `-Output table`, " + codes(c.view.Columns) + ")"
	}
	text += ", or what `-Output` and `-Property` ask for."
	if c.view.Key != "" {
		text += " `-Output name` prints " + code(c.view.Key) + "."
	}
	return text
}

func indexPage() string {
	var b strings.Builder
	b.WriteString("# Cmdlets\n\n" + generatedNote)
	b.WriteString("Names and parameters are Exchange's where Exchange has them.\n\n| cmdlet | what it does |\n| --- | --- |\n")
	for _, c := range cmdlets() {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s |\n", c.name, c.word(), markdown(c.short))
	}
	own, inert := split(commonParametersOf(true))
	b.WriteString("\n## Common parameters\n\nEvery cmdlet takes these; `-WhatIf` and `-Confirm` only those that change something.\n\n")
	b.WriteString(parameterTable(own))
	b.WriteString("\n## Parameters without effect\n\nThese are accepted so that commands written for Exchange run as they are. " +
		"`-Verbose` says so for each one that is given.\n\n| parameter | cmdlets | why |\n| --- | --- | --- |\n")
	for _, row := range inertRows() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", code("-"+row.name), row.where(), markdown(row.why))
	}
	for _, p := range inert {
		fmt.Fprintf(&b, "| %s | all | %s |\n", code("-"+p.name), markdown(p.noEffect))
	}
	return b.String()
}

// inertRow is a parameter without effect, and the cmdlets that accept it.
type inertRow struct {
	name, why string
	cmdlets   []cmdlet
}

func (r inertRow) where() string {
	var links []string
	for _, c := range r.cmdlets {
		links = append(links, fmt.Sprintf("[%s](%s.md)", c.name, c.word()))
	}
	return strings.Join(links, ", ")
}

// inertRows gathers the parameters without effect of all cmdlets, by name and reason.
func inertRows() []inertRow {
	var rows []inertRow
	for _, c := range cmdlets() {
		_, inert := split(c.prepare().parameters)
		for _, p := range inert {
			same := func(r inertRow) bool { return r.name == p.name && r.why == p.noEffect }
			i := slices.IndexFunc(rows, same)
			if i < 0 {
				i = len(rows)
				rows = append(rows, inertRow{name: p.name, why: p.noEffect})
			}
			rows[i].cmdlets = append(rows[i].cmdlets, c)
		}
	}
	slices.SortStableFunc(rows, func(a, b inertRow) int { return strings.Compare(a.name, b.name) })
	return rows
}
