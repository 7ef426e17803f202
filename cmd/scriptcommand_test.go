package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"exfed/federation/dns"
)

// exitsCommand runs a program and wants this exit code: exits CODE PROGRAM ARGUMENT...
func exitsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENT...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := exitCodeOf(ts, ts.Exec(args[1], args[2:]...)); got != want {
		ts.Fatalf("exit code %d, not %d", got, want)
	}
}

func exitCodeOf(ts *testscript.TestScript, err error) int {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	if exit != nil {
		return exit.ExitCode()
	}
	return 0
}

// refusedCommand is a case of bad input: refused CODE PROGRAM ARGUMENT... It wants the
// exit code, nothing on standard output, an error of one line followed by nothing but
// hints, at least one hint for a wrong command line, and every file as it was.
func refusedCommand(ts *testscript.TestScript, neg bool, args []string) {
	before := readTree(ts)
	exitsCommand(ts, neg, args)
	compareTrees(ts, before, readTree(ts))
	if stdout := ts.ReadFile("stdout"); stdout != "" {
		ts.Fatalf("standard output is not empty: %q", stdout)
	}
	checkRefusal(ts, ts.ReadFile("stderr"))
	memory(ts).refusals++
}

func checkRefusal(ts *testscript.TestScript, text string) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if !strings.HasPrefix(lines[0], "exfed: ") {
		ts.Fatalf("the error does not begin with exfed: %q", lines[0])
	}
	hints := 0
	for _, line := range lines[1:] {
		switch {
		case strings.HasPrefix(line, "hint: "):
			hints++
		case hints > 0, strings.Trim(line, " ^") != "" && !strings.HasPrefix(line, "  "):
			ts.Fatalf("a line that is neither error, caret nor hint: %q", line)
		}
	}
	if hints == 0 {
		ts.Fatalf("no hint says what to do")
	}
}

// casesCommand wants at least so many refusals so far: cases NUMBER
func casesCommand(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := memory(ts).refusals; got < want {
		ts.Fatalf("%d refusals were tried, at least %d are expected", got, want)
	}
}

// snapshotCommand remembers files and whole folders: snapshot PATH...
func snapshotCommand(ts *testscript.TestScript, _ bool, args []string) {
	for _, path := range args {
		memory(ts).snapshot[path] = describeTree(ts, ts.MkAbs(path))
	}
}

// unchangedCommand wants them byte for byte as they were, no file more and none less.
func unchangedCommand(ts *testscript.TestScript, neg bool, args []string) {
	for _, path := range args {
		was, ok := memory(ts).snapshot[path]
		if !ok {
			ts.Fatalf("there is no snapshot of %s", path)
		}
		if same := describeTree(ts, ts.MkAbs(path)) == was; same == neg {
			ts.Fatalf("%s: unchanged is %t", path, same)
		}
	}
}

func describeTree(ts *testscript.TestScript, root string) string {
	files := map[string]string{}
	collect(ts, root, files)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&b, "%s %q\n", name, files[name])
	}
	return b.String()
}

// readTree reads the folder of the state file.
func readTree(ts *testscript.TestScript) map[string]string {
	files := map[string]string{}
	collect(ts, filepath.Dir(stateOf(ts)), files)
	return files
}

// stateOf is the state file the script's cmdlets work on.
func stateOf(ts *testscript.TestScript) string {
	if path := ts.Getenv("EXFED_CONFIG"); path != "" {
		return path
	}
	return ts.Getenv("STATE")
}

// collect reads every file below root. The lock file is nobody's data.
func collect(ts *testscript.TestScript, root string, into map[string]string) {
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() || strings.HasSuffix(path, ".lock") {
			return err
		}
		data, err := os.ReadFile(path)
		into[path] = string(data)
		return err
	})
	ts.Check(err)
}

// compareTrees wants the same state and keys. The broker's registry is not compared: it
// may keep what it was asked.
func compareTrees(ts *testscript.TestScript, before, after map[string]string) {
	folder := filepath.Join(filepath.Dir(stateOf(ts)), "broker") + string(filepath.Separator)
	drop := func(path, _ string) bool { return strings.HasPrefix(path, folder) }
	maps.DeleteFunc(before, drop)
	maps.DeleteFunc(after, drop)
	for path := range after {
		if _, ok := before[path]; !ok {
			ts.Fatalf("%s was made", path)
		}
	}
	for path, was := range before {
		if after[path] != was {
			ts.Fatalf("%s is not what it was", path)
		}
	}
}

// captureCommand keeps a property of the first record of the last JSON output in a
// variable: capture VARIABLE Property[.Property...]
func captureCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], fmt.Sprint(propertyAt(ts, args[1])))
}

// holdsCommand compares a property of the last JSON output, written as JSON:
// holds Property JSON
func holdsCommand(ts *testscript.TestScript, neg bool, args []string) {
	got, err := json.Marshal(propertyAt(ts, args[0]))
	ts.Check(err)
	if same := string(got) == args[1]; same == neg {
		ts.Fatalf("%s is %s, want %s (not: %t)", args[0], got, args[1], neg)
	}
}

// propertyAt walks a path of properties and numbers into the last output, an array or the
// object on standard error if there is no output. A path without a number begins in the
// first record.
func propertyAt(ts *testscript.TestScript, path string) any {
	text := ts.ReadFile("stdout")
	if strings.TrimSpace(text) == "" {
		text = ts.ReadFile("stderr")
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		ts.Fatalf("not JSON: %v", err)
	}
	steps := strings.Split(path, ".")
	if _, err := strconv.Atoi(steps[0]); err != nil {
		if records, ok := value.([]any); ok && len(records) > 0 {
			value = records[0]
		}
	}
	for _, step := range steps {
		value = descend(ts, value, step)
	}
	return value
}

func descend(ts *testscript.TestScript, value any, step string) any {
	switch v := value.(type) {
	case []any:
		i, err := strconv.Atoi(step)
		if err != nil || i >= len(v) {
			ts.Fatalf("there is no element %s in an array of %d", step, len(v))
		}
		return v[i]
	case map[string]any:
		inner, ok := v[step]
		if !ok {
			ts.Fatalf("there is no property %s", step)
		}
		return inner
	}
	ts.Fatalf("%v has no property %s", value, step)
	return nil
}

// replaceCommand changes a file as an editor would: replace FILE OLD NEW
func replaceCommand(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o600))
}

// nameServerCommand starts the authoritative name server all cmdlets of the script ask:
// nameserver ZONE...
func nameServerCommand(ts *testscript.TestScript, _ bool, args []string) {
	names, err := dns.StartServer("127.0.0.1:0", args...)
	ts.Check(err)
	ts.Defer(func() { _ = names.Close() })
	memory(ts).names = names
	ts.Setenv("EXFED_DNS_SERVER", names.Addr())
}

// recordCommand sets or removes records: record NAME TYPE VALUE...
func recordCommand(ts *testscript.TestScript, _ bool, args []string) {
	names := memory(ts).names
	if len(args) == 2 {
		names.Remove(args[0], args[1])
		return
	}
	ts.Check(names.Set(args[0], args[1], args[2:]...))
}
