package cmd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/broker/server"
	"exfed/federation/dns"
)

// minimumRepairInterruptions is how many steps of repairs are killed or fail at least.
const minimumRepairInterruptions = 65

// The certificate of the stages has expired at repairTime; the trust was made a month before.
const (
	certificateTime = "2027-02-03T10:00:00Z"
	trustTime       = "2032-01-20T10:00:00Z"
	repairTime      = "2032-03-03T10:00:00Z"
)

// repairCase is a part of a repair, on the folder it starts from.
type repairCase struct {
	name, stage string
	args        []string
	code        int // how it ends undisturbed
}

// TestCutShortRepair kills a repair in every state it can leave behind, and has each of its
// writes and calls fail with a full disk. Run again it comes to the same end, and the broker has
// given one new AppID and moved each domain once.
func TestCutShortRepair(t *testing.T) {
	t.Parallel()
	stages := prepareRepair(t)
	repair := []string{"repair-federationtrust", "-Confirm:false"}
	count := &atomic.Int64{}
	t.Run("cases", func(t *testing.T) {
		for _, c := range []repairCase{
			{"until the proofs", "expired", repair, 3},
			{"to the end", "prepared", repair, 0},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				points, want := stages.undisturbedRepair(t, c)
				for n, point := range points {
					if !cutHere(n) {
						continue
					}
					for fate, code := range fatesOf(point) {
						t.Run(fmt.Sprintf("%s-%d-%s", fate, n+1, point), func(t *testing.T) {
							t.Parallel()
							stages.interruptRepair(t, c, fmt.Sprintf("%d:%s", n+1, fate), code, want)
							count.Add(1)
						})
					}
				}
			})
		}
	})
	t.Logf("%d interruptions", count.Load())
	if got, want := count.Load(), atLeast(minimumRepairInterruptions); got < want {
		t.Errorf("%d interruptions, at least %d are expected", got, want)
	}
}

// fatesOf returns what befalls a step, and the exit code of it. How a file is replaced is no matter
// of the repair: a kill before the rename leaves what the step before left, which is killed itself.
func fatesOf(point string) map[string]int {
	switch {
	case point == "write":
		return map[string]int{"enospc": 1}
	case point == "syncfolder", strings.HasPrefix(point, "key-"):
		return map[string]int{"kill": -1}
	case point == "snapshot", strings.HasSuffix(point, ".answered"):
		return map[string]int{"kill": -1, "enospc": 1}
	}
	return nil
}

