package server

import (
	"database/sql"
	"time"

	"exfed/federation"
)

// App implements Apps.
func (t *sqliteTx) App(appID string) (App, bool, error) {
	app := App{ID: appID}
	var created, changed int64
	found, err := t.row(`SELECT created, changed FROM app WHERE app_id = ?`, []any{appID}, []any{&created, &changed})
	if err != nil || !found {
		return App{}, false, err
	}
	app.Created, app.Changed = fromMicros(created), fromMicros(changed)
	if app.Current, app.Previous, _, err = t.Credentials(appID); err != nil {
		return App{}, false, err
	}
	if err := t.readProperties(&app); err != nil {
		return App{}, false, err
	}
	return app, true, nil
}

// Credentials implements Apps.
func (t *sqliteTx) Credentials(appID string) (current Credential, previous *Credential, found bool, err error) {
	err = t.rows(func(rows *sql.Rows) error {
		var slot Slot
		var c Credential
		var since int64
		if err := rows.Scan(&slot, &c.Fingerprint, &c.DER, &since); err != nil {
			return err
		}
		c.Since = fromMicros(since)
		if slot == CurrentSlot {
			current, found = c, true
		} else {
			previous = &c
		}
		return nil
	}, `SELECT slot, fingerprint, der, since FROM app_certificate WHERE app_id = ?`, appID)
	return current, previous, found, err
}

func (t *sqliteTx) readProperties(app *App) error {
	return t.rows(func(rows *sql.Rows) error {
		var p federation.Property
		if err := rows.Scan(&p.Name, &p.Value); err != nil {
			return err
		}
		app.Properties = append(app.Properties, p)
		return nil
	}, `SELECT name, value FROM property WHERE app_id = ? ORDER BY position`, app.ID)
}

// AppByFingerprint implements Apps. Whose current certificate it is comes before
// whose previous one it was.
func (t *sqliteTx) AppByFingerprint(fingerprint string) (App, bool, error) {
	var appID string
	found, err := t.row(`SELECT app_id FROM app_certificate WHERE fingerprint = ? ORDER BY slot LIMIT 1`,
		[]any{fingerprint}, []any{&appID})
	if err != nil || !found {
		return App{}, false, err
	}
	return t.App(appID)
}

// AppIDs implements Apps.
func (t *sqliteTx) AppIDs() ([]string, error) {
	return t.names(`SELECT app_id FROM app ORDER BY created, app_id`)
}

// PutApp implements Apps.
func (t *sqliteTx) PutApp(app App) error {
	err := t.exec(`INSERT INTO app (app_id, created, changed) VALUES (?, ?, ?)
		ON CONFLICT (app_id) DO UPDATE SET created = excluded.created, changed = excluded.changed`,
		app.ID, micros(app.Created), micros(app.Changed))
	if err != nil {
		return err
	}
	if err := t.writeCredentials(app); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM property WHERE app_id = ?`, app.ID); err != nil {
		return err
	}
	for i, p := range app.Properties {
		err := t.exec(`INSERT INTO property (app_id, position, name, value) VALUES (?, ?, ?, ?)`, app.ID, i, p.Name, p.Value)
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *sqliteTx) writeCredentials(app App) error {
	if err := t.exec(`DELETE FROM app_certificate WHERE app_id = ?`, app.ID); err != nil {
		return err
	}
	credentials := map[Slot]*Credential{CurrentSlot: &app.Current, PreviousSlot: app.Previous}
	for slot, c := range credentials {
		if c == nil {
			continue
		}
		err := t.exec(`INSERT INTO app_certificate (app_id, slot, fingerprint, der, since) VALUES (?, ?, ?, ?, ?)`,
			app.ID, slot, c.Fingerprint, c.DER, micros(c.Since))
		if err != nil {
			return err
		}
	}
	return nil
}

// IdleApps implements Apps.
func (t *sqliteTx) IdleApps(since time.Time) (int, error) {
	var count int
	_, err := t.row(`SELECT count(*) FROM app WHERE created > ? AND NOT EXISTS (SELECT 1 FROM move WHERE to_app = app_id)`,
		[]any{micros(since)}, []any{&count})
	return count, err
}

// DeleteIdleApps implements Apps.
func (t *sqliteTx) DeleteIdleApps(before time.Time) error {
	const idle = ` WHERE app_id IN (SELECT app_id FROM app WHERE created < ?
		AND NOT EXISTS (SELECT 1 FROM move WHERE to_app = app_id)
		AND NOT EXISTS (SELECT 1 FROM policy WHERE policy.app_id = app.app_id) ORDER BY created LIMIT 100)`
	for _, table := range []string{"app_certificate", "property", "app"} { // what refers to an app goes first
		if err := t.exec(`DELETE FROM `+table+idle, micros(before)); err != nil {
			return err
		}
	}
	return nil
}
