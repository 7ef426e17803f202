// Package terminal knows the terminal, if there is one: whether a stream is one, how wide
// it is, whether it takes colour, and how to ask the person in front of it a question.
// Nothing here is global: the streams and the environment are handed in.
package terminal

import (
	"context"
	"errors"
	"io"
	"time"
)

// Streams are a process's streams and what else is needed to find its terminal.
type Streams struct {
	In     io.Reader
	Out    io.Writer
	Err    io.Writer
	Getenv func(name string) string // os.Getenv in the program; nil is an empty environment

	// OpenTTY opens the controlling terminal, for questions while standard input carries
	// data: OpenTTY in the program; nil when there is none.
	OpenTTY func() (io.ReadWriteCloser, error)
}

// InIsTerminal reports whether standard input is a terminal.
func (s Streams) InIsTerminal() bool { return false }

// OutIsTerminal reports whether standard output is a terminal.
func (s Streams) OutIsTerminal() bool { return false }

// ErrIsTerminal reports whether standard error is a terminal.
func (s Streams) ErrIsTerminal() bool { return false }

// Width is the width of standard error in columns.
func (s Streams) Width() int { return 80 }

// ErrColour reports whether standard error takes colour.
func (s Streams) ErrColour() bool { return false }

// Style is an emphasis.
type Style int

// The emphases.
const (
	Bold Style = iota + 1
	Dim
	Red
	Green
	Yellow
)

// Paint returns text, cleaned, with the escape codes of style around it where standard error takes colour.
func (s Streams) Paint(style Style, text string) string { return text }

// NoTerminal reports that a question could not be asked.
type NoTerminal struct {
	Question string
}

func (e *NoTerminal) Error() string { return "" }

// Prompter asks questions; it remembers a "to all" answer for the cmdlet that made it.
type Prompter struct {
	streams Streams
}

// NewPrompter returns a Prompter on these streams.
func NewPrompter(s Streams) *Prompter { return &Prompter{streams: s} }

// Confirm asks whether to go on.
func (p *Prompter) Confirm(ctx context.Context, question, target string) (bool, error) {
	return false, errors.New("no terminal")
}

// ReadPassword asks for a password without showing it.
func (p *Prompter) ReadPassword(ctx context.Context, question string) ([]byte, error) {
	return nil, errors.New("no terminal")
}

// Progress shows the current step of something slow in one line of standard error.
type Progress struct{}

// NewProgress returns a Progress; it shows nothing when quiet or when standard error is no terminal.
func NewProgress(s Streams, quiet bool, now func() time.Time) *Progress { return &Progress{} }

// Step shows text as what is being done now.
func (p *Progress) Step(text string) {}

// Done removes the line.
func (p *Progress) Done() {}
