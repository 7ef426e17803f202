package server

import (
	"errors"
	"slices"
	"time"

	"exfed/federation/token"
)

// KeyNotice is how long the metadata has the next signing key before it signs. Relying
// parties that read the metadata once within that time know it when they need it.
const KeyNotice = 7 * 24 * time.Hour

// keyRing is the broker's signing keys at a moment. It has the whole rule of the rollover,
// which needs nobody to do anything at the right time:
//
//   - the current key signs until the Since of the next one, if there is one; from then on
//     that one is the current key, and the one it replaced the previous one;
//   - the previous key is forgotten when no token that it signed can be accepted any more;
//   - the metadata has the current key, and beside it the next one while that waits,
//     otherwise the previous one.
//
// The metadata thus always has every key that signs now or within KeyNotice, or that signed
// a token which may still be accepted, and no other.
type keyRing struct {
	current        SigningKey
	next, previous *SigningKey // nil for none
}

func ringAt(keys []SigningKey, now time.Time) (keyRing, error) {
	current := inSlot(keys, CurrentSlot)
	if current == nil {
		return keyRing{}, errors.New("the registry names no signing certificate")
	}
	r := keyRing{current: *current, next: inSlot(keys, NextSlot), previous: inSlot(keys, PreviousSlot)}
	if r.next != nil && !now.Before(r.next.Since) {
		r.advance()
	}
	if !now.Before(r.neededUntil()) {
		r.previous = nil
	}
	return r, nil
}

// neededUntil is from when on nothing that the previous key signed can be accepted.
func (r keyRing) neededUntil() time.Time {
	return r.current.Since.Add(maxOfferLife() + token.Grace + token.DefaultSkew)
}

func inSlot(keys []SigningKey, slot Slot) *SigningKey {
	if i := slices.IndexFunc(keys, func(k SigningKey) bool { return k.Slot == slot }); i >= 0 {
		return &keys[i]
	}
	return nil
}

// advance has the next key sign.
func (r *keyRing) advance() {
	replaced := r.current
	replaced.Slot = PreviousSlot
	r.current, r.next, r.previous = *r.next, nil, &replaced
	r.current.Slot = CurrentSlot
}

// published returns the keys in the metadata, the one that signs first.
func (r keyRing) published() []SigningKey {
	switch {
	case r.next != nil:
		return []SigningKey{r.current, *r.next}
	case r.previous != nil:
		return []SigningKey{r.current, *r.previous}
	}
	return []SigningKey{r.current}
}

// write brings the registry to the ring.
func (r keyRing) write(tx Tx) error {
	err := tx.PutSigningKey(r.current)
	for slot, key := range map[Slot]*SigningKey{NextSlot: r.next, PreviousSlot: r.previous} {
		if key == nil {
			err = errors.Join(err, tx.DeleteSigningKey(slot))
		} else {
			err = errors.Join(err, tx.PutSigningKey(*key))
		}
	}
	return err
}
