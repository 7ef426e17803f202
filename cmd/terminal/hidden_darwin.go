package terminal

import "golang.org/x/sys/unix"

// Of tty(4).
const (
	getAttributes = unix.TIOCGETA
	setAttributes = unix.TIOCSETA
	discardInput  = unix.TIOCSETAF // and set the attributes
)
