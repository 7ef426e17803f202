package render

import (
	"fmt"
	"slices"
	"strings"
)

// UnknownPropertyError reports names given to -Property that match nothing.
type UnknownPropertyError struct {
	Names []string // as the user wrote them
	Known []string // the properties there are, in their order
}

func (e *UnknownPropertyError) Error() string {
	quoted := make([]string, len(e.Names))
	for i, name := range e.Names {
		quoted[i] = fmt.Sprintf("%q", Clean(name))
	}
	return fmt.Sprintf("no property matches %s; the properties are %s",
		strings.Join(quoted, ", "), strings.Join(e.Known, ", "))
}

// path leads to a property: one name, or several through nested records.
type path []string

// pick returns the records reduced to the properties that match patterns, in the order of
// the patterns, each once. All records get the same properties, unset where a record
// lacks one, so that the shape of the output depends on the question alone. A pattern that
// matches nothing is an *UnknownPropertyError, unless there is no record to match.
func pick(records []Record, patterns []string) ([]Record, error) {
	if len(patterns) == 0 || len(records) == 0 {
		return records, nil
	}
	var paths []path
	var unknown []string
	for _, pattern := range patterns {
		matches := expand(records, strings.Split(strings.TrimSpace(pattern), "."))
		if len(matches) == 0 {
			unknown = append(unknown, pattern)
		}
		for _, match := range matches {
			if !slices.ContainsFunc(paths, func(p path) bool { return slices.Equal(p, match) }) {
				paths = append(paths, match)
			}
		}
	}
	if len(unknown) > 0 {
		return nil, &UnknownPropertyError{Names: unknown, Known: names(records)}
	}
	return project(records, paths), nil
}

// project returns the records with the properties at paths and no others.
func project(records []Record, paths []path) []Record {
	projected := make([]Record, len(records))
	for i, record := range records {
		fields := make([]Field, len(paths))
		for j, p := range paths {
			fields[j] = Field{Name: strings.Join(p, "."), Value: lookup(record, p)}
		}
		projected[i] = Record{Fields: fields}
	}
	return projected
}

// expand returns the paths in records that match the patterns, one pattern for each level.
func expand(records []Record, patterns []string) []path {
	var paths []path
	for _, name := range names(records) {
		if !Matches(patterns[0], name) {
			continue
		}
		if len(patterns) == 1 {
			paths = append(paths, path{name})
			continue
		}
		inside := nested(records, name)
		for _, rest := range expand(inside, patterns[1:]) {
			paths = append(paths, append(path{name}, rest...))
		}
		if len(inside) == 0 && unset(records, name) && !strings.ContainsAny(strings.Join(patterns[1:], ""), "*?") {
			// An object that is not there has its properties all the same, unset: a
			// script must not fail because nothing is staged today.
			paths = append(paths, append(path{name}, patterns[1:]...))
		}
	}
	return paths
}

// names returns the names of all fields in records, in the order they first appear.
func names(records []Record) []string {
	var all []string
	seen := map[string]bool{}
	for _, record := range records {
		for _, field := range record.Fields {
			if !seen[field.Name] {
				seen[field.Name] = true
				all = append(all, field.Name)
			}
		}
	}
	return all
}

// unset reports whether no record has a value in the field of that name.
func unset(records []Record, name string) bool {
	return !slices.ContainsFunc(records, func(r Record) bool { return lookup(r, path{name}) != nil })
}

// nested returns the records that records hold in the field of that name.
func nested(records []Record, name string) []Record {
	var all []Record
	for _, record := range records {
		switch value := lookup(record, path{name}).(type) {
		case Record:
			all = append(all, value)
		case []Record:
			all = append(all, value...)
		}
	}
	return all
}

// lookup returns the value at p in record, nil if there is none. Through a list of records
// it returns what each of them has there as one flat []any, as PowerShell does.
func lookup(record Record, p path) any {
	index := slices.IndexFunc(record.Fields, func(f Field) bool { return f.Name == p[0] })
	if index < 0 {
		return nil
	}
	value := record.Fields[index].Value
	if len(p) == 1 {
		return value
	}
	switch value := value.(type) {
	case Record:
		return lookup(value, p[1:])
	case []Record:
		return enumerate(value, p[1:])
	default:
		return nil
	}
}

func enumerate(records []Record, p path) []any {
	values := []any{}
	for _, record := range records {
		switch value := plain(lookup(record, p)).(type) {
		case []any:
			values = append(values, value...)
		default:
			values = append(values, value)
		}
	}
	return values
}

// Matches reports whether name matches pattern in any case, where * stands for any text and
// ? for one character. It looks back only to the last *, so its time is at most the product
// of the two lengths whatever the pattern.
func Matches(pattern, name string) bool {
	pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	p, n := 0, 0
	star, resume := -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			resume++
			p, n = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
