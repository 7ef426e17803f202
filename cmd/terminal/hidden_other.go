//go:build !linux && !darwin

package terminal

import (
	"io"

	"golang.org/x/term"
)

// hide returns what reads a line from the terminal of that file descriptor, which shows nothing
// of it meanwhile, and what has the terminal be as it was.
func hide(_ io.Reader, fd int) (read func() ([]byte, error), show func() error, err error) {
	before, err := term.GetState(fd)
	if err != nil {
		return nil, nil, err
	}
	return func() ([]byte, error) { return term.ReadPassword(fd) }, func() error { return term.Restore(fd, before) }, nil
}
