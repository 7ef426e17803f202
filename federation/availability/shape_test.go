package availability

import (
	"regexp"
	"testing"
)

// TestShapes holds the shapes to the same as regular expressions, for every text that one
// change of a good one makes.
func TestShapes(t *testing.T) {
	t.Parallel()
	shapes := []struct {
		is   func(string) bool
		want *regexp.Regexp
	}{
		{isDateTime, regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$`)},
		{isDayTime, regexp.MustCompile(`^\d\d:\d\d:\d\d(\.\d{1,9})?$`)},
	}
	good := []string{
		"2030-05-01T12:00:00", "2030-05-01T12:00:00Z", "2030-05-01T12:00:00.123456789+02:00", "2030-05-01T12:00:00.5-11:30",
		"2030-05-01T12:00:00-00:00", "12:00:00", "23:59:59.999999999", "", "T", "2030-05-01T12:00:00+-2:00", "2030-05-01T12:00:00.-02:00",
	}
	counted, taken := 0, 0
	try := func(text string) {
		for i, s := range shapes {
			counted++
			got := s.is(text)
			if got != s.want.MatchString(text) {
				t.Errorf("shape %d: %q is taken: %v", i, text, got)
			}
			if got {
				taken++
			}
		}
	}
	for _, text := range good {
		try(text)
		for i := range len(text) + 1 {
			for _, c := range "09:.-+TZ \n\xff" {
				try(text[:i] + string(c) + text[i:])
				if i < len(text) {
					try(text[:i] + string(c) + text[i+1:])
				}
			}
			if i < len(text) {
				try(text[:i] + text[i+1:])
			}
		}
	}
	if counted < 5000 || taken < 200 {
		t.Errorf("%d texts, %d taken", counted, taken)
	}
}
