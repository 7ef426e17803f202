package state

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

func linuxChildren() map[string]func(string) error {
	return map[string]func(string) error{"limit": childMeetsFileSizeLimit, "user": childIsOrdinaryUser}
}

// childMeetsFileSizeLimit updates the file while no file may grow beyond 512 bytes: the
// write stops in the middle, as on a full disk.
func childMeetsFileSizeLimit(path string) error {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 512, Max: 512}); err != nil {
		return err
	}
	err := update(Open(path, Options{}), func(tx federation.Tx) error { return tx.AcceptedDomains.Put(testDomain(9)) })
	if err == nil {
		return errors.New("the update did not fail")
	}
	fmt.Println(err)
	return nil
}

func TestDiskFull(t *testing.T) {
	t.Parallel()
	path := statePath(t)
	putDomains(t, Open(path, Options{}), 0, 1, 2, 3)
	before := read(t, path)
	out, err := child(t, "limit", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if text := string(out); !strings.HasPrefix(text, path+": cannot be written; the file is unchanged: ") || !strings.Contains(text, "file too large") {
		t.Errorf("got %s", text)
	}
	if diff := cmp.Diff(before, read(t, path)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"state.yaml", "state.yaml.lock"}, names(t, filepath.Dir(path))); diff != "" {
		t.Error(diff)
	}
}

// childIsOrdinaryUser updates the file and prints how that failed, in both ways a
// folder can refuse.
func childIsOrdinaryUser(path string) error {
	err := update(Open(path, Options{}), func(tx federation.Tx) error { return tx.AcceptedDomains.Put(testDomain(9)) })
	if err == nil {
		return errors.New("the update did not fail")
	}
	if federation.KindOf(err) != federation.Other || !errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("another error: %w", err)
	}
	fmt.Println(err)
	return nil
}

func TestFolderThatMayNotBeWritten(t *testing.T) {
	t.Parallel()
	for _, lockExists := range []bool{false, true} {
		folder, err := os.MkdirTemp("", "state") // t.TempDir lies below a folder others may not enter
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(folder, 0o700); _ = os.RemoveAll(folder) })
		path := filepath.Join(folder, "state.yaml")
		putDomains(t, Open(path, Options{}), 0)
		want := ": a temporary file cannot be created; the file is unchanged: "
		if !lockExists {
			want = ": cannot be locked: "
			if err := os.Remove(path + ".lock"); err != nil {
				t.Fatal(err)
			}
		}
		before := read(t, path)
		cmd := child(t, "user", path)
		cmd.Args[0] = binaryForOthers(t)
		cmd.Path = cmd.Args[0]
		openFor(t, cmd, folder, path)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), path+want) {
			t.Errorf("%v: %s", err, out)
		}
		if diff := cmp.Diff(before, read(t, path)); diff != "" {
			t.Error(diff)
		}
	}
}
