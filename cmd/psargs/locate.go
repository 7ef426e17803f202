package psargs

import "strings"

func plainWords() []string { return []string{"help", "completion", "version"} }

// located is a command line split at the word that says what to do.
type located struct {
	leading []string // parameters before it
	word    string   // as typed, empty if there is none
	rest    []string
}

// locate finds the cmdlet. Parameters may come before it; since what they take is not known
// yet, a word after one is taken for its value unless it names a cmdlet.
func locate(argv, names []string) located {
	skipped := -1
	for i := 0; i < len(argv) && argv[i] != "--"; i++ {
		d, isParam := parseDashed(argv[i])
		if !isParam {
			return located{argv[:i], argv[i], argv[i+1:]}
		}
		next := i + 1
		if d.sep != "" || next == len(argv) || !isOperand(argv[next]) || isWord(argv[next], names) {
			continue
		}
		if skipped < 0 {
			skipped = next
		}
		i++
	}
	if skipped >= 0 { // more likely an unknown cmdlet than none at all
		return located{argv[:skipped], argv[skipped], argv[skipped+1:]}
	}
	return located{leading: argv}
}

func isWord(token string, names []string) bool {
	_, isCmdlet := matchCmdlet(token, names)
	_, isPlain := matchPlain(token)
	return isCmdlet || isPlain
}

// matchCmdlet returns the one of names that token spells. Case and the hyphens between words do
// not matter, except that the verb must be set off: RemoveFederatedDomain is no cmdlet.
func matchCmdlet(token string, names []string) (string, bool) {
	verb, noun, ok := cutDash(token)
	if !ok {
		return "", false
	}
	for _, name := range names {
		v, n, _ := strings.Cut(name, "-")
		if fold(verb) == fold(v) && foldName(noun) == fold(n) {
			return name, true
		}
	}
	return "", false
}

// cutDash cuts text at its first dash of any sort, or underscore.
func cutDash(text string) (before, after string, found bool) {
	for i := range len(text) {
		if text[i] == '_' {
			return text[:i], text[i+1:], true
		}
		if n := dashLen(text[i:]); n > 0 {
			return text[:i], text[i+n:], true
		}
	}
	return text, "", false
}

func matchPlain(token string) (string, bool) {
	for _, word := range plainWords() {
		if fold(token) == word {
			return word, true
		}
	}
	return "", false
}
