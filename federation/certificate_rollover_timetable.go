package federation

import (
	"fmt"
	"time"
)

// RolloverStep is a line of a rollover's timetable.
type RolloverStep struct {
	What     string
	Done     time.Time // zero: not done yet
	Earliest time.Time // when it can be done, if it is not done
}

// Timetable says what is done and when the rest can be at the earliest, if it goes on now. Name
// servers and those who asked them may show what they had before for as long as ttl, the time to
// live of the records, so that the new certificate is best published after that.
func (p RolloverPlan) Timetable(now time.Time, ttl time.Duration) []RolloverStep {
	now = now.UTC().Truncate(time.Second)
	r := p.Rollover
	name := "certificate " + r.New
	if r.New == "" {
		name = "a certificate like " + r.Old + ", which is made,"
	}
	published := now.Add(ttl)
	switch {
	case len(p.Domains) == 0:
		published = now
	case r.Published():
		published = r.WhenPublished
	case !r.WhenStaged.IsZero() && r.WhenStaged.Add(ttl).Before(now):
		published = now
	case !r.WhenStaged.IsZero():
		published = r.WhenStaged.Add(ttl)
	}
	tested := now
	if published.After(now) {
		tested = published
	}
	steps := []RolloverStep{{What: name + " is staged as the next one", Done: r.WhenStaged, Earliest: now}}
	if n := len(p.Domains); n > 0 {
		steps = append(steps, RolloverStep{
			What: fmt.Sprintf("its TXT proofs are published beside the present ones: %s", domainsObject(p.Domains)),
			Done: r.WhenProven, Earliest: now,
		})
	}
	return append(steps,
		RolloverStep{What: "the broker takes it, once every name server shows the proofs; " + r.Old + " becomes the previous one", Done: r.WhenPublished, Earliest: published},
		RolloverStep{What: "the trust is tested", Done: r.WhenTested, Earliest: tested},
		RolloverStep{What: "the broker gives out no token for a request with certificate " + r.Old + " any more: its TXT proofs can be removed", Earliest: published.Add(ReplacedCertificateLife)},
		RolloverStep{What: "the last tokens from before, those of sharing invitations, have run out", Earliest: published.Add(ReplacedKeyLife)},
	)
}

// Line writes the step on a line.
func (s RolloverStep) Line() string {
	if !s.Done.IsZero() {
		return fmt.Sprintf("done at %s: %s", clock(s.Done), s.What)
	}
	return fmt.Sprintf("%s at the earliest: %s", clock(s.Earliest), s.What)
}
