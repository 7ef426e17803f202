package server

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestBatches has some be present, arrive and leave, and looks at what is worked on together.
// Where it is not the pause that ends the wait, that never would.
func TestBatches(t *testing.T) {
	t.Parallel()
	const moment = 20 * time.Millisecond // in which a batch that did not wait would begin
	for name, c := range map[string]struct {
		pause time.Duration
		do    func(b *batches[int], add func(int))
		want  [][]int
	}{
		"one alone waits for nobody": {time.Hour, func(b *batches[int], add func(int)) {
			b.enter()
			add(1)
		}, [][]int{{1}}},
		"one that nobody announced waits for nobody": {time.Hour, func(_ *batches[int], add func(int)) { add(1) }, [][]int{{1}}},
		"one waits for the others": {time.Hour, func(b *batches[int], add func(int)) {
			for range 3 {
				b.enter()
			}
			add(1)
			time.Sleep(moment)
			add(2)
			time.Sleep(moment)
			add(3)
		}, [][]int{{1, 2, 3}}},
		"but not for those that leave": {time.Hour, func(b *batches[int], add func(int)) {
			for range 3 {
				b.enter()
			}
			add(1)
			time.Sleep(moment)
			b.leave()
			time.Sleep(moment)
			add(2)
		}, [][]int{{1, 2}}},
		"nor when they leave last": {time.Hour, func(b *batches[int], add func(int)) {
			b.enter()
			b.enter()
			add(1)
			time.Sleep(moment)
			b.leave()
		}, [][]int{{1}}},
		"nor for ever": {time.Millisecond, func(b *batches[int], add func(int)) {
			b.enter()
			b.enter()
			add(1)
		}, [][]int{{1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &batches[int]{pause: c.pause}
			worked := make(chan []int, 3)
			c.do(b, func(item int) { b.add(item, func(batch []int) { worked <- batch }) })
			for i, want := range c.want {
				select {
				case got := <-worked:
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("batch %d (-want +got):\n%s", i, diff)
					}
				case <-time.After(10 * time.Second):
					t.Fatalf("batch %d is still waited for", i)
				}
			}
		})
	}
}
