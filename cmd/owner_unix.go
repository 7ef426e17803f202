//go:build unix

package cmd

import (
	"os"
	"syscall"
)

// ownerOf returns the number of the user to whom a file or folder belongs; known is false
// when there is none of that name.
func ownerOf(path string) (user int, known bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	stat, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return 0, false
	}
	return int(stat.Uid), true
}
