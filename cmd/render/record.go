// Package render writes records, the results of a cmdlet, to standard output: for people
// as a list or a table in the manner of PowerShell's Format-List and Format-Table, for
// programs as JSON, YAML, CSV or bare names.
//
// A record is built by hand, property by property, so nothing is shown that nobody chose
// to show. Text in it may come from a partner or from DNS and is treated as hostile: no
// format lets a control or bidirectional character reach a terminal.
package render

import (
	"time"
)

// Record is one object of a cmdlet's output: its properties, in the order they are shown.
type Record struct {
	Fields []Field
	// Lines draw the record for people better than a list or table of its fields can; none
	// for most. They are its default view, where the user asks for neither a format nor
	// properties. Records of one output have them all or none has.
	Lines []string
	// Bytes are the record as a program wants it, in place of Lines: they are written as they
	// are where the user asks for neither a format nor properties.
	Bytes []byte
}

// Field is one property. Name is the property's name as Exchange spells it; it contains no
// dot, and no other field of its record has the same name in any case. Value is one of
//
//	nil              not set
//	string, bool, int, int64
//	time.Time        an instant; the zero time counts as not set
//	time.Duration
//	[]string         a multivalued property
//	Record, []Record nested objects
//
// and nothing else: [Write] refuses other types, so a structure with a secret in it cannot
// be printed by accident.
type Field struct {
	Name  string
	Value any
}

// New returns the record with these fields.
func New(fields ...Field) Record { return Record{Fields: fields} }

// Unset is a property without a value: null in JSON, empty for people.
func Unset(name string) Field { return Field{Name: name} }

// Text is a text property. An empty text stays a text; see [OptionalText].
func Text[S ~string](name string, value S) Field {
	return Field{Name: name, Value: string(value)}
}

// OptionalText is a text property whose empty value means that it is not set.
func OptionalText[S ~string](name string, value S) Field {
	if value == "" {
		return Unset(name)
	}
	return Text(name, value)
}

// Bool is a property that is true or false.
func Bool(name string, value bool) Field { return Field{Name: name, Value: value} }

// Int is a whole number.
func Int[I ~int | ~int32 | ~int64](name string, value I) Field {
	return Field{Name: name, Value: int64(value)}
}

// Time is an instant, shown in UTC to the second; the zero time means not set.
func Time(name string, value time.Time) Field { return Field{Name: name, Value: value} }

// Duration is a length of time, shown as [d.]hh:mm:ss.
func Duration(name string, value time.Duration) Field { return Field{Name: name, Value: value} }

// List is a multivalued property. It may be empty, which is not the same as unset.
func List[S ~string](name string, values []S) Field {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return Field{Name: name, Value: texts}
}

// Nested is a property that is an object itself.
func Nested(name string, value Record) Field { return Field{Name: name, Value: value} }

// NestedList is a property that is a list of objects.
func NestedList(name string, values []Record) Field { return Field{Name: name, Value: values} }
