package terminal

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const choices = `[Y] Yes  [A] Yes to All  [N] No  [L] No to All  (default is "Y"): `

func TestConfirmAnswers(t *testing.T) {
	t.Parallel()
	const endOfInput = "\x04"
	cases := []struct {
		typed string
		want  []bool // the answers to as many questions
	}{
		{"y\n", []bool{true}},
		{"YES\n", []bool{true}},
		{"\n", []bool{true}},
		{"n\n", []bool{false}},
		{" No \n", []bool{false}},
		{endOfInput, []bool{false}},
		{"a\n", []bool{true, true, true}},
		{"Yes to All\n", []bool{true, true}},
		{"l\n", []bool{false, false, false}},
		{"n\ny\nn\n", []bool{false, true, false}},
		{"perhaps\ny\n", []bool{true}},
		{"1\n2\n3\n4\n", []bool{false}},
		{"1\n2\n3\ny\n", []bool{true}},
		{strings.Repeat(" ", 1000) + "n\n", []bool{false}},
	}
	for _, c := range cases {
		t.Run(c.typed[:min(len(c.typed), 12)], func(t *testing.T) {
			t.Parallel()
			terminal := newPTY(t)
			terminal.types(c.typed)
			prompter := NewPrompter(terminal.streams())
			var got []bool
			for range c.want {
				yes, err := prompter.Confirm(t.Context(), "Really?", "")
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, yes)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if len(cases) < 14 {
		t.Errorf("%d cases, expected 14 or more", len(cases))
	}
}

func TestConfirmShowsTheQuestionSafely(t *testing.T) {
	t.Parallel()
	terminal := newPTY(t)
	shown := make(chan string, 1)
	go func() {
		text := terminal.showsUntil(choices)
		_, _ = io.WriteString(terminal.person, "maybe\n")
		text += terminal.showsUntil(choices)
		_, _ = io.WriteString(terminal.person, "n\n")
		shown <- text
	}()
	_, err := NewPrompter(terminal.streams()).Confirm(t.Context(), "Remove this\x07 trust?", "Contoso\x1b[2J")
	if err != nil {
		t.Fatal(err)
	}
	want := "Remove this\\u{7} trust?\r\nContoso\\u{1B}[2J\r\n" + choices + "maybe\r\n" + choices
	if diff := cmp.Diff(want, <-shown); diff != "" {
		t.Error(diff)
	}
}

func TestQuestionsNeedSomebodyThere(t *testing.T) {
	t.Parallel()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = null.Close() })
	records := strings.NewReader("[]")

	cases := []struct {
		name          string
		in            func(*pty) io.Reader
		errIsTerminal bool
		hasTTY        bool
		want          bool // whether the question is asked
	}{
		{"everything is the terminal", func(p *pty) io.Reader { return p.terminal }, true, false, true},
		{"standard error in a file", func(p *pty) io.Reader { return p.terminal }, false, true, true},
		{"standard error in a file, no tty", func(p *pty) io.Reader { return p.terminal }, false, false, false},
		{"records on standard input", func(*pty) io.Reader { return records }, true, true, true},
		{"records on standard input, no tty", func(*pty) io.Reader { return records }, true, false, false},
		{"nothing on standard input", func(*pty) io.Reader { return null }, true, true, false},
		{"everything redirected", func(*pty) io.Reader { return records }, false, true, false},
		{"no standard input", func(*pty) io.Reader { return nil }, true, true, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			terminal := newPTY(t)
			terminal.types("y\n")
			streams := Streams{In: c.in(terminal), Err: io.Discard}
			if c.errIsTerminal {
				streams.Err = terminal.terminal
			}
			streams.OpenTTY = func() (io.ReadWriteCloser, error) {
				if !c.hasTTY {
					return nil, errors.New("no such device")
				}
				return terminal.terminal, nil
			}
			yes, err := NewPrompter(streams).Confirm(t.Context(), "Really?", "")
			if c.want {
				if err != nil || !yes {
					t.Errorf("Confirm = %v, %v; want true", yes, err)
				}
				return
			}
			var none *NoTerminal
			if !errors.As(err, &none) || none.Question != "Really?" || yes {
				t.Errorf("Confirm = %v, %v; want a NoTerminal with the question", yes, err)
			}
		})
	}
}

func TestConfirmRefusesAnEndlessAnswer(t *testing.T) {
	t.Parallel()
	terminal := newPTY(t)
	terminal.types(strings.Repeat(" ", 1500) + "n\n")
	if yes, err := NewPrompter(terminal.streams()).Confirm(t.Context(), "Really?", ""); yes || err == nil {
		t.Errorf("Confirm = %v, %v; want an error", yes, err)
	}
}

func TestConfirmIsInterrupted(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interrupted)
	terminal := newPTY(t)
	yes, err := NewPrompter(terminal.streams()).Confirm(ctx, "Really?", "")
	if yes || !errors.Is(err, interrupted) {
		t.Errorf("Confirm = %v, %v; want false and the cause", yes, err)
	}
	if shown := terminal.screen(); !strings.HasSuffix(shown, "\n") {
		t.Errorf("what is written next comes behind the question: %q", shown)
	}
}

func TestReadPasswordIsNotShown(t *testing.T) {
	t.Parallel()
	terminal := newPTY(t)
	person := make(chan struct{})
	go func() {
		defer close(person)
		if until(func() bool { return !terminal.echoes() }) {
			_, _ = io.WriteString(terminal.person, "gehe$im ß\n")
		}
	}()
	password, err := NewPrompter(terminal.streams()).ReadPassword(t.Context(), "Password")
	<-person
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("gehe$im ß", string(password)); diff != "" {
		t.Error(diff)
	}
	if !terminal.echoes() {
		t.Error("the terminal does not show what is typed any more")
	}
	if diff := cmp.Diff("Password: \r\n", terminal.screen()); diff != "" {
		t.Error(diff)
	}
}

