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

// proofWait is how long records are waited for where -Timeout does not say: people publish them
// meanwhile.
const proofWait = time.Hour

// awaitProofs returns nil when the proofs of the domains are live. Without wait it looks once, and
// asks on a terminal whether to wait.
func (e *env) awaitProofs(ctx context.Context, wait bool, expected []federation.ExpectedRecord, domains []federation.Domain) error {
	checker, err := e.recordChecker(nil)
	if err != nil {
		return err
	}
	checker.Reach = nil // the broker does not look at hosts
	limit := proofWait
	if e.common.timeout.given {
		limit = e.timeout()
	}
	once := limit
	if !wait {
		once = 0
	}
	findings, err := e.lookAtRecords(ctx, checker, expected, once)
	if err != nil {
		return err
	}
	if !wait && verify.Failed(findings) {
		wait, err := e.prompter.Confirm(ctx, "The records above are to be published. Wait until the proofs of "+joinDomains(domains)+" are live?", "No ends here; the same command goes on later.")
		var silent *terminal.NoTerminal
		if err != nil && !errors.As(err, &silent) {
			return err
		}
		if wait {
			if findings, err = e.lookAtRecords(ctx, checker, expected, limit); err != nil {
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
