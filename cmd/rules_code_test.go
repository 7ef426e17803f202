package cmd

import (
	"bytes"
	"go/ast"
	"go/token"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// The lengths of files, in lines, above which nobody reads them in one go.
const (
	longestFile = 300
	longestTest = 400
)

// TestFilesAreShort bounds the length of Go files.
func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		lines, bound := s.set.Position(s.file.FileEnd).Line, longestFile
		if s.isTest {
			bound = longestTest
		}
		if lines > bound {
			t.Errorf("%s has %d lines; split it, the bound is %d", s.name, lines, bound)
		}
	}
}

// TestPackageComments wants one package comment for each package, no more.
func TestPackageComments(t *testing.T) {
	t.Parallel()
	comments := map[string][]string{}
	for _, s := range sources(t) {
		if s.isTest {
			continue
		}
		list := comments[s.pkg]
		if s.file.Doc != nil {
			list = append(list, s.name)
		}
		comments[s.pkg] = list
	}
	for pkg, files := range comments {
		if len(files) != 1 {
			t.Errorf("package %s has %d package comments: %v", pkg, len(files), files)
		}
	}
	if len(comments) < 15 {
		t.Errorf("%d packages were found, at least 15 are expected", len(comments))
	}
}

// TestNoPackageState refuses init functions and package-level variables that something
// could change: state that is shared cannot be tested in parallel, and work done before
// main slows every start.
func TestNoPackageState(t *testing.T) {
	t.Parallel()
	constants := 0
	for _, s := range sources(t) {
		if s.isTest {
			continue
		}
		for _, declared := range s.file.Decls {
			switch d := declared.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					t.Errorf("%s has an init function", s.set.Position(d.Pos()))
				}
			case *ast.GenDecl:
				if d.Tok != token.VAR {
					continue
				}
				for _, spec := range d.Specs {
					if isConstant(d, spec.(*ast.ValueSpec)) {
						constants++
					} else {
						t.Errorf("%s: %s is package-level state", s.set.Position(spec.Pos()), spec.(*ast.ValueSpec).Names[0])
					}
				}
			}
		}
	}
	if constants < 5 {
		t.Errorf("%d harmless variables were found, at least 5 are expected: does the check still see them?", constants)
	}
}

// isConstant reports whether a variable is one only because Go has no constants of its
// type: an assertion that a type implements an interface, an error, a regular expression,
// an embedded file.
func isConstant(d *ast.GenDecl, spec *ast.ValueSpec) bool {
	if spec.Names[0].Name == "_" {
		return true
	}
	for _, doc := range []*ast.CommentGroup{d.Doc, spec.Doc} {
		if doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") }) {
			return true
		}
	}
	if len(spec.Values) != 1 {
		return false
	}
	call, ok := spec.Values[0].(*ast.CallExpr)
	return ok && slices.Contains([]string{"errors.New", "regexp.MustCompile"}, selector(call.Fun))
}

// selector writes package.Name, or nothing for another expression.
func selector(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	left, ok := s.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return left.Name + "." + s.Sel.Name
}

// TestProcessIsReachedInOnePlace lets main end the process and cmd.Main hand over its
// streams, and nobody else, so that a run is a function that tests can call.
func TestProcessIsReachedInOnePlace(t *testing.T) {
	t.Parallel()
	allowed := map[string][]string{
		"os.Exit": {"main.go"}, "os.Args": {"cmd/main.go"}, "os.Stdin": {"cmd/main.go"}, "os.Stdout": {"cmd/main.go"}, "os.Stderr": {"cmd/main.go"},
		"os.Getenv": {"cmd/main.go"}, "os.LookupEnv": nil, "os.Setenv": nil, "os.Chdir": nil,
		"fmt.Print": nil, "fmt.Println": nil, "fmt.Printf": nil, "log.Print": nil, "log.Println": nil, "log.Printf": nil,
		"log.Fatal": nil, "log.Fatalf": nil, "signal.Notify": nil, "signal.NotifyContext": {"cmd/main.go"},
	}
	seen := map[string]bool{}
	for _, s := range sources(t) {
		if s.isTest {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			name := selector(e)
			files, restricted := allowed[name]
			if restricted && !slices.Contains(files, s.name) {
				t.Errorf("%s uses %s; it belongs to %v", s.set.Position(n.Pos()), name, files)
			}
			seen[name] = seen[name] || restricted
			return true
		})
	}
	for name, files := range allowed {
		if len(files) > 0 && !seen[name] {
			t.Errorf("%s is not where it is said to be", name)
		}
	}
}

// TestText refuses what no file of the tree may say: places of the machine it was written
// on, and promises instead of code.
func TestText(t *testing.T) {
	t.Parallel()
	// Written in pieces, so that this file passes.
	refused := []string{"/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "TO" + "DO", "FIX" + "ME", "not " + "implemented"}
	kinds := []string{".go", ".md", ".txtar", ".txt", ".yaml", ".yml", ".py", ".1", ".mod", ".bash", ".fish", ".ps1", ".sh", ""}
	read := 0
	for _, name := range treeFiles(t) {
		if !slices.Contains(kinds, path.Ext(name)) {
			continue
		}
		content, err := os.ReadFile(treePath(name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.IndexByte(content, 0) >= 0 {
			continue
		}
		read++
		for _, word := range refused {
			if i := bytes.Index(content, []byte(word)); i >= 0 {
				t.Errorf("%s:%d says %q", name, 1+bytes.Count(content[:i], []byte("\n")), word)
			}
		}
	}
	if read < 200 {
		t.Errorf("%d files were read, at least 200 are expected", read)
	}
}

// TestHintsBelongToErrors wants every identifier that has a hint to be one some error has.
func TestHintsBelongToErrors(t *testing.T) {
	t.Parallel()
	hinted, made := map[string]bool{}, map[string]bool{}
	for _, s := range sources(t) {
		switch {
		case s.name == "cmd/hints.go":
			for _, id := range caseLabels(s.file) {
				hinted[id] = true
			}
		case !s.isTest:
			for _, text := range stringsIn(s.file) {
				made[text] = true
			}
		}
	}
	for id := range hinted {
		if !made[id] {
			t.Errorf("there is a hint for %s, an identifier no error has", id)
		}
	}
	if len(hinted) < 25 {
		t.Errorf("%d identifiers have hints, at least 25 are expected", len(hinted))
	}
}

// caseLabels returns the string constants that the switches of a file compare with.
func caseLabels(file *ast.File) []string {
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		clause, ok := n.(*ast.CaseClause)
		if !ok {
			return true
		}
		for _, label := range clause.List {
			if literal, ok := label.(*ast.BasicLit); ok {
				out = append(out, strings.Trim(literal.Value, `"`))
			}
		}
		return true
	})
	return out
}
