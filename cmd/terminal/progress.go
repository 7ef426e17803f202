package terminal

import (
	"io"
	"sync"
	"time"

	"exfed/cmd/render"
)

// Progress shows what is being done now in the last line of standard error, rewritten in
// place. It writes nothing where nobody watches: when standard error is no terminal, when
// TERM=dumb, or when the user wants quiet. Its methods may be called concurrently; write
// errors are ignored, for no work should fail because its progress could not be shown.
type Progress struct {
	out   io.Writer // nil when nothing is to be shown
	width int
	now   func() time.Time

	mu    sync.Mutex
	shown bool      // whether the line is on the screen
	last  time.Time // when it was last written
}

// interval is the least time between two rewrites: faster cannot be read, only flicker.
const interval = 100 * time.Millisecond

// NewProgress returns a Progress on standard error of s. now is time.Now in the program.
func NewProgress(s Streams, quiet bool, now func() time.Time) *Progress {
	progress := &Progress{width: s.Width(), now: now}
	if !quiet && s.ErrIsTerminal() && s.env("TERM") != "dumb" {
		progress.out = s.Err
	}
	return progress
}

// Step shows text in place of the step before. Steps that come too fast are left out.
func (p *Progress) Step(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.out == nil || p.shown && now.Sub(p.last) < interval {
		return
	}
	p.shown, p.last = true, now
	_, _ = io.WriteString(p.out, eraseLine+cut(render.Clean(text), p.width-1))
}

// Pause shows text as Step does, and never leaves it out: no step will follow for a while.
func (p *Progress) Pause(text string) {
	p.mu.Lock()
	p.last = time.Time{}
	p.mu.Unlock()
	p.Step(text)
}

// Done removes the line. It is to be called before anything else is written to the
// terminal; the next Step brings the line back.
func (p *Progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out == nil || !p.shown {
		return
	}
	p.shown = false
	_, _ = io.WriteString(p.out, eraseLine)
}

// eraseLine returns the cursor and erases to the end of the line (ECMA-48, EL).
const eraseLine = "\r\x1b[K"

// cut shortens text to width columns, since a line that wraps cannot be rewritten. Any
// character outside ASCII counts as two columns, the most one can take.
func cut(text string, width int) string {
	used := 0
	for i, r := range text {
		used++
		if r > 0x7e {
			used++
		}
		if used > width {
			return text[:i]
		}
	}
	return text
}
