package cmd

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// How many kills and failures there are at least: points must not vanish unnoticed.
const (
	minimumKills    = 250
	minimumFailures = 230
	// A fast machine ends some before their time.
	minimumTimedKills = 25
)

// crashCase is a cmdlet that changes something, on the folder it starts from.
type crashCase struct {
	name  string
	stage string
	args  []string
}

func crashCases(c *crashStages) []crashCase {
	return []crashCase{
		{"first accepted domain", "empty", []string{"new-accepteddomain", "-Name", "One", "-DomainName", "one.example"}},
		{"new accepted domain", "domains", []string{"new-accepteddomain", "-Name", "Three", "-DomainName", "three.example"}},
		{"set accepted domain", "domains", []string{"set-accepteddomain", "One", "-MakeDefault", "true", "-MatchSubDomains", "true"}},
		{"remove accepted domain", "domains", []string{"remove-accepteddomain", "One", "-Confirm:false"}},
		{"new certificate", "domains", []string{"new-exchangecertificate", "-DomainName", "one.example", "-Services", "Federation", "-KeySize", "1024"}},
		{"remove certificate", "certificates", []string{"remove-exchangecertificate", "-Thumbprint", c.spare, "-Confirm:false"}},
		{"new trust", "registry", []string{"new-federationtrust", "-Name", "Trust", "-Thumbprint", c.current}},
		{"refresh trust", "trust", []string{"set-federationtrust", "Trust", "-RefreshMetadata"}},
		{"stage certificate", "trust", []string{"set-federationtrust", "Trust", "-Thumbprint", c.next}},
		{"rename trust", "federated", []string{"set-federationtrust", "Trust", "-Name", "Renamed"}},
		{"set identifier", "trust", []string{"set-federatedorganizationidentifier", "-AccountNamespace", "contoso.com", "-Enabled", "true"}},
		{"disable", "federated", []string{"set-federatedorganizationidentifier", "-Enabled", "false"}},
		{"add domain", "identifier", []string{"add-federateddomain", "-DomainName", "contoso.ca"}},
		{"remove domain", "federated", []string{"remove-federateddomain", "-DomainName", "contoso.ca", "-Confirm:false"}},
		{"remove primary domain", "identifier", []string{"remove-federateddomain", "-DomainName", "contoso.com", "-Confirm:false"}},
		{"publish certificate", "staged", []string{"set-federationtrust", "Trust", "-PublishFederationCertificate"}},
		{"new relationship", "sharing", []string{"new-organizationrelationship", "New", "-DomainNames", "new.example", "-FreeBusyAccessEnabled", "true"}},
		{"set relationship", "sharing", []string{"set-organizationrelationship", "Partner", "-Name", "Renamed", "-DomainNames", "@{Add=\"more.example\"}"}},
		{"remove relationship", "sharing", []string{"remove-organizationrelationship", "Partner", "-Confirm:false"}},
		{"new mailbox", "sharing", []string{"new-mailbox", "New", "-PrimarySmtpAddress", "new@one.example", "-MemberOf", "Partners"}},
		{"set mailbox", "sharing", []string{"set-mailbox", "Mailbox", "-Name", "Renamed", "-PrimarySmtpAddress", "other@one.example"}},
		{"remove mailbox", "sharing", []string{"remove-mailbox", "Mailbox", "-Confirm:false"}},
		{"set calendar source", "sharing", []string{"set-calendarsource", "Mailbox", "-CalDavUrl", "https://one.example/dav/"}},
		{"remove calendar source", "sharing", []string{"remove-calendarsource", "Mailbox", "-Confirm:false"}},
		{"remove trust", "trust", []string{"remove-federationtrust", "Trust", "-Confirm:false"}},
	}
}

// TestCutShortByKill kills cmdlets that change something before their steps, see cutHere, and
// wants a readable state, a sound registry, and the same end when the cmdlet is run again.
func TestCutShortByKill(t *testing.T) {
	t.Parallel()
	stages := prepareStages(t)
	kills := &atomic.Int64{}
	t.Run("cases", func(t *testing.T) {
		first := crashCase{"first trust", "certificates", []string{"new-federationtrust", "-Name", "Trust", "-Thumbprint", stages.current}}
		for _, c := range append(crashCases(stages), first) {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				points, want := stages.undisturbed(t, c)
				for n := range points {
					if !cutHere(n) {
						continue
					}
					folder := stages.interrupted(t, c, fmt.Sprintf("%d:kill", n+1), -1)
					kills.Add(1)
					stages.finishes(t, c, folder, fmt.Sprintf("killed at %d, %s", n+1, points[n]), want)
				}
			})
		}
	})
	t.Logf("%d kills", kills.Load())
	if got, want := kills.Load(), atLeast(minimumKills); got < want {
		t.Errorf("%d kills, at least %d are expected", got, want)
	}
}

