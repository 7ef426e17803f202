package format

import "strings"

// shellQuote writes text as one word of a POSIX shell.
func shellQuote(text string) string { return `'` + strings.ReplaceAll(text, `'`, `'\''`) + `'` }

// script begins a shell script that ends at the first failure.
func (w *writer) script(zones []Zone, signIn string) {
	if len(zones) > 0 {
		w.line("#!/bin/sh\n# Run this where you are signed in: %s\nset -eu", signIn)
	}
}
