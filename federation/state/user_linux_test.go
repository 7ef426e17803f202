package state

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// nobody is the user id of an ordinary user with no rights of its own.
const nobody = 65534

// openFor makes the folder read-only and lets the process be one that this holds for:
// root may write anywhere, so root hands over to an ordinary user.
func openFor(t *testing.T, cmd *exec.Cmd, folder, path string) {
	t.Helper()
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		for _, file := range []string{path, path + ".lock"} {
			if err := os.Chmod(file, 0o666); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
	}
	if err := os.Chmod(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	cmd.Dir = folder
}

// binaryForOthers copies the test binary to where every user may run it.
func binaryForOthers(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "binary")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	name := filepath.Join(folder, "state.test")
	to, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(to, from)
	if closing := to.Close(); err == nil {
		err = closing
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}
