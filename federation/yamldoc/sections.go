package yamldoc

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// addSections finds the sections below root and the keys of their objects.
func (d *Document) addSections(root *yaml.Node) Faults {
	var faults Faults
	types := schema{}
	for i := 0; i < len(root.Content); i += 2 {
		name, value := root.Content[i], root.Content[i+1]
		if name.Value == versionKey {
			continue
		}
		known, ok := d.layout.section(name.Value)
		if !ok {
			faults = append(faults, faultAt(name, "", fmt.Sprintf("unknown key %q; known are %s", name.Value, d.layout.names())))
			continue
		}
		s := &section{Section: known, name: name, value: value}
		faults = append(faults, s.addItems(types)...)
		d.sections[known.key] = s
	}
	return faults
}

// addItems finds the objects of the section and checks their shape and fields.
func (s *section) addItems(types schema) Faults {
	switch {
	case isNull(s.value):
		return nil
	case s.isList():
		return s.addListItems(types)
	case s.value.Kind != yaml.MappingNode:
		return Faults{faultAt(s.value, s.key, "is not a mapping")}
	}
	s.items = []*yaml.Node{s.value}
	return types.check(s.value, s.key, s.object)
}

func (s *section) addListItems(types schema) Faults {
	if s.value.Kind != yaml.SequenceNode {
		return Faults{faultAt(s.value, s.key, "is not a list")}
	}
	var faults Faults
	s.index = make(map[string]int, len(s.value.Content))
	s.items = s.value.Content
	s.keys = make([]string, 0, len(s.items))
	for i, item := range s.items {
		if fault, ok := s.addKey(i, item); !ok {
			faults = append(faults, fault)
			s.keys = append(s.keys, "")
			continue
		}
		faults = append(faults, types.check(item, s.path(i), s.object)...)
	}
	return faults
}

// addKey files the item under its key.
func (s *section) addKey(i int, item *yaml.Node) (Fault, bool) {
	if item.Kind != yaml.MappingNode {
		return faultAt(item, s.path(i), "is not a mapping"), false
	}
	key := fieldOf(item, s.itemKey)
	switch {
	case key == nil:
		return faultAt(item, s.path(i), s.itemKey+" is missing"), false
	case key.Kind != yaml.ScalarNode || isNull(key) || key.Value == "":
		return faultAt(key, s.path(i)+"."+s.itemKey, "is not a name"), false
	}
	if first, ok := s.index[fold(key.Value)]; ok {
		return faultAt(key, s.path(i)+"."+s.itemKey, fmt.Sprintf("%q is at %s[%d] already", key.Value, s.key, first)), false
	}
	s.index[fold(key.Value)] = i
	s.keys = append(s.keys, key.Value)
	return Fault{}, true
}

func faultAt(n *yaml.Node, path, message string) Fault {
	return Fault{Path: path, Line: n.Line, Column: n.Column, Message: message}
}
