//go:build linux || darwin

package terminal

import (
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// hide has the terminal in, of that file descriptor, show nothing of what is typed, until show has
// it be as it was. read reads a line, and shows. The system edits the line, as it does those that
// are shown, and says when input ends, which term.ReadPassword does not pass on.
func hide(in io.Reader, fd int) (read func() ([]byte, error), show func() error, err error) {
	before, err := unix.IoctlGetTermios(fd, getAttributes)
	if err != nil {
		return nil, nil, err
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO
	hidden.Lflag |= unix.ICANON | unix.ISIG
	hidden.Iflag |= unix.ICRNL
	if err := unix.IoctlSetTermios(fd, setAttributes, &hidden); err != nil {
		return nil, nil, err
	}
	show = func() error { return unix.IoctlSetTermios(fd, setAttributes, before) }
	read = func() ([]byte, error) {
		const longest = 4096 // what a terminal hands over at a time
		line, err := lineFrom(in, longest)
		if err != nil && !errors.Is(err, io.EOF) {
			// What is left of the line would be the shell's to read, and to keep.
			return nil, errors.Join(err, unix.IoctlSetTermios(fd, discardInput, before))
		}
		return edited(line), unlessEnd(err, show())
	}
	return read, show, nil
}

// edited takes back what backspace takes back where the system knows another key for that, and
// leaves out the returns, which it passes on when they are quoted.
func edited(line []byte) []byte {
	kept := line[:0]
	for _, b := range line {
		switch b {
		case '\b':
			_, size := utf8.DecodeLastRune(kept)
			kept = kept[:len(kept)-size]
		case '\r':
		default:
			kept = append(kept, b)
		}
	}
	return kept
}
