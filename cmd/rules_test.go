package cmd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is a parsed Go file of the tree.
type source struct {
	name   string // from the root, with slashes
	pkg    string // its folder, "." for the root
	isTest bool
	file   *ast.File
	set    *token.FileSet
}

// sources parses every Go file of the tree.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	for _, name := range treeFiles(t) {
		if path.Ext(name) != ".go" || strings.Contains(name, "/testdata/") { // which the go command leaves out as well
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, treePath(name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), file, set})
	}
	if len(out) < 120 {
		t.Fatalf("%d Go files were found, at least 120 are expected", len(out))
	}
	return out
}

// treeFiles names every file of the tree but those of version control.
func treeFiles(t *testing.T) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == ".git" {
			return fs.SkipDir
		}
		if entry.Type().IsRegular() {
			relative, err := filepath.Rel("..", name)
			names = append(names, filepath.ToSlash(relative))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// stringsIn returns the string constants written in a file, imports left out.
func stringsIn(file *ast.File) []string {
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		if _, ok := n.(*ast.ImportSpec); ok {
			return false
		}
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				out = append(out, text)
			}
		}
		return true
	})
	return out
}

// arrow says which of our packages a package imports, all of them and no others.
type arrow struct {
	from, why string
	to        []string
}

func arrows() []arrow {
	return []arrow{
		{".", "main hands over to cmd and knows nothing else", []string{"cmd"}},
		{"cmd", "the command line is where everything is put together", []string{
			"certificate", "cmd/agenda", "cmd/psargs", "cmd/render", "cmd/terminal", "federation", "federation/autodiscover", "federation/availability",
			"federation/broker", "federation/broker/server", "federation/calendar", "federation/dns", "federation/dns/format", "federation/dns/verify", "federation/endpoint", "federation/lab",
			"federation/partner", "federation/soap", "federation/state", "federation/token", "federation/xmlsec", "policy",
		}},
		{"cmd/agenda", "draws when somebody is busy; it asks nobody", []string{"cmd/render", "federation/availability"}},
		{"cmd/psargs", "pure functions over argv, usable for any set of cmdlets", nil},
		{"cmd/render", "records in, text out; it knows no noun", []string{"federation/yamldoc"}},
		{"cmd/terminal", "what it shows is made safe by render", []string{"cmd/render"}},
		{"certificate", "certificates and keys by themselves, usable without federation", nil},
		{"federation", "vocabulary and rules; protocols and mechanisms are behind its ports", []string{"certificate", "policy"}},
		{"federation/xmlsec", "bytes and keys only, so that it can be judged by other implementations", nil},
		{"federation/token", "what a token says and what must be right about it; it knows no protocol that carries one", []string{
			"certificate", "federation", "federation/xmlsec",
		}},
		{"federation/soap", "envelopes for any protocol; it knows no operation", []string{"federation/xmlsec"}},
		{"federation/serve", "bounds around any handler; it knows no operation", []string{"federation/soap"}},
		{"federation/yamldoc", "YAML documents of any content; the only way to the YAML module", nil},
		{"federation/state", "keeps the vocabulary in a file and speaks to nobody", []string{"federation", "federation/yamldoc"}},
		{"federation/dns", "answers federation's questions; it knows no broker", []string{"federation"}},
		{"federation/dns/format", "text for DNS hosts; what is live it asks through a port", []string{"federation", "federation/dns"}},
		{"federation/dns/verify", "judges what name servers show; it changes nothing", []string{"federation", "federation/dns"}},
		{"federation/autodiscover", "what organizations ask each other, for both sides; it serves nothing, and names are found through a port", []string{
			"federation", "federation/soap", "federation/xmlsec",
		}},
		{"federation/calendar", "what a calendar says about somebody's time; it knows no protocol that tells others", []string{"federation"}},
		{"federation/broker", "the client's side of the protocol, and its vocabulary for both sides", []string{
			"certificate", "federation", "federation/soap", "federation/token", "federation/xmlsec",
		}},
		{"federation/availability", "what is asked and answered about free/busy, for both sides; it serves nothing and reads no calendar", []string{
			"federation", "federation/soap", "federation/xmlsec", "policy",
		}},
		{"federation/broker/server", "the broker's side; it resolves names through a port, knows what a proof in DNS looks like, and never sees a client's state", []string{
			"certificate", "federation", "federation/broker", "federation/dns", "federation/serve", "federation/soap", "federation/token", "federation/xmlsec",
		}},
		{"federation/endpoint", "what partners are answered, and who reads a published calendar; it asks nobody but calendars", []string{
			"certificate", "federation", "federation/autodiscover", "federation/availability", "federation/calendar", "federation/publish", "federation/serve", "federation/soap",
			"federation/token", "federation/xmlsec", "policy",
		}},
		{"federation/partner", "the whole way to a partner, over the protocols' clients", []string{
			"federation", "federation/autodiscover", "federation/availability", "federation/token",
		}},
		{"federation/publish", "a published calendar in, a page and a feed out; who may read it others decide", []string{"policy"}},
		{"policy", "decisions alone, so that they can be tested by enumeration", nil},
		{"federation/lab", "stands servers up and runs cmdlets through a port, never by importing cmd", []string{
			"certificate", "federation", "federation/broker", "federation/broker/server", "federation/calendar", "federation/dns",
		}},
	}
}

