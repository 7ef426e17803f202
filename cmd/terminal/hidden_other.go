//go:build !linux && !darwin

package terminal

import (
	"io"

	"golang.org/x/term"
)

// hide returns what reads a line from the terminal of that file descriptor, which shows nothing
// of it meanwhile.
func hide(_ io.Reader, fd int) (read func() ([]byte, error), err error) {
	return func() ([]byte, error) { return term.ReadPassword(fd) }, nil
}
