package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"exfed/certificate"
	"exfed/federation"
)

// SigningKeys returns the keys in the metadata: the current one, which signs, and the next
// or the previous one, if any. It writes nothing.
func (o *Operator) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	ring, err := viewRing(ctx, o.Registry, o.Keys, o.Now())
	if err != nil {
		return nil, err
	}
	return ring.published(), nil
}

// Rollover is what RollKey came to.
type Rollover struct {
	Keys []SigningKey // what SigningKeys returns afterwards
	// Dropped is why the key that was staged cannot be used and another one has taken its
	// place, a *federation.Error that names it; nil when that did not happen.
	Dropped error
}

// RollKey replaces the signing key. It stages the next one, which the metadata has from
// now on and which signs after KeyNotice; one that is staged already stays as it is. With
// atOnce the next key signs now: the staged one or, without one, a new one that no relying
// party has seen, so that each must read the metadata before it accepts another token. The
// private keys of keys that are replaced stay in the key folder. A staged key that cannot be
// loaded counts for none: a new one takes its place, with the whole KeyNotice.
//
// Staging is refused with kind Conflict and ID SigningKeyInUse while tokens signed with the
// previous key may be valid, because the next key takes that one's place in the metadata.
func (o *Operator) RollKey(ctx context.Context, atOnce bool) (Rollover, error) {
	now := o.Now().UTC()
	made, err := newSigningKey(o.Keys, o.Rand, now)
	if err != nil {
		return Rollover{}, err
	}
	used := false
	var dropped error
	var after keyRing
	err = o.Registry.Update(ctx, func(tx Tx) error {
		keys, err := tx.SigningKeys()
		if err != nil {
			return err
		}
		if after, err = ringAt(keys, now, o.Keys); err != nil {
			return err
		}
		dropped = after.dropUnusable(o.Keys)
		used, err = after.roll(made, atOnce)
		if err != nil {
			return err
		}
		return after.write(tx)
	})
	if err != nil || !used {
		err = errors.Join(err, o.Keys.Delete(made.Thumbprint))
	}
	if err != nil {
		return Rollover{}, err
	}
	return Rollover{Keys: after.published(), Dropped: dropped}, nil
}

// dropUnusable takes a next key that cannot be loaded out of the ring, and returns why.
func (r *keyRing) dropUnusable(store federation.KeyStore) error {
	if r.next == nil {
		return nil
	}
	unusable := loadable(r.next, store)
	if unusable != nil {
		r.next = nil
	}
	return unusable
}

// roll puts the key into the ring, if there is no next one, and reports whether it did.
func (r *keyRing) roll(made SigningKey, atOnce bool) (used bool, err error) {
	if r.next == nil {
		if err := r.stage(made, atOnce); err != nil {
			return false, err
		}
		used = true
	}
	if atOnce {
		r.next.Since = made.Published
		r.advance()
		// A key that must not be used any longer is not one to verify with either.
		r.previous = nil
	}
	return used, nil
}

// stage puts the next key into the ring.
func (r *keyRing) stage(made SigningKey, atOnce bool) error {
	if r.previous != nil && !atOnce {
		return federation.Errorf(federation.Conflict, "SigningKeyInUse", "trust broker",
			"tokens signed with the previous key %s may be valid until %s", r.previous.Thumbprint, r.neededUntil().UTC().Format(time.RFC3339))
	}
	made.Slot, made.Since = NextSlot, made.Published.Add(KeyNotice)
	r.next = &made
	return nil
}

// newSigningKey makes a key and writes its file. The registry names it afterwards, so that
// it never names a key that is not there.
func newSigningKey(keys federation.KeyStore, rand io.Reader, now time.Time) (SigningKey, error) {
	pair, err := certificate.NewSelfSigned(certificate.Request{Subject: signingSubject}, rand, now)
	if err != nil {
		return SigningKey{}, fmt.Errorf("signing key: %w", err)
	}
	if err := keys.Save(pair); err != nil {
		return SigningKey{}, fmt.Errorf("signing key: %w", err)
	}
	return SigningKey{
		Slot: CurrentSlot, Thumbprint: certificate.Thumbprint(pair.Certificate), DER: pair.Certificate.Raw,
		Published: now.UTC(), Since: now.UTC(),
	}, nil
}
