package certificate

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
)

// SaveRequest keeps the key of a request until its certificate comes, as Save keeps a pair.
// The file is named by RequestThumbprint. Once the certificate is here, Save it with the key
// and Delete this file.
func (s *KeyStore) SaveRequest(requested Requested) error {
	content := keyFileContent{Requested: requested}
	if !content.matches() {
		return &Error{Code: KeyMismatch, Object: "the request to be kept", Reason: "the private key does not belong to the request"}
	}
	return s.save(content)
}

// LoadRequest returns the pending request with the thumbprint. Errors are those of Load;
// KeyMismatch says also that the file holds a certificate.
func (s *KeyStore) LoadRequest(thumbprint string) (Requested, error) {
	content, path, err := s.load(thumbprint)
	if err != nil {
		return Requested{}, err
	}
	if content.Request == nil {
		return Requested{}, &Error{Code: KeyMismatch, Object: "key file " + path, Reason: "it holds a certificate, not a request"}
	}
	return content.Requested, nil
}

// Protect encrypts one key file with another passphrase, "" decrypts it for good. The file is
// read with the store's own Passphrase, and replaced as a whole; of a link, where it leads. Doing it again with a store
// that has the new passphrase does no harm, so that a change of many files can be finished
// after an interruption.
func (s *KeyStore) Protect(thumbprint, passphrase string) error {
	content, path, err := s.load(thumbprint)
	if err != nil {
		return err
	}
	// A new file in place of a link would leave the key as it is where the link leads.
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return notWritten(s.path(thumbprint), err)
	}
	there := &KeyStore{Dir: filepath.Dir(path), Checkpoint: s.Checkpoint}
	data, err := content.encode(passphrase)
	if err != nil {
		return err
	}
	temporary, err := there.writeTemporary(data)
	if err != nil {
		return notWritten(path, err)
	}
	if err := there.step("key-replace", func() error { return os.Rename(temporary, path) }); err != nil {
		return notWritten(path, errors.Join(err, there.discard(temporary)))
	}
	if err := there.syncFolder(there.Dir); err != nil {
		return notWritten(path, err)
	}
	return nil
}

// Encrypted returns the thumbprints of the key files that are encrypted, in order. What cannot
// be read is none of them.
func (s *KeyStore) Encrypted() ([]string, error) {
	all, err := s.List()
	var encrypted []string
	for _, thumbprint := range all {
		data, err := ReadKeyFile(s.path(thumbprint))
		if err == nil && bytes.Contains(data, []byte("-----BEGIN "+encryptedKeyBlock+"-----")) {
			encrypted = append(encrypted, thumbprint)
		}
	}
	return encrypted, err
}

// agrees refuses a passphrase that opens none of the encrypted keys. That some have another one
// is the middle of a change.
func (s *KeyStore) agrees(passphrase string) error {
	if passphrase == "" {
		return nil
	}
	encrypted, err := s.Encrypted()
	if err != nil {
		return err
	}
	same := &KeyStore{Dir: s.Dir, Passphrase: func() (string, error) { return passphrase, nil }}
	for _, thumbprint := range encrypted {
		if _, _, err := same.load(thumbprint); err == nil {
			return nil
		}
	}
	if len(encrypted) == 0 {
		return nil
	}
	return &Error{Code: WrongPassphrase, Object: "key folder " + s.Dir, Reason: "its keys are encrypted with another passphrase"}
}
