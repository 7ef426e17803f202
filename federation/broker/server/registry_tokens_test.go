package server_test

import (
	"errors"
	"testing"
	"time"

	"exfed/federation/broker/server"
)

func findsApplicationURIs(t *testing.T, r server.Registry) {
	uri := func(name, appID string, attached time.Duration) server.URI {
		return server.URI{Name: name, AppID: appID, Thumbprint: "t", Attached: epoch().Add(attached), ActiveFrom: epoch().Add(attached)}
	}
	first := uri("FYDIBOHF25SPDLT.b.example", "A000000000000001", time.Hour)
	update(t, r, func(tx server.Tx) error {
		return errors.Join(
			tx.PutApp(app("A000000000000001")), tx.PutApp(app("A000000000000002")),
			tx.PutURI(uri("a.example", "A000000000000001", 0)), tx.PutURI(uri("fydibohf25spdlt.c.example", "A000000000000001", 0)),
			tx.PutURI(uri("FYDIBOHF25SPDLT.a.example", "A000000000000001", 2*time.Hour)), tx.PutURI(first),
			tx.PutURI(uri("z.example", "A000000000000002", 0)),
		)
	})
	view(t, r, func(tx server.Tx) error {
		got, found, err := tx.ApplicationURI("A000000000000001")
		expect(t, "the one attached first", got, found, err, first, true)
		got, found, err = tx.ApplicationURI("A000000000000002")
		expect(t, "one without", got, found, err, server.URI{}, false)
		return nil
	})
}

func findsCredentials(t *testing.T, r server.Registry) {
	one, two := app("A000000000000001"), app("A000000000000002")
	replaced := credential("replaced")
	two.Previous = &replaced
	update(t, r, func(tx server.Tx) error { return errors.Join(tx.PutApp(one), tx.PutApp(two)) })
	view(t, r, func(tx server.Tx) error {
		for _, a := range []server.App{one, two} {
			current, previous, found, err := tx.Credentials(a.ID)
			expect(t, "current", current, found, err, a.Current, true)
			expect(t, "previous", previous, found, err, a.Previous, true)
		}
		current, previous, found, err := tx.Credentials("A000000000000003")
		expect(t, "nobody's", current, found, err, server.Credential{}, false)
		if previous != nil {
			t.Error("nobody has a previous certificate")
		}
		return nil
	})
}
