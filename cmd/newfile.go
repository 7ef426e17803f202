package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"exfed/federation"
)

// refuseExisting refuses a file that is there, or whose folder is not, before anything is
// asked for to write to it.
func refuseExisting(path string) error {
	if path == "" {
		return nil
	}
	info, err := os.Lstat(path)
	switch {
	case err == nil && info.IsDir():
		return federation.Errorf(federation.Exists, "FileIsFolder", "file "+path, "is a folder")
	case !errors.Is(err, fs.ErrNotExist):
		return notWritten(path, err)
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return notWritten(path, err)
	}
	return nil
}

// writeNewFile writes a file that is not there yet, for its owner to read alone.
func writeNewFile(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return notWritten(path, err)
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync() // what it is a copy of may be given up next
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return notWritten(path, errors.Join(err, os.Remove(path)))
	}
	return nil
}

// notWritten is the failure to write a new file; without a cause, it is there already.
func notWritten(path string, err error) error {
	if err == nil || errors.Is(err, fs.ErrExist) {
		return federation.Errorf(federation.Exists, "FileExists", "file "+path, "exists already and is not overwritten")
	}
	return &federation.Error{Kind: federation.Other, ID: "FileNotWritten", Object: "file " + path, Reason: "cannot be written", Err: err}
}
