package serve_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"exfed/federation/serve"
)

// TestRates: a burst, then so many a second; one address does not hinder another, and all
// together have a bound of their own.
func TestRates(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 2, 6, 12, 0, 0, 0, time.UTC)
	r := serve.NewRates(serve.Rate{PerSecond: 0.5, Burst: 3}, serve.Rate{PerSecond: 10, Burst: 7})
	steps := []struct {
		after  time.Duration
		remote string
		want   time.Duration
	}{
		{0, "192.0.2.1:1", 0}, {0, "192.0.2.1:2", 0}, {0, "[::ffff:192.0.2.1]:3", 0}, {0, "192.0.2.1:4", 2 * time.Second},
		{time.Second, "192.0.2.1:5", time.Second}, {time.Second, "192.0.2.1:6", 0}, {0, "192.0.2.1:6", 2 * time.Second},
		{0, "[2001:db8::1]:1", 0}, {0, "[2001:db8::2]:1", 0}, {0, "[2001:db8:0:0:9::%eth0]:1", 0}, {0, "[2001:db8::3]:1", 2 * time.Second},
		{0, "[2001:db8:0:1::1]:1", 0}, {0, "nobody", 0}, {0, "", 0}, // six of all
		{0, "192.0.2.9:1", 100 * time.Millisecond}, {100 * time.Millisecond, "192.0.2.9:1", 0},
	}
	for i, s := range steps {
		at = at.Add(s.after)
		if got := r.Take(s.remote, at); got != s.want {
			t.Errorf("step %d, %s: wait %s, want %s", i, s.remote, got, s.want)
		}
	}
	if len(steps) < 16 {
		t.Errorf("%d steps", len(steps))
	}
}

// TestRatesForget: addresses are not remembered without bound, and used by many at once.
func TestRatesForget(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 2, 6, 12, 0, 0, 0, time.UTC)
	r := serve.NewRates(serve.Rate{PerSecond: 1, Burst: 1}, serve.Rate{PerSecond: 1e9, Burst: 1e9})
	if r.Take("192.0.2.1:1", at) != 0 || r.Take("192.0.2.1:1", at) == 0 {
		t.Fatal("the first address is not bounded")
	}
	var wg sync.WaitGroup
	for block := range 4 {
		wg.Go(func() {
			for n := range 2500 {
				r.Take(fmt.Sprintf("10.%d.%d.%d:1", block, n/250, n%250), at)
			}
		})
	}
	wg.Wait()
	if r.Take("192.0.2.1:1", at) != 0 {
		t.Error("ten thousand addresses later the first one is remembered")
	}
}

func TestTooOften(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{1: "1", time.Second: "1", time.Second + 1: "2", time.Minute: "60"} {
		w := httptest.NewRecorder()
		serve.TooOften(w, wait)
		if got := w.Header().Get("Retry-After"); got != want || w.Code != http.StatusTooManyRequests {
			t.Errorf("%s: %d, Retry-After %q", wait, w.Code, got)
		}
	}
}