// TestArrows holds the imports between our packages to the table, both ways: an arrow
// too many and an arrow nobody needs any more are both faults.
func TestArrows(t *testing.T) {
	t.Parallel()
	have := map[string][]string{}
	for _, s := range sources(t) {
		if s.isTest {
			continue
		}
		have[s.pkg] = append(have[s.pkg], "")
		for _, imported := range importsOf(t, s.file) {
			if ours, ok := strings.CutPrefix(imported, "exfed/"); ok {
				have[s.pkg] = append(have[s.pkg], ours)
			}
		}
	}
	for _, a := range arrows() {
		imports, ok := have[a.from]
		if !ok {
			t.Errorf("%s is in the table of arrows and not in the tree", a.from)
		}
		delete(have, a.from)
		for _, to := range imports {
			if to != "" && !slices.Contains(a.to, to) {
				t.Errorf("%s imports %s: %s", a.from, to, a.why)
			}
		}
		for _, to := range a.to {
			if !slices.Contains(imports, to) {
				t.Errorf("%s may import %s and does not: take the arrow out", a.from, to)
			}
		}
	}
	for pkg := range have {
		t.Errorf("%s is not in the table of arrows: say there what it may import, and why", pkg)
	}
	if n := len(arrows()); n < 15 {
		t.Errorf("%d packages are in the table, at least 15 are expected", n)
	}
}

func importsOf(t *testing.T, file *ast.File) []string {
	t.Helper()
	var out []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, imported)
	}
	return out
}

// keeper says which packages, by their folders, may import another's package.
type keeper struct {
	module, why string
	packages    []string
	tests       bool // tests may import it anywhere
}

func keepers() []keeper {
	return []keeper{
		{"github.com/spf13/cobra", "another parser of command lines would touch cmd alone", []string{"cmd"}, false},
		{"github.com/spf13/pflag", "it comes with cobra", []string{"cmd"}, false},
		{"github.com/olekukonko/tablewriter", "one package decides how output looks", []string{"cmd/render"}, false},
		{"golang.org/x/term", "one package knows whether somebody is at the terminal", []string{"cmd/terminal"}, false},
		{"golang.org/x/sys/unix", "one package knows whether somebody is at the terminal", []string{"cmd/terminal"}, false},
		{"golang.org/x/net/idna", "a domain name is read in one way", []string{"federation"}, false},
		{"golang.org/x/net/publicsuffix", "where a zone begins is guessed in one place", []string{"federation/dns"}, false},
		{"golang.org/x/sys/windows", "the name servers of a machine are found in one place", []string{"federation/dns"}, false},
		{"golang.org/x/net/dns/dnsmessage", "a second opinion, for tests", nil, true},
		{"golang.org/x/time/rate", "how often something is asked is bounded in one place", []string{"federation/serve"}, false},
		{"golang.org/x/net/html", "a second opinion, for tests", nil, true},
		{"golang.org/x/net/netutil", "connections are bounded in one place", []string{"federation/serve"}, false},
		{"gopkg.in/yaml.v3", "one package knows the YAML module and its bounds", []string{"federation/yamldoc"}, false},
		{"github.com/gofrs/flock", "one package locks the state file", []string{"federation/state"}, false},
		{"github.com/miekg/dns", "those two speak DNS: one asks, the other judges the answers", []string{"federation/dns", "federation/dns/verify"}, false},
		{"golang.org/x/crypto/ocsp", "authorities are asked in one place", []string{"certificate"}, false},
		{"software.sslmate.com/src/go-pkcs12", "certificate files are read in one place", []string{"certificate"}, true},
		{"modernc.org/sqlite", "SQL stays in the broker", []string{"federation/broker/server"}, false},
		{"database/sql", "SQL stays in the broker", []string{"federation/broker/server"}, true},
		{"net/http", "the rules of federation, certificates and XML security know no network", []string{
			"cmd", "federation/soap", "federation/serve", "federation/broker", "federation/broker/server", "federation/availability", "federation/autodiscover", "federation/endpoint", "federation/calendar",
		}, true},
		{"github.com/google/go-cmp", "a tool of tests", nil, true},
		{"github.com/rogpeppe/go-internal", "a tool of tests", nil, true},
		{"github.com/hashicorp/hcl/v2", "a tool of tests", nil, true},
		{"github.com/zclconf/go-cty", "it comes with hcl", nil, true},
	}
}

// TestKeepers keeps every foreign package where it belongs.
func TestKeepers(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, s := range sources(t) {
		for _, imported := range importsOf(t, s.file) {
			i := slices.IndexFunc(keepers(), func(k keeper) bool { return imported == k.module || strings.HasPrefix(imported, k.module+"/") })
			if i < 0 {
				if strings.Contains(imported, ".") {
					t.Errorf("%s imports %s, which has no keeper: say who may import it, and why", s.name, imported)
				}
				continue
			}
			k := keepers()[i]
			used[k.module] = true
			if !slices.Contains(k.packages, s.pkg) && !(s.isTest && k.tests) {
				t.Errorf("%s imports %s: %s", s.name, imported, k.why)
			}
		}
	}
	for _, k := range keepers() {
		if !used[k.module] {
			t.Errorf("nobody imports %s any more: take it out", k.module)
		}
	}
}
