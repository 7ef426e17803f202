package calendar

import (
	"context"
	"sync"
	"time"

	"exfed/federation"
)

// Source is where a calendar is kept. Load returns what it says now, or what it said a
// bounded time ago. Sources may be used by several goroutines at once.
type Source interface {
	Load(ctx context.Context) (*Calendar, error)
}

// Freshness says how long a calendar from the network answers. A zero field stands for
// its default.
type Freshness struct {
	Refresh time.Duration    // the copy held answers for as long without asking; 5 minutes
	Grace   time.Duration    // and for as long after that while the server fails; 1 hour
	Retry   time.Duration    // after a failure nothing is asked for as long; 15 seconds
	Now     func() time.Time // nil for the system's clock
}

func (f Freshness) withDefaults() Freshness {
	for _, field := range []struct {
		value    *time.Duration
		standard time.Duration
	}{{&f.Refresh, 5 * time.Minute}, {&f.Grace, time.Hour}, {&f.Retry, 15 * time.Second}} {
		if *field.value <= 0 {
			*field.value = field.standard
		}
	}
	if f.Now == nil {
		f.Now = time.Now
	}
	return f
}

// keeper holds a calendar from the network for as long as it is fresh.
type keeper struct {
	freshness Freshness
	// fetch asks for the calendar; held is the last one, nil if there is none.
	fetch func(ctx context.Context, held *Calendar) (*Calendar, error)

	turn      chan struct{} // whoever has it may fetch
	mutex     sync.Mutex    // of what follows
	held      *Calendar
	asked     time.Time // when what is held was true
	failed    time.Time // when asking failed last, if it did since
	lastError error
}

func newKeeper(freshness Freshness, fetch func(context.Context, *Calendar) (*Calendar, error)) *keeper {
	return &keeper{freshness: freshness.withDefaults(), fetch: fetch, turn: make(chan struct{}, 1)}
}

func (k *keeper) Load(ctx context.Context) (*Calendar, error) {
	if held, err, known := k.answer(); known {
		return held, err
	}
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return nil, interrupted(ctx)
	}
	if held, err, known := k.answer(); known { // somebody else asked in the meantime
		return held, err
	}
	fresh, err := k.fetch(ctx, k.held)
	if err != nil && ctx.Err() != nil {
		return nil, interrupted(ctx) // which says nothing about the server
	}
	k.note(fresh, err)
	held, err, _ := k.answer()
	return held, err
}

func (k *keeper) note(fresh *Calendar, err error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if err != nil {
		k.failed, k.lastError = k.freshness.Now(), err
		return
	}
	k.held, k.asked, k.lastError = fresh, k.freshness.Now(), nil
}

// answer says what is known without asking, known false if somebody has to ask.
func (k *keeper) answer() (held *Calendar, err error, known bool) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	now := k.freshness.Now()
	age := now.Sub(k.asked)
	switch {
	case k.held != nil && k.lastError == nil && age < k.freshness.Refresh:
		return k.held, nil, true
	case k.lastError == nil || now.Sub(k.failed) >= k.freshness.Retry:
		return nil, nil, false
	case k.held != nil && age < k.freshness.Refresh+k.freshness.Grace:
		return k.held, nil, true
	}
	return nil, k.lastError, true
}

func interrupted(ctx context.Context) error {
	return &federation.Error{Kind: federation.Interrupted, ID: "CalendarInterrupted", Object: "calendar", Reason: "nobody waits for it any more", Err: ctx.Err()}
}
