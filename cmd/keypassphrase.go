package cmd

import (
	"context"
	"io"
	"sync"

	"exfed/certificate"
	"exfed/federation"
)

// The variables that open encrypted key files.
const (
	passphraseFileVariable = "EXFED_KEY_PASSPHRASE_FILE"
	passphraseVariable     = "EXFED_KEY_PASSPHRASE"
)

// keyStore is the folder of the organization's private keys, which opens and writes encrypted
// ones as well.
func (e *env) keyStore(statePath string) *certificate.KeyStore {
	store := &certificate.KeyStore{Dir: keysFolder(statePath), Checkpoint: e.process.Checkpoint}
	store.Passphrase = func() (string, error) {
		text, err := e.passphraseSetting()
		if text != "" || err != nil {
			return text, err
		}
		met, err := store.Encrypted()
		if len(met) == 0 || err != nil {
			return "", federation.FromCertificate(err)
		}
		return e.passphrase.of(e, store.Dir, met[0])
	}
	return store
}

// passphraseSetting is the passphrase that the environment says, "" if it says none. It is
// read each time, so that a server follows a file that changes.
func (e *env) passphraseSetting() (string, error) {
	if path := e.process.getenv(passphraseFileVariable); path != "" {
		return readSecretFile("PassphraseNotFound", path)
	}
	return e.process.getenv(passphraseVariable), nil
}

// typedPassphrase is what a person types when an encrypted key is met: asked for once in a
// run, and never when all keys are plain.
type typedPassphrase struct {
	ctx   context.Context // ends when the person interrupts
	once  sync.Once
	text  string
	fault error
}

// of returns the passphrase of the keys in a folder, checked with one of them: a new key must
// not be encrypted with a slip of the finger.
func (t *typedPassphrase) of(e *env, folder, encrypted string) (string, error) {
	if t == nil {
		return "", passphraseNeeded("there is nobody to ask")
	}
	t.once.Do(func() { t.text, t.fault = t.ask(e, folder, encrypted) })
	return t.text, t.fault
}

func (t *typedPassphrase) ask(e *env, folder, encrypted string) (string, error) {
	text, err := e.prompter.ReadPassword(t.ctx, "Passphrase of the private keys")
	if err == nil && len(text) == 0 {
		err = io.EOF
	}
	if why := whyUntyped(err); why != "" {
		return "", passphraseNeeded(why)
	}
	if err != nil {
		return "", err
	}
	try := &certificate.KeyStore{Dir: folder, Passphrase: func() (string, error) { return string(text), nil }}
	if err := opens(try, encrypted); certificate.IsCode(err, certificate.WrongPassphrase) {
		return "", err
	}
	return string(text), nil
}

func passphraseNeeded(why string) error {
	return federation.Errorf(federation.NeedsAnswer, "PassphraseNeeded", "passphrase of the private keys", "is needed, and %s", why)
}
