package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// completionCase is what a person types before TAB, and what the shell makes of it.
type completionCase struct {
	Type string   `json:"type"`
	Tabs int      `json:"tabs"`
	List []string `json:"list"` // among what the shell lists; nil when it completes the line
	want []string // the words of the line after TAB
}

func completionCases() []completionCase {
	line := func(typed string, want ...string) completionCase {
		return completionCase{Type: typed, Tabs: 1, want: append([]string{"exfed"}, want...)}
	}
	// Nothing here has a long common beginning: bash would insert it and list only after
	// another TAB, fish would leave it out of the list.
	list := func(typed string, want ...string) completionCase {
		return completionCase{Type: typed, Tabs: 2, List: want}
	}
	return []completionCase{
		line("exfed new-federationt", "new-federationtrust"),
		line("exfed New-FederationT", "New-FederationTrust"),
		line("exfed help set-accepted", "help", "set-accepteddomain"),
		line("exfed completion pow", "completion", "powershell"),
		list("exfed set-", "set-federationtrust", "set-accepteddomain"),

		line("exfed new-federationtrust -Thu", "new-federationtrust", "-Thumbprint"),
		line("exfed new-federationtrust -thu", "new-federationtrust", "-thumbprint"),
		line("exfed new-federationtrust --thu", "new-federationtrust", "--thumbprint"),
		line("exfed New-FederationTrust -SkipN", "New-FederationTrust", "-SkipNamespaceProviderProvisioning"),
		list("exfed new-federationtrust -S", "-SecurityProfile", "-SkipNamespaceProviderProvisioning", "-SuppressDnsWarning"),
		list("exfed new-federationtrust --s", "--security-profile", "--skip-namespace-provider-provisioning", "--suppress-dns-warning"),

		line("exfed new-accepteddomain -DomainType Auth", "new-accepteddomain", "-DomainType", "Authoritative"),
		line("exfed new-accepteddomain --domain-type=Auth", "new-accepteddomain", "--domain-type=Authoritative"),
		line("exfed new-federationtrust -SecurityProfile ex", "new-federationtrust", "-SecurityProfile", "exchange"),
		list("exfed get-federationtrust -Output ", "table", "yaml", "csv", "name"),

		line("exfed get-federationtrust Con", "get-federationtrust", "Contoso"),
		line("exfed set-federationtrust -Identity Con", "set-federationtrust", "-Identity", "Contoso"),
		line("exfed add-federateddomain -DomainName sales", "add-federateddomain", "-DomainName", "sales.contoso.com"),
		list("exfed remove-accepteddomain ", "Contoso mail", "Sales"),
	}
}

// shellScripts are the shells that can be had here and their scripts. There is none for
// PowerShell: TestDocs compares its script, nothing runs it.
func shellScripts() map[string]string {
	return map[string]string{"bash": "exfed.bash", "zsh": "_exfed", "fish": "exfed.fish"}
}

// TestCompletionInShells types into real shells and looks at what TAB does.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	organizationToComplete(t, folder)
	cases := completionCases()
	if len(cases) < 19 {
		t.Errorf("%d cases, at least 19 are expected", len(cases))
	}
	for shell, script := range shellScripts() {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			answers := typeInto(t, shell, script, folder, cases)
			if len(answers) != len(cases) {
				t.Fatalf("%d answers to %d cases", len(answers), len(cases))
			}
			for i, c := range cases {
				want := c.want
				if c.List != nil {
					want = c.List
				}
				if diff := cmp.Diff(want, answers[i]); diff != "" {
					t.Errorf("%q and TAB (-want +got)\n%s", c.Type, diff)
				}
			}
		})
	}
}

// organizationToComplete makes a trust and two accepted domains to complete the names of.
func organizationToComplete(t *testing.T, folder string) {
	t.Helper()
	must(t, folder, nil, "new-accepteddomain", "-Name", "Contoso mail", "-DomainName", "contoso.com")
	must(t, folder, nil, "new-accepteddomain", "-Name", "Sales", "-DomainName", "sales.contoso.com")
	certificate := must(t, folder, nil, "new-exchangecertificate", "-DomainName", "Federation", "-FriendlyName", "Federation",
		"-Services", "Federation", "-SubjectKeyIdentifier", "0123456789abcdef0123456789abcdef", "-Output", "name")
	must(t, folder, nil, "new-federationtrust", "-Name", "Contoso", "-Thumbprint", strings.TrimSpace(certificate.stdout))
}

// typeInto runs the cases in one session of the shell and returns an answer for each.
func typeInto(t *testing.T, shell, script, folder string, cases []completionCase) [][]string {
	t.Helper()
	program := pythonWithPexpect(t)
	path := peer(t, shell)
	work := t.TempDir()
	const show = "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$SHOWN\"\necho shown.\n"
	if err := os.WriteFile(filepath.Join(work, "show"), []byte(show), 0o700); err != nil {
		t.Fatal(err)
	}
	scriptPath, err := filepath.Abs(treePath("completions/" + script))
	if err != nil {
		t.Fatal(err)
	}
	typed, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program, filepath.Join("testdata", "complete.py"), shell, path, scriptPath)
	command.Env = append(processEnvironment(folder), "PATH="+work+":"+os.Getenv("PATH"), "HOME="+work, "XDG_CONFIG_HOME="+work,
		"SHOWN="+filepath.Join(work, "shown"), "TERM=xterm", "LC_ALL=C.UTF-8")
	command.Stdin = bytes.NewReader(typed)
	out, err := command.Output()
	if err != nil {
		var stderr []byte
		if exit, ok := err.(*exec.ExitError); ok {
			stderr = exit.Stderr
		}
		t.Fatalf("complete.py: %v\n%s", err, stderr)
	}
	var answers [][]string
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

// pythonWithPexpect finds a Python that can drive a terminal.
func pythonWithPexpect(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), program, "-c", "import pexpect").Run() == nil {
			return program
		}
	}
	return peer(t, "python3 with pexpect")
}
