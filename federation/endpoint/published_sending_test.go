package endpoint

import (
	"slices"
	"testing"
)

// TestSendingIsBounded: what is read by many counts once, and what is read by nobody not at all.
func TestSendingIsBounded(t *testing.T) {
	t.Parallel()
	s := sending{most: 10}
	made := 0
	take := func(name string, size int) bool {
		body, ok := s.take(name, func() []byte { made++; return slices.Repeat([]byte(name), size) })
		if len(body) != size || size > 0 && string(body[:1]) != name {
			t.Errorf("%s: got %q", name, body)
		}
		return ok
	}
	var taken []bool
	for range 3 {
		taken = append(taken, take("a", 6))
	}
	taken = append(taken, take("b", 4), take("c", 1), take("a", 6))
	s.release("c")
	taken = append(taken, take("b", 4))
	for range 4 {
		s.release("a")
	}
	taken = append(taken, take("d", 6), take("e", 1))
	if want := []bool{true, true, true, true, false, false, true, true, false}; !slices.Equal(taken, want) || made != 5 {
		t.Errorf("taken %v, want %v; made %d, want 5", taken, want, made)
	}
	for _, name := range []string{"b", "b", "d", "e"} {
		s.release(name)
	}
	if len(s.documents) != 0 || s.bytes != 0 {
		t.Errorf("left: %d documents, %d bytes", len(s.documents), s.bytes)
	}
}
