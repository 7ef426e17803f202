package cmd

import (
	"context"
	"errors"
	"slices"
	"time"

	"exfed/cmd/terminal"
	"exfed/federation"
	"exfed/federation/dns/verify"
)

// proofWaitTime is how long records are waited for where -Timeout does not say: people publish
// them meanwhile.
const proofWaitTime = time.Hour

// proofWait says which proofs a guided way needs before it goes on.
type proofWait struct {
	domains  []federation.Domain
	expected []federation.ExpectedRecord // their proofs
	wait     bool                        // -Wait: without it they are looked at once, unless somebody at a terminal says otherwise
}

// awaitProofs returns nil when the proofs are live.
func (e *env) awaitProofs(ctx context.Context, w proofWait) error {
	checker, err := e.recordChecker(nil)
	if err != nil {
		return err
	}
	checker.Reach = nil // the broker does not look at hosts
	limit := proofWaitTime
	if e.common.timeout.given {
		limit = e.timeout()
	}
	once := limit
	if !w.wait {
		once = 0
	}
	findings, err := e.lookAtRecords(ctx, checker, w.expected, once)
	if err != nil {
		return err
	}
	if !w.wait && verify.Failed(findings) {
		wait, err := e.prompter.Confirm(ctx, "The records above are to be published. Wait until the proofs of "+joinDomains(w.domains)+" are live?", "No ends here; the same command goes on later.")
		var silent *terminal.NoTerminal
		if err != nil && !errors.As(err, &silent) {
			return err
		}
		if wait {
			if findings, err = e.lookAtRecords(ctx, checker, w.expected, limit); err != nil {
				return err
			}
		}
	}
	err = e.adviseOnRecords(findings)
	var failed *checksFailed
	if errors.As(err, &failed) {
		failed.told = findingLines(slices.DeleteFunc(slices.Clone(findings), func(f federation.DNSFinding) bool { return f.Type != federation.EventError }))
		failed.next = "then run the same command again, which goes on from here; with -Wait it waits for them"
	}
	return err
}
