package state

import (
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"exfed/federation"
)

// Claim takes an operation that goes on for long and holds no lock of the state file meanwhile,
// so that no other process carries it out on the same file. It ends with release or with the
// process. The error has kind Locked if another process has it; nothing is waited for.
//
// As the state file has its lock, the operation has a file of its own that is never deleted.
func (f *File) Claim(operation string) (release func() error, err error) {
	target, err := followLinks(f.path)
	if err != nil {
		return nil, f.failure("cannot be found", err)
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return nil, f.failure("its folder cannot be made", err)
	}
	h := &held{target: target, lock: flock.New(target+"."+operation+".lock", flock.SetPermissions(0o600))}
	switch taken, err := h.lock.TryLock(); {
	case err != nil:
		return nil, f.failure("the "+operation+" cannot be claimed", err)
	case !taken:
		return nil, federation.Errorf(federation.Locked, "OperationRuns", f.path, "the %s is under way in %s (%s)", operation, readHolder(h.lock.Path()), h.lock.Path())
	}
	h.announce(f.holder())
	return func() error { h.release(); return nil }, nil
}
