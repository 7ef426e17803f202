package cmd

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"exfed/cmd/render"
	"exfed/federation"
)

// repairTarget says what a repair takes away and brings back.
func repairTarget(plan federation.RepairPlan) string {
	text := fmt.Sprintf("federation trust %q", plan.TrustName)
	if plan.ApplicationIdentifier != "" {
		text += ", AppID " + plan.ApplicationIdentifier
	}
	if len(plan.Domains) > 0 {
		text += ", with " + counted(len(plan.Domains), "domain") + ": " + joinDomains(plan.Domains)
	}
	return text
}

// counted writes a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// maxSnapshots is how many copies of one second are kept apart.
const maxSnapshots = 100

// snapshot keeps a copy of the state file beside it, which is never overwritten, and returns its
// path. A copy of the same content, of a run that was cut short, serves as well.
func (e *env) snapshot(at time.Time) (string, error) {
	path, err := e.statePath()
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", &federation.Error{Kind: federation.Other, ID: "StateFileFailed", Object: path, Reason: "cannot be read", Err: err}
	}
	if e.process.Checkpoint != nil {
		if err := e.process.Checkpoint("snapshot"); err != nil {
			return "", notWritten(path+snapshotMark, err)
		}
	}
	base := path + snapshotMark + at.UTC().Format("20060102T150405Z")
	for n := range maxSnapshots {
		copied := base
		if n > 0 {
			copied = fmt.Sprintf("%s-%d", base, n+1)
		}
		if has, err := os.ReadFile(copied); err == nil && bytes.Equal(has, content) {
			return copied, nil
		}
		if err := writeNewFile(copied, content); !federation.IsKind(err, federation.Exists) {
			return copied, err
		}
	}
	return "", notWritten(base, nil)
}

// snapshotMark stands between the name of a state file and the time of its copy.
const snapshotMark = ".before-repair-"

// rehearse tells the plan of a repair by numbers, and what it would change. It shows the
// properties of everything that is shown in the end.
func (r *trustRepair) rehearse(ctx context.Context, plan federation.RepairPlan) ([]render.Record, error) {
	if plan.Cause == "" && plan.Step == federation.RepairProofs {
		return nil, plan.Healthy("its certificate is valid and has its key; only the broker can say whether it knows it")
	}
	made := plan.NewThumbprint == ""
	var err error
	if r.repair, err = r.org.BeginRepair(ctx, plan); err != nil {
		return nil, err
	}
	records, err := r.org.RepairRecords(ctx, r.repair)
	if err != nil {
		return nil, err
	}
	notices, err := r.finish(ctx)
	if err != nil {
		return nil, err
	}
	r.whatIf.steps = r.steps(plan, made, records, len(notices))
	return append(r.p.listedRecords(records), notices...), nil
}

func (r *trustRepair) steps(plan federation.RepairPlan, made bool, records federation.DNSPlan, partners int) []string {
	var steps []string
	domains := joinDomains(plan.Domains)
	if plan.Step == federation.RepairProofs {
		steps = append(steps, r.proofSteps(plan, made, records)...)
	}
	if plan.Step == federation.RepairProofs || plan.Step == federation.RepairRemove {
		if n := len(plan.Domains); n > 0 {
			steps = append(steps, fmt.Sprintf("%s would be removed here, the secondary ones first: %s.", counted(n, "domain"), domains))
		}
		steps = append(steps, fmt.Sprintf("Federation trust %q would be removed, and with it AppID %s.", plan.TrustName, plan.ApplicationIdentifier))
	}
	if plan.Step != federation.RepairTest {
		steps = append(steps, fmt.Sprintf("Federation trust %q would be made anew with certificate %s, and get another AppID.", plan.TrustName, orNew(made, r.repair.NewThumbprint)))
		if n := len(plan.Domains); n > 0 {
			steps = append(steps, fmt.Sprintf("%s would be federated again, the account namespace and its primary domain first: %s.", counted(n, "domain"), domains))
		}
	}
	return append(steps, "The trust would be tested.",
		fmt.Sprintf("The texts for %s would be shown.", counted(partners, "partner")),
		"These stay: accepted domains, organization relationships, mailboxes, the old certificate and its key if there is one, the application URI.")
}

func (r *trustRepair) proofSteps(plan federation.RepairPlan, made bool, records federation.DNSPlan) []string {
	var steps []string
	if path, err := r.statePath(); err == nil && !plan.Resumed {
		steps = append(steps, "The state file would be copied to "+filepath.Base(path)+snapshotMark+"TIME, beside it.")
	}
	if made {
		steps = append(steps, fmt.Sprintf("A certificate like %s would be made, which stays.", plan.OldThumbprint))
	}
	publish, remove := 0, 0
	for _, record := range records.Records {
		if record.Remove {
			remove++
		} else {
			publish++
		}
	}
	if publish > 0 {
		steps = append(steps, strings.TrimSpace(fmt.Sprintf("%s would be shown to be published, and waited for; %s can be removed.", counted(publish, "TXT record"), counted(remove, "old one"))))
	}
	return steps
}

func orNew(made bool, thumbprint string) string {
	if made {
		return "that is new"
	}
	return thumbprint
}
