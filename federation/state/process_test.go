package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// child runs the test binary as another process.
func child(t *testing.T, name, argument string, environment ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], argument)
	cmd.Env = append(os.Environ(), childVariable+"="+name, "GORACE=atexit_sleep_ms=0")
	cmd.Env = append(cmd.Env, environment...)
	return cmd
}

const (
	processes       = 32
	editsPerProcess = 10
	numberVariable  = "EXFED_STATE_TEST_NUMBER"
	stepVariable    = "EXFED_STATE_TEST_STEP"
)

// childEdits adds domains one by one, each in an update of its own, and counts up
// one that all processes share.
func childEdits(path string) error {
	number, err := strconv.Atoi(os.Getenv(numberVariable))
	if err != nil {
		return err
	}
	f := Open(path, Options{Holder: fmt.Sprintf("pid %d", os.Getpid())})
	for i := range editsPerProcess {
		err := update(f, func(tx federation.Tx) error { return editOnce(tx, 1+number*editsPerProcess+i) })
		if err != nil {
			return err
		}
	}
	return nil
}

func editOnce(tx federation.Tx, n int) error {
	shared, _, err := tx.AcceptedDomains.Get(testDomain(0).Name)
	if err != nil {
		return err
	}
	shared.WhenChanged = shared.WhenChanged.Add(time.Second)
	if err := tx.AcceptedDomains.Put(shared); err != nil {
		return err
	}
	return tx.AcceptedDomains.Put(testDomain(n))
}

func TestProcessesLoseNothing(t *testing.T) {
	t.Parallel()
	path := statePath(t)
	f := Open(path, Options{})
	putDomains(t, f, 0)
	var running sync.WaitGroup
	for n := range processes {
		running.Go(func() {
			out, err := child(t, "edit", path, fmt.Sprintf("%s=%d", numberVariable, n)).CombinedOutput()
			if err != nil {
				t.Errorf("process %d: %v: %s", n, err, out)
			}
		})
	}
	running.Wait()
	checkEdits(t, f, processes*editsPerProcess)
}

func TestGoroutinesLoseNothing(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	putDomains(t, f, 0)
	var running sync.WaitGroup
	for n := range 8 {
		running.Go(func() {
			for i := range editsPerProcess {
				if err := update(f, func(tx federation.Tx) error { return editOnce(tx, 1+n*editsPerProcess+i) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	checkEdits(t, f, 8*editsPerProcess)
}

// checkEdits checks that every edit is there, and counted.
func checkEdits(t *testing.T, f *File, edits int) {
	t.Helper()
	want := []federation.AcceptedDomain{testDomain(0)}
	want[0].WhenChanged = testTime().Add(time.Duration(edits) * time.Second)
	for n := 1; n <= edits; n++ {
		want = append(want, testDomain(n))
	}
	got, err := allDomains(f)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%d domains instead of %d: %s", len(got), len(want), diff)
	}
}

// childDiesAt updates the file and kills itself at the step of stepVariable.
func childDiesAt(path string) error {
	f := Open(path, Options{Checkpoint: func(step string) error {
		if step != os.Getenv(stepVariable) {
			return nil
		}
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		_ = self.Kill()
		select {}
	}})
	if err := update(f, func(tx federation.Tx) error { return tx.AcceptedDomains.Put(testDomain(1)) }); err != nil {
		return err
	}
	return errors.New("still alive")
}

func steps() []string {
	return []string{"lock", "create", "write", "chmod", "sync", "rename", "syncfolder"}
}

func TestStepsAreComplete(t *testing.T) {
	t.Parallel()
	var got []string
	f := Open(statePath(t), Options{Checkpoint: func(step string) error { got = append(got, step); return nil }})
	putDomains(t, f, 0)
	if diff := cmp.Diff(steps(), got); diff != "" {
		t.Error(diff)
	}
}

func TestKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	killed := 0
	for _, step := range steps() {
		f := Open(statePath(t), Options{})
		putDomains(t, f, 0, 2)
		dieAndRecover(t, f, step)
		killed++
	}
	if killed < 7 {
		t.Errorf("only %d processes killed", killed)
	}
}

// dieAndRecover kills a process at a step of its update and checks that the file is
// as before or as after, and that the next update works and cleans up.
func dieAndRecover(t *testing.T, f *File, step string) {
	t.Helper()
	out, err := child(t, "kill", f.Path(), stepVariable+"="+step).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("%s: not killed: %v %s", step, err, out)
	}
	want := []federation.AcceptedDomain{testDomain(0), testDomain(2)}
	if step == "syncfolder" {
		want = []federation.AcceptedDomain{testDomain(0), testDomain(1), testDomain(2)}
	}
	got, err := allDomains(f)
	if err != nil {
		t.Fatalf("%s: %v", step, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s", step, diff)
	}
	putDomains(t, f, 3)
	if diff := cmp.Diff([]string{"state.yaml", "state.yaml.lock"}, names(t, filepath.Dir(f.Path()))); diff != "" {
		t.Errorf("%s: %s", step, diff)
	}
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}

func TestFailureAtEveryStep(t *testing.T) {
	t.Parallel()
	disk := errors.New("no space left on device")
	for _, failing := range steps() {
		path := statePath(t)
		putDomains(t, Open(path, Options{}), 0)
		before := read(t, path)
		f := Open(path, Options{Checkpoint: func(step string) error {
			if step == failing {
				return disk
			}
			return nil
		}})
		err := update(f, func(tx federation.Tx) error { return tx.AcceptedDomains.Put(testDomain(1)) })
		if !errors.Is(err, disk) || federation.KindOf(err) != federation.Other || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", failing, err)
		}
		if changed := read(t, path) != before; changed != (failing == "syncfolder") {
			t.Errorf("%s: file changed: %v", failing, changed)
		}
		if diff := cmp.Diff([]string{"state.yaml", "state.yaml.lock"}, names(t, filepath.Dir(path))); diff != "" {
			t.Errorf("%s: %s", failing, diff)
		}
		putDomains(t, Open(path, Options{}), 2)
	}
}

func TestLockIsWaitedForAndItsHolderNamed(t *testing.T) {
	t.Parallel()
	path := statePath(t)
	holder := Open(path, Options{Holder: "pid 7 new-federation\x1btrust", Now: testTime})
	waiter := Open(path, Options{LockTimeout: 1})
	err := update(holder, func(federation.Tx) error {
		return update(waiter, func(federation.Tx) error { return errors.New("got the lock") })
	})
	if federation.KindOf(err) != federation.Locked {
		t.Fatalf("got %v", err)
	}
	want := path + ": is locked by pid 7 new-federationtrust since 2026-01-31T12:00:00Z (" + path + ".lock)"
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
	if err := update(waiter, func(federation.Tx) error { return nil }); err != nil {
		t.Errorf("the lock is not free afterwards: %v", err)
	}
}

func TestWaitingIsInterrupted(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := update(f, func(federation.Tx) error {
		return f.Update(ctx, func(federation.Tx) error { return nil })
	})
	if federation.KindOf(err) != federation.Interrupted {
		t.Errorf("got %v", err)
	}
}
