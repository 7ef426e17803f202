package psargs

import (
	"fmt"
	"strings"
)

// ParseList reads a list as PowerShell writes it: a,b or "a",'b' or @("a","b"), an edit
// @{Add="a","b";Remove="c"}, or null or @() to clear. Quotes are doubled inside quotes. Spaces
// around values are dropped, those inside kept. The error is a *[ListError].
func ParseList(text string) (ListEdit, error) {
	edit, err := parseList(text)
	if err != nil {
		return ListEdit{}, err
	}
	return edit, nil
}

func parseList(text string) (ListEdit, *ListError) {
	if IsNull(strings.Trim(text, listSpace)) {
		return ListEdit{Clear: true}, nil
	}
	r := &listReader{text: text}
	r.skipSpace()
	switch {
	case mangled(r.rest()):
		return ListEdit{}, r.fault(MangledHashtable, "the shell took the hashtable apart")
	case r.accept("@{"):
		return r.edit()
	case r.accept("@("):
		values, err := r.array()
		if err == nil {
			err = r.atEnd()
		}
		return ListEdit{Clear: len(values) == 0, Replace: values}, err
	}
	values, err := r.values("")
	return ListEdit{Replace: values}, err
}

// listReader reads a list from its beginning to its end.
type listReader struct {
	text string
	pos  int
}

const listSpace = " \t\r\n"

func (r *listReader) rest() string { return r.text[r.pos:] }

func (r *listReader) fault(id, msg string) *ListError {
	return &ListError{ID: id, Text: r.text, Offset: r.pos, Msg: msg}
}

func (r *listReader) skipSpace() {
	r.pos = len(r.text) - len(strings.TrimLeft(r.rest(), listSpace))
}

// skipBlanks stays on its line: in a hashtable the end of a line ends a key.
func (r *listReader) skipBlanks(stop string) {
	blanks := listSpace
	if strings.Contains(stop, "\n") {
		blanks = " \t\r"
	}
	r.pos = len(r.text) - len(strings.TrimLeft(r.rest(), blanks))
}

func (r *listReader) accept(token string) bool {
	if !strings.HasPrefix(r.rest(), token) {
		return false
	}
	r.pos += len(token)
	return true
}

func (r *listReader) atEnd() *ListError {
	r.skipSpace()
	if r.rest() != "" {
		return r.fault(InvalidList, "something follows the end of the list")
	}
	return nil
}

// edit reads a hashtable after its opening bracket.
func (r *listReader) edit() (ListEdit, *ListError) {
	var e ListEdit
	for {
		r.pos = len(r.text) - len(strings.TrimLeft(r.rest(), listSpace+";"))
		if r.accept("}") {
			break
		}
		if r.rest() == "" {
			return e, r.fault(MangledHashtable, "the closing } is missing")
		}
		if err := r.key(&e); err != nil {
			return e, err
		}
	}
	if e.isZero() {
		return e, r.fault(InvalidList, "nothing is added or removed")
	}
	return e, r.atEnd()
}

// key reads one Add= or Remove= with its values.
func (r *listReader) key(e *ListEdit) *ListError {
	start := r.pos
	end := strings.IndexAny(r.rest(), "=;,}\n")
	if end < 0 {
		r.pos = len(r.text)
		return r.fault(MangledHashtable, "the closing } is missing")
	}
	name := strings.Trim(r.rest()[:end], listSpace)
	into := &e.Add
	switch fold(name) {
	case "add":
	case "remove":
		into = &e.Remove
	default:
		return r.fault(InvalidList, "the keys are Add and Remove")
	}
	r.pos += end
	if !r.accept("=") {
		return r.fault(InvalidList, fmt.Sprintf("= is missing after %s", name))
	}
	if *into != nil {
		r.pos = start
		return r.fault(InvalidList, fmt.Sprintf("%s stands there twice", name))
	}
	r.skipSpace()
	values, err := r.keyValues()
	*into = values
	return err
}

func (r *listReader) keyValues() ([]string, *ListError) {
	const stop = ";}\n"
	if !r.accept("@(") {
		return r.values(stop)
	}
	start := r.pos
	values, err := r.array()
	if err != nil {
		return nil, err
	}
	if len(values) == 0 {
		r.pos = start
		return nil, r.fault(InvalidList, "a value is missing")
	}
	return values, r.endOfValue(stop)
}

// array reads values up to a closing parenthesis, which it takes.
func (r *listReader) array() ([]string, *ListError) {
	r.skipSpace()
	if r.accept(")") {
		return nil, nil
	}
	values, err := r.values(")")
	if err == nil && !r.accept(")") {
		err = r.fault(InvalidList, "the closing ) is missing")
	}
	return values, err
}

// values reads values up to a byte of stop, which it leaves, or to the end.
func (r *listReader) values(stop string) ([]string, *ListError) {
	var values []string
	for {
		r.skipSpace()
		value, err := r.value(stop)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
		if r.rest() == "" || r.rest()[0] != ',' {
			return values, nil
		}
		r.pos++
	}
}

func (r *listReader) value(stop string) (string, *ListError) {
	rest := r.rest()
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		return r.quoted(rest[0], stop)
	}
	if strings.HasPrefix(rest, "@{") || mangled(rest) {
		return "", r.fault(MixedList, "values to set do not go with values to add or remove")
	}
	end := strings.IndexAny(rest, ","+stop)
	if end < 0 {
		end = len(rest)
	}
	value := strings.TrimRight(rest[:end], listSpace)
	switch {
	case value == "":
		return "", r.fault(InvalidList, "a value is missing")
	case hasSmartQuote(value):
		return "", r.fault(SmartQuotes, "typographic quotes are no quotes")
	case fold(value) == "$null":
		return "", r.fault(InvalidList, "null is no value of a list")
	}
	r.pos += end
	return value, nil
}

// quoted reads a value in quotes, in which a doubled quote stands for one.
func (r *listReader) quoted(mark byte, stop string) (string, *ListError) {
	start := r.pos
	var b strings.Builder
	for i := start + 1; i < len(r.text); i++ {
		if r.text[i] != mark {
			b.WriteByte(r.text[i])
			continue
		}
		if i+1 < len(r.text) && r.text[i+1] == mark {
			b.WriteByte(mark)
			i++
			continue
		}
		if b.Len() == 0 {
			return "", r.fault(InvalidList, "a value is empty")
		}
		r.pos = i + 1
		return b.String(), r.endOfValue(stop)
	}
	return "", r.fault(InvalidList, "the quote is not closed")
}

// endOfValue refuses anything but a comma, the end, or a byte of stop.
func (r *listReader) endOfValue(stop string) *ListError {
	r.skipBlanks(stop)
	if r.rest() == "" || strings.IndexByte(","+stop, r.rest()[0]) >= 0 {
		return nil
	}
	return r.fault(InvalidList, "a comma is missing")
}
