package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/terminal"
)

// repairRun runs a cmdlet in this process at repairTime, with a wait that is the test's.
func (c *crashStages) repairRun(t *testing.T, ctx context.Context, folder string, stdout io.Writer, wait func(time.Duration) error, args ...string) (code int, stderr string) {
	t.Helper()
	var errs bytes.Buffer
	code = Run(ctx, Process{
		Args:    append(args, "-Config", statePathIn(folder), "-DnsServer", c.names.Addr()),
		Streams: terminal.Streams{In: strings.NewReader(""), Out: stdout, Err: &errs}, Now: c.now, Rand: rand.Reader,
		Wait: func(_ context.Context, d time.Duration) error { return wait(d) },
	})
	return code, errs.String()
}

// TestRepairWaits publishes the records once they are shown, and has an administrator lose patience
// before. The records come first, what to tell the partners comes when the trust works.
func TestRepairWaits(t *testing.T) {
	t.Parallel()
	stages := prepareRepair(t)
	folder := stages.freshStage(t, "expired")
	var stdout bytes.Buffer

	ctx, stop := context.WithCancel(t.Context())
	code, stderr := stages.repairRun(t, ctx, folder, &stdout, func(time.Duration) error { stop(); return context.Canceled }, "repair-federationtrust", "-Confirm:false", "-Wait", "-Output", "json")
	if code != int(exitInterrupted) || !strings.Contains(stderr, "interrupted before its proofs were live, and nothing was removed; the same command goes on from here") {
		t.Errorf("interrupted: exit code %d\n%s", code, stderr)
	}
	if text := stages.registered(t, folder); !strings.HasSuffix(text, "1 AppIDs were given") {
		t.Errorf("at the broker:\n%s", text)
	}
	shown := stdout.String()
	stdout.Reset()

	waits := 0
	code, stderr = stages.repairRun(t, t.Context(), folder, &stdout, func(time.Duration) error {
		if waits++; waits == 1 && stdout.String() != shown {
			t.Errorf("the records are not those of before:\n%s", cmp.Diff(shown, stdout.String()))
		}
		return stages.publishShown(stdout.Bytes())
	}, "repair-federationtrust", "-Wait", "-Output", "json")
	if code != 0 || waits != 1 {
		t.Errorf("exit code %d after %d waits\n%s", code, waits, stderr)
	}
	var actions []string
	for decoder := json.NewDecoder(&stdout); ; {
		var records []struct{ Action, Name string }
		if err := decoder.Decode(&records); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			actions = append(actions, r.Action+" "+r.Name)
		}
	}
	want := []string{"Add contoso.com", "Remove contoso.com", "Add contoso.ca", "Remove contoso.ca", "Tell Partner"}
	if diff := cmp.Diff(want, actions); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if text := stages.registered(t, folder); !strings.HasSuffix(text, "2 AppIDs were given") || strings.Contains(string(readIfThere(t, statePathIn(folder))), "trustRepair") {
		t.Errorf("at the broker:\n%s", text)
	}
}

// publishShown publishes the records of a JSON array that are to be added.
func (c *crashStages) publishShown(output []byte) error {
	var records []struct{ Action, Name, Value string }
	if err := json.Unmarshal(output, &records); err != nil {
		return err
	}
	for _, r := range records {
		if r.Action == "Add" {
			if err := c.names.Set(r.Name, "TXT", r.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestRepairForDNSHost writes the records in the form of a DNS host and nothing else: what to tell
// the partners goes to standard error.
func TestRepairForDNSHost(t *testing.T) {
	t.Parallel()
	stages := prepareRepair(t)
	folder := stages.freshStage(t, "prepared")
	var stdout bytes.Buffer
	code, stderr := stages.repairRun(t, t.Context(), folder, &stdout, func(time.Duration) error { return nil }, "repair-federationtrust", "-Confirm:false", "-Format", "bind")
	if code != 0 || stdout.String() != "" || !strings.Contains(stderr, "To Partner: our federation trust was made anew on 2032-03-03 10:00 UTC") {
		t.Errorf("exit code %d\n%s%s", code, &stdout, stderr)
	}
}

// TestRepairSwitchedOff leaves federation off that was off, and forgets what was to be removed.
func TestRepairSwitchedOff(t *testing.T) {
	t.Parallel()
	stages := prepareRepair(t)
	folder := stages.freshStage(t, "prepared")
	path := statePathIn(folder)
	state := string(readIfThere(t, path))
	for old, replaced := range map[string]string{
		"    enabled: true\n":             "    enabled: false\n",
		"- domain: contoso.ca\n":          "- domain: contoso.ca\n        pending: remove\n",
		"    defaultDomain: contoso.ca\n": "",
	} {
		if !strings.Contains(state, old) {
			t.Fatalf("%q is not in the state file:\n%s", old, state)
		}
		state = strings.Replace(state, old, replaced, 1)
	}
	if err := os.WriteFile(path, []byte(state), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stderr := stages.repairRun(t, t.Context(), folder, io.Discard, func(time.Duration) error { return nil }, "repair-federationtrust", "-Confirm:false")
	if code != 0 || !strings.Contains(stderr, "the new trust is not tested: federation is switched off, as it was") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	id := stages.records(t, folder, "get-federatedorganizationidentifier")[0]
	got := []any{id["Enabled"], id["Domains"], id["DefaultDomain"], id["OrganizationContact"]}
	if diff := cmp.Diff([]any{false, []any{"contoso.com"}, nil, "kim@contoso.com"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if text := stages.registered(t, folder); !strings.Contains(text, "new: [FYDIBOHF25SPDLT.contoso.com contoso.com]\n") {
		t.Errorf("at the broker:\n%s", text)
	}
}

// TestSnapshotsAreKept writes none over another, and none twice.
func TestSnapshotsAreKept(t *testing.T) {
	t.Parallel()
	path := statePathIn(t.TempDir())
	e := &env{process: Process{Now: time.Now}}
	e.common.config = opt[string]{value: path, given: true}
	at := time.Date(2032, 3, 3, 10, 0, 0, 0, time.UTC)
	var names []string
	for _, content := range []string{"first", "first", "second", "first", "third"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		kept, err := e.snapshot(at)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(kept)+" "+string(readIfThere(t, kept)))
		if info, err := os.Stat(kept); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
			t.Errorf("%s: %v, %v", kept, info.Mode(), err)
		}
	}
	const base = "exfed.yaml.before-repair-20320303T100000Z"
	want := []string{base + " first", base + " first", base + "-2 second", base + " first", base + "-3 third"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("copies (-want +got):\n%s", diff)
	}
}
