package certificate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// step takes a step that changes the disk, after the checkpoint.
func (s *KeyStore) step(name string, take func() error) error {
	if s.Checkpoint != nil {
		if err := s.Checkpoint(name); err != nil {
			return err
		}
	}
	return take()
}

// makeFolder makes the folder of the keys unless it is there.
func (s *KeyStore) makeFolder() error {
	if info, err := os.Stat(s.Dir); err == nil && info.IsDir() {
		return nil
	}
	if err := s.step("key-folder", func() error { return os.MkdirAll(s.Dir, 0o700) }); err != nil {
		return err
	}
	return s.syncFolder(filepath.Dir(s.Dir))
}

// writeTemporary writes data to a new file that no reader looks at, and to the disk. It
// returns the path; on failure nothing is left.
func (s *KeyStore) writeTemporary(data []byte) (path string, err error) {
	var file *os.File
	err = s.step("key-create", func() (err error) {
		file, err = os.CreateTemp(s.Dir, temporaryPattern) // O_EXCL, mode 0600
		return err
	})
	if err != nil {
		return "", err
	}
	s.removeAbandoned(file)
	err = s.step("key-write", func() error { _, err := file.Write(data); return err })
	if err == nil {
		err = s.step("key-sync", file.Sync)
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// publish gives the written file its name. Unlike a rename, a link fails if the name is
// taken. A name that might not outlast a power cut is taken back, so that a failed Save
// leaves no key.
func (s *KeyStore) publish(temporary, path string) error {
	if err := s.step("key-link", func() error { return os.Link(temporary, path) }); err != nil {
		return err
	}
	if err := s.syncFolder(s.Dir); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func (s *KeyStore) discard(temporary string) error {
	return s.step("key-discard", func() error { return os.Remove(temporary) })
}

// removeAbandoned removes what killed processes left: files being written that are much
// older than the one just made. Comparing two times of the file system needs no clock.
func (s *KeyStore) removeAbandoned(made *os.File) {
	now, err := made.Stat()
	if err != nil {
		return
	}
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if temporary, _ := filepath.Match(temporaryPattern, entry.Name()); !temporary {
			continue
		}
		info, err := entry.Info()
		if err == nil && now.ModTime().Sub(info.ModTime()) > abandoned {
			// One that cannot be removed now is tried again at the next Save.
			path := filepath.Join(s.Dir, entry.Name())
			_ = s.step("key-clear", func() error { return os.Remove(path) })
		}
	}
}

// syncFolder makes names made or removed in the folder last.
func (s *KeyStore) syncFolder(folder string) error {
	return s.step("key-sync-folder", func() error {
		err := syncFolder(folder)
		if errors.Is(err, fs.ErrInvalid) || errors.Is(err, errors.ErrUnsupported) {
			return nil // a file system that cannot, and need not be told
		}
		return err
	})
}
