package yamldoc

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// A Field is one key of a Map with its value.
type Field struct {
	Key   string
	Value any
}

// Map is a mapping whose keys are written in the order given. Its values may be
// Maps, slices, strings, numbers, booleans, times, structs with yaml tags, or nil.
type Map []Field

// MarshalYAML makes Map known to the YAML module.
func (m Map) MarshalYAML() (any, error) {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, field := range m {
		key, err := encode(field.Key)
		if err != nil {
			return nil, err
		}
		value, err := encode(field.Value)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, key, value)
	}
	return n, nil
}

// Marshal writes a value as a YAML document in block style, indented by two. A text
// is quoted where any reader could take it for something else; every scalar is on
// one line.
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
