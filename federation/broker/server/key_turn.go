package server

import (
	"context"
	"log/slog"
	"time"

	"exfed/federation"
)

// turnKeys writes to the registry what becomes of a next key whose time to sign has come:
// it signs or, when it cannot be loaded, is put off. Of several processes the first one
// decides.
func turnKeys(ctx context.Context, registry Registry, store federation.KeyStore, now time.Time, log *slog.Logger) error {
	ring, err := viewRing(ctx, registry, store, now)
	if err != nil || !ring.turned {
		return err
	}
	err = registry.Update(ctx, func(tx Tx) error {
		keys, err := tx.SigningKeys()
		if err != nil {
			return err
		}
		if ring, err = ringAt(keys, now, store); err != nil || !ring.turned {
			return err
		}
		return ring.write(tx)
	})
	if err == nil && ring.putOff != nil {
		log.ErrorContext(ctx, "the next signing key was to sign from now on and cannot be used; the current one goes on",
			"current", ring.current.Thumbprint, "until", ring.next.Since.Format(time.RFC3339), "error", printable(ring.putOff), "remedy", nextKeyRemedy)
	}
	return err
}

// nextKeyRemedy is for the log of a broker that does without its next key.
const nextKeyRemedy = "put its file back from a backup as the user that runs the broker, or have another key take its place: exfed update-federationbrokerkey"

func warnOfNextKey(ctx context.Context, log *slog.Logger, unusable *federation.Error) {
	log.WarnContext(ctx, "the next signing key cannot be used", "error", printable(unusable), "remedy", nextKeyRemedy)
}
