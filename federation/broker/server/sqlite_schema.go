package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// schemaVersion is the newest layout of the registry this program knows.
const schemaVersion = 1

// schema returns the statements that lead from version n to version n+1, at index n.
func schema() []string {
	return []string{`
CREATE TABLE schema_version (version INTEGER NOT NULL);
CREATE TABLE app (
	app_id  TEXT PRIMARY KEY,
	created INTEGER NOT NULL,
	changed INTEGER NOT NULL
) STRICT;
CREATE INDEX app_created ON app (created);
CREATE TABLE app_certificate (
	app_id      TEXT NOT NULL REFERENCES app,
	slot        TEXT NOT NULL CHECK (slot IN ('current', 'previous')),
	fingerprint TEXT NOT NULL,
	der         BLOB NOT NULL,
	since       INTEGER NOT NULL,
	PRIMARY KEY (app_id, slot)
) STRICT;
CREATE UNIQUE INDEX app_certificate_current ON app_certificate (fingerprint) WHERE slot = 'current';
CREATE INDEX app_certificate_fingerprint ON app_certificate (fingerprint, slot);
CREATE TABLE property (
	app_id   TEXT NOT NULL REFERENCES app,
	position INTEGER NOT NULL,
	name     TEXT NOT NULL,
	value    TEXT NOT NULL,
	PRIMARY KEY (app_id, position)
) STRICT;
CREATE TABLE uri (
	name        TEXT PRIMARY KEY,
	app_id      TEXT NOT NULL REFERENCES app,
	proof       TEXT NOT NULL,
	thumbprint  TEXT NOT NULL,
	attached    INTEGER NOT NULL,
	active_from INTEGER NOT NULL
) STRICT;
CREATE INDEX uri_app ON uri (app_id);
CREATE TABLE namespace (
	name        TEXT PRIMARY KEY,
	app_id      TEXT NOT NULL REFERENCES app,
	program_id  TEXT NOT NULL,
	reserved    INTEGER NOT NULL,
	active_from INTEGER NOT NULL
) STRICT;
CREATE INDEX namespace_app ON namespace (app_id);
CREATE TABLE proof (
	domain          TEXT NOT NULL,
	value           TEXT NOT NULL,
	key_fingerprint TEXT NOT NULL,
	PRIMARY KEY (domain, value)
) STRICT;
CREATE TABLE move (
	id       INTEGER PRIMARY KEY,
	domain   TEXT NOT NULL,
	from_app TEXT NOT NULL,
	to_app   TEXT NOT NULL REFERENCES app,
	at       INTEGER NOT NULL
) STRICT;
CREATE INDEX move_domain ON move (domain, at);
CREATE INDEX move_to_app ON move (to_app);
CREATE TABLE replay (
	digest  BLOB PRIMARY KEY,
	expires INTEGER NOT NULL
) STRICT;
CREATE INDEX replay_expires ON replay (expires);
CREATE TABLE signing_key (
	slot       TEXT PRIMARY KEY CHECK (slot IN ('current', 'next', 'previous')),
	thumbprint TEXT NOT NULL,
	der        BLOB NOT NULL,
	published  INTEGER NOT NULL,
	since      INTEGER NOT NULL
) STRICT;
CREATE TABLE audit (
	id         INTEGER PRIMARY KEY,
	at         INTEGER NOT NULL,
	request_id TEXT NOT NULL,
	app_id     TEXT NOT NULL,
	thumbprint TEXT NOT NULL,
	operation  TEXT NOT NULL,
	subject    TEXT NOT NULL,
	user       TEXT NOT NULL,
	audience   TEXT NOT NULL,
	offer      TEXT NOT NULL,
	outcome    TEXT NOT NULL
) STRICT;
INSERT INTO schema_version (version) VALUES (1);
`}
}

var errForeignSchema = errors.New("the file holds the tables of another program")

// newerSchemaError says the file was written by a later version of the program.
type newerSchemaError struct{ found int }

func (e *newerSchemaError) Error() string {
	return fmt.Sprintf("schema version %d is newer than %d", e.found, schemaVersion)
}

// busyPause is how long whoever was turned away waits before it tries again.
const busyPause = 5 * time.Millisecond

// migrateBesideOthers migrates a file that others may be opening as well. Of those that
// switch a new file to its write-ahead log SQLite turns all but one away at once, and no
// busy timeout helps: each would wait for what the other holds
// (https://www.sqlite.org/c3ref/busy_handler.html). Whoever comes again finds it switched.
func migrateBesideOthers(ctx context.Context, db *sql.DB) error {
	patience, cancel := context.WithTimeout(ctx, busyTimeout)
	defer cancel()
	for {
		err := migrate(ctx, db)
		if !isBusy(err) {
			return err
		}
		select {
		case <-patience.Done():
			return err
		case <-time.After(busyPause):
		}
	}
}

// isBusy reports whether somebody else holds what was needed.
func isBusy(err error) bool {
	var fault *sqlite.Error
	return errors.As(err, &fault) && fault.Code()&0xff == sqlite3.SQLITE_BUSY
}

// migrate brings the file to the newest layout. A file that is there already costs
// one read: nothing waits for the write lock.
func migrate(ctx context.Context, db *sql.DB) error {
	read, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	found, err := versionOf(ctx, read)
	_ = read.Rollback()
	if err != nil || found == schemaVersion {
		return err
	}
	write, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = write.Rollback() }()
	if found, err = versionOf(ctx, write); err != nil { // another process may have been first
		return err
	}
	for _, step := range schema()[found:] {
		if _, err := write.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	return write.Commit()
}

// versionOf returns the version of the file, 0 for an empty one.
func versionOf(ctx context.Context, tx *sql.Tx) (int, error) {
	var tables, ours int
	err := tx.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE name = 'schema_version') FROM sqlite_schema`).Scan(&tables, &ours)
	switch {
	case err != nil:
		return 0, err
	case tables == 0:
		return 0, nil
	case ours == 0:
		return 0, errForeignSchema
	}
	var version int
	if err := tx.QueryRowContext(ctx, `SELECT max(version) FROM schema_version`).Scan(&version); err != nil {
		return 0, err
	}
	if version > schemaVersion {
		return 0, &newerSchemaError{found: version}
	}
	if version < 1 {
		return 0, errForeignSchema
	}
	return version, nil
}
