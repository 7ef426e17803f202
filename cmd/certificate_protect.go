package cmd

import (
	"context"
	"slices"

	"exfed/certificate"
	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

type protectCertificateParams struct {
	passphrase secret
	remove     opt[bool]
}

func protectExchangeCertificate() spec[protectCertificateParams] {
	return spec[protectCertificateParams]{
		name:  "Protect-ExchangeCertificate",
		short: "Encrypts the private keys of all certificates with a passphrase, or with another one",
		long: `A key file is for its owner alone to read; with a passphrase, a copy of it in a backup is of no
use either. All keys of the organization have one passphrase. Whatever uses them finds it in
the file that EXFED_KEY_PASSPHRASE_FILE names, which is to lie elsewhere than the keys, or in
EXFED_KEY_PASSPHRASE; on a terminal it is asked for. New keys are encrypted with it as well.
The passphrase there is now is taken from the same places.

Cut short, it is finished by running it again.`,
		view:    render.View{Kind: render.AsTable, Columns: []string{"Thumbprint", "Protected"}, Key: "Thumbprint"},
		changes: true,
		examples: []string{
			"exfed protect-exchangecertificate -NewPassphrase @keys.passphrase",
			"exfed protect-exchangecertificate -Remove",
		},
		declare: func(p *protectCertificateParams, d *declaration) {
			d.secret(&p.passphrase, "NewPassphrase", "The passphrase the keys are to have.", defaults("asked for on a terminal, twice"))
			d.toggle(&p.remove, "Remove", "Leaves the keys unencrypted.")
		},
		target: func(*protectCertificateParams) string { return "the private keys of the organization" },
		check: func(p *protectCertificateParams) error {
			if p.remove.value && p.passphrase.given {
				return &psargs.UsageError{ID: "ParameterSet", Param: "Remove", Msg: "-Remove and -NewPassphrase exclude each other",
					Hints: []string{"-Remove leaves the keys unencrypted; -NewPassphrase gives them another passphrase"}}
			}
			return nil
		},
		run: runProtectCertificate,
	}
}

func runProtectCertificate(ctx context.Context, e *env, p *protectCertificateParams) ([]render.Record, error) {
	path, err := e.statePath()
	if err != nil {
		return nil, err
	}
	passphrase := ""
	if !p.remove.value {
		if passphrase, err = p.passphrase.read(ctx, e, "NewPassphrase", "New passphrase for the private keys", true); err != nil {
			return nil, err
		}
		if passphrase == "" {
			return nil, federation.Errorf(federation.Invalid, "EmptyPassword", "passphrase", "is empty")
		}
	}
	keys := e.keyStore(path)
	prints, err := keys.List()
	if err != nil {
		return nil, federation.FromCertificate(err)
	}
	if len(prints) == 0 && passphrase != "" {
		e.warn("there is no private key yet, and nothing keeps the passphrase: new keys get it while %s or %s has it", passphraseFileVariable, passphraseVariable)
	}
	return e.protectAll(keys, prints, passphrase)
}

// protectAll gives the passphrase to the key files, and to those that others save meanwhile: they
// may not know of it yet.
func (e *env) protectAll(keys *certificate.KeyStore, prints []string, passphrase string) (records []render.Record, err error) {
	done := map[string]bool{}
	for len(prints) > 0 {
		if err := openAll(keys, prints, passphrase); err != nil {
			return records, err
		}
		for _, print := range prints {
			done[print] = true
			err := e.protect(keys, print, passphrase)
			if gone(keys, print, err) {
				continue
			}
			if err != nil {
				return records, federation.FromCertificate(err)
			}
			records = append(records, render.New(render.Text("Thumbprint", print), render.Bool("Protected", passphrase != "")))
		}
		if prints, err = keys.List(); err != nil {
			return records, federation.FromCertificate(err)
		}
		prints = slices.DeleteFunc(prints, func(print string) bool { return done[print] })
	}
	return records, nil
}

// openAll tries the key files before any of them is changed: one that cannot be opened is no
// reason to leave half of them changed.
func openAll(keys *certificate.KeyStore, prints []string, passphrase string) error {
	for _, print := range prints {
		if encryptedWith(keys.Dir, print, passphrase) {
			continue
		}
		if err := opens(keys, print); err != nil && !gone(keys, print, err) {
			return federation.FromCertificate(err)
		}
	}
	return nil
}

// gone reports whether a key file that could not be opened was deleted since it was listed, as
// that of a request is when its certificate comes. A link that leads nowhere is there yet.
func gone(keys *certificate.KeyStore, print string, err error) bool {
	if !certificate.IsNotFound(err) {
		return false
	}
	there, err := keys.List()
	return err == nil && !slices.Contains(there, print)
}

// protect gives one key file the passphrase. One that an earlier run gave it already is left
// as it is.
func (e *env) protect(keys *certificate.KeyStore, print, passphrase string) error {
	if e.whatIf != nil {
		e.whatIf.looks = append(e.whatIf.looks, "the key file of "+print+" would be written anew")
		return nil
	}
	err := keys.Protect(print, passphrase)
	if err != nil && encryptedWith(keys.Dir, print, passphrase) {
		return nil
	}
	return err
}

// encryptedWith reports whether a key file is encrypted with the passphrase. That it opens does
// not say so: a plain one opens with any.
func encryptedWith(folder, print, passphrase string) bool {
	encrypted := false
	store := &certificate.KeyStore{Dir: folder, Passphrase: func() (string, error) {
		encrypted = true
		return passphrase, nil
	}}
	return opens(store, print) == nil && encrypted
}

// opens reports why a key file cannot be opened with the passphrase of the store.
func opens(keys *certificate.KeyStore, print string) error {
	_, err := keys.Load(print)
	if certificate.IsCode(err, certificate.KeyPending) {
		return nil
	}
	return err
}
