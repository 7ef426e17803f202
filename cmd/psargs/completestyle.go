package psargs

import (
	"strings"
	"unicode"
)

// inStyle returns the first of forms that goes on from typed, or else the first that does so
// but for case, with the beginning as typed: shells drop candidates that begin differently.
func inStyle(typed string, forms ...string) (string, bool) {
	for _, form := range forms {
		if strings.HasPrefix(form, typed) {
			return form, true
		}
	}
	for _, form := range forms {
		if !strings.HasPrefix(fold(form), fold(typed)) {
			continue
		}
		if typed == fold(typed) {
			return fold(form), true
		}
		return typed + form[len(typed):], true
	}
	return "", false
}

// typedParam splits a word that begins as a parameter name does.
func typedParam(typed string) (dash, name string, ok bool) {
	n := dashLen(typed)
	if n == 0 {
		return "", "", false
	}
	n += dashLen(typed[n:])
	if typed[n:] == "" {
		return typed, "", true
	}
	d, ok := parseDashed(typed)
	return d.dash, d.name, ok && d.sep == ""
}

// appendParam adds the parameter called name, if it goes on from typed: as POSIX writes it
// after two dashes, as PowerShell does after one, unless typed already tells otherwise.
func appendParam(found []Candidate, dash, typed, name, summary string) []Candidate {
	forms := []string{name, fold(name), kebab(name)}
	if len(dash) > dashLen(dash) {
		forms = []string{kebab(name), name, fold(name)}
	}
	if text, ok := inStyle(typed, forms...); ok {
		found = append(found, candidate(dash+text, summary))
	}
	return found
}

// candidate makes a candidate whose description is one line, since a line is what the shell's
// script reads it from.
func candidate(text, description string) Candidate {
	description, _, _ = strings.Cut(description, "\n")
	return Candidate{text, strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, description)}
}

// isPrintable reports whether a name fits on a line that a shell reads.
func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}
