package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"exfed/cmd/terminal"
)

// What a test may do to a process of exfed, by its environment.
const (
	// checkpointVariable is N:kill, N:enospc or N:eio: what befalls the N-th checkpoint.
	checkpointVariable = "EXFED_TEST_CHECKPOINT"
	// checkpointCountVariable names a file that gets the name of every checkpoint, one a line.
	checkpointCountVariable = "EXFED_TEST_CHECKPOINT_COUNT"
	// memoryVariable names a file that gets the most memory the process had in use, in KiB. What
	// the system says of a process that has ended counts that of the one it was forked from.
	memoryVariable = "EXFED_TEST_MEMORY"
	// nowVariable is the time the process takes for now, in RFC 3339.
	nowVariable = "EXFED_TEST_NOW"
)

// TestMain makes the test binary answer to the name exfed, so that scripts run real
// processes of the code under test.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"exfed": func() { os.Exit(hookedMain()) }})
}

// hookedMain is Main with a clock and checkpoints that a test can reach.
func hookedMain() int {
	now, err := testClock(os.Getenv(nowVariable))
	if err != nil {
		panic(err)
	}
	checkpoint, err := testCheckpoint(os.Getenv(checkpointVariable), os.Getenv(checkpointCountVariable))
	if err != nil {
		panic(err)
	}
	defer tellMemory(os.Getenv(memoryVariable))
	return Run(context.Background(), Process{
		Args: os.Args[1:],
		Streams: terminal.Streams{
			In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
			Getenv: os.Getenv, OpenTTY: terminal.OpenTTY,
		},
		Now: now, Rand: rand.Reader, Wait: wait, Interruptible: interruptible,
		Checkpoint: checkpoint,
	})
}

// tellMemory writes down the peak of the resident set, proc(5) VmHWM, where the system has it.
func tellMemory(path string) {
	status, err := os.ReadFile("/proc/self/status")
	if path == "" || err != nil {
		return
	}
	for line := range strings.Lines(string(status)) {
		if peak, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			if err := os.WriteFile(path, []byte(strings.Fields(peak)[0]), 0o600); err != nil {
				panic(err)
			}
		}
	}
}

func testClock(text string) (func() time.Time, error) {
	if text == "" {
		return time.Now, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	return func() time.Time { return at }, err
}

// testCheckpoint returns the checkpoint the two variables ask for, nil for none.
func testCheckpoint(fate, countFile string) (func(string) error, error) {
	if fate == "" && countFile == "" {
		return nil, nil
	}
	number, what, _ := strings.Cut(fate, ":")
	target, err := 0, error(nil)
	if fate != "" {
		if target, err = strconv.Atoi(number); err != nil {
			return nil, fmt.Errorf("%s: %w", checkpointVariable, err)
		}
	}
	seen := 0
	return func(point string) error {
		seen++
		if countFile != "" {
			if err := appendLine(countFile, point); err != nil {
				return err
			}
		}
		if seen != target {
			return nil
		}
		return meet(what)
	}, nil
}

// meet brings the fate about. A killed process gets no further than here.
func meet(what string) error {
	switch what {
	case "enospc":
		return syscall.ENOSPC
	case "eio":
		return syscall.EIO
	case "kill":
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		if err := self.Kill(); err != nil {
			return err
		}
		select {}
	}
	return errors.New("no such fate: " + what)
}

func appendLine(path, line string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(line + "\n")
	return errors.Join(err, file.Close())
}

// outcome is what a process of exfed left.
type outcome struct {
	code           int // -1: killed
	stdout, stderr string
}

// exfed runs one process of exfed on the state file of a folder.
func exfed(t *testing.T, folder string, environ []string, args ...string) outcome {
	t.Helper()
	var stdout, stderr strings.Builder
	command := exec.CommandContext(t.Context(), "exfed", args...)
	command.Env = append(processEnvironment(folder), environ...)
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("exfed %v did not start: %v", args, err)
	}
	return outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// processEnvironment is all a process of exfed gets of the surroundings.
func processEnvironment(folder string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "XDG_CONFIG_HOME=" + folder, "TMPDIR=" + os.TempDir(),
		"EXFED_CONFIG=" + statePathIn(folder), "GORACE=atexit_sleep_ms=0",
		"GOCOVERDIR=" + os.Getenv("GOCOVERDIR"),
	}
}

func statePathIn(folder string) string { return filepath.Join(folder, "exfed.yaml") }

// must runs exfed and fails the test unless it exits 0.
func must(t *testing.T, folder string, environ []string, args ...string) outcome {
	t.Helper()
	got := exfed(t, folder, environ, args...)
	if got.code != 0 {
		t.Fatalf("exfed %s: exit code %d\n%s%s", strings.Join(args, " "), got.code, got.stdout, got.stderr)
	}
	return got
}

// peer finds an independent program, a judge that is not of this project.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		for _, folder := range []string{"/usr/sbin", "/sbin"} {
			if path := filepath.Join(folder, name); isProgram(path) {
				return path
			}
		}
		if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
