package yamldoc

import "fmt"

// verify compares an edited document with what the edits asked for: every object
// written has its value, every deleted one is gone, all others are as they were and
// in the same order.
func (d *Document) verify(after *Document, changes map[string][]change) error {
	for _, known := range d.layout.Sections {
		if err := d.verifySection(after, known, changes[known.key]); err != nil {
			return fmt.Errorf("%s: %w", known.key, err)
		}
	}
	return nil
}

func (d *Document) verifySection(after *Document, known Section, changes []change) error {
	if want := d.Len(known.key) + growth(changes); after.Len(known.key) != want {
		return fmt.Errorf("the edited text would have %d objects, not %d", after.Len(known.key), want)
	}
	touched := map[int]bool{}
	for _, c := range changes {
		if c.item >= 0 {
			touched[c.item] = true
		}
		if err := verifyChange(after, known, c); err != nil {
			return fmt.Errorf("%s: %w", c.key, err)
		}
	}
	return d.verifyOthers(after, known, touched)
}

func verifyChange(after *Document, known Section, c change) error {
	if c.now == nil {
		return nil // that it is gone shows in the number of objects and in the others
	}
	at := 0
	if known.isList() {
		at = after.Index(known.key, c.key)
	}
	if at < 0 {
		return fmt.Errorf("the edited text would lack the object")
	}
	got, err := after.value(known.key, at, known.object)
	if err != nil {
		return fmt.Errorf("the edited text would not be readable: %w", err)
	}
	if !equal(got, c.now) {
		return fmt.Errorf("the edited text would give another value")
	}
	return nil
}

// verifyOthers checks that the objects nobody touched are the same and in the same order.
func (d *Document) verifyOthers(after *Document, known Section, touched map[int]bool) error {
	s := d.sections[known.key]
	if s == nil {
		return nil
	}
	last := -1
	for i, item := range s.items {
		if touched[i] {
			continue
		}
		at, name := 0, known.key
		if known.isList() {
			at, name = after.Index(known.key, s.keys[i]), s.keys[i]
		}
		if at <= last && known.isList() {
			return fmt.Errorf("%s: the edited text would have it in another place", name)
		}
		last = at
		if !equal(item, after.sections[known.key].items[at]) && !d.sameValue(after, known, i, at) {
			return fmt.Errorf("%s: the edited text would change it too", name)
		}
	}
	return nil
}

// sameValue compares what two objects mean. Those of a section that stood in brackets
// are all written anew, so their text may differ.
func (d *Document) sameValue(after *Document, known Section, i, at int) bool {
	a, err := d.value(known.key, i, known.object)
	if err != nil {
		return false
	}
	b, err := after.value(known.key, at, known.object)
	return err == nil && equal(a, b)
}
