package yamldoc

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// fields maps the YAML keys of a struct to the types of their fields.
type fields map[string]reflect.Type

// schema remembers the fields of the struct types met during one call.
type schema map[reflect.Type]fields

// of returns the fields of a struct type, nil for types that are read as a whole.
func (s schema) of(t reflect.Type) fields {
	if known, ok := s[t]; ok {
		return known
	}
	var found fields
	if t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(reflect.TypeFor[yaml.Unmarshaler]()) &&
		t.PkgPath() != "time" {
		found = fields{}
		addFields(found, t)
	}
	s[t] = found
	return found
}

func addFields(into fields, t reflect.Type) {
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			addFields(into, f.Type)
		case name == "-" || !f.IsExported() && !f.Anonymous:
		case name == "":
			into[strings.ToLower(f.Name)] = f.Type
		default:
			into[name] = f.Type
		}
	}
}

// check reports the keys below n that the type t does not have.
func (s schema) check(n *yaml.Node, path string, t reflect.Type) Faults {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var faults Faults
	switch {
	case n.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice:
		for i, item := range n.Content {
			faults = append(faults, s.check(item, fmt.Sprintf("%s[%d]", path, i), t.Elem())...)
		}
	case n.Kind == yaml.MappingNode && s.of(t) != nil:
		known := s.of(t)
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			field, ok := known[key.Value]
			switch value := n.Content[i+1]; {
			case !ok:
				faults = append(faults, faultAt(key, path, fmt.Sprintf("unknown key %q", key.Value)))
			case value.Kind != yaml.ScalarNode:
				faults = append(faults, s.check(value, path+"."+key.Value, field)...)
			}
		}
	}
	return faults
}

// decode decodes n into what into points to. The fields were checked by Parse.
func decode(n *yaml.Node, path string, into any) error {
	if err := n.Decode(into); err != nil {
		faults := typeFaults(n, path, reflect.TypeOf(into).Elem(), schema{})
		if len(faults) == 0 {
			faults = Faults{faultAt(n, path, typeMessage(err))}
		}
		return faults
	}
	return nil
}

// typeFaults finds the values below n that do not fit the type: the module's own
// message has a line but neither path nor column.
func typeFaults(n *yaml.Node, path string, t reflect.Type, s schema) Faults {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var faults Faults
	switch {
	case n.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice:
		for i, item := range n.Content {
			faults = append(faults, typeFaults(item, fmt.Sprintf("%s[%d]", path, i), t.Elem(), s)...)
		}
	case n.Kind == yaml.MappingNode && s.of(t) != nil:
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i].Value
			if field, ok := s.of(t)[key]; ok {
				faults = append(faults, typeFaults(n.Content[i+1], path+"."+key, field, s)...)
			}
		}
	default:
		if err := n.Decode(reflect.New(t).Interface()); err != nil {
			message := "is not " + kindName(t)
			if t.PkgPath() != "time" && reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
				message = typeMessage(err) // the type says itself what it reads
			}
			faults = append(faults, faultAt(n, path, message))
		}
	}
	return faults
}

func typeMessage(err error) string {
	var typed *yaml.TypeError
	if errors.As(err, &typed) {
		return strings.Join(typed.Errors, ", ")
	}
	return strings.TrimPrefix(err.Error(), "yaml: ")
}

// kindName says in words what a value of the type looks like.
func kindName(t reflect.Type) string {
	switch {
	case t.PkgPath() == "time" && t.Name() == "Time":
		return "a time such as 2026-01-31T12:00:00Z"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.String:
		return "a text"
	case t.Kind() == reflect.Slice:
		return "a list"
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		return "a mapping"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64:
		return "a whole number"
	}
	return "of type " + t.String()
}
