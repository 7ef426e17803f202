package psargs

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// dashed is a token that has the form of a parameter.
type dashed struct {
	dash  string // what it begins with, as typed: "-", "--" or a typographic dash
	name  string // up to the first colon or equals sign
	sep   string // ":", "=" or empty
	value string // what follows sep
}

// parseDashed splits a token that is a parameter by its form: one or two dashes, then a letter,
// an underscore or the question mark of -?. So -5, - and -- are values.
func parseDashed(token string) (dashed, bool) {
	n := dashLen(token)
	if n == 0 {
		return dashed{}, false
	}
	n += dashLen(token[n:])
	rest := token[n:]
	first, _ := utf8.DecodeRuneInString(rest)
	if !unicode.IsLetter(first) && first != '_' && rest != "?" {
		return dashed{}, false
	}
	d := dashed{dash: token[:n], name: rest}
	if i := strings.IndexAny(rest, ":="); i >= 0 {
		d.name, d.sep, d.value = rest[:i], rest[i:i+1], rest[i+1:]
	}
	return d, true
}

// dashLen returns the length of the dash text begins with, or 0. Web pages and word processors
// put en dashes, em dashes and horizontal bars where people typed hyphens; PowerShell takes
// them all.
func dashLen(text string) int {
	for _, dash := range dashes() {
		if strings.HasPrefix(text, dash) {
			return len(dash)
		}
	}
	return 0
}

func dashes() [4]string { return [4]string{"-", "\u2013", "\u2014", "\u2015"} }

// foldName makes spellings of one name equal: DomainName, domain-name, DOMAIN_NAME.
func foldName(name string) string {
	for _, dash := range dashes() {
		name = strings.ReplaceAll(name, dash, "")
	}
	return fold(strings.ReplaceAll(name, "_", ""))
}

// fold lowers ASCII letters only, so that bytes that are no UTF-8 stay what they are and no
// other letter turns into an ASCII one.
func fold(text string) string {
	b := []byte(text)
	for i, c := range b {
		b[i] = lowerByte(c)
	}
	return string(b)
}

// hasSmartQuote reports whether text is wrapped, or begun to be, in the quotes that web pages
// make of straight ones. Shells do not know them, so the value arrived in pieces or with the
// quotes in it. An apostrophe inside a name is none.
func hasSmartQuote(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune("“”„‟‘", first) ||
		strings.ContainsRune("“”„‟", last) ||
		first == '’' && last == '’' && len(text) > len("’")
}

// isOperand reports whether token can only be a name or a value.
func isOperand(token string) bool {
	_, isParam := parseDashed(token)
	return !isParam && token != "--"
}
