package terminal

import "golang.org/x/sys/unix"

// Of ioctl_tty(2).
const (
	getAttributes = unix.TCGETS
	setAttributes = unix.TCSETS
	discardInput  = unix.TCSETSF // and set the attributes
)
