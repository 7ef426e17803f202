package cmd

import (
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
	bare := build(b, dir, "bare", program(b, dir, "bare", "", ""))
	heavy := build(b, dir, "linked", linked(b, dir))
	for _, args := range [][]string{{"--version"}, {"--help"}, {"completion", "bash"}} {
		b.Run(strings.Join(args, " "), func(b *testing.B) {
			var toBare, toLinked []float64
			for b.Loop() {
				own := run(b, exfed, args)
				least := run(b, bare, args)
				same := run(b, heavy, args)
				toBare = append(toBare, float64(own)/float64(least))
				toLinked = append(toLinked, float64(own)/float64(same))
			}
			b.ReportMetric(median(toBare), "x-bare")
			b.ReportMetric(median(toLinked), "x-linked")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// program writes a cobra program with one command, which does work, and returns its path.
func program(b *testing.B, dir, name, imports, work string) string {
	text := fmt.Sprintf(`package main

import (
	"os"

	"github.com/spf13/cobra"
%s)

func main() {
	root := &cobra.Command{Use: "bare", Version: "1"}
	root.AddCommand(&cobra.Command{Use: "one", Short: "one", Run: func(*cobra.Command, []string) {
%s	}})
	if root.Execute() != nil {
		os.Exit(1)
	}
}
`, imports, work)
	path := filepath.Join(dir, name+".go")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// linked is a program that uses every module exfed uses, for the linker to keep it.
func linked(b *testing.B, dir string) string {
	const imports = `	"database/sql"
	"net/http"

	"github.com/gofrs/flock"
	"github.com/miekg/dns"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/spf13/pflag"
	"golang.org/x/crypto/ocsp"
	"golang.org/x/net/idna"
	"golang.org/x/net/netutil"
	"golang.org/x/term"
	"golang.org/x/time/rate"
	"gopkg.in/yaml.v3"
	_ "modernc.org/sqlite"
	"software.sslmate.com/src/go-pkcs12"
`
	const work = `		_, _ = sql.Open("sqlite", "x")
		_ = http.ListenAndServe("x", nil)
		_ = flock.New("x").Unlock()
		_, _, _ = new(dns.Client).Exchange(nil, "x")
		_ = tablewriter.NewTable(os.Stdout, tablewriter.WithRenderer(renderer.NewBlueprint())).Render()
		_ = pflag.CommandLine.Parse(nil)
		_, _ = ocsp.ParseResponse(nil, nil)
		_, _ = idna.ToASCII("x")
		netutil.LimitListener(nil, 1)
		term.IsTerminal(1)
		rate.NewLimiter(1, 1).Allow()
		_, _, _, _ = pkcs12.DecodeChain(nil, "")
		_ = yaml.Unmarshal(nil, nil)
`
	for _, module := range foreignModules(b) {
		if !strings.Contains(imports, module) && module != "github.com/spf13/cobra" {
			b.Errorf("exfed uses %s and the program it is compared with does not", module)
		}
	}
	return program(b, dir, "linked", imports, work)
}

// foreignModules are the modules whose packages exfed's own packages import.
func foreignModules(b *testing.B) []string {
	const imports = `{{if .Module}}{{if .Module.Main}}{{join .Imports " "}}{{end}}{{end}}`
	out, err := exec.Command("go", "list", "-deps", "-f", imports, "exfed").Output()
	if err != nil {
		b.Fatalf("go list: %v", err)
	}
	var packages []string
	for _, name := range strings.Fields(string(out)) {
		if first, _, _ := strings.Cut(name, "/"); strings.Contains(first, ".") {
			packages = append(packages, name)
		}
	}
	arguments := append([]string{"list", "-f", "{{.Module.Path}}"}, packages...)
	if out, err = exec.Command("go", arguments...).Output(); err != nil {
		b.Fatalf("go list: %v", err)
	}
	modules := strings.Fields(string(out))
	slices.Sort(modules)
	if modules = slices.Compact(modules); len(modules) < 8 {
		b.Fatalf("found %d modules only: %v", len(modules), modules)
	}
	return modules
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
