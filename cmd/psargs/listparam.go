package psargs

import "fmt"

// extend adds what text says about one side of a list to what earlier tokens said.
func extend(so ListEdit, param Param, s side, text string) (ListEdit, *UsageError) {
	parsed, fault := parseList(text)
	if fault != nil {
		return so, listUsage(param, fault)
	}
	edit, err := editOf(param, s, parsed)
	if err != nil {
		return so, err
	}
	merged, ok := so.merge(edit)
	if !ok {
		return so, listUsage(param, &ListError{
			ID: MixedList, Text: text, Msg: "values to set, null, and values to add or remove exclude each other",
		})
	}
	return merged, nil
}

// editOf puts values on their side of the list and checks them.
func editOf(param Param, s side, edit ListEdit) (ListEdit, *UsageError) {
	if edit.isEdit() && !param.Edit {
		return edit, editNotAllowed(param)
	}
	for _, values := range [][]string{edit.Replace, edit.Add, edit.Remove} {
		if err := matchAll(param, values); err != nil {
			return edit, err
		}
	}
	if s == whole {
		return edit, nil
	}
	if edit.Clear || edit.isEdit() {
		return edit, &UsageError{
			ID:  InvalidList,
			Msg: fmt.Sprintf("only plain values can be added to or removed from -%s this way", param.Name),
		}
	}
	if s == adding {
		return ListEdit{Add: edit.Replace}, nil
	}
	return ListEdit{Remove: edit.Replace}, nil
}

// matchAll puts enumeration values into their own spelling, in place.
func matchAll(param Param, values []string) *UsageError {
	if len(param.Values) == 0 {
		return nil
	}
	for i, value := range values {
		known, err := checkEnum(param, value)
		if err != nil {
			return err
		}
		values[i] = known
	}
	return nil
}

// listUsage turns a fault in a list into one of the command line.
func listUsage(param Param, fault *ListError) *UsageError {
	e := &UsageError{
		ID:    fault.ID,
		Param: param.Name,
		Msg:   fmt.Sprintf("-%s: %s", param.Name, fault.Msg),
		Caret: fault.Caret(),
	}
	switch {
	case fault.ID == SmartQuotes:
		e.Hints = smartQuotes("").Hints
	case !param.Edit:
		e.Hints = []string{fmt.Sprintf(`write -%s a,b or -%[1]s '"a","b"'`, param.Name)}
	case fault.ID == MangledHashtable:
		e.Hints = editHints(param)
	default:
		e.Hints = append([]string{fmt.Sprintf(`write -%s a,b to set the values`, param.Name)}, editHints(param)...)
	}
	return e
}

// editHints shows how to write an edit that survives the shell.
func editHints(param Param) []string {
	return []string{
		fmt.Sprintf(`put the whole hashtable in single quotes: -%s '@{Add="a","b";Remove="c"}'`, param.Name),
		fmt.Sprintf("or write --%s a,b --%s c", param.AddFlag(), param.RemoveFlag()),
	}
}

func editNotAllowed(param Param) *UsageError {
	return &UsageError{
		ID:    EditNotAllowed,
		Param: param.Name,
		Msg:   fmt.Sprintf("-%s takes no values to add or remove", param.Name),
	}
}
