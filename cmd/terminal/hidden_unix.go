//go:build linux || darwin

package terminal

import (
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// readHidden reads a line from the terminal in, of that file descriptor, while it does not show
// what is typed. The system edits the line, as it does those that are shown, and says when input
// ends, which term.ReadPassword does not pass on.
func readHidden(in io.Reader, fd int) ([]byte, error) {
	before, err := unix.IoctlGetTermios(fd, getAttributes)
	if err != nil {
		return nil, err
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO
	hidden.Lflag |= unix.ICANON | unix.ISIG
	hidden.Iflag |= unix.ICRNL
	if err := unix.IoctlSetTermios(fd, setAttributes, &hidden); err != nil {
		return nil, err
	}
	// A terminal takes no longer lines, and so nothing of one is left for the shell to read.
	const longest = 4096
	line, err := lineFrom(in, longest)
	return line, errors.Join(err, unix.IoctlSetTermios(fd, setAttributes, before))
}
