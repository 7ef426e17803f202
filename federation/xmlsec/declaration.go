package xmlsec

import (
	"slices"
	"strings"
)

// xmlDeclaration returns the length of the XML declaration that head begins with, 0 if it
// begins with none. It is the only processing instruction there may be. XML 1.1 has
// other line ends and characters, so it is not read as if it were 1.0.
func xmlDeclaration(head string) int {
	rest, ok := strings.CutPrefix(head, "<?xml")
	if !ok {
		return 0
	}
	if rest, ok = pseudoAttribute(rest, "version", "1.0"); !ok {
		return 0
	}
	if after, ok := pseudoAttribute(rest, "encoding", "utf-8"); ok {
		rest = after
	}
	if after, ok := pseudoAttribute(rest, "standalone", "yes", "no"); ok {
		rest = after
	}
	if rest, ok = strings.CutPrefix(strings.TrimLeft(rest, whiteSpace), "?>"); !ok {
		return 0
	}
	return len(head) - len(rest)
}

// whiteSpace is S of XML 1.0 section 2.3.
const whiteSpace = " \t\r\n"

// pseudoAttribute cuts white space, name, "=" and one of the values in quotes off the
// beginning of text. Only the name of an encoding is read in any case (section 4.3.3).
func pseudoAttribute(text, name string, values ...string) (rest string, ok bool) {
	rest = strings.TrimLeft(text, whiteSpace)
	if rest == text {
		return text, false
	}
	if rest, ok = strings.CutPrefix(rest, name); !ok {
		return text, false
	}
	if rest, ok = strings.CutPrefix(strings.TrimLeft(rest, whiteSpace), "="); !ok {
		return text, false
	}
	rest = strings.TrimLeft(rest, whiteSpace)
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return text, false
	}
	value, rest, ok := strings.Cut(rest[1:], rest[:1])
	if name == "encoding" {
		value = strings.ToLower(value)
	}
	if !ok || !slices.Contains(values, value) {
		return text, false
	}
	return rest, true
}
