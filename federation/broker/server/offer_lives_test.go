package server_test

import (
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"exfed/federation"
	"exfed/federation/broker/server"
	"exfed/federation/token"
)

// TestOfferLivesAreBounded starts brokers that give tokens lives within and out of bounds.
func TestOfferLivesAreBounded(t *testing.T) {
	t.Parallel()
	registry := openSQLite(t, filepath.Join(t.TempDir(), "registry.db"))
	keys := &memoryKeys{}
	putSigningKey(t, registry, keys)
	const longest = 15 * 24 * time.Hour
	cases := map[string]struct {
		offer token.Offer
		life  time.Duration
		id    string
	}{
		"the shortest":   {token.MailTips, time.Minute, "<nil>"},
		"too short":      {token.MailTips, time.Minute - time.Nanosecond, "InvalidOfferLife"},
		"none":           {token.MailTips, 0, "InvalidOfferLife"},
		"negative":       {token.MailTips, -time.Hour, "InvalidOfferLife"},
		"the longest":    {token.MailTips, longest, "<nil>"},
		"too long":       {token.MailTips, longest + time.Nanosecond, "InvalidOfferLife"},
		"of nothing":     {"MSExchange.Everything", time.Hour, "UnknownOffer"},
		"in other cases": {"msexchange.mailtips", time.Hour, "UnknownOffer"},
	}
	for name, c := range cases {
		_, err := server.New(t.Context(), server.Options{
			Registry: registry, Keys: keys, Resolver: &zone{}, ExternalURL: externalURL, Now: time.Now, Rand: rand.Reader,
			OfferLives: map[token.Offer]time.Duration{c.offer: c.life},
		})
		if idOf(err) != c.id || err != nil && !federation.IsKind(err, federation.Invalid) {
			t.Errorf("%s: %v, want %q", name, err, c.id)
		}
	}
	if len(cases) < 8 {
		t.Errorf("%d cases", len(cases))
	}
}
