package verify

import (
	"context"
	"errors"
	"slices"
	"time"

	"exfed/federation"
)

// Patience says how to wait for records.
type Patience struct {
	// First is the pause after the first look; each is twice the one before, Longest at most.
	// 0: 2 seconds, and a minute.
	First, Longest time.Duration
	Limit          time.Duration // of the whole wait
	Now            func() time.Time
	Wait           func(ctx context.Context, d time.Duration) error
	// Tell is called before every pause with how many records are live. May be nil.
	Tell func(live int, pause time.Duration)
}

// Await looks at records until every one is live, or the time is up, and returns what it found
// last about each, in their order. A record that is live is not asked for again. Warnings are
// not waited for.
func (c *Checker) Await(ctx context.Context, expected []federation.ExpectedRecord, p Patience) ([]federation.DNSFinding, error) {
	if p.First <= 0 {
		p.First = 2 * time.Second
	}
	if p.Longest <= 0 {
		p.Longest = time.Minute
	}
	end := p.Now().Add(p.Limit)
	each := make([][]federation.DNSFinding, len(expected))
	open := make([]int, len(expected))
	for i := range open {
		open[i] = i
	}
	for round, pause := 0, p.First; ; round, pause = round+1, min(2*pause, p.Longest) {
		begun := p.Now()
		err := c.lookAgain(ctx, expected, open, each)
		if err != nil && (round == 0 || errors.Is(err, context.Canceled)) {
			return slices.Concat(each...), err
		}
		open = slices.DeleteFunc(open, func(i int) bool { return !failed(each[i]) })
		left := end.Sub(p.Now()) - p.Now().Sub(begun) // the last look is to end in time as well
		if len(open) == 0 || err != nil || left <= 0 {
			return slices.Concat(each...), nil
		}
		pause = min(pause, left)
		if p.Tell != nil {
			p.Tell(len(expected)-len(open), pause)
		}
		if err := p.Wait(ctx, pause); errors.Is(err, context.Canceled) {
			return slices.Concat(each...), err
		} else if err != nil {
			return slices.Concat(each...), nil
		}
	}
}

// lookAgain looks at the records that are open and keeps what is found about each. Nothing
// is kept of a look that was cut short, but of the first.
func (c *Checker) lookAgain(ctx context.Context, expected []federation.ExpectedRecord, open []int, each [][]federation.DNSFinding) error {
	some := make([]federation.ExpectedRecord, 0, len(open))
	for _, i := range open {
		some = append(some, expected[i])
	}
	found, err := c.checkEach(ctx, some, expected)
	for n, findings := range found {
		if i := open[n]; err == nil || each[i] == nil {
			each[i] = findings
		}
	}
	return err
}

// failed reports whether a record keeps a federation from working.
func failed(findings []federation.DNSFinding) bool {
	return slices.ContainsFunc(findings, func(f federation.DNSFinding) bool { return f.Type == federation.EventError })
}