// TestCutShortAnyTime kills every such cmdlet at moments spread over its run, so also within
// the embedded broker's own writing, and wants the same.
func TestCutShortAnyTime(t *testing.T) {
	t.Parallel()
	const moments = 6
	stages := prepareStages(t)
	kills := &atomic.Int64{}
	t.Run("cases", func(t *testing.T) {
		for _, c := range crashCases(stages) {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				began := time.Now()
				_, want := stages.undisturbed(t, c)
				length := time.Since(began) / 2 // the rest is reading back what it left
				for n := range moments {
					if !cutHere(n) {
						continue
					}
					folder := stages.fresh(t, c)
					after := length * time.Duration(2*n+1) / (2 * moments)
					if !stages.killedAfter(t, folder, after, c.args) {
						continue
					}
					kills.Add(1)
					stages.finishes(t, c, folder, fmt.Sprintf("killed after %s", after), want)
				}
			})
		}
	})
	t.Logf("%d kills", kills.Load())
	if got, want := kills.Load(), atLeast(minimumTimedKills); got < want {
		t.Errorf("%d kills, at least %d are expected", got, want)
	}
}

// killedAfter runs the cmdlet and kills it when the time is over; false: it was faster.
func (c *crashStages) killedAfter(t *testing.T, folder string, after time.Duration, args []string) bool {
	t.Helper()
	command := exec.CommandContext(t.Context(), "exfed", args...)
	command.Env = append(processEnvironment(folder), c.environ...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = command.Process.Kill() })
	defer timer.Stop()
	_ = command.Wait()
	return command.ProcessState.ExitCode() == -1
}

// TestCutShortByFullDisk fails steps, see cutHere, with a full disk: exit code 1, a readable state, the
// same end when there is room again, and the state file as it was unless the change, or
// the broker's consent to it, came first.
func TestCutShortByFullDisk(t *testing.T) {
	t.Parallel()
	stages := prepareStages(t)
	failures := &atomic.Int64{}
	t.Run("cases", func(t *testing.T) {
		for _, c := range crashCases(stages) {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				points, want := stages.undisturbed(t, c)
				before := readIfThere(t, statePathIn(stages.path(c.stage)))
				for n, point := range points {
					if !cutHere(n) {
						continue
					}
					code := 1
					if point == "key-discard" {
						code = 0 // a temporary file that stays is cleared away later
					}
					folder := stages.interrupted(t, c, fmt.Sprintf("%d:enospc", n+1), code)
					failures.Add(1)
					after := readIfThere(t, statePathIn(folder))
					if mustBeUnchanged(points, n) && !bytes.Equal(before, after) {
						t.Errorf("failed at %d, %s: the state file is not what it was", n+1, point)
					}
					stages.finishes(t, c, folder, fmt.Sprintf("failed at %d, %s", n+1, point), want)
				}
			})
		}
	})
	t.Logf("%d failures", failures.Load())
	if got, want := failures.Load(), atLeast(minimumFailures); got < want {
		t.Errorf("%d failures, at least %d are expected", got, want)
	}
}

// mustBeUnchanged reports whether a failure of the n-th point leaves the state file byte
// for byte. It does not where the change is written already, and only its last steps or
// the removal of a key remain, nor after the broker has agreed to something: then the
// file says what is begun.
func mustBeUnchanged(points []string, n int) bool {
	if points[n] == "syncfolder" || strings.HasPrefix(points[n], "key-") {
		return false
	}
	agreed := slices.IndexFunc(points, func(point string) bool {
		return strings.HasSuffix(point, ".answered") && !strings.Contains(point, "Metadata")
	})
	return agreed < 0 || n <= agreed
}

// TestManyProcesses has 32 processes edit one state file at once, several times.
func TestManyProcesses(t *testing.T) {
	t.Parallel()
	const processes, rounds = 32, 3
	folder := t.TempDir()
	var want []string
	for round := range rounds {
		var group sync.WaitGroup
		codes := make([]outcome, processes)
		for i := range processes {
			name := fmt.Sprintf("d%d-%02d", round, i)
			want = append(want, name)
			group.Go(func() {
				codes[i] = exfed(t, folder, nil, "new-accepteddomain", "-Name", name, "-DomainName", name+".example")
			})
		}
		group.Wait()
		for i, got := range codes {
			if got.code != 0 {
				t.Errorf("process %d of round %d: exit code %d\n%s", i, round, got.code, got.stderr)
			}
		}
	}
	got := strings.Fields(must(t, folder, nil, "get-accepteddomain", "-Output", "name").stdout)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%d of %d are kept (-want +got):\n%s", len(got), processes*rounds, diff)
	}
	defaults := must(t, folder, nil, "get-accepteddomain", "-Output", "csv", "-Property", "Default").stdout
	if n := strings.Count(defaults, "True"); n != 1 {
		t.Errorf("%d default domains, want 1", n)
	}
}
