package publish_test

import (
	"testing"

	"exfed/federation/publish"
)

// BenchmarkPage writes the month of the golden pages.
func BenchmarkPage(b *testing.B) {
	c, v := sales(b), view(b, "day=2026-11-30")
	for b.Loop() {
		if _, err := publish.Page(c, v); err != nil {
			b.Fatal(err)
		}
	}
}
