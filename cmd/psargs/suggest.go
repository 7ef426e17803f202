package psargs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// longestName bounds what is compared with known names: anything longer is no misspelling.
const longestName = 80

// nearest returns up to three of known, closest to typed first, that are few enough edits away
// to be what was meant. Names are compared folded.
func nearest(typed string, known []string) []string {
	typed = foldName(typed)
	if typed == "" || len(typed) > longestName {
		return nil
	}
	type scored struct {
		name     string
		distance int
	}
	var found []scored
	for _, name := range known {
		folded := foldName(name)
		if d := distance(typed, folded); d <= tolerance(typed, folded) || leavesOut(typed, folded) {
			found = append(found, scored{name, d})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(a.distance, b.distance) })
	names := make([]string, 0, 3)
	for _, f := range found[:min(3, len(found))] {
		names = append(names, f.name)
	}
	return names
}

// tolerance allows an edit for every four letters, but in short names one at most.
func tolerance(a, b string) int {
	n := min(len(a), len(b))
	if n < 3 {
		return 0
	}
	return max(1, n/4)
}

// distance is the Damerau-Levenshtein distance with adjacent transpositions, in bytes.
func distance(a, b string) int {
	before, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}

// leavesOut reports whether typed is name with some of it left out, the most common way for
// published documentation to be wrong: Test-FederationCertificate, Set-OrganizationIdentifier.
func leavesOut(typed, name string) bool {
	const sameBeginning, shortest = 3, 6
	if len(typed) < shortest || !strings.HasPrefix(name, typed[:sameBeginning]) {
		return false
	}
	matched := 0
	for i := 0; i < len(name) && matched < len(typed); i++ {
		if name[i] == typed[matched] {
			matched++
		}
	}
	return matched == len(typed)
}

// unknownCmdlet is the error for a word that names no cmdlet.
func unknownCmdlet(typed string, names []string) *UsageError {
	known := append(slices.Clone(names), plainWords()...)
	near := nearest(typed, known)
	if foldName(typed) == "gethelp" {
		near = []string{"help"}
	}
	e := &UsageError{ID: UnknownCmdlet, Msg: fmt.Sprintf("there is no cmdlet %s", quote(typed))}
	if len(near) > 0 {
		e.Hints = append(e.Hints, "did you mean "+alternatives(mapStrings(near, fold))+"?")
	}
	e.Hints = append(e.Hints, "help lists every cmdlet")
	return e
}

// alternatives writes "a", "a or b" or "a, b or c".
func alternatives(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// quote makes text from the command line fit for a message: short, and harmless to a terminal.
func quote(text string) string {
	const longest = 80
	if len(text) > longest {
		return fmt.Sprintf("%q...", text[:longest])
	}
	return fmt.Sprintf("%q", text)
}

func mapStrings(in []string, f func(string) string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = f(s)
	}
	return out
}
