package server

import (
	"sync"
	"time"
)

// maxBatch bounds how many are worked on together.
const maxBatch = 256

// batches has what arrives at the same time worked on together. Whatever arrives while a
// batch is being worked on goes into the next one. A batch waits for all who are present to
// arrive, for as long as the pause is at most: one that comes alone waits for nobody, and while
// one waits for others, those are being worked for.
type batches[T any] struct {
	pause time.Duration

	mu      sync.Mutex
	waiting []T
	working bool
	present int           // who may have something to arrive
	all     chan struct{} // of size 1: all who are present have arrived
}

// enter says that something may arrive, until leave does.
func (b *batches[T]) enter() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.present++
}

func (b *batches[T]) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.present--
	b.tell()
}

// add has work called with a batch that item is in, in another goroutine, after this call.
// work is the same function each time.
func (b *batches[T]) add(item T, work func(batch []T)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, item)
	if !b.working {
		b.working = true
		b.all = make(chan struct{}, 1)
		go b.run(work)
	}
	b.tell()
}

// tell ends the wait for others when nobody is left to be waited for.
func (b *batches[T]) tell() {
	if b.working && len(b.waiting) >= min(b.present, maxBatch) {
		select {
		case b.all <- struct{}{}:
		default: // it was said before
		}
	}
}

// run works until nothing waits.
func (b *batches[T]) run(work func([]T)) {
	for b.gather() {
		work(b.next())
	}
}

// gather waits for others, and reports whether anything waits.
func (b *batches[T]) gather() bool {
	pause := time.NewTimer(b.pause)
	defer pause.Stop()
	for {
		b.mu.Lock()
		some, all := len(b.waiting) > 0, len(b.waiting) >= min(b.present, maxBatch)
		b.working = some
		b.mu.Unlock()
		if !some || all {
			return some
		}
		select {
		case <-b.all: // perhaps those of an earlier batch
		case <-pause.C:
			return true
		}
	}
}

func (b *batches[T]) next() []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.waiting), maxBatch)
	batch := b.waiting[:n:n]
	b.waiting = b.waiting[n:]
	return batch
}
