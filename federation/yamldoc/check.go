package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// parseOne parses the one document that data must hold and returns its root value,
// nil for an empty document.
func parseOne(data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	switch err := decoder.Decode(&first); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, Faults{syntaxFault(err, data)}
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, Faults{faultAt(&second, "", "a second document begins here; a file holds one")}
	case !errors.Is(err, io.EOF):
		return nil, Faults{syntaxFault(err, data)}
	}
	if len(first.Content) == 0 {
		return nil, nil
	}
	return first.Content[0], nil
}

// checkBytes refuses what would make two readers count lines differently: other
// encodings, and line breaks only YAML knows.
func checkBytes(data []byte) Faults {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return Faults{{Line: 1, Column: 1, Message: "is UTF-16; write the file as UTF-8"}}
	}
	for i := 0; i < len(data); {
		if c := data[i]; c >= ' ' && c < 0x7f || c == '\n' || c == '\t' { // nearly every byte there is
			i++
			continue
		}
		c, size := rune(data[i]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRune(data[i:])
		}
		if c == '\ufeff' && i == 0 {
			i += size
			continue
		}
		if message := forbidden(c, size, data[i+size:]); message != "" {
			line, column := lineAndColumn(data[:i])
			return Faults{{Line: line, Column: column, Message: message}}
		}
		i += size
	}
	return nil
}

func forbidden(c rune, size int, rest []byte) string {
	switch {
	case c == utf8.RuneError && size == 1:
		return "is not UTF-8"
	case c == '\r' && !bytes.HasPrefix(rest, []byte("\n")):
		return "a carriage return without a line feed; end lines with LF or CR LF"
	case c < ' ' && c != '\t' && c != '\n' && c != '\r', c == 0x7f, c >= 0x80 && c < 0xa0 && c != 0x85, c == '\ufeff', c == 0xfffe, c == 0xffff:
		return fmt.Sprintf(`a control character, U+%04X; write it as "\u%04x" in double quotes`, c, c)
	case c == 0x85 || c == 0x2028 || c == 0x2029:
		return fmt.Sprintf(`a line break of an unusual kind, U+%04X; write it as "\u%04x" in double quotes`, c, c)
	}
	return ""
}

// checkTree refuses everything that makes a document more than plain values:
// a reader should see each value where it stands.
func checkTree(n *yaml.Node, text *lines) Faults {
	if n == nil {
		return nil
	}
	if message := notPlain(n); message != "" {
		return Faults{faultAt(n, "", message)}
	}
	var faults Faults
	if n.Kind == yaml.MappingNode {
		faults = checkKeys(n, text)
	}
	for _, child := range n.Content {
		faults = append(faults, checkTree(child, text)...)
	}
	return faults
}

func notPlain(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode:
		return fmt.Sprintf("alias *%s; write the value out", n.Value)
	case n.Anchor != "":
		return fmt.Sprintf("anchor &%s; anchors are not used in this file", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		return fmt.Sprintf("tag %s; tags are not used in this file", n.Tag)
	case n.Tag == "!!merge":
		return "merge key <<; write the fields out"
	}
	return ""
}

// maxFields is how many keys a mapping may have: far more than any object has fields,
// and few enough to look for duplicates without building an index of each mapping.
const maxFields = 1000

// checkKeys refuses keys that are no plain names and names that come twice.
func checkKeys(mapping *yaml.Node, text *lines) Faults {
	if len(mapping.Content) > 2*maxFields {
		return Faults{faultAt(mapping, "", fmt.Sprintf("has %d keys, at most %d are read", len(mapping.Content)/2, maxFields))}
	}
	var faults Faults
	for i := 0; i < len(mapping.Content); i += 2 {
		key := mapping.Content[i]
		if key.Kind != yaml.ScalarNode || text.isExplicitKey(key) {
			faults = append(faults, faultAt(key, "", "a key that is not a plain name"))
			continue
		}
		if first := fieldIndex(mapping, key.Value); first < i {
			faults = append(faults, faultAt(key, "", fmt.Sprintf("key %q is on line %d already", key.Value, mapping.Content[first].Line)))
		}
	}
	return faults
}
