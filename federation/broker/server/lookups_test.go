package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// counting is a registry that counts how often it is asked.
type counting struct {
	Registry
	views  int
	before func() // each View, if set
}

func (c *counting) Generation(ctx context.Context) (int64, error) {
	c.views++
	if c.before != nil {
		c.before()
	}
	return c.Registry.Generation(ctx)
}

func (c *counting) View(ctx context.Context, read func(Tx) error) error {
	c.views++
	if c.before != nil {
		c.before()
	}
	return c.Registry.View(ctx, read)
}

func openRegistry(t *testing.T, path string) *SQLite {
	t.Helper()
	registry, err := OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = registry.Close() })
	return registry
}

func change(t *testing.T, r Registry, do func(Tx) error) {
	t.Helper()
	if err := r.Update(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

func someTime() time.Time { return time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC) }

func someApp(id string, certificate string) App {
	return App{ID: id, Created: someTime(), Changed: someTime(),
		Current: Credential{Fingerprint: certificate, DER: []byte(certificate), Since: someTime()}}
}

func someURI(name, appID string) URI {
	return URI{Name: name, AppID: appID, Attached: someTime(), ActiveFrom: someTime()}
}

// answersOf asks the directory for everything it can be asked.
func answersOf(t *testing.T, d *directory) string {
	t.Helper()
	var answers string
	err := d.view(t.Context(), func(l lookups) error {
		uri, found, err := l.URI("contoso.com")
		answers = fmt.Sprintln(uri.AppID, found)
		app, found, err2 := l.ApplicationURI("A1")
		current, previous, found2, err3 := l.Credentials("A1")
		answers += fmt.Sprintln(app.Name, found, string(current.DER), previous != nil, found2)
		policy, err5 := l.Policy("A1")
		if policy.Disabled {
			answers += "disabled\n"
		}
		keys, err4 := l.SigningKeys()
		for _, k := range keys {
			answers += fmt.Sprintln(k.Slot, k.Thumbprint)
		}
		return errors.Join(err, err2, err3, err4, err5)
	})
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

// TestDirectoryFollows has another process change each thing the directory remembers, and
// asks at once.
func TestDirectoryFollows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "registry.db")
	own, other := &counting{Registry: openRegistry(t, path)}, openRegistry(t, path)
	d := &directory{registry: own}
	steps := []struct {
		name string
		do   func(Tx) error
		want string
	}{
		{"empty", func(Tx) error { return nil }, " false\n false  false false\n"},
		{"registered", func(tx Tx) error {
			return errors.Join(tx.PutApp(someApp("A1", "first")), tx.PutApp(someApp("A2", "other")))
		}, " false\n false first false true\n"},
		{"attached", func(tx Tx) error {
			return errors.Join(tx.PutURI(someURI("contoso.com", "A1")), tx.PutURI(someURI("FYDIBOHF25SPDLT.contoso.com", "A1")))
		}, "A1 true\nFYDIBOHF25SPDLT.contoso.com true first false true\n"},
		{"key", func(tx Tx) error {
			return tx.PutSigningKey(SigningKey{Slot: CurrentSlot, Thumbprint: "K1", DER: []byte("K1"), Published: someTime(), Since: someTime()})
		}, "A1 true\nFYDIBOHF25SPDLT.contoso.com true first false true\ncurrent K1\n"},
		{"another key", func(tx Tx) error {
			return tx.PutSigningKey(SigningKey{Slot: CurrentSlot, Thumbprint: "K2", DER: []byte("K2"), Published: someTime(), Since: someTime()})
		}, "A1 true\nFYDIBOHF25SPDLT.contoso.com true first false true\ncurrent K2\n"},
		{"another certificate", func(tx Tx) error {
			app, old := someApp("A1", "second"), someApp("A1", "first")
			app.Previous = &old.Current
			return tx.PutApp(app)
		}, "A1 true\nFYDIBOHF25SPDLT.contoso.com true second true true\ncurrent K2\n"},
		{"disabled", func(tx Tx) error { return tx.PutPolicy("A1", Policy{Disabled: true}) },
			"A1 true\nFYDIBOHF25SPDLT.contoso.com true second true true\ndisabled\ncurrent K2\n"},
		{"enabled again", func(tx Tx) error { return tx.PutPolicy("A1", Policy{}) },
			"A1 true\nFYDIBOHF25SPDLT.contoso.com true second true true\ncurrent K2\n"},
		{"taken over", func(tx Tx) error { return tx.PutURI(someURI("contoso.com", "A2")) },
			"A2 true\nFYDIBOHF25SPDLT.contoso.com true second true true\ncurrent K2\n"},
		{"given back", func(tx Tx) error {
			return errors.Join(tx.DeleteURI("contoso.com"), tx.DeleteURI("FYDIBOHF25SPDLT.contoso.com"), tx.DeleteSigningKey(CurrentSlot))
		}, " false\n false second true true\n"},
	}
	for _, step := range steps {
		change(t, other, step.do)
		for _, when := range []string{"at once", "again"} {
			if diff := cmp.Diff(step.want, answersOf(t, d)); diff != "" {
				t.Errorf("%s, %s:\n%s", step.name, when, diff)
			}
		}
	}
}

