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
// or the previous one, if any.
func (s *Server) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	return publishedKeys(ctx, s.registry, s.now())
}

// RollKey replaces the signing key. It stages the next one, which the metadata has from
// now on and which signs after KeyNotice; one that is staged already stays as it is. With
// atOnce the next key signs now: the staged one or, without one, a new one that no relying
// party has seen, so that each must read the metadata before it accepts another token. The
// private keys of keys that are replaced stay in the key folder.
//
// It returns what SigningKeys returns afterwards. Staging is refused with kind Conflict and
// ID SigningKeyInUse while tokens signed with the previous key may be valid, because the
// next key takes that one's place in the metadata.
func (s *Server) RollKey(ctx context.Context, atOnce bool) ([]SigningKey, error) {
	now := s.now().UTC()
	made, err := newSigningKey(s.keys, s.rand, now)
	if err != nil {
		return nil, err
	}
	used := false
	var after keyRing
	err = s.registry.Update(ctx, func(tx Tx) error {
		keys, err := tx.SigningKeys()
		if err != nil {
			return err
		}
		if after, err = ringAt(keys, now); err != nil {
			return err
		}
		if after.next == nil {
			if err := after.stage(made, atOnce); err != nil {
				return err
			}
			used = true
		}
		if atOnce {
			after.next.Since = now
			after.advance()
			// A key that must not be used any longer is not one to verify with either.
			after.previous = nil
		}
		return after.write(tx)
	})
	if err != nil || !used {
		err = errors.Join(err, s.keys.Delete(made.Thumbprint))
	}
	if err != nil {
		return nil, err
	}
	return after.published(), nil
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
