package psargs

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ListEdit is what a list parameter asks for: clear the property, replace its values, or add
// and remove some. Only Add and Remove go together. No value is empty.
type ListEdit struct {
	Clear   bool
	Replace []string
	Add     []string
	Remove  []string
}

// Format writes an edit so that [ParseList] reads it back: "a","b" or
// @{Add="a";Remove="c"} or $null. The edit that does nothing becomes @{}, which ParseList
// refuses.
func Format(edit ListEdit) string {
	switch {
	case edit.Clear:
		return "$null"
	case len(edit.Replace) > 0:
		return formatValues(edit.Replace)
	}
	var keys []string
	if len(edit.Add) > 0 {
		keys = append(keys, "Add="+formatValues(edit.Add))
	}
	if len(edit.Remove) > 0 {
		keys = append(keys, "Remove="+formatValues(edit.Remove))
	}
	return "@{" + strings.Join(keys, ";") + "}"
}

func formatValues(values []string) string {
	return strings.Join(mapStrings(values, func(v string) string {
		return `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
	}), ",")
}

// isEdit reports whether e adds or removes.
func (e ListEdit) isEdit() bool { return len(e.Add)+len(e.Remove) > 0 }

// isZero reports whether e asks for nothing.
func (e ListEdit) isZero() bool { return !e.Clear && len(e.Replace) == 0 && !e.isEdit() }

// merge joins two edits of one parameter, or reports that they contradict each other.
func (e ListEdit) merge(next ListEdit) (ListEdit, bool) {
	if e.isZero() {
		return next, true
	}
	if e.Clear || next.Clear || e.isEdit() != next.isEdit() {
		return e, false
	}
	return ListEdit{
		Replace: append(e.Replace, next.Replace...),
		Add:     append(e.Add, next.Add...),
		Remove:  append(e.Remove, next.Remove...),
	}, true
}

// ListError says where a list is wrong.
type ListError struct {
	ID     string // InvalidList, MangledHashtable, MixedList or SmartQuotes
	Text   string // the whole list
	Offset int    // of the fault in Text, in bytes; len(Text) for its end
	Msg    string // no capital, no full stop
}

func (e *ListError) Error() string { return e.Msg }

// Caret returns two lines: the list, and a ^ under the fault.
func (e *ListError) Caret() string { return Caret(e.Text, e.Offset) }

// Caret returns two lines: the text, made safe for a terminal and cut to a readable width, and
// a ^ under what stands at the offset, in bytes.
func Caret(text string, offset int) string {
	const around = 36 // runes shown on each side of the fault
	before, after := showable(text[:offset]), showable(text[offset:])
	if n := len(before) - around; n > 0 {
		before = append([]rune("..."), before[n:]...)
	}
	if len(after) > around {
		after = append(after[:around:around], []rune("...")...)
	}
	return string(before) + string(after) + "\n" + strings.Repeat(" ", len(before)) + "^"
}

// showable replaces what must not reach a terminal, one rune for one.
func showable(text string) []rune {
	runes := make([]rune, 0, utf8.RuneCountInString(text))
	for _, r := range text {
		if !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		runes = append(runes, r)
	}
	return runes
}