func TestReadPasswordEditsAndEnds(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		typed, want string
		fault       error
	}{
		"nothing, and the end":     {"\x04", "", io.EOF},
		"an empty line":            {"\n", "", nil},
		"a line without its end":   {"ab\x04\x04", "ab", nil},
		"a character taken back":   {"ab\x7fc\n", "ac", nil},
		"all of it taken back":     {"ab\x15c\n", "c", nil},
		"an end taken for itself":  {"a\x16\x04b\n", "a\x04b", nil},
		"return for line feed":     {"ab\r", "ab", nil},
		"another backspace":        {"aß\bc\n", "ac", nil},
		"more backspaces":          {"a\b\b\bc\n", "c", nil},
		"a return that is quoted":  {"a\x16\rb\n", "ab", nil},
		"as long as a line can be": {strings.Repeat("a", 4095) + "\n", strings.Repeat("a", 4095), nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terminal := newPTY(t)
			person := make(chan struct{})
			go func() {
				defer close(person)
				if until(func() bool { return !terminal.echoes() }) {
					_, _ = io.WriteString(terminal.person, c.typed)
				}
			}()
			password, err := NewPrompter(terminal.streams()).ReadPassword(t.Context(), "Password")
			<-person
			if string(password) != c.want || !errors.Is(err, c.fault) || c.fault == nil && err != nil {
				t.Errorf("ReadPassword = %q, %v, want %q, %v", password, err, c.want, c.fault)
			}
			if !terminal.echoes() {
				t.Error("the terminal does not show what is typed any more")
			}
		})
	}
	if len(cases) < 11 {
		t.Fatalf("%d cases, want at least 11", len(cases))
	}
}

// TestReadPasswordLeavesNothing types more than a line, which the shell must not get the rest of.
func TestReadPasswordLeavesNothing(t *testing.T) {
	t.Parallel()
	terminal := newPTY(t)
	half := strings.Repeat("a", 4000)
	person := make(chan struct{})
	go func() {
		defer close(person)
		if until(func() bool { return !terminal.echoes() }) {
			_, _ = io.WriteString(terminal.person, half+"\x04")
			_ = until(func() bool { return terminal.waiting() == 0 })
			_, _ = io.WriteString(terminal.person, half+"\n")
		}
	}()
	_, err := NewPrompter(terminal.streams()).ReadPassword(t.Context(), "Password")
	<-person
	if err == nil || !strings.Contains(err.Error(), "more than 4095 bytes") {
		t.Errorf("ReadPassword: %v", err)
	}
	if n := terminal.waiting(); n != 0 || !terminal.echoes() {
		t.Errorf("%d bytes are left for the shell; it shows what is typed: %v", n, terminal.echoes())
	}
}

// TestReadPasswordTooLate is interrupted before it asks, and while it does.
func TestReadPasswordTooLate(t *testing.T) {
	t.Parallel()
	for n := range 100 {
		terminal := newPTY(t)
		interrupted := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		tty := interruptingTTY{watchedTTY{terminal.terminal, make(chan struct{})}, func() { cancel(interrupted) }}
		early := n%2 == 0
		if early {
			cancel(interrupted)
		}
		streams := Streams{In: strings.NewReader("[]"), Err: terminal.terminal, OpenTTY: func() (io.ReadWriteCloser, error) { return tty, nil }}
		_, err := NewPrompter(streams).ReadPassword(ctx, "Password")
		if !errors.Is(err, interrupted) || !terminal.echoes() {
			t.Fatalf("try %d: ReadPassword: %v, and the terminal shows what is typed: %v", n, err, terminal.echoes())
		}
		if !early {
			terminal.types("\n")
			<-tty.closed
		}
	}
}

// interruptingTTY is interrupted when it is written to.
type interruptingTTY struct {
	watchedTTY
	interrupt func()
}

func (i interruptingTTY) Write(p []byte) (int, error) {
	i.interrupt()
	return i.watchedTTY.Write(p)
}

func TestReadPasswordInterruptedLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	terminal := newPTY(t)
	tty := watchedTTY{terminal.terminal, make(chan struct{})}
	streams := Streams{
		In:      strings.NewReader("[]"),
		Err:     terminal.terminal,
		OpenTTY: func() (io.ReadWriteCloser, error) { return tty, nil },
	}
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	person := make(chan struct{})
	go func() {
		defer close(person)
		until(func() bool { return !terminal.echoes() })
		cancel(interrupted)
	}()
	_, err := NewPrompter(streams).ReadPassword(ctx, "Password")
	<-person
	if !errors.Is(err, interrupted) {
		t.Errorf("ReadPassword: %v, want the cause", err)
	}
	if !terminal.echoes() {
		t.Error("the terminal does not show what is typed any more")
	}
	terminal.types("\n")
	<-tty.closed // the read left behind has ended, so the file descriptor may be used again
}

// watchedTTY tells when it is closed, and stays open.
type watchedTTY struct {
	*os.File
	closed chan struct{}
}

func (w watchedTTY) Close() error {
	close(w.closed)
	return nil
}

func TestReadPasswordNeedsATerminal(t *testing.T) {
	t.Parallel()
	_, err := NewPrompter(Streams{In: strings.NewReader("secret\n"), Err: io.Discard}).ReadPassword(t.Context(), "Password")
	var none *NoTerminal
	if !errors.As(err, &none) {
		t.Errorf("ReadPassword: %v, want a NoTerminal", err)
	}
}

// until waits for condition to hold, at most ten seconds, and reports whether it does.
func until(condition func() bool) bool {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		if condition() {
			return true
		}
	}
	return false
}
