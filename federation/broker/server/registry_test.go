package server_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker/server"
)

// registries returns every implementation of the registry, each empty.
func registries() map[string]func(t *testing.T) server.Registry {
	return map[string]func(t *testing.T) server.Registry{
		"SQLite": func(t *testing.T) server.Registry { return openSQLite(t, filepath.Join(t.TempDir(), "registry.db")) },
	}
}

func openSQLite(t *testing.T, path string) *server.SQLite {
	t.Helper()
	registry, err := server.OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := registry.Close(); err != nil {
			t.Error(err)
		}
	})
	return registry
}

// epoch is a time with microseconds, which is what a registry keeps.
func epoch() time.Time { return time.Date(2030, 1, 2, 3, 4, 5, 678901000, time.UTC) }

func credential(name string) server.Credential {
	return server.Credential{Fingerprint: fmt.Sprintf("%x", sha256.Sum256([]byte(name))), DER: []byte(name), Since: epoch()}
}

func app(id string) server.App {
	return server.App{ID: id, Current: credential("certificate of " + id), Created: epoch(), Changed: epoch()}
}

// TestRegistryContract is what every registry has to do.
func TestRegistryContract(t *testing.T) {
	t.Parallel()
	contract := map[string]func(t *testing.T, r server.Registry){
		"keeps organizations":          keepsOrganizations,
		"finds certificates":           findsCertificates,
		"one AppID per certificate":    oneAppPerCertificate,
		"keeps URIs":                   keepsURIs,
		"keeps namespaces":             keepsNamespaces,
		"keeps proofs for good":        keepsProofs,
		"counts moves":                 countsMoves,
		"marks each digest once":       marksOnce,
		"keeps the audit trail":        keepsAudit,
		"keeps signing keys":           keepsSigningKeys,
		"an error undoes everything":   undoes,
		"a panic undoes everything":    undoesPanic,
		"finds application URIs":       findsApplicationURIs,
		"finds credentials":            findsCredentials,
		"needs the AppID to exist":     needsApp,
		"concurrent updates lose none": losesNone,
	}
	if len(contract) < 16 {
		t.Fatalf("the contract has %d clauses", len(contract))
	}
	for name, open := range registries() {
		for clause, check := range contract {
			t.Run(name+"/"+clause, func(t *testing.T) {
				t.Parallel()
				check(t, open(t))
			})
		}
	}
}

