package terminal

import (
	"bytes"
	"io"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestStreamsKnowWhatTheyAre(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = read.Close(), write.Close() })
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = null.Close() })
	type facts struct{ In, Err, Data bool }

	for name, c := range map[string]struct {
		streams Streams
		want    facts
	}{
		"terminal": {newPTY(t).streams(), facts{In: true, Err: true}},
		"pipes":    {Streams{In: read, Out: write, Err: write}, facts{Data: true}},
		"null":     {Streams{In: null, Out: null, Err: null}, facts{}},
		"buffers":  {Streams{In: &bytes.Buffer{}, Out: io.Discard, Err: io.Discard}, facts{Data: true}},
		"nothing":  {Streams{}, facts{}},
	} {
		s := c.streams
		got := facts{s.InIsTerminal(), s.ErrIsTerminal(), s.InIsData()}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWidth(t *testing.T) {
	t.Parallel()
	terminal := newPTY(t)
	size := [4]uint16{50, 132}
	setSize(t, terminal, size)
	for _, c := range []struct {
		columns string
		err     io.Writer
		want    int
	}{
		{"", terminal.terminal, 132},
		{"100", terminal.terminal, 100},
		{"-1", terminal.terminal, 132},
		{"wide", terminal.terminal, 132},
		{"", io.Discard, 80},
		{"100", io.Discard, 100},
	} {
		s := Streams{Err: c.err, Getenv: environment(map[string]string{"COLUMNS": c.columns})}
		if got := s.Width(); got != c.want {
			t.Errorf("COLUMNS=%q: width %d, want %d", c.columns, got, c.want)
		}
	}
}

func TestUnicodeFollowsTerminalAndLocale(t *testing.T) {
	t.Parallel()
	terminal := newPTY(t)
	cases := []struct {
		env  map[string]string
		out  io.Writer
		want bool
	}{
		{map[string]string{"LANG": "de_DE.UTF-8"}, terminal.terminal, true},
		{map[string]string{"LANG": "C.utf8"}, terminal.terminal, true},
		{map[string]string{"LANG": "de_DE.UTF-8"}, io.Discard, false},
		{map[string]string{"LANG": "de_DE.UTF-8", "TERM": "dumb"}, terminal.terminal, false},
		{map[string]string{"LANG": "de_DE.ISO-8859-1"}, terminal.terminal, false},
		{map[string]string{"LANG": "C", "LC_CTYPE": "C.UTF-8"}, terminal.terminal, true},
		{map[string]string{"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, terminal.terminal, false},
		{map[string]string{"LC_ALL": "en_US.UTF-8", "LC_CTYPE": "C", "LANG": "C"}, terminal.terminal, true},
		{map[string]string{"LANG": "de_DE.UTF-8", "LC_ALL": ""}, terminal.terminal, true},
		{nil, terminal.terminal, false},
	}
	for _, c := range cases {
		s := Streams{Out: c.out, Getenv: environment(c.env)}
		if got := s.OutIsUnicode(); got != c.want {
			t.Errorf("%v: %t, want %t", c.env, got, c.want)
		}
	}
	if len(cases) < 10 {
		t.Errorf("%d cases, at least 10 are expected", len(cases))
	}
}

func TestColourFollowsTerminalAndEnvironment(t *testing.T) {
	t.Parallel()
	terminal := newPTY(t)
	for _, c := range []struct {
		env  map[string]string
		err  io.Writer
		want bool
	}{
		{nil, terminal.terminal, true},
		{nil, io.Discard, false},
		{map[string]string{"TERM": "xterm"}, terminal.terminal, true},
		{map[string]string{"TERM": "dumb"}, terminal.terminal, false},
		{map[string]string{"NO_COLOR": "1"}, terminal.terminal, false},
		{map[string]string{"NO_COLOR": ""}, terminal.terminal, true},
		{map[string]string{"CLICOLOR_FORCE": "1"}, io.Discard, true},
		{map[string]string{"CLICOLOR_FORCE": "0"}, io.Discard, false},
		{map[string]string{"CLICOLOR_FORCE": "1", "TERM": "dumb"}, io.Discard, true},
		{map[string]string{"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, terminal.terminal, false},
	} {
		s := Streams{Err: c.err, Getenv: environment(c.env)}
		want := `a\u{1B}b`
		if c.want {
			want = "\x1b[31m" + want + "\x1b[0m"
		}
		if diff := cmp.Diff(want, s.Paint(Red, "a\x1bb")); diff != "" {
			t.Errorf("%v: %s", c.env, diff)
		}
	}
}

func TestProgressRewritesOneLine(t *testing.T) {
	t.Parallel()
	terminal := newPTY(t)
	setSize(t, terminal, [4]uint16{24, 20})
	clock := time.Unix(1_700_000_000, 0)
	progress := NewProgress(terminal.streams(), false, func() time.Time { return clock })

	progress.Done() // nothing is there to remove
	progress.Step("asking broker")
	clock = clock.Add(99 * time.Millisecond)
	progress.Step("too fast to read")
	clock = clock.Add(time.Millisecond)
	progress.Step("looking up: 日本語日本語.example\n")
	progress.Pause("for a minute")
	progress.Step("too fast to read")
	progress.Done()
	progress.Step("at once after Done")
	progress.Done()
	progress.Done()

	const erase = "\r\x1b[K"
	want := erase + "asking broker" + erase + "looking up: 日本語" + erase + "for a minute" + erase + erase + "at once after Done" + erase
	if diff := cmp.Diff(want, terminal.screen()); diff != "" {
		t.Error(diff)
	}
}

func TestProgressIsSilentWhereNobodyWatches(t *testing.T) {
	t.Parallel()
	terminal := newPTY(t)
	var file bytes.Buffer
	dumb := terminal.streams()
	dumb.Getenv = environment(map[string]string{"TERM": "dumb"})
	for name, progress := range map[string]*Progress{
		"file":  NewProgress(Streams{Err: &file}, false, time.Now),
		"quiet": NewProgress(terminal.streams(), true, time.Now),
		"dumb":  NewProgress(dumb, false, time.Now),
	} {
		progress.Step(name)
		progress.Done()
	}
	if shown := file.String() + terminal.screen(); shown != "" {
		t.Errorf("shown: %q", shown)
	}
}
