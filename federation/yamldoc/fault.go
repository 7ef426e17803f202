package yamldoc

import (
	"fmt"
	"strings"
)

// A Fault is one thing that is wrong in a document.
type Fault struct {
	Path    string // "acceptedDomains[1] (contoso.com).default"; empty for the whole document
	Line    int    // counted from 1; 0 when the fault has no place
	Column  int    // counted from 1, in characters; 0 when not known
	Message string
}

// String gives the fault as "line 3, column 5: path: message".
func (f Fault) String() string {
	text := f.Message
	if f.Path != "" {
		text = f.Path + ": " + text
	}
	switch {
	case f.Line == 0:
		return text
	case f.Column == 0:
		return fmt.Sprintf("line %d: %s", f.Line, text)
	}
	return fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, text)
}

// Faults is everything that is wrong in a document. It is the error of Parse,
// Decode and Check.
type Faults []Fault

func (f Faults) Error() string {
	texts := make([]string, len(f))
	for i, fault := range f {
		texts[i] = fault.String()
	}
	return strings.Join(texts, "; ")
}

// errorOrNil keeps an empty list from becoming an error that is not nil.
func (f Faults) errorOrNil() error {
	if len(f) == 0 {
		return nil
	}
	return f
}
