package yamldoc

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// encode turns a value into nodes, fields in the order of the struct or Map. It
// honours the yaml tags name, omitempty and inline, which is all that is used, and
// differs from the module's own encoder in that no text ever changes on the way.
func encode(value any) (*yaml.Node, error) {
	return encodeValue(reflect.ValueOf(value))
}

func encodeValue(v reflect.Value) (*yaml.Node, error) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		return scalar("!!null", "null"), nil
	}
	switch value := v.Interface().(type) {
	case time.Time:
		return scalar("!!timestamp", value.Format(time.RFC3339Nano)), nil
	case Map:
		return encodeMap(value)
	case encoding.TextMarshaler:
		text, err := value.MarshalText()
		return scalar("!!str", string(text)), err
	}
	switch v.Kind() {
	case reflect.Struct:
		n := mapping()
		return n, encodeFields(n, v)
	case reflect.Slice, reflect.Array:
		return encodeList(v)
	}
	return encodeScalar(v)
}

func encodeScalar(v reflect.Value) (*yaml.Node, error) {
	switch {
	case v.Kind() == reflect.String && !utf8.ValidString(v.String()):
		return nil, fmt.Errorf("the text %q is not UTF-8", v.String())
	case v.Kind() == reflect.String:
		return scalar("!!str", v.String()), nil
	case v.Kind() == reflect.Bool:
		return scalar("!!bool", strconv.FormatBool(v.Bool())), nil
	case v.CanInt():
		return scalar("!!int", strconv.FormatInt(v.Int(), 10)), nil
	case v.CanUint():
		return scalar("!!int", strconv.FormatUint(v.Uint(), 10)), nil
	case v.CanFloat() && !math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0):
		return scalar("!!float", strconv.FormatFloat(v.Float(), 'g', -1, 64)), nil
	}
	return nil, fmt.Errorf("%v, a value of type %s, cannot be written", v, v.Type())
}

func encodeMap(m Map) (*yaml.Node, error) {
	n := mapping()
	for _, field := range m {
		value, err := encode(field.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field.Key, err)
		}
		n.Content = append(n.Content, scalar("!!str", field.Key), value)
	}
	return n, nil
}

func encodeList(v reflect.Value) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for i := range v.Len() {
		item, err := encodeValue(v.Index(i))
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		n.Content = append(n.Content, item)
	}
	return n, nil
}

func encodeFields(n *yaml.Node, v reflect.Value) error {
	for f, value := range v.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case options == "inline":
			if err := encodeFields(n, value); err != nil {
				return err
			}
			continue
		case options == "omitempty" && isEmpty(value):
			continue
		case name == "":
			name = strings.ToLower(f.Name)
		}
		field, err := encodeValue(value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		n.Content = append(n.Content, scalar("!!str", name), field)
	}
	return nil
}

// isEmpty reports whether omitempty leaves the value out: a zero value, an empty
// list, or a struct of nothing else.
func isEmpty(v reflect.Value) bool {
	if t, ok := v.Interface().(time.Time); ok {
		return t.IsZero()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		for _, field := range v.Fields() {
			if !isEmpty(field) {
				return false
			}
		}
		return true
	}
	return v.IsZero()
}

func scalar(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

// equal reports whether two nodes hold the same value, however it is written.
func equal(a, b *yaml.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Kind != b.Kind || a.Tag != b.Tag || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !equal(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}