func update(t *testing.T, r server.Registry, change func(tx server.Tx) error) {
	t.Helper()
	if err := r.Update(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, r server.Registry, read func(tx server.Tx) error) {
	t.Helper()
	if err := r.View(t.Context(), read); err != nil {
		t.Fatal(err)
	}
}

// expect compares what a lookup returned.
func expect[T any](t *testing.T, what string, got T, found bool, err error, want T, wantFound bool) {
	t.Helper()
	if err != nil || found != wantFound {
		t.Errorf("%s: found %v, error %v; want found %v", what, found, err, wantFound)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func keepsOrganizations(t *testing.T, r server.Registry) {
	first := app("A000000000000001")
	first.Properties = []federation.Property{{Name: "b", Value: "2"}, {Name: "a", Value: ""}}
	changed := first
	previous := first.Current
	changed.Previous = &previous
	changed.Current = credential("the next one")
	changed.Properties = []federation.Property{{Name: "c", Value: "ü"}}
	changed.Changed = epoch().Add(time.Hour)
	for _, want := range []server.App{first, changed} {
		update(t, r, func(tx server.Tx) error { return tx.PutApp(want) })
		view(t, r, func(tx server.Tx) error {
			got, found, err := tx.App(want.ID)
			expect(t, "App", got, found, err, want, true)
			return nil
		})
	}
	view(t, r, func(tx server.Tx) error {
		got, found, err := tx.App("none")
		expect(t, "App none", got, found, err, server.App{}, false)
		return nil
	})
}

func findsCertificates(t *testing.T, r server.Registry) {
	a, b := app("A000000000000001"), app("B000000000000001")
	old := credential("shared")
	a.Previous = &old // what A gave up, B has now
	b.Current = old
	replaced := credential("given up")
	b.Previous = &replaced
	update(t, r, func(tx server.Tx) error { return errors.Join(tx.PutApp(a), tx.PutApp(b)) })
	cases := []struct {
		fingerprint string
		want        server.App
		found       bool
	}{
		{a.Current.Fingerprint, a, true},
		{old.Fingerprint, b, true},
		{replaced.Fingerprint, b, true},
		{"00", server.App{}, false},
	}
	view(t, r, func(tx server.Tx) error {
		for _, c := range cases {
			got, found, err := tx.AppByFingerprint(c.fingerprint)
			expect(t, "AppByFingerprint", got, found, err, c.want, c.found)
		}
		return nil
	})
}

func oneAppPerCertificate(t *testing.T, r server.Registry) {
	a, b := app("A000000000000001"), app("B000000000000001")
	b.Current = a.Current
	update(t, r, func(tx server.Tx) error { return tx.PutApp(a) })
	if err := r.Update(t.Context(), func(tx server.Tx) error { return tx.PutApp(b) }); err == nil {
		t.Error("two organizations have the same current certificate")
	}
}

func keepsURIs(t *testing.T, r server.Registry) {
	first := server.URI{Name: "contoso.com", AppID: "A000000000000001", Proof: "proof", Thumbprint: "AB", Attached: epoch(), ActiveFrom: epoch().Add(time.Hour)}
	second := first
	second.AppID = "B000000000000001"
	update(t, r, func(tx server.Tx) error {
		return errors.Join(tx.PutApp(app(first.AppID)), tx.PutApp(app(second.AppID)), tx.PutURI(first), tx.PutURI(second))
	})
	update(t, r, func(tx server.Tx) error {
		got, found, err := tx.URI("contoso.com")
		expect(t, "URI", got, found, err, second, true)
		return tx.DeleteURI("contoso.com")
	})
	view(t, r, func(tx server.Tx) error {
		got, found, err := tx.URI("contoso.com")
		expect(t, "URI deleted", got, found, err, server.URI{}, false)
		return nil
	})
}

func keepsNamespaces(t *testing.T, r server.Registry) {
	want := server.Namespace{Name: "FYDIBOHF25SPDLT.contoso.com", AppID: "A000000000000001", ProgramID: "p", Reserved: epoch(), ActiveFrom: epoch()}
	update(t, r, func(tx server.Tx) error { return errors.Join(tx.PutApp(app(want.AppID)), tx.PutNamespace(want)) })
	update(t, r, func(tx server.Tx) error {
		got, found, err := tx.Namespace(want.Name)
		expect(t, "Namespace", got, found, err, want, true)
		return tx.DeleteNamespace(want.Name)
	})
	view(t, r, func(tx server.Tx) error {
		got, found, err := tx.Namespace(want.Name)
		expect(t, "Namespace deleted", got, found, err, server.Namespace{}, false)
		return nil
	})
}

func countsMoves(t *testing.T, r server.Registry) {
	const a, b = "A000000000000001", "B000000000000001"
	update(t, r, func(tx server.Tx) error {
		return errors.Join(tx.PutApp(app(a)), tx.PutApp(app(b)),
			tx.AddMove(server.Move{Domain: "contoso.com", To: a, At: epoch()}),
			tx.AddMove(server.Move{Domain: "contoso.com", From: a, To: b, At: epoch().Add(time.Hour)}),
			tx.AddMove(server.Move{Domain: "contoso.com", From: b, To: a, At: epoch().Add(2 * time.Hour)}),
			tx.AddMove(server.Move{Domain: "fabrikam.com", From: a, To: b, At: epoch().Add(3 * time.Hour)}))
	})
	view(t, r, func(tx server.Tx) error {
		for since, want := range map[time.Duration]int{-time.Hour: 2, time.Hour: 1, 2 * time.Hour: 0} {
			got, err := tx.MovesSince("contoso.com", epoch().Add(since))
			expect(t, "MovesSince "+since.String(), got, true, err, want, true)
		}
		for domain, want := range map[string]string{"contoso.com": a, "fabrikam.com": b, "none.example": ""} {
			got, err := tx.LastHolder(domain)
			expect(t, "LastHolder "+domain, got, true, err, want, true)
		}
		return nil
	})
}

func marksOnce(t *testing.T, r server.Registry) {
	expires := epoch().Add(5 * time.Minute)
	marks := []struct {
		digest string
		at     time.Time
		fresh  bool
	}{
		{"one", epoch(), true},
		{"one", epoch().Add(time.Minute), false},
		{"two", epoch(), true},
		{"one", expires, false},
		{"one", expires.Add(time.Microsecond), true}, // forgotten
	}
	for i, m := range marks {
		update(t, r, func(tx server.Tx) error {
			fresh, err := tx.MarkSeen([]byte(m.digest), expires, m.at)
			expect(t, fmt.Sprintf("mark %d", i), fresh, true, err, m.fresh, true)
			return nil
		})
	}
	update(t, r, func(tx server.Tx) error { // in one transaction
		for i, m := range marks {
			fresh, err := tx.MarkSeen([]byte("again "+m.digest), expires, m.at)
			expect(t, fmt.Sprintf("mark %d of one transaction", i), fresh, true, err, m.fresh, true)
		}
		return nil
	})
}

func keepsAudit(t *testing.T, r server.Registry) {
	entry := func(n int) server.AuditEntry {
		return server.AuditEntry{At: epoch().Add(time.Duration(n)), RequestID: fmt.Sprint(n), AppID: "a", Thumbprint: "t", Operation: "o", Subject: "s",
			User: "u", Audience: "w", Offer: "f", Outcome: "Success"}
	}
	update(t, r, func(tx server.Tx) error {
		return errors.Join(tx.AddAudit(entry(1000)), tx.AddAudit(entry(2000)), tx.AddAudit(entry(3000)))
	})
	view(t, r, func(tx server.Tx) error {
		got, err := tx.Audit(2)
		expect(t, "Audit", got, true, err, []server.AuditEntry{entry(3000), entry(2000)}, true)
		return nil
	})
}

func keepsSigningKeys(t *testing.T, r server.Registry) {
	key := func(slot server.Slot, name string) server.SigningKey {
		return server.SigningKey{Slot: slot, Thumbprint: name, DER: []byte(name), Published: epoch(), Since: epoch().Add(time.Hour)}
	}
	current, next, previous := key(server.CurrentSlot, "C"), key(server.NextSlot, "N"), key(server.PreviousSlot, "P")
	want := []server.SigningKey{current, next, previous}
	update(t, r, func(tx server.Tx) error {
		return errors.Join(tx.PutSigningKey(key(server.PreviousSlot, "old")), tx.PutSigningKey(previous),
			tx.PutSigningKey(next), tx.PutSigningKey(current))
	})
	for range 2 {
		view(t, r, func(tx server.Tx) error {
			got, err := tx.SigningKeys()
			expect(t, "SigningKeys", got, true, err, want, true)
			return nil
		})
		want = []server.SigningKey{current, previous}
		update(t, r, func(tx server.Tx) error {
			return errors.Join(tx.DeleteSigningKey(server.NextSlot), tx.DeleteSigningKey(server.NextSlot))
		})
	}
}
