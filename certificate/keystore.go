package certificate

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// KeyStore keeps private keys in a folder: for each certificate one file named by its
// thumbprint, <THUMBPRINT>.pem, that holds the key and the certificate. A file is written
// once and never replaced, and comes into being whole: a process killed at any moment
// leaves it there or not there, never in part. A KeyStore may be used by several
// goroutines and processes at once.
type KeyStore struct {
	// Dir is the folder. It is made when the first key is saved, for its owner alone.
	Dir string
	// Checkpoint, if not nil, is called with the name of each step that changes the disk
	// before it is taken. An error it returns makes the step fail with it.
	Checkpoint func(step string) error
}

const (
	keySuffix = ".pem"
	// temporaryPattern names files that are being written, for os.CreateTemp.
	temporaryPattern = ".new-*.tmp"
	// abandoned is the age at which a file being written is one that a killed process
	// left behind: writing takes milliseconds.
	abandoned = 10 * time.Minute
	// maxKeyFile is the largest key file that is read, in bytes.
	maxKeyFile = 64 << 10
)

// Save writes the pair. One that is there already is left alone; another key under the
// thumbprint is an error (KeyExists), a failed disk KeyNotWritten.
func (s *KeyStore) Save(pair Pair) error {
	if !Belongs(pair.Key, pair.Certificate) {
		return &Error{Code: KeyMismatch, Object: "the pair to be kept", Reason: "the private key does not belong to the certificate"}
	}
	data, err := encodePair(pair)
	if err != nil {
		return err
	}
	path := s.path(Thumbprint(pair.Certificate))
	if err := s.makeFolder(); err != nil {
		return notWritten(path, err)
	}
	temporary, err := s.writeTemporary(data)
	if err != nil {
		return notWritten(path, err)
	}
	err = s.publish(temporary, path)
	// The key file is complete or not there; a name that stays is cleared away later.
	_ = s.discard(temporary)
	if errors.Is(err, fs.ErrExist) {
		return s.sameAsKept(pair)
	}
	if err != nil {
		return notWritten(path, err)
	}
	return nil
}

// Load returns the pair of a thumbprint. Errors have the codes InvalidThumbprint,
// KeyNotFound, KeyTooOpen, KeyMismatch, KeyDamaged and KeyUnreadable. With KeyMismatch the pair
// is what the file holds.
func (s *KeyStore) Load(thumbprint string) (Pair, error) {
	name, err := ParseThumbprint(thumbprint)
	if err != nil {
		return Pair{}, err
	}
	path := s.path(name)
	data, err := ReadKeyFile(path)
	if err != nil {
		return Pair{}, err
	}
	pair, err := decodePair(data)
	if err != nil {
		return Pair{}, &Error{Code: KeyDamaged, Object: "key file " + path, Reason: "cannot be read", Remedy: "put it back from a backup", Err: err}
	}
	if !Belongs(pair.Key, pair.Certificate) {
		return pair, &Error{Code: KeyMismatch, Object: "key file " + path, Reason: "its private key does not belong to its certificate"}
	}
	if got := Thumbprint(pair.Certificate); got != name {
		return pair, &Error{Code: KeyMismatch, Object: "key file " + path, Reason: "it holds the certificate with thumbprint " + got}
	}
	return pair, nil
}

// Has reports whether there is a key file for the thumbprint, without reading it.
func (s *KeyStore) Has(thumbprint string) bool {
	name, err := ParseThumbprint(thumbprint)
	if err != nil {
		return false
	}
	_, err = os.Stat(s.path(name))
	return err == nil
}

// Delete removes the key file of the thumbprint; deleting what is not there does nothing.
func (s *KeyStore) Delete(thumbprint string) error {
	name, err := ParseThumbprint(thumbprint)
	if err != nil {
		return err
	}
	path := s.path(name)
	err = s.step("key-delete", func() error { return os.Remove(path) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.syncFolder(s.Dir)
	}
	if err != nil {
		return &Error{Code: KeyNotDeleted, Object: "key file " + path, Reason: "cannot be deleted", Err: err}
	}
	return nil
}

// List returns the thumbprints of all key files in order; none if there is no folder yet.
func (s *KeyStore) List() ([]string, error) {
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &Error{Code: KeyUnreadable, Object: "key folder " + s.Dir, Reason: "cannot be read", Err: err}
	}
	var thumbprints []string
	for _, entry := range entries {
		name, isKey := strings.CutSuffix(entry.Name(), keySuffix)
		if thumbprint, err := ParseThumbprint(name); isKey && err == nil && thumbprint == name {
			thumbprints = append(thumbprints, thumbprint)
		}
	}
	return thumbprints, nil
}

func (s *KeyStore) path(thumbprint string) string {
	return filepath.Join(s.Dir, thumbprint+keySuffix)
}

// sameAsKept is the end of a Save that found its file there already.
func (s *KeyStore) sameAsKept(pair Pair) error {
	thumbprint := Thumbprint(pair.Certificate)
	kept, err := s.Load(thumbprint)
	if err == nil && bytes.Equal(kept.Certificate.Raw, pair.Certificate.Raw) {
		return nil
	}
	return &Error{Code: KeyExists, Object: "key file " + s.path(thumbprint), Reason: "is there already and is not this key", Err: err}
}

func notWritten(path string, err error) error {
	return &Error{Code: KeyNotWritten, Object: "key file " + path, Reason: "cannot be written", Err: err}
}
