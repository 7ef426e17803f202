package server

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"exfed/certificate"
	"exfed/federation"
)

// signingSubject is the name of the broker's signing certificates. They may all have
// the same: relying parties tell them apart by the subject key identifier.
const signingSubject = "CN=exfed federation broker signing"

// ensureSigningKey makes the signing key of a new broker. The key file is written
// before the registry names it; of several processes that start at once one wins and
// the others take their files away again.
func ensureSigningKey(ctx context.Context, o Options) error {
	keys, err := signingKeys(ctx, o.Registry)
	if err != nil {
		return err
	}
	if len(keys) > 0 {
		if !o.Keys.Has(keys[0].Thumbprint) {
			return federation.Errorf(federation.Corrupt, "SigningKeyMissing", "trust broker",
				"the private key of its signing certificate %s is not in the key folder; put it back from a backup", keys[0].Thumbprint)
		}
		return nil
	}
	pair, err := certificate.NewSelfSigned(certificate.Request{Subject: signingSubject}, o.Rand, o.Now())
	if err != nil {
		return fmt.Errorf("signing key: %w", err)
	}
	if err := o.Keys.Save(pair); err != nil {
		return fmt.Errorf("signing key: %w", err)
	}
	made := SigningKey{Slot: CurrentSlot, Thumbprint: certificate.Thumbprint(pair.Certificate), DER: pair.Certificate.Raw, Since: o.Now().UTC()}
	first := false
	err = o.Registry.Update(ctx, func(tx Tx) error {
		there, err := tx.SigningKeys()
		if err != nil || len(there) > 0 {
			return err
		}
		first = true
		return tx.PutSigningKey(made)
	})
	if err != nil || !first {
		return errors.Join(err, o.Keys.Delete(made.Thumbprint))
	}
	return nil
}

func signingKeys(ctx context.Context, registry Registry) ([]SigningKey, error) {
	var keys []SigningKey
	err := registry.View(ctx, func(tx Tx) (err error) {
		keys, err = tx.SigningKeys()
		return err
	})
	return keys, err
}

// signingCertificates returns what the metadata publishes; previous is nil when there
// is none.
func signingCertificates(ctx context.Context, registry Registry) (current, previous *x509.Certificate, err error) {
	keys, err := signingKeys(ctx, registry)
	if err != nil {
		return nil, nil, err
	}
	for _, k := range keys {
		parsed, err := x509.ParseCertificate(k.DER)
		if err != nil {
			return nil, nil, fmt.Errorf("signing certificate %s: %w", k.Thumbprint, err)
		}
		if k.Slot == CurrentSlot {
			current = parsed
		} else {
			previous = parsed
		}
	}
	if current == nil {
		return nil, nil, errors.New("the registry names no signing certificate")
	}
	return current, previous, nil
}
