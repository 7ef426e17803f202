package terminal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// pty is a real pseudo terminal of 80 by 24: what a person types goes into person, and
// what the screen shows comes out of it.
type pty struct {
	t        *testing.T
	person   *os.File
	terminal *os.File
}

func newPTY(t *testing.T) *pty {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	t.Cleanup(func() { _ = person.Close() })
	var unlocked, number int32
	ioctl(t, person, syscall.TIOCSPTLCK, unsafe.Pointer(&unlocked))
	ioctl(t, person, syscall.TIOCGPTN, unsafe.Pointer(&number))
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = terminal.Close() })
	size := [4]uint16{24, 80}
	ioctl(t, terminal, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	return &pty{t: t, person: person, terminal: terminal}
}

func ioctl(t *testing.T, file *os.File, request uintptr, argument unsafe.Pointer) {
	t.Helper()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), request, uintptr(argument)); errno != 0 {
		t.Fatalf("ioctl %#x: %v", request, errno)
	}
}

// streams returns Streams that are all this terminal.
func (p *pty) streams() Streams {
	return Streams{In: p.terminal, Out: p.terminal, Err: p.terminal}
}

func (p *pty) types(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.person, text); err != nil {
		p.t.Fatal(err)
	}
}

// echoes reports whether the terminal shows what is typed.
func (p *pty) echoes() bool {
	p.t.Helper()
	var state syscall.Termios
	ioctl(p.t, p.terminal, syscall.TCGETS, unsafe.Pointer(&state))
	return state.Lflag&syscall.ECHO != 0
}

// waiting is how many bytes of whole lines nobody has read yet.
func (p *pty) waiting() int {
	p.t.Helper()
	var n int32
	ioctl(p.t, p.terminal, syscall.TIOCINQ, unsafe.Pointer(&n))
	return int(n)
}

// showsUntil returns what the terminal shows up to the first text that ends in suffix.
func (p *pty) showsUntil(suffix string) string {
	var shown []byte
	buffer := make([]byte, 1)
	for !strings.HasSuffix(string(shown), suffix) {
		n, err := p.person.Read(buffer)
		if err != nil {
			return string(shown)
		}
		shown = append(shown, buffer[:n]...)
	}
	return string(shown)
}

// screen ends the terminal and returns all that it showed.
func (p *pty) screen() string {
	p.t.Helper()
	_ = p.terminal.Close()
	shown, err := io.ReadAll(p.person)
	if err != nil && !errors.Is(err, syscall.EIO) { // EIO is how Linux says that the terminal is gone
		p.t.Fatal(err)
	}
	return string(shown)
}

func setSize(t *testing.T, p *pty, size [4]uint16) {
	t.Helper()
	ioctl(t, p.terminal, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
}
