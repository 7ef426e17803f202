package state

import (
	"context"
	"sync"

	"exfed/federation"
	"exfed/federation/yamldoc"
)

// Rehearsal takes updates the way the file does, validation included, but keeps the
// outcome in memory: each update builds on the one before, nothing is written and no
// lock is taken. It implements federation.Store.
type Rehearsal struct {
	file *File

	mu     sync.Mutex
	before *yamldoc.Document // as it was when first needed; nil until then
	after  *yamldoc.Document
}

var _ federation.Store = (*Rehearsal)(nil)

// Rehearse returns a rehearsal that begins with the state as it is when first used.
func (f *File) Rehearse() *Rehearsal { return &Rehearsal{file: f} }

// View calls fn with the state as the rehearsed updates have left it.
func (r *Rehearsal) View(_ context.Context, fn func(federation.Tx) error) error {
	doc, err := r.current()
	if err != nil {
		return err
	}
	return fn(newTransaction(r.file.path, doc, false).tx())
}

// Update calls fn and keeps what it changed in memory. It fails as File.Update would,
// except for what only locking and writing can run into.
func (r *Rehearsal) Update(_ context.Context, fn func(federation.Tx) error) error {
	doc, err := r.current()
	if err != nil {
		return err
	}
	after, err := change(r.file.path, doc, fn)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.after = after
	return nil
}

// Diff returns what the updates would change in the file, as lines of a unified
// difference: "@@ -1,3 +1,4 @@", then lines that begin with " ", "-" or "+". It is
// empty if nothing would change.
func (r *Rehearsal) Diff() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.before == nil {
		return nil
	}
	return diff(r.before.Bytes(), r.after.Bytes())
}

func (r *Rehearsal) current() (*yamldoc.Document, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.before == nil {
		doc, err := r.file.load()
		if err != nil {
			return nil, err
		}
		r.before, r.after = doc, doc
	}
	return r.after, nil
}
