//go:build unix

package certificate

import (
	"io/fs"
	"os"
	"syscall"
)

// openToOthers reports whether the group or others may use the file.
func openToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

// foreignOwner returns the owner of the file when it is neither this user nor root.
func foreignOwner(info fs.FileInfo) (user int, foreign bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 || int(stat.Uid) == os.Geteuid() {
		return 0, false
	}
	return int(stat.Uid), true
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
