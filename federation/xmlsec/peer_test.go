package xmlsec_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// peer returns the path of a program that judges what this package makes.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
			t.Fatalf("%s is required here: %v", name, err)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

// run returns what a program writes to standard output, and fails with what it
// writes to standard error.
func run(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	output, err := runs(program, args...)
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, output)
	}
	return output
}

// runs returns standard output, or standard error when the program fails.
func runs(program string, args ...string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	command := exec.Command(program, args...)
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return stderr.Bytes(), err
	}
	return stdout.Bytes(), nil
}
