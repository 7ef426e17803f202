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
		return checkAtStart(ctx, o)
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

// checkAtStart refuses to start without the current key. A broker does without the next one,
// whose loss is worth a line of the log.
func checkAtStart(ctx context.Context, o Options) error {
	if err := turnKeys(ctx, o.Registry, o.Keys, o.Now().UTC(), o.Log); err != nil {
		return err
	}
	next, err := checkSigningKeys(ctx, o.Registry, o.Keys, o.Now())
	if next != nil {
		warnOfNextKey(ctx, o.Log, next)
	}
	return err
}

// checkSigningKeys reads the private keys of the current and of the next signing
// certificate. An error is a *federation.Error of kind Corrupt if the current one cannot be
// used: one that is not there, was damaged, or was written by another user; next is one about
// the next key.
func checkSigningKeys(ctx context.Context, registry Registry, store federation.KeyStore, now time.Time) (next *federation.Error, err error) {
	ring, err := viewRing(ctx, registry, store, now)
	if err != nil {
		return nil, err
	}
	if ring.next != nil {
		errors.As(loadable(ring.next, store), &next)
	}
	return next, loadable(&ring.current, store)
}

// loadable returns why the key cannot be used, a *federation.Error, or nil.
func loadable(key *SigningKey, store federation.KeyStore) error {
	if _, err := store.Load(key.Thumbprint); err != nil {
		return unusableKey(key, err)
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

func noSigningKey() error {
	return &federation.Error{
		Kind: federation.NotFound, ID: "NoSigningKey", Object: "trust broker", Reason: "the registry names no signing certificate",
		Remedy: "start the broker once: it makes its key",
	}
}

func signingKeys(ctx context.Context, registry Registry) ([]SigningKey, error) {
	var keys []SigningKey
	err := registry.View(ctx, func(tx Tx) (err error) {
		keys, err = tx.SigningKeys()
		return err
	})
	return keys, err
}

// viewRing returns the ring at the time now, and writes nothing.
func viewRing(ctx context.Context, registry Registry, store federation.KeyStore, now time.Time) (keyRing, error) {
	keys, err := signingKeys(ctx, registry)
	if err != nil {
		return keyRing{}, err
	}
	return ringAt(keys, now.UTC(), store)
}

// signingCertificates returns what the metadata publishes; other is nil when there is one
// key only.
func signingCertificates(ctx context.Context, registry Registry, store federation.KeyStore, now time.Time) (current, other *x509.Certificate, err error) {
	ring, err := viewRing(ctx, registry, store, now)
	if err != nil {
		return nil, nil, err
	}
	certificates := make([]*x509.Certificate, 2)
	for i, k := range ring.published() {
		if certificates[i], err = x509.ParseCertificate(k.DER); err != nil {
			return nil, nil, fmt.Errorf("signing certificate %s: %w", k.Thumbprint, err)
		}
	}
	return certificates[0], certificates[1], nil
}
