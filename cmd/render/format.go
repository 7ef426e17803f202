package render

import (
	"fmt"
	"strings"
)

// Format is a way of writing records: a value of -Output. The zero Format stands for the
// default view of the noun.
type Format string

// The formats.
const (
	AsList  Format = "list"  // one "Name : value" line a property, as Format-List
	AsTable Format = "table" // one line a record, as Format-Table
	AsJSON  Format = "json"  // one array of objects, also when there are none
	AsJSONL Format = "jsonl" // one object a line
	AsYAML  Format = "yaml"  // one sequence of mappings
	AsCSV   Format = "csv"   // RFC 4180, with a header
	AsName  Format = "name"  // what identifies each record, one a line
)

// Formats lists the formats in the order help and completion show them.
func Formats() []Format {
	return []Format{AsList, AsTable, AsJSON, AsJSONL, AsYAML, AsCSV, AsName}
}

// ParseFormat returns the format of that name, in any case, or an *[UnknownFormatError].
func ParseFormat(text string) (Format, error) {
	for _, format := range Formats() {
		if strings.EqualFold(text, string(format)) {
			return format, nil
		}
	}
	return "", &UnknownFormatError{Text: text}
}

// UnknownFormatError reports a name that is no format.
type UnknownFormatError struct {
	Text string
}

func (e *UnknownFormatError) Error() string {
	names := make([]string, 0, len(Formats()))
	for _, format := range Formats() {
		names = append(names, string(format))
	}
	return fmt.Sprintf("%q is no output format; the formats are %s", e.Text, strings.Join(names, ", "))
}

// View is how the records of a noun look when the user asks for nothing else. It is fixed
// for each noun, whatever standard output is and however many records there are.
type View struct {
	Kind Format // AsList or AsTable; the zero value is AsList
	// Columns are the columns of the table; none means all properties. "Services=Letters"
	// shows the property Letters under the header Services.
	Columns []string
	Key     string // the property that -Output name prints; see [Write] for the default
}
