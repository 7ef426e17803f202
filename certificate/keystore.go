package certificate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// KeyStore keeps private keys in a folder: for each certificate one file named by its
// thumbprint, <THUMBPRINT>.pem, that holds the key and the certificate; for a request that is
// pending one named by the request's thumbprint, with the key and the request. A file is
// written once, replaced by nothing but Protect, and comes into being whole: a process killed
// at any moment leaves it there or not there, never in part. A KeyStore may be used by
// several goroutines and processes at once.
type KeyStore struct {
	// Dir is the folder. It is made when the first key is saved, for its owner alone.
	Dir string
	// Checkpoint, if not nil, is called with the name of each step that changes the disk
	// before it is taken. An error it returns makes the step fail with it.
	Checkpoint func(step string) error
	// Passphrase, if not nil, returns what key files are encrypted with; "" leaves them
	// plain. It is asked whenever a key file is written or an encrypted one is read, so it
	// remembers what a person typed.
	Passphrase func() (string, error)
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
// thumbprint is an error (KeyExists), a failed disk KeyNotWritten, and a passphrase that opens
// none of the encrypted keys that are there WrongPassphrase: a slip would lock the new one up.
func (s *KeyStore) Save(pair Pair) error {
	if !Belongs(pair.Key, pair.Certificate) {
		return &Error{Code: KeyMismatch, Object: "the pair to be kept", Reason: "the private key does not belong to the certificate"}
	}
	return s.save(keyFileContent{Requested: Requested{Key: pair.Key}, certificate: pair.Certificate})
}

// save writes a key file that is not there yet.
func (s *KeyStore) save(content keyFileContent) error {
	path := s.path(content.thumbprint())
	passphrase := ""
	if s.Passphrase != nil {
		var err error
		passphrase, err = s.Passphrase()
		if IsCode(err, WrongPassphrase) { // it was tried on another file already, which err names
			return err
		}
		if err != nil {
			return notWritten(path, err)
		}
	}
	if err := s.agrees(passphrase); err != nil {
		return err
	}
	data, err := content.encode(passphrase)
	if err != nil {
		return err
	}
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
		return s.sameAsKept(content)
	}
	if err != nil {
		return notWritten(path, err)
	}
	return nil
}

// Load returns the pair of a thumbprint. Errors have the codes InvalidThumbprint,
// KeyNotFound, KeyTooOpen, KeyMismatch, KeyPending, KeyDamaged, KeyUnreadable, KeyEncrypted
// and WrongPassphrase. With KeyMismatch the pair is what the file holds.
func (s *KeyStore) Load(thumbprint string) (Pair, error) {
	content, path, err := s.load(thumbprint)
	if err != nil {
		return content.pair(), err
	}
	if content.certificate == nil {
		return Pair{}, &Error{Code: KeyPending, Object: "key file " + path, Reason: "holds a certificate request; its certificate has not come yet"}
	}
	return content.pair(), nil
}

// load reads and checks a key file.
func (s *KeyStore) load(thumbprint string) (content keyFileContent, path string, err error) {
	name, err := ParseThumbprint(thumbprint)
	if err != nil {
		return keyFileContent{}, "", err
	}
	path = s.path(name)
	data, err := ReadKeyFile(path)
	if err != nil {
		return keyFileContent{}, "", err
	}
	content, err = decodeKeyFile(data, s.Passphrase)
	object := "key file " + path
	var e *Error
	switch {
	case errors.As(err, &e) && e.Object == "":
		e.Object = object
		return keyFileContent{}, "", e
	case err != nil:
		return keyFileContent{}, "", &Error{Code: KeyDamaged, Object: object, Reason: "cannot be read", Remedy: "put it back from a backup", Err: err}
	case !content.matches():
		return content, path, &Error{Code: KeyMismatch, Object: object, Reason: "its private key does not belong to its certificate"}
	}
	if got := content.thumbprint(); got != name {
		return content, path, &Error{Code: KeyMismatch, Object: object, Reason: "it holds the certificate with thumbprint " + got}
	}
	return content, path, nil
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
func (s *KeyStore) sameAsKept(content keyFileContent) error {
	thumbprint := content.thumbprint()
	kept, _, err := s.load(thumbprint)
	if err == nil && samePublicKey(kept.Key, content.Key.Public()) {
		return nil
	}
	return &Error{Code: KeyExists, Object: "key file " + s.path(thumbprint), Reason: "is there already and is not this key", Err: err}
}

func notWritten(path string, err error) error {
	return &Error{Code: KeyNotWritten, Object: "key file " + path, Reason: "cannot be written", Err: err}
}
