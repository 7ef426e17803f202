package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// followLinks returns the file that path leads to, so that the file a symbolic link
// points to is replaced and not the link. A link to nowhere leads to the file it names.
func followLinks(path string) (string, error) {
	target, err := filepath.EvalSymlinks(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return target, err
	}
	if link, err := os.Readlink(path); err == nil {
		if filepath.IsAbs(link) {
			return link, nil
		}
		return filepath.Join(filepath.Dir(path), link), nil
	}
	return path, nil
}

// temporary is where the new bytes are written. Only the holder of the lock writes
// there, so one name is enough and what a killed process left is found again.
func temporary(target string) string {
	return filepath.Join(filepath.Dir(target), "."+filepath.Base(target)+".tmp")
}

// removeLeftover removes the temporary file of a process that was killed.
func removeLeftover(target string) error {
	if err := os.Remove(temporary(target)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// step calls the checkpoint of the options.
func (f *File) step(name string) error {
	if f.options.Checkpoint == nil {
		return nil
	}
	return f.options.Checkpoint(name)
}

// replace puts data in the place of the target: readers see the old bytes or the new
// ones, never a part, and after a power cut one of the two is there.
func (f *File) replace(target string, data []byte) error {
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(target); err == nil {
		mode = info.Mode().Perm()
	}
	temp := temporary(target)
	if reason, err := f.writeTemporary(temp, data, mode); err != nil {
		_ = os.Remove(temp)
		return f.failure(reason+"; the file is unchanged", err)
	}
	if err := f.rename(temp, target); err != nil {
		_ = os.Remove(temp)
		return f.failure("cannot be replaced; the file is unchanged", err)
	}
	if err := f.syncFolder(filepath.Dir(target)); err != nil {
		return f.failure("is written, but may be lost if the power fails now", err)
	}
	return nil
}

// writeTemporary writes the new bytes to the disk; on failure it says what failed.
func (f *File) writeTemporary(temp string, data []byte, mode fs.FileMode) (string, error) {
	if err := f.step("create"); err != nil {
		return "a temporary file cannot be created", err
	}
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "a temporary file cannot be created", err
	}
	reason, err := f.fill(file, data, mode)
	if closing := file.Close(); err == nil && closing != nil {
		return "cannot be written", closing
	}
	return reason, err
}

func (f *File) fill(file *os.File, data []byte, mode fs.FileMode) (string, error) {
	if err := f.step("write"); err != nil {
		return "cannot be written", err
	}
	if _, err := file.Write(data); err != nil {
		return "cannot be written", err
	}
	if err := f.step("chmod"); err != nil {
		return "its mode cannot be set", err
	}
	if err := file.Chmod(mode); err != nil {
		return "its mode cannot be set", err
	}
	if err := f.step("sync"); err != nil {
		return "cannot be written to the disk", err
	}
	if err := file.Sync(); err != nil {
		return "cannot be written to the disk", err
	}
	return "", nil
}

func (f *File) rename(temp, target string) error {
	if err := f.step("rename"); err != nil {
		return err
	}
	return os.Rename(temp, target)
}

// syncFolder makes the rename last.
func (f *File) syncFolder(folder string) error {
	if err := f.step("syncfolder"); err != nil {
		return err
	}
	return syncFolder(folder)
}
