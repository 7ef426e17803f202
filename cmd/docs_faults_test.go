package cmd

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker"
)

const (
	registrationHeading = "\n## Registration\n"
	tokensHeading       = "\n## Tokens\n"
)

func brokerFaultsPage() string {
	var b strings.Builder
	b.WriteString("# Faults of the broker\n\n" + generatedNote)
	b.WriteString("What a trust broker answers when it refuses, by the names they have in the broker's log and audit trail: what each means, " +
		"what the one who asked sees, and what to do next. The [exit code](exit-codes.md) is that of the error's kind.\n")
	b.WriteString(registrationHeading + "\nThe name is also the identifier of the error that the cmdlet ends with (`FullyQualifiedErrorId`), " +
		"and begins the fault's text.\n")
	for _, k := range broker.FaultKinds() {
		writeFault(&b, string(k.Name), k.Meaning, k.Sender, &federation.Error{Kind: k.Kind, ID: string(k.Name), Reason: k.Text})
		fmt.Fprintf(&b, "* On the wire: SOAP 1.1, ErrorCode %s.\n", code(k.Code))
	}
	b.WriteString(tokensHeading + "\nOn the wire the name is one of WS-Trust, which some share; it is the identifier of the error that the cmdlet ends with.\n")
	for _, k := range broker.TokenFaultKinds() {
		seen := &federation.Error{Kind: federation.Unavailable, ID: k.Subcode, Reason: k.Reason}
		if k.Sender {
			seen.Kind = federation.Refused
		}
		if p := k.Passport; p != nil {
			seen.Reason += " (" + p.Value + " " + p.Code + " " + p.Text + ")"
		}
		writeFault(&b, string(k.Name), k.Meaning, k.Sender, seen)
		fmt.Fprintf(&b, "* On the wire: SOAP 1.2, Subcode %s.\n", code("wst:"+k.Subcode))
	}
	return b.String()
}

// writeFault writes the section of a fault: what is next is what the cmdlet says.
func writeFault(b *strings.Builder, name, meaning string, sender bool, seen *federation.Error) {
	side := "the broker"
	if sender {
		side = "the request"
	}
	fmt.Fprintf(b, "\n### %s\n\n%s\n\n", code(name), markdown(meaning))
	fmt.Fprintf(b, "* Seen: %s, kind %s, exit code %d, at fault is %s: \"%s\"\n", code(seen.ID), code(seen.Kind.String()), codeOf(seen.Kind), side, markdown(seen.Reason))
	for _, hint := range hints(seen) {
		fmt.Fprintf(b, "* Next: %s.\n", markdown(hint))
	}
}

// TestBrokerFaultsAreExplained wants a section of every fault that the package of the
// broker's protocol names, with its meaning, what is seen and what is next.
func TestBrokerFaultsAreExplained(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(treePath("docs/broker-faults.md"))
	if err != nil {
		t.Fatal(err)
	}
	rest, tokens, _ := strings.Cut(string(content), tokensHeading)
	_, registration, _ := strings.Cut(rest, registrationHeading)
	for _, part := range []struct {
		text, file, typeName string
		least                int
	}{
		{registration, "faults.go", "FaultName", 13},
		{tokens, "token_faults.go", "TokenFault", 6},
	} {
		named := constantsOf(t, "federation/broker/"+part.file, part.typeName)
		if len(named) < part.least {
			t.Errorf("%d constants of type %s, at least %d are expected", len(named), part.typeName, part.least)
		}
		have := map[string]bool{}
		for _, section := range strings.Split(part.text, "\n### `")[1:] {
			name, text, _ := strings.Cut(section, "`\n\n")
			if !named[name] || have[name] {
				t.Errorf("%s is no constant of type %s, or there twice", name, part.typeName)
			}
			have[name] = true
			for _, member := range []string{".\n\n* Seen: `", "\n* Next: ", "\n* On the wire: "} {
				if !strings.Contains(text, member) {
					t.Errorf("%s says nothing under %q:\n%s", name, member, text)
				}
			}
		}
		if diff := cmp.Diff(named, have); diff != "" {
			t.Errorf("sections (-want +have):\n%s", diff)
		}
	}
}

// constantsOf returns the values of the constants of a type of strings.
func constantsOf(t *testing.T, file, typeName string) map[string]bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), treePath(file), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]bool{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == typeName {
			values[strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`)] = true
		}
		return true
	})
	return values
}
