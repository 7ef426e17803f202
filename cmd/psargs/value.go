package psargs

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseBool reads true, $true, 1 and yes, or false, $false, 0 and no, in any case. The error
// is a *[UsageError] with [InvalidBoolean].
func ParseBool(text string) (bool, error) {
	switch fold(text) {
	case "true", "$true", "1", "yes":
		return true, nil
	case "false", "$false", "0", "no":
		return false, nil
	}
	return false, &UsageError{
		ID:    InvalidBoolean,
		Msg:   fmt.Sprintf("%s is neither true nor false", quote(text)),
		Hints: []string{"write true or false"},
	}
}

// IsNull reports whether text asks to clear a property: $null, null, or nothing, also when the
// nothing is in quotes.
func IsNull(text string) bool {
	switch fold(text) {
	case "$null", "null", "", `""`, "''":
		return true
	}
	return false
}

// MatchEnum returns the value of allowed that text means, in any case, spelled as in allowed.
// The error is a *[UsageError] with [InvalidEnum] whose hint lists allowed.
func MatchEnum(text string, allowed []string) (string, error) {
	for _, value := range allowed {
		if fold(text) == fold(value) {
			return value, nil
		}
	}
	return "", &UsageError{
		ID:    InvalidEnum,
		Msg:   fmt.Sprintf("%s is none of the values allowed", quote(text)),
		Hints: []string{"write " + alternatives(allowed)},
	}
}

// readValue returns the text given to d, which may be attached, the next token, or for a list
// the next several.
func readValue(param Param, d dashed, t *tokens) (string, *UsageError) {
	if param.Kind == Switch {
		if d.sep == "" {
			return bareSwitch(param, t), nil
		}
		if d.value == "" {
			return "", missingValue(param, d)
		}
		return d.value, nil
	}
	text, ok := attached(param, d)
	if !ok {
		if text, ok = t.peekValue(); !ok || d.sep == "=" {
			return "", missingValue(param, d)
		}
		t.next()
	}
	if param.Kind == List {
		text = joinPieces(t.glue(text))
	}
	return text, nil
}

// bareSwitch returns the value of a switch that carries none. The next word is one only if the
// parameter takes words, and it can be nothing else.
func bareSwitch(param Param, t *tokens) string {
	next, ok := t.peekValue()
	if !param.Word || !ok {
		return "true"
	}
	switch fold(next) {
	case "true", "$true", "false", "$false":
		t.next()
		return next
	}
	return "true"
}

// attached returns what follows the colon or equals sign of d. Nothing after an equals sign is
// the empty value, as everywhere in POSIX; nothing after a colon is a value the shell swallowed,
// or the value is the next token.
func attached(param Param, d dashed) (string, bool) {
	if d.value != "" {
		return d.value, true
	}
	return "", d.sep == "=" && param.Kind != Boolean
}

// missingValue says what to write for a value that is not there, most often because a shell
// took $true, $false or $null for an empty variable.
func missingValue(param Param, d dashed) *UsageError {
	e := &UsageError{ID: MissingValue, Param: param.Name}
	switch param.Kind {
	case Switch:
		e.Msg = fmt.Sprintf("nothing follows -%s%s", param.Name, d.sep)
		e.Hints = []string{
			fmt.Sprintf("write -%[1]s:true or -%[1]s:false: the shell replaces $true and $false by nothing", param.Name),
		}
	case Boolean:
		e.Msg = fmt.Sprintf("-%s needs true or false", param.Name)
		e.Hints = []string{
			fmt.Sprintf("write -%[1]s true or -%[1]s false: the shell replaces $true and $false by nothing", param.Name),
		}
	default:
		e.Msg = fmt.Sprintf("-%s needs a value", param.Name)
		e.Hints = []string{
			fmt.Sprintf("to clear it write -%s null: the shell replaces $null by nothing", param.Name),
			fmt.Sprintf("a value that begins with a dash is attached with a colon: -%s:-value", param.Name),
		}
	}
	return e
}

// checkValue returns the canonical text of the value of a parameter that is no list. Messages
// do not repeat the value where it could be a password.
func checkValue(param Param, text string) (string, *UsageError) {
	if param.Kind == Boolean || param.Kind == Switch {
		return checkBool(param, text)
	}
	switch {
	case hasSmartQuote(text):
		return "", smartQuotes(param.Name)
	case mangled(text) || strings.HasPrefix(strings.TrimLeft(text, listSpace), "@{"):
		return "", editNotAllowed(param)
	case len(param.Values) > 0 && !IsNull(text):
		return checkEnum(param, text)
	}
	return text, nil
}

func checkBool(param Param, text string) (string, *UsageError) {
	value, err := ParseBool(text)
	if err == nil {
		return strconv.FormatBool(value), nil
	}
	separator := ":"
	if param.Kind == Boolean {
		separator = " "
	}
	return "", &UsageError{
		ID:    InvalidBoolean,
		Param: param.Name,
		Msg:   fmt.Sprintf("-%s needs true or false, not %s", param.Name, quote(text)),
		Hints: []string{fmt.Sprintf("write -%[1]s%[2]strue or -%[1]s%[2]sfalse: the shell replaces $true and $false by nothing",
			param.Name, separator)},
	}
}

func checkEnum(param Param, text string) (string, *UsageError) {
	value, err := MatchEnum(text, param.Values)
	if err == nil {
		return value, nil
	}
	return "", &UsageError{
		ID:    InvalidEnum,
		Param: param.Name,
		Msg:   fmt.Sprintf("-%s cannot be %s", param.Name, quote(text)),
		Hints: []string{"write " + alternatives(param.Values)},
	}
}

func smartQuotes(param string) *UsageError {
	e := &UsageError{ID: SmartQuotes, Param: param, Msg: "typographic quotes are no quotes to the shell"}
	if param != "" {
		e.Msg = fmt.Sprintf("-%s: %s", param, e.Msg)
	}
	e.Hints = []string{`replace them by straight ones: "Fourth Coffee"`}
	return e
}

// mangled reports whether text is what brace expansion leaves of @{Add="a","b"}.
func mangled(text string) bool {
	text = strings.TrimLeft(text, listSpace)
	text = fold(text[:min(len(text), len("@remove="))])
	return strings.HasPrefix(text, "@add=") || text == "@remove="
}

func trimDollar(word string) string { return strings.TrimPrefix(word, "$") }