// TestDirectoryRemembers counts what reaches the registry: the question whether something
// changed, and what was not there, which is not remembered.
func TestDirectoryRemembers(t *testing.T) {
	t.Parallel()
	own := &counting{Registry: openRegistry(t, filepath.Join(t.TempDir(), "registry.db"))}
	d := &directory{registry: own}
	change(t, own, func(tx Tx) error {
		return errors.Join(tx.PutApp(someApp("A1", "first")), tx.PutURI(someURI("contoso.com", "A1")),
			tx.PutSigningKey(SigningKey{Slot: CurrentSlot, Thumbprint: "K1", DER: []byte("K1"), Published: someTime(), Since: someTime()}))
	})
	for i, want := range []int{1 + 5, 1 + 1, 1 + 1} { // there is no application URI
		own.views = 0
		answersOf(t, d)
		if own.views != want {
			t.Errorf("call %d asked the registry %d times, want %d", i, own.views, want)
		}
	}
	if len(d.answers) != 4 {
		t.Errorf("%d answers are remembered: %v", len(d.answers), d.answers)
	}
}

// TestDirectoryChangedMeanwhile changes the registry between the lookups of one call, which
// must not see a part of the change.
func TestDirectoryChangedMeanwhile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "registry.db")
	own, other := &counting{Registry: openRegistry(t, path)}, openRegistry(t, path)
	change(t, own, func(tx Tx) error {
		return errors.Join(tx.PutApp(someApp("A1", "first")), tx.PutApp(someApp("A2", "other")), tx.PutURI(someURI("contoso.com", "A1")))
	})
	for after := 1; after <= 3; after++ {
		d := &directory{registry: own}
		const owner = "A2"
		var seen []string
		own.views = 0
		own.before = func() {
			if own.views == 1+after {
				change(t, other, func(tx Tx) error {
					return errors.Join(tx.PutURI(someURI("contoso.com", owner)), tx.PutURI(someURI("fabrikam.com", owner)), tx.PutURI(someURI("adatum.com", owner)))
				})
			}
		}
		change(t, other, func(tx Tx) error {
			return errors.Join(tx.PutURI(someURI("contoso.com", "A1")), tx.PutURI(someURI("fabrikam.com", "A1")), tx.PutURI(someURI("adatum.com", "A1")))
		})
		err := d.view(t.Context(), func(l lookups) error {
			seen = nil
			for _, name := range []string{"contoso.com", "fabrikam.com", "adatum.com"} {
				uri, _, err := l.URI(name)
				if err != nil {
					return err
				}
				seen = append(seen, uri.AppID)
			}
			return nil
		})
		if diff := cmp.Diff([]string{owner, owner, owner}, seen); err != nil || diff != "" {
			t.Errorf("changed before lookup %d: error %v, owners\n%s", after, err, diff)
		}
	}
}

// TestDirectoryIsBounded asks for more names than are kept.
func TestDirectoryIsBounded(t *testing.T) {
	t.Parallel()
	d := &directory{}
	for i := range maxRemembered + 10 {
		d.keep(7, question{"URI", fmt.Sprint(i)}, URI{})
	}
	d.keep(6, question{"URI", "old"}, URI{}) // by a call that began before the change
	if _, known := d.recall(7, question{"URI", "old"}); known || len(d.answers) != 10 {
		t.Errorf("%d answers are kept, the one of an older generation: %v", len(d.answers), known)
	}
}

// TestMigrateKeepsEverything opens files of each older version that hold an organization.
func TestMigrateKeepsEverything(t *testing.T) {
	t.Parallel()
	versions := 0
	for version := 1; version < schemaVersion; version++ {
		versions++
		path := filepath.Join(t.TempDir(), "registry.db")
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range append(schema()[:version:version],
			`INSERT INTO app (app_id, created, changed) VALUES ('A1', 1, 2)`,
			`INSERT INTO app_certificate (app_id, slot, fingerprint, der, since) VALUES ('A1', 'current', 'f', x'01', 3)`) {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time there is nothing to do
			registry := openRegistry(t, path)
			err := registry.View(t.Context(), func(tx Tx) error {
				got, found, err := tx.App("A1")
				want := App{ID: "A1", Created: time.UnixMicro(1).UTC(), Changed: time.UnixMicro(2).UTC(),
					Current: Credential{Fingerprint: "f", DER: []byte{1}, Since: time.UnixMicro(3).UTC()}}
				if diff := cmp.Diff(want, got); !found || diff != "" {
					t.Errorf("version %d: found %v\n%s", version, found, diff)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if versions < 1 {
		t.Fatal("no older version")
	}
}
