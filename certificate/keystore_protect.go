package certificate

import (
	"errors"
	"os"
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

// opensAnother refuses a passphrase that opens none of the encrypted key files that are there
// (WrongPassphrase): what is encrypted with a slip of the finger is lost. One of them is enough,
// since a change of passphrase that was cut short leaves files of both.
func (s *KeyStore) opensAnother(passphrase string) error {
	prints, err := s.List()
	if passphrase == "" || err != nil {
		return err
	}
	var wrong error
	for _, print := range prints {
		encrypted := false
		trial := &KeyStore{Dir: s.Dir, Passphrase: func() (string, error) {
			encrypted = true
			return passphrase, nil
		}}
		_, _, err := trial.load(print)
		if encrypted && !IsCode(err, WrongPassphrase) {
			return nil
		}
		if encrypted {
			wrong = err
		}
	}
	return wrong
}

// Protect encrypts one key file with another passphrase, "" decrypts it for good. The file is
// read with the store's own Passphrase, and replaced as a whole. Doing it again with a store
// that has the new passphrase does no harm, so that a change of many files can be finished
// after an interruption.
func (s *KeyStore) Protect(thumbprint, passphrase string) error {
	content, path, err := s.load(thumbprint)
	if err != nil {
		return err
	}
	data, err := content.encode(passphrase)
	if err != nil {
		return err
	}
	temporary, err := s.writeTemporary(data)
	if err != nil {
		return notWritten(path, err)
	}
	if err := s.step("key-replace", func() error { return os.Rename(temporary, path) }); err != nil {
		return notWritten(path, errors.Join(err, s.discard(temporary)))
	}
	if err := s.syncFolder(s.Dir); err != nil {
		return notWritten(path, err)
	}
	return nil
}
