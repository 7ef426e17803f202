package verify_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"exfed/federation"
	"exfed/federation/dns/verify"

	"github.com/google/go-cmp/cmp"
	mdns "github.com/miekg/dns"
)

// clock is a time that passes while somebody waits, and no other way.
type clock struct {
	now    time.Time
	pauses []time.Duration
	then   func(pause int) // what happens during a pause
}

func (c *clock) wait(ctx context.Context, d time.Duration) error {
	c.pauses = append(c.pauses, d)
	c.now = c.now.Add(d)
	if c.then != nil {
		c.then(len(c.pauses))
	}
	return ctx.Err()
}

func (c *clock) patience(limit time.Duration) verify.Patience {
	return verify.Patience{Limit: limit, Now: func() time.Time { return c.now }, Wait: c.wait}
}

// questionsAbout counts what an honest server is asked about a name, but for TXT, which is
// looked for at wrong names too.
func questionsAbout(t *testing.T, g *grove, name string) func() int {
	t.Helper()
	count := make(chan string, 10_000)
	forwarded := forward(t, "udp", g.honest.Addr())
	g.put("192.0.2.100:53", listen(t, func(query *mdns.Msg) *mdns.Msg {
		if query.Question[0].Name == name && query.Question[0].Qtype != mdns.TypeTXT {
			count <- name
		}
		return forwarded(query)
	}, nil))
	return func() int { return len(count) }
}

// TestAwait waits, ever longer, for one record while the other is live from the start: that
// is asked for once.
func TestAwait(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	asked := questionsAbout(t, g, "autodiscover.contoso.example.")
	g.set(t, "autodiscover.contoso.example", "A", "192.0.2.80")
	c := &clock{now: time.Unix(1_800_000_000, 0)}
	var live []int
	after := 0
	c.then = func(pause int) {
		if pause == 1 {
			after = asked()
		}
		if pause == 7 {
			g.set(t, "contoso.example", "TXT", proof)
		}
	}
	p := c.patience(time.Hour)
	p.Tell = func(n int, _ time.Duration) { live = append(live, n) }
	findings, err := g.checker().Await(t.Context(), contoso(), p)
	want := []string{"contoso.example Success", "autodiscover.contoso.example Success"}
	if diff := cmp.Diff(want, brief(findings)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	pauses := []time.Duration{2, 4, 8, 16, 32, 60, 60}
	for i := range pauses {
		pauses[i] *= time.Second
	}
	if diff := cmp.Diff(pauses, c.pauses); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{1, 1, 1, 1, 1, 1, 1}, live); diff != "" {
		t.Errorf("live (-want +got):\n%s", diff)
	}
	if after == 0 || asked() != after {
		t.Errorf("the record that was live was asked for %d times, then %d times more", after, asked()-after)
	}
}

// TestAwaitEnds ends when the time is up, with what was found last.
func TestAwaitEnds(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	c := &clock{now: time.Unix(1_800_000_000, 0)}
	c.then = func(pause int) {
		if pause == 2 {
			g.set(t, "contoso.example", "TXT", otherProof)
		}
	}
	findings, err := g.checker().Await(t.Context(), contoso()[:1], c.patience(15*time.Second))
	if diff := cmp.Diff([]string{"contoso.example Error P02 AnotherProof"}, brief(findings)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, time.Second}, c.pauses); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}

// TestAwaitTakesWarnings: what does not fail is not waited for.
func TestAwaitTakesWarnings(t *testing.T) {
	t.Parallel()
	g := newGrove(t, "127.0.0.1:1")
	g.set(t, "contoso.example", "TXT", proof)
	c := &clock{now: time.Unix(1_800_000_000, 0)}
	findings, err := g.checker().Await(t.Context(), contoso()[:1], c.patience(time.Hour))
	if diff := cmp.Diff([]string{"contoso.example Warning P19 NameServerSilent"}, brief(findings)); diff != "" || err != nil || len(c.pauses) > 0 {
		t.Errorf("%v, %v (-want +got):\n%s", err, c.pauses, diff)
	}
}

// TestAwaitIsInterrupted ends at once, and says so.
func TestAwaitIsInterrupted(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	ctx, cancel := context.WithCancel(t.Context())
	c := &clock{now: time.Unix(1_800_000_000, 0), then: func(int) { cancel() }}
	findings, err := g.checker().Await(ctx, contoso()[:1], c.patience(time.Hour))
	if !errors.Is(err, context.Canceled) || len(findings) != 1 || findings[0].Type != federation.EventError || len(c.pauses) != 1 {
		t.Errorf("%v, %v, %v", findings, err, c.pauses)
	}
}

// TestAwaitKeepsWhatWasSeen: a look that the deadline cuts short finds nothing new.
func TestAwaitKeepsWhatWasSeen(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := &clock{now: time.Unix(1_800_000_000, 0)}
	p := c.patience(time.Hour)
	p.Wait = func(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return nil }
	findings, err := g.checker().Await(ctx, contoso()[:1], p)
	if diff := cmp.Diff([]string{"contoso.example Error P01 ProofAbsent"}, brief(findings)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
