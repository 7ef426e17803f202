package server

import (
	"errors"
	"slices"
	"time"

	"exfed/federation"
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
//   - a next key that cannot be loaded at its Since is put off by KeyNotice, and the current
//     one goes on signing;
//   - the previous key is forgotten when no token that it signed can be accepted any more;
//   - the metadata has the current key, and beside it the next one while that waits,
//     otherwise the previous one.
//
// The metadata thus always has every key that signs now or within KeyNotice, or that signed
// a token which may still be accepted, and no other.
type keyRing struct {
	current        SigningKey
	next, previous *SigningKey // nil for none

	// turned says that the time of the next key of the registry has come. What became of it
	// must be in the registry before anything is signed: every process is to do the same, and
	// the time of the previous key begins when the current one really takes over.
	turned bool
	putOff error // why the next key, whose time has come, does not sign
}

// ringAt returns the ring of the registry's keys at the time now. It loads a key only when
// that key's time to sign has come.
func ringAt(keys []SigningKey, now time.Time, store federation.KeyStore) (keyRing, error) {
	current := inSlot(keys, CurrentSlot)
	if current == nil {
		return keyRing{}, noSigningKey()
	}
	r := keyRing{current: *current, next: inSlot(keys, NextSlot), previous: inSlot(keys, PreviousSlot)}
	if r.previous != nil && now.Before(r.current.Since) {
		r.retreat()
	}
	if r.next != nil && !now.Before(r.next.Since) {
		r.turned = true
		if r.putOff = loadable(r.next, store); r.putOff == nil {
			r.advance()
		} else {
			r.next.Since = now.Add(KeyNotice)
		}
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

// retreat undoes advance, for a moment before it: a request that came then is decided as
// others of that moment were, whatever has been written meanwhile.
func (r *keyRing) retreat() {
	next := r.current
	next.Slot = NextSlot
	r.current, r.next, r.previous = *r.previous, &next, nil
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
