package psargs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/psargs"
)

// FuzzRewrite holds that every command line is either refused with an identifier or becomes
// known flags only, each once, which are rewritten to themselves. Tokens are separated by
// newlines.
func FuzzRewrite(f *testing.F) {
	for _, row := range rewriteRows() {
		f.Add(strings.Join(words(row.line), "\n"))
	}
	for _, row := range refusals() {
		f.Add(strings.Join(words(row.line), "\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := psargs.Rewrite(strings.Split(text, "\n"), newGrammar())
		if err != nil {
			var usage *psargs.UsageError
			if !errors.As(err, &usage) || usage.ID == "" || usage.Msg == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		if got.Action == psargs.Run {
			checkFlags(t, got)
		}
		again, err := psargs.Rewrite(got.Args, newGrammar())
		if diff := cmp.Diff(got, again); err != nil || diff != "" {
			t.Fatalf("%q becomes %q: %v\n%s", text, got.Args, err, diff)
		}
	})
}

func checkFlags(t *testing.T, got psargs.Result) {
	t.Helper()
	g := newGrammar()
	known := map[string]bool{}
	for _, name := range g.Names() {
		if strings.ToLower(name) != got.Cmdlet {
			continue
		}
		cmdlet, _ := g.Find(name)
		for _, p := range cmdlet.Params {
			known["--"+p.Flag()] = true
		}
	}
	if got.Args[0] != got.Cmdlet || len(known) == 0 {
		t.Fatalf("%q", got.Args)
	}
	for _, arg := range got.Args[1:] {
		flag, _, ok := strings.Cut(arg, "=")
		if !ok || !known[flag] {
			t.Fatalf("%q among %q", arg, got.Args)
		}
		known[flag] = false
	}
}

// FuzzComplete holds that candidates go on from what was typed and fit on a line.
func FuzzComplete(f *testing.F) {
	for _, row := range completeRows() {
		f.Add(strings.Join(words(row.line), "\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		words := strings.Split(text, "\n")
		typed := words[len(words)-1]
		found, _ := psargs.Complete(words, newGrammar(), objects)
		for _, c := range found {
			attached := strings.HasPrefix(typed, "-") && strings.Contains(typed, "=")
			if !attached && !strings.HasPrefix(c.Text, typed) {
				t.Fatalf("%q: %q", words, c.Text)
			}
			if strings.ContainsAny(c.Description, "\t\r\n") {
				t.Fatalf("%q: %q", words, c)
			}
		}
	})
}
