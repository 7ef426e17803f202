package yamldoc

import "strings"

// A Field is one key of a Map with its value.
type Field struct {
	Key   string
	Value any
}

// Map is a mapping whose keys are written in the order given.
type Map []Field

// Marshal writes a value as a YAML document in block style, indented by two. Values
// are Maps, structs with yaml tags, slices, strings, numbers, booleans, times and nil,
// or pointers to these. A text is quoted where any reader could take it for something
// else, and every scalar is on one line. Other types and texts that are not UTF-8 are
// errors.
func Marshal(value any) ([]byte, error) {
	n, err := encode(value)
	if err != nil {
		return nil, err
	}
	lines, err := blockLines(n)
	if err != nil {
		return nil, err
	}
	return []byte(strings.Join(lines, "\n") + "\n"), nil
}
