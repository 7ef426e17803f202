package server

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// sharedUpdates makes changes of many requests in one transaction of the registry. What
// takes time in a transaction is its end, which waits for the disk, so whatever arrives
// meanwhile goes together into the next one. Whoever may have a change to make says so, and
// those that are made already wait for him a moment.
type sharedUpdates struct {
	registry Registry
	batches  batches[*sharedUpdate]
}

// sharedPause is how long a change waits for those that others are about to make.
const sharedPause = 30 * time.Millisecond

func newSharedUpdates(registry Registry) *sharedUpdates {
	return &sharedUpdates{registry: registry, batches: batches[*sharedUpdate]{pause: sharedPause}}
}

type sharedUpdate struct {
	change  func(Tx) error
	refused error // what change decided against
	done    chan error
}

// sharedTx is the registry in a transaction for several changes. None of them makes another
// generation of it.
type sharedTx struct {
	Tx
	generation int64 // 0 until it was asked for
}

// Generation implements Tx.
func (t *sharedTx) Generation() (n int64, err error) {
	if t.generation == 0 {
		t.generation, err = t.Tx.Generation()
	}
	return t.generation, err
}

// do makes the change and returns when it is durable. A *tokenRefusal of change, and
// errChanged, comes back as it is; it is returned before anything was written, and undoes
// nothing. change may be called more than once.
func (s *sharedUpdates) do(change func(Tx) error) error {
	u := &sharedUpdate{change: change, done: make(chan error, 1)}
	s.batches.add(u, s.write)
	return <-u.done
}

// write makes the changes together or, when one of them fails, each by itself, so that
// nobody fails for somebody else.
func (s *sharedUpdates) write(batch []*sharedUpdate) {
	err := s.transact(batch)
	if err != nil && len(batch) > 1 {
		for i := range batch {
			s.write(batch[i : i+1])
		}
		return
	}
	for _, u := range batch {
		u.done <- errors.Join(err, u.refused)
	}
}

// transact does not end with any request: whoever asked for one of the changes may be gone.
// What it waits for is bounded by the registry (busyTimeout), and the changes are a few rows
// each. A context that ends would have database/sql and SQLite start a goroutine for every
// statement, to interrupt it by.
func (s *sharedUpdates) transact(batch []*sharedUpdate) (err error) {
	defer func() {
		if reason := recover(); reason != nil { // this is not the goroutine of a request, which has its own
			err = fmt.Errorf("panic: %v", reason)
		}
	}()
	return s.registry.Update(context.Background(), func(tx Tx) error {
		shared := &sharedTx{Tx: tx}
		for _, u := range batch {
			u.refused = nil
			err := u.change(shared)
			var refused *tokenRefusal
			if errors.As(err, &refused) || errors.Is(err, errChanged) {
				u.refused = err
				continue
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
