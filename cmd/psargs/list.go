package psargs

// ListEdit is what a list parameter asks for: clear the property, replace its values, or add
// and remove some. Only Add and Remove go together.
type ListEdit struct {
	Clear   bool
	Replace []string
	Add     []string
	Remove  []string
}

// ListError says where a list is wrong.
type ListError struct {
	ID     string // InvalidList, MangledHashtable, MixedList or SmartQuotes
	Text   string // the whole list
	Offset int    // of the fault in Text, in bytes
	Msg    string
}

func (e *ListError) Error() string { return e.Msg }

// Caret returns two lines: the list, made safe for a terminal and cut to a readable width, and
// a ^ under the fault.
func (e *ListError) Caret() string { return e.Text + "\n^" }

// ParseList reads a list as PowerShell writes it: a,b or "a",'b' or @("a","b"), an edit
// @{Add="a","b";Remove="c"}, or null or @() to clear. Quotes are doubled inside quotes. Spaces
// around values are dropped, those inside kept. The error is a *[ListError].
func ParseList(text string) (ListEdit, error) {
	return ListEdit{}, &ListError{ID: InvalidList, Text: text}
}

// Format writes an edit so that [ParseList] reads it back: "a","b" or
// @{Add="a";Remove="c"} or $null.
func Format(edit ListEdit) string { return "" }
