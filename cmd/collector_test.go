package cmd

import (
	"testing"

	"exfed/cmd/terminal"
)

// TestCollectAt has a process say when its garbage is collected, unless the user did.
func TestCollectAt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environment string
		want        int
	}{"by itself": {"", 400}, "as the user says": {"50", 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := 0
			p := Process{
				Streams:   terminal.Streams{Getenv: func(name string) string { return map[string]string{"GOGC": c.environment}[name] }},
				Collector: func(percent int) int { set = percent; return 100 },
			}
			p.collectAt(400)
			if set != c.want {
				t.Errorf("set to %d, want %d", set, c.want)
			}
		})
	}
	Process{}.collectAt(400) // part of another run: nothing to set
}
