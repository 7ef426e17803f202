package terminal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"exfed/cmd/render"
)

// NoTerminal reports that a question could not be asked, because nobody is there to answer.
type NoTerminal struct {
	Question string
}

func (e *NoTerminal) Error() string {
	return fmt.Sprintf("no terminal to ask: %s", e.Question)
}

// Prompter asks questions during one run of a cmdlet and remembers an answer "to all".
// Its methods are not for concurrent use.
type Prompter struct {
	streams Streams
	all     *bool // the answer to all further questions, nil while there is none
}

// NewPrompter returns a Prompter that has asked nothing yet.
func NewPrompter(s Streams) *Prompter { return &Prompter{streams: s} }

// Confirm shows question and, if not empty, target, and reports whether the answer is yes,
// as PowerShell does: Y, A (yes to all), N and L (no to all), the words themselves, and
// nothing for yes. The end of input is no. An answer that is none of these is asked for
// again, three times; then it is no.
//
// The error is a *[NoTerminal], the cause of ctx's end, or a fault of the terminal.
func (p *Prompter) Confirm(ctx context.Context, question, target string) (bool, error) {
	if p.all != nil {
		return *p.all, nil
	}
	console, err := p.open(question)
	if err != nil {
		return false, err
	}
	defer func() { _ = console.close() }()
	return p.confirm(ctx, console, question, target)
}

func (p *Prompter) confirm(ctx context.Context, console console, question, target string) (bool, error) {
	const attempts = 4
	text := render.Clean(question) + "\n"
	if target != "" {
		text += render.Clean(target) + "\n"
	}
	for range attempts {
		text += `[Y] Yes  [A] Yes to All  [N] No  [L] No to All  (default is "Y"): `
		if _, err := io.WriteString(console.out, text); err != nil {
			return false, err
		}
		line, err := readLine(ctx, console)
		if errors.Is(err, io.EOF) {
			return false, endLine(console.out)
		}
		if err != nil {
			return false, err
		}
		yes, all, ok := parseAnswer(line)
		if ok {
			if all {
				p.all = &yes
			}
			return yes, nil
		}
		text = ""
	}
	return false, nil
}

// Ask shows question, and in brackets what an empty answer stands for, and returns the line
// that is typed, without the blanks around it. The end of input is an empty answer; the
// errors are those of [Prompter.Confirm].
func (p *Prompter) Ask(ctx context.Context, question, fallback string) (string, error) {
	console, err := p.open(question)
	if err != nil {
		return "", err
	}
	defer func() { _ = console.close() }()
	text := render.Clean(question)
	if fallback != "" {
		text += " [" + render.Clean(fallback) + "]"
	}
	if _, err := io.WriteString(console.out, text+": "); err != nil {
		return "", err
	}
	line, err := readLine(ctx, console)
	if errors.Is(err, io.EOF) {
		err = endLine(console.out)
	}
	return cmp.Or(strings.TrimSpace(line), fallback), err
}

// parseAnswer reads an answer to Confirm; ok is false when it is none.
func parseAnswer(line string) (yes, all, ok bool) {
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "", "y", "yes":
		return true, false, true
	case "a", "yes to all":
		return true, true, true
	case "n", "no":
		return false, false, true
	case "l", "no to all":
		return false, true, true
	}
	return false, false, false
}

// ReadPassword shows question and reads a line without echo. The end of input before any
// character, on Linux and macOS Ctrl-D, is io.EOF; the other errors are those of
// [Prompter.Confirm].
func (p *Prompter) ReadPassword(ctx context.Context, question string) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	console, err := p.open(question)
	if err != nil {
		return nil, err
	}
	fd, _ := descriptor(console.in)
	// The terminal is made silent before anybody waits for the end of ctx, who then makes it as
	// it was: the other way round it would stay silent.
	readHidden, show, err := hide(console.in, fd)
	if err != nil {
		return nil, errors.Join(err, console.close())
	}
	if _, err := fmt.Fprintf(console.out, "%s: ", render.Clean(question)); err != nil {
		return nil, errors.Join(err, show(), console.close())
	}
	// The reading goroutine closes the console: left behind, it uses the bare file descriptor,
	// which must not have become another file meanwhile.
	password, read, err := await(ctx, func() ([]byte, error) {
		password, err := readHidden()
		return password, unlessEnd(err, errors.Join(endLine(console.out), console.close()))
	})
	if !read {
		err = errors.Join(err, show(), endLine(console.out))
	}
	return password, err
}

// unlessEnd joins what went wrong. That input has ended is nothing wrong, and said alone.
func unlessEnd(err, fault error) error {
	if fault != nil && errors.Is(err, io.EOF) {
		return fault
	}
	return errors.Join(err, fault)
}

// console is where a question is asked and answered.
type console struct {
	in    io.Reader
	out   io.Writer
	close func() error
}

// open finds the terminal: the standard streams if question and answer can both go through
// them, else the controlling terminal. That one is left alone unless a person shows at one
// of the streams: a job with all of them redirected must fail, not wait. Input from
// /dev/null says that nobody will answer, even when a terminal is near.
func (p *Prompter) open(question string) (console, error) {
	s := p.streams
	in, out := s.InIsTerminal(), s.ErrIsTerminal()
	if in && out {
		return console{in: s.In, out: s.Err, close: func() error { return nil }}, nil
	}
	attended := in || out && s.InIsData()
	if !attended || s.OpenTTY == nil {
		return console{}, &NoTerminal{Question: question}
	}
	tty, err := s.OpenTTY()
	if err != nil {
		return console{}, &NoTerminal{Question: question}
	}
	return console{in: tty, out: tty, close: tty.Close}, nil
}

// readLine reads up to a line end, byte by byte so that the next question finds what was
// typed ahead. A line without its end is a line; nothing at all is io.EOF, and a line no
// person would type is an error. An interruption ends the line of the question.
func readLine(ctx context.Context, c console) (string, error) {
	const longest = 1024
	line, read, err := await(ctx, func() ([]byte, error) { return lineFrom(c.in, longest) })
	if !read {
		err = errors.Join(err, endLine(c.out))
	}
	return string(line), err
}

// lineFrom reads a line that is, with its end, not longer than so many bytes.
func lineFrom(in io.Reader, longest int) ([]byte, error) {
	line := make([]byte, 0, longest)
	for len(line) < longest {
		n, err := in.Read(line[len(line) : len(line)+1])
		line = line[:len(line)+n]
		switch {
		case n > 0 && line[len(line)-1] == '\n':
			return line[:len(line)-1], nil
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		case err != nil:
			return nil, err
		}
	}
	return nil, fmt.Errorf("an answer of more than %d bytes", longest-1)
}

// await returns what read returns. When ctx ends first, done is false and err the cause;
// read is left behind in its goroutine, for a read from a terminal cannot be interrupted,
// and the program is about to end.
func await[T any](ctx context.Context, read func() (T, error)) (value T, done bool, err error) {
	type result struct {
		value T
		err   error
	}
	results := make(chan result, 1)
	go func() {
		value, err := read()
		results <- result{value, err}
	}()
	select {
	case r := <-results:
		return r.value, true, r.err
	case <-ctx.Done():
		return value, false, context.Cause(ctx)
	}
}

func endLine(out io.Writer) error {
	_, err := io.WriteString(out, "\n")
	return err
}
