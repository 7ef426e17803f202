package server

import "sync"

// maxBatch bounds how many are worked on together.
const maxBatch = 256

// batches has what arrives at the same time worked on together. Whatever arrives while a
// batch is being worked on goes into the next one; one that comes alone waits for nobody.
type batches[T any] struct {
	mu      sync.Mutex
	waiting []T
	working bool
}

// add has work called with a batch that item is in, in another goroutine, after this call.
// work is the same function each time.
func (b *batches[T]) add(item T, work func(batch []T)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, item)
	if !b.working {
		b.working = true
		go b.run(work)
	}
}

// run works until nothing waits.
func (b *batches[T]) run(work func([]T)) {
	for batch := b.next(); len(batch) > 0; batch = b.next() {
		work(batch)
	}
}

func (b *batches[T]) next() []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.waiting), maxBatch)
	batch := b.waiting[:n:n]
	b.waiting = b.waiting[n:]
	b.working = n > 0
	return batch
}
