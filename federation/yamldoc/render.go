package yamldoc

import (
	"fmt"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// blockLines renders a value in block style, without line breaks. Nothing is indented
// beyond what the value itself needs.
func blockLines(n *yaml.Node) ([]string, error) {
	switch {
	case n.Kind == yaml.MappingNode && len(n.Content) > 0:
		return mappingLines(n)
	case n.Kind == yaml.SequenceNode && len(n.Content) > 0:
		return sequenceLines(n)
	case n.Kind == yaml.MappingNode:
		return []string{"{}"}, nil
	case n.Kind == yaml.SequenceNode:
		return []string{"[]"}, nil
	}
	text, err := scalarText(n, 0)
	return []string{text}, err
}

func mappingLines(n *yaml.Node) ([]string, error) {
	var all []string
	for i := 0; i < len(n.Content); i += 2 {
		field, err := fieldLines(n.Content[i], n.Content[i+1])
		if err != nil {
			return nil, err
		}
		all = append(all, field...)
	}
	return all, nil
}

// fieldLines renders one field: on one line, or the key and below it the value.
func fieldLines(key, value *yaml.Node) ([]string, error) {
	name, err := scalarText(key, 0)
	if err != nil {
		return nil, err
	}
	below, err := blockLines(value)
	if err != nil {
		return nil, err
	}
	if len(value.Content) == 0 {
		return []string{name + ": " + below[0]}, nil
	}
	return append([]string{name + ":"}, indent(below, indentation)...), nil
}

func sequenceLines(n *yaml.Node) ([]string, error) {
	var all []string
	for _, child := range n.Content {
		item, err := itemLines(child, indentation)
		if err != nil {
			return nil, err
		}
		all = append(all, item...)
	}
	return all, nil
}

// itemLines renders one item of a list, its fields standing width columns right of
// the dash.
func itemLines(n *yaml.Node, width int) ([]string, error) {
	below, err := blockLines(n)
	if err != nil {
		return nil, err
	}
	below = indent(below, width)
	below[0] = "-" + below[0][1:]
	return below, nil
}

// indentation is how far new text stands right of what it belongs to, in columns.
const indentation = 2

func indent(lines []string, columns int) []string {
	margin := strings.Repeat(" ", columns)
	for i := range lines {
		lines[i] = margin + lines[i]
	}
	return lines
}

// scalarText renders a scalar on one line: a text plain where every reader takes it
// for that text, otherwise in the quotes asked for by style.
func scalarText(n *yaml.Node, style yaml.Style) (string, error) {
	switch tag := n.ShortTag(); tag {
	case "!!null":
		return "null", nil
	case "!!bool", "!!int", "!!float", "!!timestamp":
		return n.Value, nil
	case "!!str":
		return quoted(n.Value, style), nil
	default:
		return "", fmt.Errorf("a value of kind %s cannot be written", tag)
	}
}

func quoted(text string, style yaml.Style) string {
	switch {
	case style&yaml.SingleQuotedStyle != 0 && isPrintable(text):
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	case style&yaml.DoubleQuotedStyle == 0 && isPlain(text):
		return text
	}
	return doubleQuoted(text)
}

// isPlain reports whether the text needs no quotes. It is stricter than YAML: what
// any version of it could read as a number, a truth value, a time or as syntax is
// quoted.
func isPlain(text string) bool {
	if text == "" || strings.HasSuffix(text, " ") || strings.HasSuffix(text, ":") ||
		strings.Contains(text, ": ") || strings.Contains(text, " #") || isReserved(text) {
		return false
	}
	for i, c := range text {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case c >= '0' && c <= '9':
		case i > 0 && strings.ContainsRune(" ._/+=@:-$()#&,;!?~%*'", c):
		case c >= 0x80 && isPrintable(string(c)):
		default:
			return false
		}
	}
	if first := text[0]; first < '0' || first > '9' {
		return true
	}
	return strings.Trim(text, "0123456789_:.") != "" && (&yaml.Node{Kind: yaml.ScalarNode, Value: text}).ShortTag() == "!!str"
}

// isReserved names the words that YAML 1.1 or 1.2 reads as something else than text.
func isReserved(text string) bool {
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf":
		return true
	}
	return false
}

// isPrintable reports whether the text can stand in a file as it is: no control
// characters, no invisible or direction-changing ones, no odd line breaks.
func isPrintable(text string) bool {
	for _, c := range text {
		if c != ' ' && !unicode.IsGraphic(c) || unicode.Is(unicode.Zs, c) && c != ' ' || c == '\ufeff' || c == unicode.ReplacementChar {
			return false
		}
	}
	return true
}

func doubleQuoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case isPrintable(string(c)):
			b.WriteRune(c)
		case c < 0x100:
			fmt.Fprintf(&b, `\x%02x`, c)
		case c < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			fmt.Fprintf(&b, `\U%08x`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
