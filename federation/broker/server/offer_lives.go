package server

import (
	"maps"
	"slices"
	"time"

	"exfed/federation"
	"exfed/federation/token"
)

// minOfferLife is the shortest life of a token that is worth asking for.
const minOfferLife = time.Minute

// maxOfferLife is the longest life an operator may give tokens, without token.Grace: the
// longest that any offer has by itself. It does not depend on what he gives them now,
// because tokens live on that were issued with what he gave them before, and the rollover
// of the signing keys, which another process may do, has to wait for all of them.
func maxOfferLife() time.Duration {
	var longest time.Duration
	for _, offer := range token.Offers() {
		longest = max(longest, offer.Life())
	}
	return longest
}

// checkOfferLives refuses lives of offers that there are not, and lives out of bounds.
func checkOfferLives(lives map[token.Offer]time.Duration) error {
	for _, offer := range slices.Sorted(maps.Keys(lives)) {
		if !offer.Known() {
			return unknownOffer(offer)
		}
		if life := lives[offer]; life < minOfferLife || life > maxOfferLife() {
			return federation.Errorf(federation.Invalid, "InvalidOfferLife", "offer "+string(offer),
				"its tokens cannot live %s: the shortest is %s, the longest %s", life, minOfferLife, maxOfferLife())
		}
	}
	return nil
}

func unknownOffer(offer token.Offer) error {
	return federation.Errorf(federation.Invalid, "UnknownOffer", "offer", "there is none called %.100q", string(offer))
}
