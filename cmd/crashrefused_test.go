package cmd

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// minimumRefusedPoints is how many steps a refused registration has at least.
const minimumRefusedPoints = 15

// TestCutShortWhileRefused kills an addition that the broker refuses before its steps, see
// cutHere, or fails the step with a full disk. The state can be read, the refusals are counted no
// more often than they were made, and the domain is added when its proof is there.
func TestCutShortWhileRefused(t *testing.T) {
	t.Parallel()
	stages := prepareStages(t)
	test := crashCase{"refused", "identifier", []string{"add-federateddomain", "-DomainName", "one.example", "-SkipDnsCheck"}}
	countFile := filepath.Join(t.TempDir(), "points")
	folder := stages.fresh(t, test)
	stages.refuses(t, folder, "undisturbed", []string{checkpointCountVariable + "=" + countFile}, test.args)
	points := strings.Fields(string(readIfThere(t, countFile)))
	if len(points) < minimumRefusedPoints {
		t.Errorf("%d steps: %v", len(points), points)
	}
	if n := stages.refusals(t, folder); n != 1 {
		t.Errorf("undisturbed, %d refusals are kept", n)
	}
	folders := map[string]string{}
	for n, point := range points {
		if !cutHere(n) {
			continue
		}
		for fate, code := range map[string]int{"kill": -1, "enospc": 1} {
			what := fmt.Sprintf("%s at %d, %s", fate, n+1, point)
			folder := stages.interrupted(t, test, fmt.Sprintf("%d:%s", n+1, fate), code)
			stages.describe(t, folder)
			stages.soundRegistry(t, folder, what)
			if n := stages.refusals(t, folder); n > 1 {
				t.Errorf("%s: %d refusals are kept of one", what, n)
			}
			stages.refuses(t, folder, what, nil, test.args)
			if n := stages.refusals(t, folder); n < 1 || n > 2 {
				t.Errorf("%s, run again: %d refusals are kept of one or two", what, n)
			}
			folders[what] = folder
		}
	}
	proof := strings.Fields(must(t, folder, stages.environ, "get-federateddomainproof", "-DomainName", "one.example", "-Output", "csv", "-Property", "Proof").stdout)[1]
	if err := stages.names.Set("one.example", "TXT", proof); err != nil {
		t.Fatal(err)
	}
	args := test.args[:3]
	must(t, folder, stages.environ, args...)
	want := stages.settled(t, folder)
	for what, folder := range folders {
		must(t, folder, stages.environ, args...)
		if diff := cmp.Diff(want, stages.settled(t, folder)); diff != "" {
			t.Errorf("%s, with its proof: (-want +got):\n%s", what, diff)
		}
		if state := readIfThere(t, statePathIn(folder)); bytes.Contains(state, []byte("pending:")) || stages.refusals(t, folder) > 0 {
			t.Errorf("%s, with its proof:\n%s", what, state)
		}
	}
}

// refuses runs the cmdlet, which the broker is to refuse.
func (c *crashStages) refuses(t *testing.T, folder, what string, environ, args []string) {
	t.Helper()
	got := exfed(t, folder, slices.Concat(c.environ, environ), args...)
	if got.code != int(exitRefused) {
		t.Errorf("%s: exit code %d, not %d\n%s", what, got.code, exitRefused, got.stderr)
	}
}

// refusals is how many the state file keeps.
func (c *crashStages) refusals(t *testing.T, folder string) int {
	t.Helper()
	return bytes.Count(readIfThere(t, statePathIn(folder)), []byte("fault: ProofOfDomainOwnershipFailed"))
}
