package render

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// writeYAML writes one block sequence of mappings. It is written by hand: the properties
// keep their order, and strings are always double-quoted, so that no reader, whatever its
// version of YAML, takes one for a number, a Boolean or a time, and every hostile character
// can be escaped in place.
func writeYAML(out *bytes.Buffer, records []Record) error {
	if len(records) == 0 {
		out.WriteString("[]\n")
		return nil
	}
	return appendYAMLSequence(out, plainList(records), 0)
}

func appendYAMLSequence(out *bytes.Buffer, values []any, depth int) error {
	for _, value := range values {
		indent(out, depth)
		out.WriteString("- ")
		record, isRecord := value.(Record)
		if isRecord && len(record.Fields) > 0 {
			if err := appendYAMLMapping(out, record, depth+1); err != nil {
				return err
			}
			continue
		}
		if err := appendYAMLScalar(out, value); err != nil {
			return err
		}
		out.WriteByte('\n')
	}
	return nil
}

// appendYAMLMapping writes the fields of record. The caller has already brought the first
// of them to its column.
func appendYAMLMapping(out *bytes.Buffer, record Record, depth int) error {
	for i, field := range record.Fields {
		if i > 0 {
			indent(out, depth)
		}
		out.WriteString(field.Name + ":")
		if err := appendYAMLValue(out, plain(field.Value), depth); err != nil {
			return err
		}
	}
	return nil
}

// appendYAMLValue writes what follows the colon of a key, to the end of its last line.
func appendYAMLValue(out *bytes.Buffer, value any, depth int) error {
	switch value := value.(type) {
	case []any:
		if len(value) > 0 {
			out.WriteByte('\n')
			return appendYAMLSequence(out, value, depth+1)
		}
	case Record:
		if len(value.Fields) > 0 {
			out.WriteByte('\n')
			indent(out, depth+1)
			return appendYAMLMapping(out, value, depth+1)
		}
	}
	out.WriteByte(' ')
	if err := appendYAMLScalar(out, value); err != nil {
		return err
	}
	out.WriteByte('\n')
	return nil
}

// appendYAMLScalar writes a scalar, or an empty list or record.
func appendYAMLScalar(out *bytes.Buffer, value any) error {
	switch value := value.(type) {
	case nil:
		out.WriteString("null")
	case bool:
		out.WriteString(strconv.FormatBool(value))
	case int64:
		out.WriteString(strconv.FormatInt(value, 10))
	case string:
		return appendQuoted(out, value, yamlEscape)
	case []any:
		out.WriteString("[]")
	case Record:
		out.WriteString("{}")
	default:
		return fmt.Errorf("no YAML form for %T", value)
	}
	return nil
}

// yamlEscape differs from JSON's beyond U+FFFF, where YAML has no surrogate pairs.
func yamlEscape(r rune) string {
	if r > 0xFFFF {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

func indent(out *bytes.Buffer, depth int) {
	out.WriteString(strings.Repeat("  ", depth))
}
