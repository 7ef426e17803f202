//go:build !linux && !darwin

package terminal

import (
	"io"

	"golang.org/x/term"
)

// readHidden reads a line from the terminal of that file descriptor while it does not show what
// is typed.
func readHidden(_ io.Reader, fd int) ([]byte, error) { return term.ReadPassword(fd) }
