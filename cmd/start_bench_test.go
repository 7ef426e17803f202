package cmd

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkStart compares the start of exfed, as whole processes run in turn, with a bare
// cobra program of one command and with a one-command program that links the same
// modules. It reports the median of the ratios, pair by pair.
//
//	go test ./cmd -run '^$' -bench Start -benchtime 100x
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	exfed := build(b, dir, "exfed", "exfed")
	bare := build(b, dir, "bare", program(b, dir, "bare", nil))
	linked := build(b, dir, "linked", program(b, dir, "linked", foreignImports(b)))
	for _, args := range [][]string{{"--version"}, {"--help"}, {"completion", "bash"}} {
		b.Run(strings.Join(args, " "), func(b *testing.B) {
			var toBare, toLinked []float64
			for b.Loop() {
				own := run(b, exfed, args)
				least := run(b, bare, args)
				same := run(b, linked, args)
				toBare = append(toBare, float64(own)/float64(least))
				toLinked = append(toLinked, float64(own)/float64(same))
			}
			b.ReportMetric(median(toBare), "x-bare")
			b.ReportMetric(median(toLinked), "x-linked")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// foreignImports are the packages outside this module and the standard library that
// exfed's own packages import.
func foreignImports(b *testing.B) []string {
	out, err := exec.Command("go", "list", "-deps", "-f", `{{if .Module}}{{if .Module.Main}}{{join .Imports "\n"}}{{end}}{{end}}`, "exfed").Output()
	if err != nil {
		b.Fatalf("go list: %v", err)
	}
	var imports []string
	for _, line := range strings.Fields(string(out)) {
		if first, _, _ := strings.Cut(line, "/"); strings.Contains(first, ".") {
			imports = append(imports, line)
		}
	}
	slices.Sort(imports)
	imports = slices.Compact(imports)
	if len(imports) < 8 {
		b.Fatalf("found %d imports only: %v", len(imports), imports)
	}
	return imports
}

// program writes a cobra program with one command that also links the packages.
func program(b *testing.B, dir, name string, packages []string) string {
	var text bytes.Buffer
	text.WriteString("package main\nimport (\n\"os\"\n\"github.com/spf13/cobra\"\n")
	for _, p := range packages {
		if p != "github.com/spf13/cobra" {
			fmt.Fprintf(&text, "_ %q\n", p)
		}
	}
	text.WriteString(`)
func main() {
	root := &cobra.Command{Use: "bare", Version: "1"}
	root.AddCommand(&cobra.Command{Use: "one", Short: "one", Run: func(*cobra.Command, []string) {}})
	if root.Execute() != nil {
		os.Exit(1)
	}
}
`)
	path := filepath.Join(dir, name+".go")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

func build(b *testing.B, dir, name, what string) string {
	path := filepath.Join(dir, name)
	command := exec.Command("go", "build", "-trimpath", "-o", path, what)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("go build %s: %v\n%s", what, err, out)
	}
	return path
}

// run returns how long the process took.
func run(b *testing.B, path string, args []string) time.Duration {
	command := exec.Command(path, args...)
	begin := time.Now()
	if err := command.Run(); err != nil {
		b.Fatalf("%s %v: %v", path, args, err)
	}
	return time.Since(begin)
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
