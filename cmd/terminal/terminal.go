// Package terminal knows the terminal, if there is one: whether a stream is one, how wide
// it is, whether it takes colour, and how to ask the person in front of it a question.
// Nothing here is global: the streams and the environment are handed in.
package terminal

import (
	"cmp"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// Streams are the streams of a process and what else is needed to find its terminal.
type Streams struct {
	In     io.Reader
	Out    io.Writer
	Err    io.Writer
	Getenv func(name string) string // os.Getenv in the program; nil is an empty environment

	// OpenTTY opens the controlling terminal, for questions while standard input carries
	// data: [OpenTTY] in the program, nil for none.
	OpenTTY func() (io.ReadWriteCloser, error)
}

// OpenTTY opens the controlling terminal of the process. It fails where there is none, as
// under cron, and on Windows.
func OpenTTY() (io.ReadWriteCloser, error) {
	return os.OpenFile("/dev/tty", os.O_RDWR, 0)
}

// InIsTerminal reports whether standard input is a terminal.
func (s Streams) InIsTerminal() bool { return isTerminal(s.In) }

// ErrIsTerminal reports whether standard error is a terminal.
func (s Streams) ErrIsTerminal() bool { return isTerminal(s.Err) }

// OutIsTerminal reports whether standard output is a terminal.
func (s Streams) OutIsTerminal() bool { return isTerminal(s.Out) }

// OutIsUnicode reports whether standard output is a terminal that shows more than ASCII, by
// what the locale says (POSIX, section 8.2): the first of LC_ALL, LC_CTYPE and LANG that is
// set. The console of Windows takes any character.
func (s Streams) OutIsUnicode() bool {
	if !s.OutIsTerminal() || s.env("TERM") == "dumb" {
		return false
	}
	locale := strings.ToLower(cmp.Or(s.env("LC_ALL"), s.env("LC_CTYPE"), s.env("LANG")))
	return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8") || runtime.GOOS == "windows"
}

// InIsData reports whether standard input is a pipe or a file, from which records may be
// read, rather than a terminal or a device such as /dev/null.
func (s Streams) InIsData() bool {
	file, ok := s.In.(*os.File)
	if !ok {
		return s.In != nil
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice == 0
}

// Width is the width of standard error in columns: COLUMNS, else what the terminal says,
// else 80.
func (s Streams) Width() int {
	const usual = 80
	if columns, err := strconv.Atoi(s.env("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	fd, ok := descriptor(s.Err)
	if !ok {
		return usual
	}
	if width, _, err := term.GetSize(fd); err == nil && width > 0 {
		return width
	}
	return usual
}

func (s Streams) env(name string) string {
	if s.Getenv == nil {
		return ""
	}
	return s.Getenv(name)
}

// descriptor returns the file descriptor behind a stream, -1 and false if there is none.
func descriptor(stream any) (int, bool) {
	file, ok := stream.(interface{ Fd() uintptr })
	if !ok {
		return -1, false
	}
	return int(file.Fd()), true
}

func isTerminal(stream any) bool {
	fd, ok := descriptor(stream)
	return ok && term.IsTerminal(fd)
}
