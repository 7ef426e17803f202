package cmd

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"exfed/federation"
)

func exitCodesPage(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Exit codes\n\n" + generatedNote + "Scripts may depend on these numbers; a change is a breaking change.\n\n")
	b.WriteString("| code | meaning |\n| --- | --- |\n")
	for _, e := range exitMeanings() {
		fmt.Fprintf(&b, "| %d | %s |\n", e.code, markdown(e.meaning))
	}
	b.WriteString("\nThe kind of an error decides on the code. `-Verbose` shows it as `CategoryInfo`, beside the error's stable " +
		"identifier, and so does the object that `-Output json` puts on standard error.\n\n| kind | code | meaning |\n| --- | --- | --- |\n")
	for _, k := range kindMeanings(t) {
		fmt.Fprintf(&b, "| %s | %d | %s |\n", code(k.kind.String()), codeOf(k.kind), markdown(k.meaning))
	}
	return b.String()
}

// kindMeaning is a kind of error with the comment beside its declaration.
type kindMeaning struct {
	kind    federation.Kind
	meaning string
}

// kindMeanings reads the kinds' comments where the kinds are declared.
func kindMeanings(t *testing.T) []kindMeaning {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), treePath("federation/errors.go"), nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var out []kindMeaning
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Comment == nil {
			return true
		}
		kind := federation.Kind(len(out))
		if spec.Names[0].Name != kind.String() {
			t.Errorf("kind %d is declared as %s and calls itself %s", kind, spec.Names[0].Name, kind)
		}
		out = append(out, kindMeaning{kind, strings.TrimSpace(spec.Comment.Text())})
		return true
	})
	if len(out) < 13 || federation.Kind(len(out)).String() != federation.Other.String() {
		t.Errorf("%d kinds of error with a comment were found, at least 13 are expected and no kind without one", len(out))
	}
	return out
}

// TestExitMeanings holds the table of meanings to the codes that errors can have.
func TestExitMeanings(t *testing.T) {
	t.Parallel()
	listed := map[exitCode]bool{}
	for _, e := range exitMeanings() {
		if listed[e.code] || e.meaning == "" {
			t.Errorf("exit code %d is listed twice or means nothing", e.code)
		}
		listed[e.code] = true
	}
	for _, k := range kindMeanings(t) {
		if !listed[codeOf(k.kind)] {
			t.Errorf("%s ends with %d, which is not listed", k.kind, codeOf(k.kind))
		}
	}
	if len(listed) < 10 {
		t.Errorf("%d exit codes are listed, 10 are expected", len(listed))
	}
}

func environmentPage() string {
	var b strings.Builder
	b.WriteString("# Environment variables\n\n" + generatedNote)
	b.WriteString("A parameter wins over the variable that stands in for it. An empty variable is an absent one.\n\n")
	b.WriteString("| variable | meaning |\n| --- | --- |\n")
	for _, v := range variables() {
		fmt.Fprintf(&b, "| %s | %s |\n", code(v.name), markdown(v.meaning))
	}
	b.WriteString("\nThe file `lab.env` that `exfed invoke-federationlab -Path DIR -Serve` leaves sets those that another shell needs to reach the lab. " +
		"It does not set `EXFED_CONFIG`: name an organization of the lab with `-Config DIR/contoso/exfed.yaml`. " +
		"It is written for POSIX shells and fish; in PowerShell set the same variables with `$env:`.\n")
	return b.String()
}

// TestEnvironment holds the table of variables to those the code names.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	var listed, named []string
	for _, v := range variables() {
		if strings.HasPrefix(v.name, "EXFED_") {
			listed = append(listed, v.name)
		}
	}
	for _, source := range sources(t) {
		if source.isTest || source.name == "cmd/environment.go" {
			continue
		}
		for _, text := range stringsIn(source.file) {
			if strings.HasPrefix(text, "EXFED_") && !strings.ContainsAny(text, " =\n") {
				named = append(named, text)
			}
		}
	}
	for _, name := range named {
		if !slices.Contains(listed, name) {
			t.Errorf("%s is in the code and not in the table of variables", name)
		}
	}
	for _, name := range listed {
		if !slices.Contains(named, name) {
			t.Errorf("%s is in the table of variables and nowhere in the code", name)
		}
	}
	if len(listed) < 6 {
		t.Errorf("%d variables are listed, 6 are expected", len(listed))
	}
}
