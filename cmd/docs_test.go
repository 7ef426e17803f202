package cmd

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/psargs"
	"exfed/cmd/terminal"
)

var update = flag.Bool("update", false, "rewrite the generated pages and completion scripts; read them before committing")

// generatedFolders hold generated files and nothing else.
func generatedFolders() []string { return []string{"docs/cmdlets", "docs/man", "completions"} }

// TestDocs compares the reference pages and the completion scripts with what the
// definitions of the cmdlets make of them; -update rewrites them.
func TestDocs(t *testing.T) {
	t.Parallel()
	want := generatedFiles(t)
	if floor := 2*len(cmdlets()) + 11; len(want) != floor || floor < 45 {
		t.Errorf("%d files are generated; two for each cmdlet, the two indexes, five tables and four scripts make %d, and there were 45 once", len(want), floor)
	}
	if *update {
		writeGenerated(t, want)
	}
	have := readGenerated(t, slices.Collect(maps.Keys(want)))
	for _, name := range slices.Sorted(maps.Keys(want)) {
		content, ok := have[name]
		if !ok {
			t.Errorf("%s is missing: go test ./cmd -run TestDocs -update", name)
			continue
		}
		if diff := cmp.Diff(strings.Split(want[name], "\n"), strings.Split(content, "\n")); diff != "" {
			t.Errorf("%s is stale: go test ./cmd -run TestDocs -update (-want +have)\n%s", name, diff)
		}
	}
	for name := range have {
		if _, ok := want[name]; !ok {
			t.Errorf("%s belongs to no cmdlet: delete it", name)
		}
	}
}

// generatedFiles makes every generated file, named from the root of the tree.
func generatedFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{
		"docs/cmdlets/README.md": indexPage(),
		"docs/man/exfed.1":       overviewManual(),
		"docs/exit-codes.md":     exitCodesPage(t),
		"docs/broker-faults.md":  brokerFaultsPage(),
		"docs/environment.md":    environmentPage(),
		"docs/dns-findings.md":   dnsFindingsPage(),

		"docs/certificate-requirements.md": certificateRequirementsPage(),
	}
	for _, c := range cmdlets() {
		files["docs/cmdlets/"+c.word()+".md"] = cmdletPage(c)
		files["docs/man/exfed-"+c.word()+".1"] = cmdletManual(c)
	}
	for _, shell := range psargs.Shells() {
		files["completions/"+completionFile(shell)] = completionScript(t, shell)
	}
	return files
}

// completionFile is the name under which packages install a shell's script.
func completionFile(shell string) string {
	switch shell {
	case "zsh":
		return "_exfed"
	case "powershell":
		return "exfed.ps1"
	}
	return "exfed." + shell
}

// completionScript is what "exfed completion SHELL" prints.
func completionScript(t *testing.T, shell string) string {
	t.Helper()
	var out, errs bytes.Buffer
	code := Run(t.Context(), Process{
		Args:    []string{"completion", shell},
		Streams: terminal.Streams{Out: &out, Err: &errs},
	})
	if code != 0 || errs.Len() > 0 || out.Len() < 1000 {
		t.Fatalf("completion %s: exit code %d, %d bytes\n%s", shell, code, out.Len(), errs.String())
	}
	return out.String()
}

func treePath(name string) string { return filepath.Join("..", filepath.FromSlash(name)) }

func writeGenerated(t *testing.T, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := treePath(name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// readGenerated reads the named files, those that exist, and whatever else lies in the
// folders of generated files.
func readGenerated(t *testing.T, names []string) map[string]string {
	t.Helper()
	for _, folder := range generatedFolders() {
		entries, err := os.ReadDir(treePath(folder))
		if err != nil {
			t.Error(err)
		}
		for _, entry := range entries {
			names = append(names, folder+"/"+entry.Name())
		}
	}
	files := map[string]string{}
	for _, name := range names {
		content, err := os.ReadFile(treePath(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(content)
	}
	return files
}

// block is a part of a long help text: a paragraph, or lines that keep their layout.
type block struct {
	literal bool
	lines   []string
}

// blocks splits a long help text. Lines that begin with two spaces keep their layout.
func blocks(text string) []block {
	var out []block
	fresh := true
	for _, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			fresh = true
			continue
		}
		literal := strings.HasPrefix(line, "  ")
		if fresh || out[len(out)-1].literal != literal {
			out = append(out, block{literal: literal})
		}
		last := &out[len(out)-1]
		last.lines = append(last.lines, line)
		fresh = false
	}
	return out
}

// split parts the parameters that do something from those that are only accepted.
func split(all []*parameter) (own, inert []*parameter) {
	for _, p := range all {
		if p.noEffect == "" {
			own = append(own, p)
		} else {
			inert = append(inert, p)
		}
	}
	return own, inert
}

// commonParametersOf declares the common parameters for their descriptions alone.
func commonParametersOf(changes bool) []*parameter { return new(commonParameters).declare(changes) }
