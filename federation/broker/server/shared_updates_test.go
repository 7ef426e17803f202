package server

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/broker"
)

// heldUp is a registry that keeps nothing but the number of changes in each transaction,
// the first of which waits.
type heldUp struct {
	Registry
	begun, release chan struct{}
	changes        []int
}

func (r *heldUp) Update(_ context.Context, change func(Tx) error) error {
	r.changes = append(r.changes, 0)
	if len(r.changes) == 1 {
		close(r.begun)
		<-r.release
	}
	return change(nil)
}

// sharing makes one change and, while that is held up, the others, and returns what came
// of them and how many were in each transaction.
func sharing(others map[string]func() error) (results map[string]string, changes []int) {
	registry := &heldUp{begun: make(chan struct{}), release: make(chan struct{})}
	updates := &sharedUpdates{registry: registry}
	results = map[string]string{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	do := func(name string, change func() error) {
		err := updates.do(func(Tx) error { registry.changes[len(registry.changes)-1]++; return change() })
		mu.Lock()
		defer mu.Unlock()
		results[name] = "made"
		if err != nil {
			results[name] = err.Error()
		}
	}
	wg.Go(func() { do("first", func() error { return nil }) })
	<-registry.begun
	for name, change := range others {
		wg.Go(func() { do(name, change) })
	}
	for updates.queued() < len(others) {
		runtime.Gosched()
	}
	close(registry.release)
	wg.Wait()
	return results, registry.changes
}

func (s *sharedUpdates) queued() int {
	s.batches.mu.Lock()
	defer s.batches.mu.Unlock()
	return len(s.batches.waiting)
}

func TestSharedUpdates(t *testing.T) {
	t.Parallel()
	good := func() error { return nil }
	results, changes := sharing(map[string]func() error{
		"good": good, "good too": good, "refused": func() error { return refuseToken(broker.TokenAuthenticationFailed, "seen before") },
	})
	want := map[string]string{"first": "made", "good": "made", "good too": "made", "refused": "AuthenticationFailed: seen before"}
	if diff := cmp.Diff(want, results); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{1, 3}, changes); diff != "" {
		t.Errorf("changes in each transaction (-want +got):\n%s", diff)
	}
}

// TestSharedUpdatesFail has changes that fail and panic among others: nobody fails for them.
func TestSharedUpdatesFail(t *testing.T) {
	t.Parallel()
	good := func() error { return nil }
	for want, fail := range map[string]func() error{
		"no space left on device": func() error { return errors.New("no space left on device") },
		"panic: broken":           func() error { panic("broken") },
	} {
		results, changes := sharing(map[string]func() error{"good": good, "good too": good, "failed": fail})
		if diff := cmp.Diff(map[string]string{"first": "made", "good": "made", "good too": "made", "failed": want}, results); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if len(changes) != 5 || changes[0] != 1 { // the first, the three together, and each of them
			t.Errorf("transactions of %v changes", changes)
		}
	}
}
