package state

import (
	"maps"
	"slices"
	"strings"

	"exfed/federation"
	"exfed/federation/yamldoc"
)

// keyed is an object that is looked up by a key.
type keyed interface{ Key() string }

// objects is one list section within a transaction: the document as it was read and
// what has been changed since. It implements federation.Objects.
type objects[T keyed] struct {
	t       *transaction
	section string
	changed map[string]written[T] // by the key the object has now, folded
	gone    map[string]bool       // keys of the document, folded, that no longer name their object: true if it was deleted, false if renamed
}

// written is an object that was put, and the key it has in the document: "" if it is new.
type written[T keyed] struct {
	object T
	from   string
}

func newObjects[T keyed](t *transaction, section string) *objects[T] {
	return &objects[T]{t: t, section: section, changed: map[string]written[T]{}, gone: map[string]bool{}}
}

func fold(key string) string { return strings.ToLower(key) }

// position finds an object that is still where the document has it, or -1.
func (o *objects[T]) position(key string) int {
	if _, gone := o.gone[fold(key)]; gone {
		return -1
	}
	return o.t.doc.Index(o.section, key)
}

func (o *objects[T]) Get(key string) (T, bool, error) {
	if w, ok := o.changed[fold(key)]; ok {
		return w.object, true, nil
	}
	position := o.position(key)
	if position < 0 {
		var none T
		return none, false, nil
	}
	object, err := decode[T](o.t, o.section, position)
	return object, err == nil, err
}

func (o *objects[T]) All() ([]T, error) {
	moved := make(map[string]T, len(o.changed))
	var added []T
	for _, key := range slices.Sorted(maps.Keys(o.changed)) {
		if w := o.changed[key]; w.from != "" {
			moved[fold(w.from)] = w.object
		} else {
			added = append(added, w.object)
		}
	}
	keys := o.t.doc.Keys(o.section)
	all := make([]T, 0, len(keys)+len(added))
	for i, key := range keys {
		object, ok := moved[fold(key)]
		switch _, gone := o.gone[fold(key)]; {
		case ok:
		case gone:
			continue
		default:
			var err error
			if object, err = decode[T](o.t, o.section, i); err != nil {
				return nil, err
			}
		}
		all = append(all, object)
	}
	return append(all, added...), nil
}

func (o *objects[T]) Put(object T) error {
	if err := o.t.mayWrite(); err != nil {
		return err
	}
	key := fold(object.Key())
	if w, ok := o.changed[key]; ok {
		o.changed[key] = written[T]{object, w.from}
		return nil
	}
	from := ""
	if deleted, gone := o.gone[key]; !gone || deleted {
		if position := o.t.doc.Index(o.section, key); position >= 0 {
			from = o.t.doc.Keys(o.section)[position]
			delete(o.gone, key)
		}
	}
	o.changed[key] = written[T]{object, from}
	return nil
}

func (o *objects[T]) Rename(oldKey string, object T) error {
	if err := o.t.mayWrite(); err != nil {
		return err
	}
	from, ok := o.origin(oldKey)
	if !ok {
		return federation.Errorf(federation.NotFound, "StateObjectNotFound", o.t.path, "%s has no %q", o.section, oldKey)
	}
	before, now := fold(oldKey), fold(object.Key())
	if _, taken := o.origin(now); taken && now != before {
		return federation.Errorf(federation.Exists, "StateObjectExists", o.t.path, "%s has %q already", o.section, object.Key())
	}
	delete(o.changed, before)
	if from != "" && now != fold(from) {
		o.gone[fold(from)] = false
	}
	if now == fold(from) {
		delete(o.gone, now)
	}
	o.changed[now] = written[T]{object, from}
	return nil
}

// origin returns the key that the object with the given key has in the document, ""
// for one that is new, and whether there is such an object at all.
func (o *objects[T]) origin(key string) (string, bool) {
	if w, ok := o.changed[fold(key)]; ok {
		return w.from, true
	}
	if position := o.position(key); position >= 0 {
		return o.t.doc.Keys(o.section)[position], true
	}
	return "", false
}

func (o *objects[T]) Delete(key string) error {
	if err := o.t.mayWrite(); err != nil {
		return err
	}
	from, ok := o.origin(key)
	if !ok {
		return nil
	}
	delete(o.changed, fold(key))
	if from != "" {
		o.gone[fold(from)] = true
	}
	return nil
}

// edits returns what was changed, in the order of the keys.
func (o *objects[T]) edits() []yamldoc.Edit {
	var edits []yamldoc.Edit
	for _, key := range slices.Sorted(maps.Keys(o.gone)) {
		if deleted := o.gone[key]; deleted {
			edits = append(edits, yamldoc.Edit{Section: o.section, Key: key})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(o.changed)) {
		w := o.changed[key]
		edit := yamldoc.Edit{Section: o.section, Key: w.from, Object: w.object}
		if w.from == "" {
			edit.Key, edit.New = w.object.Key(), true
		}
		edits = append(edits, edit)
	}
	return edits
}
