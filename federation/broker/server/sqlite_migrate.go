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

var errForeignSchema = errors.New("the file holds the tables of another program")

// newerSchemaError says the file was written by a later version of the program.
type newerSchemaError struct{ found int }

func (e *newerSchemaError) Error() string {
	return fmt.Sprintf("schema version %d is newer than %d", e.found, schemaVersion)
}

// olderSchemaError says the file was written by an earlier version of the program.
type olderSchemaError struct{ found int }

func (e *olderSchemaError) Error() string {
	if e.found == 0 {
		return "is empty"
	}
	return fmt.Sprintf("is of version %d", e.found)
}

// busyPause is how long whoever was turned away waits before it tries again.
const busyPause = 5 * time.Millisecond

// besideOthers prepares a file that others may be opening as well. Of those that switch a
// new file to its write-ahead log SQLite turns all but one away at once, and no busy timeout
// helps: each would wait for what the other holds
// (https://www.sqlite.org/c3ref/busy_handler.html). Whoever comes again finds it switched.
func besideOthers(ctx context.Context, prepare func(context.Context) error) error {
	patience, cancel := context.WithTimeout(ctx, busyTimeout)
	defer cancel()
	for {
		err := prepare(ctx)
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
	found, err := presentVersion(ctx, db)
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

// requireVersion refuses a file of another version, and leaves it as it is.
func requireVersion(ctx context.Context, db *sql.DB) error {
	found, err := presentVersion(ctx, db)
	if err == nil && found != schemaVersion {
		err = &olderSchemaError{found: found}
	}
	return err
}

func presentVersion(ctx context.Context, db *sql.DB) (int, error) {
	read, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer func() { _ = read.Rollback() }()
	return versionOf(ctx, read)
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
