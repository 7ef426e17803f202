package server

import (
	"exfed/federation/broker"
	"exfed/federation/soap"
)

// authenticate returns the organization the call speaks for. An AppID that does not
// exist and one that belongs to somebody else are refused alike, so that AppIDs
// cannot be tried out.
func authenticate(tx Tx, c *call) (App, error) {
	if c.Operation == broker.CreateAppID {
		return authenticateNew(tx, c)
	}
	app, found, err := tx.App(c.AppID)
	if err != nil {
		return App{}, err
	}
	switch {
	case !found:
		return App{}, refuse(broker.AccessDenied, "there is no AppID %q", soap.Printable(c.AppID, 64))
	case app.Current.Fingerprint == c.fingerprint:
		return app, nil
	case repeatsUpdate(app, c):
		return app, nil
	}
	return App{}, refuse(broker.AccessDenied, "the certificate is not the current one of AppID %s", app.ID)
}

// authenticateNew lets anybody in who has a certificate, except the holder of one
// that was replaced: it must not come back as an AppID of its own.
func authenticateNew(tx Tx, c *call) (App, error) {
	app, found, err := tx.AppByFingerprint(c.fingerprint)
	if err != nil || !found {
		return App{}, err
	}
	if app.Current.Fingerprint != c.fingerprint {
		return App{}, refuse(broker.AccessDenied, "the certificate of AppID %s was replaced", app.ID)
	}
	return app, nil
}

// repeatsUpdate lets a client that was interrupted finish: with the replaced
// certificate it may ask once more for the replacement that took place.
func repeatsUpdate(app App, c *call) bool {
	return c.Operation == broker.UpdateAppIDCertificate &&
		app.Previous != nil && app.Previous.Fingerprint == c.fingerprint &&
		app.Current.Fingerprint == fingerprintOf(c.NewCertificate)
}
