package federation

import "slices"

// ListChange changes a list: it replaces the whole, or adds and removes some. The zero
// value leaves it as it is.
type ListChange struct {
	Replace     *[]string // the new list, empty to clear it
	Add, Remove []string
}

// changed returns the list after the change: values as parse writes them, each once, in the
// order they came. absent are those that were to be removed and are not there.
func changed[T ~string](list []T, change ListChange, parse func(string) (T, error), same func(a, b T) bool) (now, absent []T, err error) {
	now = slices.Clone(list)
	if change.Replace != nil {
		now = nil
		change.Add = *change.Replace
	}
	has := func(value T) int {
		return slices.IndexFunc(now, func(other T) bool { return same(value, other) })
	}
	for _, text := range change.Remove {
		value, err := parse(text)
		if err != nil {
			return nil, nil, err
		}
		if i := has(value); i >= 0 {
			now = slices.Delete(now, i, i+1)
		} else {
			absent = append(absent, value)
		}
	}
	for _, text := range change.Add {
		value, err := parse(text)
		if err != nil {
			return nil, nil, err
		}
		if has(value) < 0 {
			now = append(now, value)
		}
	}
	return now, absent, nil
}

// without returns the values of list that others does not have.
func without[T comparable](list, others []T) []T {
	var rest []T
	for _, value := range list {
		if !slices.Contains(others, value) {
			rest = append(rest, value)
		}
	}
	return rest
}
