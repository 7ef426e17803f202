package state

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/gofrs/flock"

	"exfed/federation"
)

// lockPoll is how often a held lock is tried again. There is no way to wait for one
// that a context could end.
const lockPoll = 5 * time.Millisecond

// held is the lock while it is held.
type held struct {
	target string // the file to replace: where the path leads, symbolic links followed
	lock   *flock.Flock
}

// lock takes the lock file beside the state file. That is a file of its own, never
// replaced or removed: a lock on a file that gets renamed over loses updates.
func (f *File) lock(ctx context.Context) (*held, error) {
	target, err := followLinks(f.path)
	if err != nil {
		return nil, f.failure("cannot be found", err)
	}
	if err := f.step("lock"); err != nil {
		return nil, f.failure("cannot be locked", err)
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return nil, f.failure("its folder cannot be made", err)
	}
	h := &held{target: target, lock: flock.New(target+".lock", flock.SetPermissions(0o600))}
	if err := f.wait(ctx, h.lock); err != nil {
		return nil, err
	}
	h.announce(f.holder())
	return h, nil
}

// wait takes the lock, however often that has to be tried, until the context or the
// time ends. A free lock is taken whatever the time allowed.
func (f *File) wait(ctx context.Context, lock *flock.Flock) error {
	if ctx.Err() == nil {
		if ok, err := lock.TryLock(); ok {
			return nil
		} else if err != nil {
			return f.failure("cannot be locked", err)
		}
	}
	waiting := ctx
	if f.options.LockTimeout > 0 {
		limited, cancel := context.WithTimeout(ctx, f.options.LockTimeout)
		defer cancel()
		waiting = limited
	}
	_, err := lock.TryLockContext(waiting, lockPoll)
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return &federation.Error{Kind: federation.Interrupted, ID: "Interrupted", Object: f.path, Reason: "stopped while waiting for the lock", Err: err}
	case waiting.Err() != nil:
		return federation.Errorf(federation.Locked, "StateFileLocked", f.path, "is locked by %s (%s)", readHolder(lock.Path()), lock.Path())
	}
	return f.failure("cannot be locked", err)
}

// holder is the line that tells others who holds the lock.
func (f *File) holder() string {
	text := f.options.Holder
	if text == "" {
		text = "another process"
	}
	if f.options.Now != nil {
		text += " since " + f.options.Now().UTC().Format(time.RFC3339)
	}
	return text
}

// announce writes the holder into the lock file. It is for people only, so failing
// to write it does not matter.
func (h *held) announce(holder string) {
	file, err := os.OpenFile(h.lock.Path(), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return
	}
	defer file.Close()
	_, _ = io.WriteString(file, holder)
}

// release frees the lock. The operating system would do so too when the process ends.
func (h *held) release() {
	h.announce("")
	_ = h.lock.Close()
}

// readHolder reads who holds a lock, at most 200 bytes and none that a terminal
// would take as a command.
func readHolder(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return "another process"
	}
	defer file.Close()
	text, _ := io.ReadAll(io.LimitReader(file, 200))
	holder := strings.Map(func(c rune) rune {
		if unicode.IsGraphic(c) {
			return c
		}
		return -1
	}, strings.ToValidUTF8(string(text), ""))
	if strings.TrimSpace(holder) == "" {
		return "another process"
	}
	return holder
}
