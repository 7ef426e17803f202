package server

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

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
		return checkSigningKeys(keys, o.Keys, o.Now())
	}
	made, err := newSigningKey(o.Keys, o.Rand, o.Now())
	if err != nil {
		return err
	}
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

// checkSigningKeys reads the private keys of the current and of the next signing
// certificate, for which it is a *federation.Error of kind Corrupt if one cannot be used:
// one that is not there, was damaged, or was written by another user.
func checkSigningKeys(keys []SigningKey, store federation.KeyStore, now time.Time) error {
	ring, err := ringAt(keys, now)
	if err != nil {
		return err
	}
	for _, key := range []*SigningKey{&ring.current, ring.next} {
		if key == nil {
			continue
		}
		if _, err := store.Load(key.Thumbprint); err != nil {
			return unusableKey(key, err)
		}
	}
	return nil
}

func unusableKey(key *SigningKey, err error) error {
	unusable := &federation.Error{
		Kind: federation.Corrupt, ID: "SigningKeyUnusable", Object: "signing key " + key.Thumbprint,
		Reason: fmt.Sprintf("the broker cannot use the private key of its %s signing certificate", key.Slot), Err: err,
	}
	if certificate.IsNotFound(err) {
		unusable.ID = "SigningKeyMissing"
		unusable.Reason += "; put it back from a backup"
	}
	return unusable
}

func signingKeys(ctx context.Context, registry Registry) ([]SigningKey, error) {
	var keys []SigningKey
	err := registry.View(ctx, func(tx Tx) (err error) {
		keys, err = tx.SigningKeys()
		return err
	})
	return keys, err
}

// publishedKeys returns what the metadata has at the time now.
func publishedKeys(ctx context.Context, registry Registry, now time.Time) ([]SigningKey, error) {
	keys, err := signingKeys(ctx, registry)
	if err != nil {
		return nil, err
	}
	ring, err := ringAt(keys, now)
	return ring.published(), err
}

// signingCertificates returns what the metadata publishes; other is nil when there is one
// key only.
func signingCertificates(ctx context.Context, registry Registry, now time.Time) (current, other *x509.Certificate, err error) {
	keys, err := publishedKeys(ctx, registry, now)
	if err != nil {
		return nil, nil, err
	}
	certificates := make([]*x509.Certificate, 2)
	for i, k := range keys {
		if certificates[i], err = x509.ParseCertificate(k.DER); err != nil {
			return nil, nil, fmt.Errorf("signing certificate %s: %w", k.Thumbprint, err)
		}
	}
	return certificates[0], certificates[1], nil
}