// prepareRepair federates two domains with a certificate that has expired at repairTime, and
// keeps that, and the same with a certificate for the repair whose proofs are published.
func prepareRepair(t *testing.T) *crashStages {
	t.Helper()
	names, err := dns.StartServer("127.0.0.1:0", "contoso.com", "contoso.ca")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = names.Close() })
	now, err := testClock(repairTime)
	if err != nil {
		t.Fatal(err)
	}
	c := &crashStages{root: t.TempDir(), names: names, now: now, environ: []string{"EXFED_DNS_SERVER=" + names.Addr(), nowVariable + "=" + repairTime}}
	work := c.path("work")
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	at := func(when string, args ...string) string {
		return must(t, work, []string{c.environ[0], nowVariable + "=" + when}, args...).stdout
	}
	certificate := func(when string) string {
		return strings.TrimSpace(at(when, "new-exchangecertificate", "-DomainName", "contoso.com", "-Services", "Federation", "-Output", "name"))
	}
	domains := []string{"contoso.com", "contoso.ca"}
	for _, domain := range domains {
		at(certificateTime, "new-accepteddomain", "-Name", domain, "-DomainName", domain)
	}
	c.current = certificate(certificateTime)
	at(trustTime, "new-federationtrust", "-Name", "Trust", "-Thumbprint", c.current)
	proofs := map[string][]string{}
	for _, domain := range domains {
		proofs[domain] = strings.Fields(at(trustTime, "get-federateddomainproof", "-DomainName", domain, "-Output", "csv", "-Property", "Proof"))[1:]
		if err := names.Set(domain, "TXT", proofs[domain]...); err != nil {
			t.Fatal(err)
		}
	}
	at(trustTime, "set-federatedorganizationidentifier", "-AccountNamespace", domains[0], "-Enabled", "true")
	at(trustTime, "add-federateddomain", "-DomainName", domains[1])
	at(trustTime, "set-federatedorganizationidentifier", "-DefaultDomain", domains[1], "-OrganizationContact", "kim@contoso.com")
	at(trustTime, "new-organizationrelationship", "Partner", "-DomainNames", "partner.example")
	copyFolder(t, work, c.path("expired"))

	work = c.path("prepared")
	copyFolder(t, c.path("expired"), work)
	c.next = certificate(repairTime)
	begun := exfed(t, c.freshStage(t, "prepared"), c.environ, "repair-federationtrust", "-Confirm:false", "-Output", "csv", "-Property", "Action,Value")
	var added []string
	for line := range strings.Lines(begun.stdout) {
		if proof, ok := strings.CutPrefix(strings.TrimSpace(line), "Add,"); ok {
			added = append(added, proof)
		}
	}
	if begun.code != 3 || len(added) != len(domains) {
		t.Fatalf("exit code %d, proofs %q\n%s", begun.code, begun.stdout, begun.stderr)
	}
	for i, domain := range domains {
		if err := names.Set(domain, "TXT", added[i]); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (c *crashStages) freshStage(t *testing.T, stage string) string {
	t.Helper()
	return c.fresh(t, crashCase{stage: stage})
}

// undisturbedRepair runs the case to its end, and returns its steps and what it leaves.
func (c *crashStages) undisturbedRepair(t *testing.T, test repairCase) (points []string, end string) {
	t.Helper()
	folder := c.freshStage(t, test.stage)
	countFile := filepath.Join(t.TempDir(), "points")
	got := exfed(t, folder, append(slices.Clone(c.environ), checkpointCountVariable+"="+countFile), test.args...)
	if got.code != test.code {
		t.Fatalf("exit code %d, not %d\n%s", got.code, test.code, got.stderr)
	}
	points = strings.Fields(string(readIfThere(t, countFile)))
	if len(points) < 10 {
		t.Fatalf("only %d steps: %v", len(points), points)
	}
	end = c.repaired(t, folder, test)
	if test.code == 0 && !strings.Contains(end, "old: []\nnew: [FYDIBOHF25SPDLT.contoso.com contoso.ca contoso.com]\n1 moves of contoso.com\n1 moves of contoso.ca\n2 AppIDs were given") {
		t.Errorf("at the broker:\n%s", end)
	}
	return points, end
}

// interruptRepair runs the case into its fate and then to its end.
func (c *crashStages) interruptRepair(t *testing.T, test repairCase, fate string, code int, want string) {
	t.Helper()
	folder := c.freshStage(t, test.stage)
	got := exfed(t, folder, append(slices.Clone(c.environ), checkpointVariable+"="+fate), test.args...)
	if strings.HasSuffix(fate, ":enospc") && strings.Contains(got.stderr, "the trust is made anew; run the same command again") {
		code = int(exitChecksFailed) // the test of the new trust failed
	}
	if got.code != code {
		t.Errorf("exit code %d, not %d\n%s", got.code, code, got.stderr)
	}
	again := exfed(t, folder, c.environ, test.args...)
	if again.code != test.code && again.code != int(exitConflict) {
		t.Errorf("run again, exit code %d\n%s", again.code, again.stderr)
		return
	}
	if diff := cmp.Diff(want, c.repaired(t, folder, test)); diff != "" {
		t.Errorf("run again (exit code %d), not what an undisturbed run leaves (-want +got):\n%s%s\n%s", again.code, diff, got.stderr, again.stderr)
	}
}

// repaired is describe, and what the broker has: who holds what, how often each domain moved and
// how many AppIDs it has given.
func (c *crashStages) repaired(t *testing.T, folder string, test repairCase) string {
	t.Helper()
	text := c.describe(t, folder) + "\n" + c.registered(t, folder)
	state := readIfThere(t, statePathIn(folder))
	begun := bytes.Contains(state, []byte("trustRepair:"))
	if begun != (test.code != 0) || bytes.Contains(state, []byte("pending:")) {
		t.Errorf("begun: %v\n%s", begun, state)
	}
	was, kept := readIfThere(t, statePathIn(c.path(test.stage))), readIfThere(t, statePathIn(folder)+snapshotMark+"20320303T100000Z")
	if diff := cmp.Diff(string(was), string(kept)); diff != "" {
		t.Errorf("the copy of the state file is not what it was (-want +got):\n%s", diff)
	}
	return text
}

// registered is what the broker's registry says.
func (c *crashStages) registered(t *testing.T, folder string) string {
	t.Helper()
	registry, err := server.OpenSQLite(t.Context(), registryPath(statePathIn(folder)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = registry.Close() }()
	var text strings.Builder
	err = registry.View(t.Context(), func(tx server.Tx) error {
		apps, err := tx.AppIDs()
		if err != nil {
			return err
		}
		for i, name := range []string{"old", "new", "more"} {
			if i >= len(apps) {
				break
			}
			uris, err := tx.URIsOf(apps[i])
			if err != nil {
				return err
			}
			fmt.Fprintf(&text, "%s: %v\n", name, uris)
		}
		for _, domain := range []string{"contoso.com", "contoso.ca"} {
			moves, err := tx.MovesSince(domain, c.now().Add(-time.Hour))
			if err != nil {
				return err
			}
			fmt.Fprintf(&text, "%d moves of %s\n", moves, domain)
		}
		fmt.Fprintf(&text, "%d AppIDs were given", len(apps))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}
