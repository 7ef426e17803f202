package state

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"exfed/federation"
	"exfed/federation/yamldoc"
)

// Options are what a File needs besides its path. The zero value will do.
type Options struct {
	// Now gives the time that is written into the lock file; nil: none is written.
	Now func() time.Time
	// Holder says who holds the lock, for others who wait: "pid 123 new-federationtrust".
	Holder string
	// LockTimeout is how long Update waits for the lock; 0: until the context ends.
	LockTimeout time.Duration
	// Checkpoint, if not nil, is called with the name of each step that touches the
	// disk before it is taken. An error it returns makes the step fail with it.
	Checkpoint func(step string) error
}

// File is the state file at a path. It implements federation.Store. It holds nothing
// open between calls and may be used by several goroutines and processes at once.
type File struct {
	path    string
	options Options
}

var _ federation.Store = (*File)(nil)

// Open names the state file at path. Nothing is read or written before the first
// View or Update; a file that does not exist is an empty state.
func Open(path string, options Options) *File {
	return &File{path: path, options: options}
}

// Path returns the path the file was opened with.
func (f *File) Path() string { return f.path }

// View calls fn with the state as it is now. Nothing can be changed in fn.
// The error has kind Corrupt if the file is broken.
func (f *File) View(_ context.Context, fn func(federation.Tx) error) error {
	doc, err := f.load()
	if err != nil {
		return err
	}
	return fn(newTransaction(f.path, doc, false).tx())
}

// Update calls fn with the state under the lock and writes what it changed: all of it
// or, when fn or the validation fails, nothing. If fn changes nothing, nothing is
// written. The error has kind Locked if the lock is not free in time, Corrupt if the
// file is broken, Conflict if the change would break a rule of the whole file.
func (f *File) Update(ctx context.Context, fn func(federation.Tx) error) error {
	held, err := f.lock(ctx)
	if err != nil {
		return err
	}
	defer held.release()
	if err := removeLeftover(held.target); err != nil {
		return f.failure("a temporary file left behind cannot be removed", err)
	}
	before, err := f.load()
	if err != nil {
		return err
	}
	after, err := change(f.path, before, fn)
	if err != nil || after == before {
		return err
	}
	return f.replace(held.target, after.Bytes())
}

// Check reads the whole file and checks every object and every rule between them,
// more than View does: that decodes only what is asked for. The error has kind Corrupt
// and names all faults; as a yamldoc.Faults in its tree it gives them one by one.
func (f *File) Check() error {
	doc, err := f.load()
	if err != nil {
		return err
	}
	if faults := validate(doc); len(faults) > 0 {
		return corrupt(f.path, faults)
	}
	return nil
}

// change applies fn to the document and validates the outcome. It returns the
// document itself if fn changed nothing.
func change(path string, before *yamldoc.Document, fn func(federation.Tx) error) (*yamldoc.Document, error) {
	t := newTransaction(path, before, true)
	if err := fn(t.tx()); err != nil {
		return nil, err
	}
	after, err := before.Apply(t.edits())
	if err != nil {
		return nil, &federation.Error{Kind: federation.Other, ID: "StateEditFailed", Object: path,
			Reason: "the change cannot be written", Err: err}
	}
	if string(after.Bytes()) == string(before.Bytes()) {
		return before, nil
	}
	if err := validateChange(path, before, after); err != nil {
		return nil, err
	}
	return after, nil
}

// load reads and parses the file. A file that does not exist is an empty document.
func (f *File) load() (*yamldoc.Document, error) {
	data, err := readBounded(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return yamldoc.New(layout())
	}
	if err != nil {
		return nil, f.failure("cannot be read", err)
	}
	doc, err := yamldoc.Parse(data, layout())
	if err != nil {
		return nil, corrupt(f.path, err)
	}
	return doc, nil
}

// MaxSize is the largest state file that is read, in bytes.
const MaxSize = yamldoc.MaxSize

// readBounded reads one byte more than a document may have at most, no matter how
// long the file is: the parser then says that it is too long.
func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, MaxSize+1))
}

// corrupt wraps what the parser found.
func corrupt(path string, err error) error {
	var newer *yamldoc.VersionError
	if errors.As(err, &newer) {
		return federation.Errorf(federation.Corrupt, "StateFileNewer", path,
			"is of version %d; this exfed knows version %d at most: use the exfed that wrote it, or a later one", newer.Found, newer.Supported)
	}
	return &federation.Error{Kind: federation.Corrupt, ID: "StateFileCorrupt", Object: path, Reason: "is not a state file", Err: err}
}

// failure is an error of the operating system about the file.
func (f *File) failure(reason string, err error) error {
	return &federation.Error{Kind: federation.Other, ID: "StateFileFailed", Object: f.path, Reason: reason, Err: err}
}
