package render

import (
	"bytes"

	"exfed/federation/yamldoc"
)

// writeYAML writes one block sequence of mappings, properties in their order.
func writeYAML(out *bytes.Buffer, records []Record) error {
	if len(records) == 0 {
		out.WriteString("[]\n")
		return nil
	}
	document, err := yamldoc.Marshal(yamlValue(plainList(records)))
	out.Write(document)
	return err
}

// yamlValue turns what plain returns into values yamldoc keeps in order.
func yamlValue(value any) any {
	switch value := value.(type) {
	case Record:
		mapping := make(yamldoc.Map, len(value.Fields))
		for i, field := range value.Fields {
			mapping[i] = yamldoc.Field{Key: field.Name, Value: yamlValue(plain(field.Value))}
		}
		return mapping
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = yamlValue(item)
		}
		return list
	case string:
		return string([]rune(value)) // a wrong byte becomes U+FFFD, as in JSON; YAML has no other bytes
	}
	return value
}
