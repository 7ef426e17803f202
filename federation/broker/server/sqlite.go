package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"exfed/federation"
)

// busyTimeout is how long a transaction waits for another process to finish its own.
const busyTimeout = 30 * time.Second

// idleConnections is how many connections are kept for later: opening one, and telling it
// how to work, takes longer than most transactions.
const idleConnections = 16

// SQLite is the registry in one file, for one machine. Several processes may use the
// file at the same time.
type SQLite struct {
	db *sql.DB

	mu         sync.Mutex
	statements map[string]*sql.Stmt // by their text, which the program has a few of
}

var _ Registry = (*SQLite)(nil)

// OpenSQLite opens the registry at path and makes it when it is not there: the file
// readable by its owner only, in a folder (made as well when missing) likewise. A file
// of an older version is brought to this one; one of a newer version, or one that is no
// registry, is refused as Corrupt.
func OpenSQLite(ctx context.Context, path string) (*SQLite, error) {
	object := registryObject(path)
	if isLink(path) {
		return nil, registryIsLink(object)
	}
	if err := prepareFile(path); err != nil {
		return nil, &federation.Error{Kind: federation.Other, ID: "RegistryUnusable", Object: object, Reason: "cannot be made", Err: err}
	}
	return openSQLite(ctx, path, url.Values{"_pragma": {"journal_mode(WAL)"}}, migrate)
}

// OpenExistingSQLite opens the registry at path for one who works beside its broker, which
// may be running and of another version. It makes no file and changes none: where there is
// none the error is of kind NotFound with the ID RegistryNotFound, and a registry of an older
// version is refused with kind Conflict and ID RegistryOlder. Otherwise it is OpenSQLite.
func OpenExistingSQLite(ctx context.Context, path string) (*SQLite, error) {
	object := registryObject(path)
	if isLink(path) {
		return nil, registryIsLink(object)
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, federation.Errorf(federation.NotFound, "RegistryNotFound", object, "not found")
	}
	return openSQLite(ctx, path, url.Values{"mode": {"rw"}}, requireVersion)
}

// openSQLite opens the file and has it prepared.
func openSQLite(ctx context.Context, path string, options url.Values, prepare func(context.Context, *sql.DB) error) (*SQLite, error) {
	object := registryObject(path)
	dsn, err := dataSource(path, options)
	if err != nil {
		return nil, &federation.Error{Kind: federation.Other, ID: "RegistryUnusable", Object: object, Reason: "cannot be opened", Err: err}
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, &federation.Error{Kind: federation.Other, ID: "RegistryUnusable", Object: object, Reason: "cannot be opened", Err: err}
	}
	db.SetMaxIdleConns(idleConnections)
	if err := besideOthers(ctx, func(ctx context.Context) error { return prepare(ctx, db) }); err != nil {
		_ = db.Close()
		return nil, openError(object, err)
	}
	return &SQLite{db: db, statements: map[string]*sql.Stmt{}}, nil
}

func registryObject(path string) string { return fmt.Sprintf("broker registry %q", path) }

func registryIsLink(object string) error {
	return federation.Errorf(federation.Other, "RegistryIsLink", object, "is a symbolic link")
}

// prepareFile makes folder and file with narrow permissions before SQLite would make
// them with wide ones. SQLite gives its -wal and -shm files those of the main file.
func prepareFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Chmod(path, 0o600)
}

// isLink reports whether a symbolic link stands where the registry should: whoever made it
// could have another file made or narrowed.
func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

func dataSource(path string, options url.Values) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	abs = filepath.ToSlash(abs)
	if !strings.HasPrefix(abs, "/") {
		abs = "/" + abs // a Windows drive letter
	}
	options.Set("_txlock", "immediate")
	options["_pragma"] = append([]string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "synchronous(FULL)", "foreign_keys(ON)", "trusted_schema(OFF)",
	}, options["_pragma"]...)
	return (&url.URL{Scheme: "file", Path: abs, RawQuery: options.Encode()}).String(), nil
}

func openError(object string, err error) error {
	var newer *newerSchemaError
	var older *olderSchemaError
	var fault *sqlite.Error
	switch {
	case errors.As(err, &newer):
		return federation.Errorf(federation.Corrupt, "RegistryNewer", object,
			"is of version %d, this program knows versions up to %d", newer.found, schemaVersion)
	case errors.As(err, &older):
		return federation.Errorf(federation.Conflict, "RegistryOlder", object, "%s, this program works on version %d", older, schemaVersion)
	case errors.Is(err, errForeignSchema),
		errors.As(err, &fault) && (fault.Code() == sqlite3.SQLITE_NOTADB || fault.Code() == sqlite3.SQLITE_CORRUPT):
		return &federation.Error{Kind: federation.Corrupt, ID: "RegistryCorrupt", Object: object, Reason: "is not a broker registry", Err: err}
	case isBusy(err):
		return &federation.Error{Kind: federation.Locked, ID: "RegistryLocked", Object: object, Reason: "is held by another process", Err: err}
	}
	return &federation.Error{Kind: federation.Other, ID: "RegistryUnusable", Object: object, Reason: "cannot be used", Err: err}
}

// View implements Registry.
func (s *SQLite) View(ctx context.Context, read func(Tx) error) error {
	return s.transact(ctx, &sql.TxOptions{ReadOnly: true}, read)
}

// Update implements Registry. The transaction takes the write lock when it begins, so
// what it reads cannot change before it writes.
func (s *SQLite) Update(ctx context.Context, change func(Tx) error) error {
	return s.transact(ctx, nil, change)
}

func (s *SQLite) transact(ctx context.Context, options *sql.TxOptions, do func(Tx) error) error {
	tx, err := s.db.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	within := &sqliteTx{ctx: ctx, tx: tx, registry: s, statements: map[string]*sql.Stmt{}}
	if err := do(within); err != nil {
		return err
	}
	if err := within.forget(); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Close implements Registry.
func (s *SQLite) Close() error { return s.db.Close() }

// sqliteTx is a transaction on the file. It lives no longer than the call it serves.
type sqliteTx struct {
	ctx        context.Context
	tx         *sql.Tx
	registry   *SQLite
	statements map[string]*sql.Stmt // those of the registry for this transaction
	journaled  journaled
}

// statement returns a prepared statement: compiling one takes longer than running it.
func (s *SQLite) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if prepared, ok := s.statements[query]; ok {
		return prepared, nil
	}
	prepared, err := s.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.statements[query] = prepared
	return prepared, nil
}

func (t *sqliteTx) statement(query string) (*sql.Stmt, error) {
	if own, ok := t.statements[query]; ok {
		return own, nil
	}
	prepared, err := t.registry.statement(t.ctx, query)
	if err != nil {
		return nil, err
	}
	own := t.tx.StmtContext(t.ctx, prepared)
	t.statements[query] = own
	return own, nil
}

func (t *sqliteTx) exec(query string, args ...any) error {
	_, err := t.execute(query, args...)
	return err
}

func (t *sqliteTx) execute(query string, args ...any) (sql.Result, error) {
	statement, err := t.statement(query)
	if err != nil {
		return nil, err
	}
	return statement.ExecContext(t.ctx, args...)
}

// row reads one row into targets and reports whether there was one.
func (t *sqliteTx) row(query string, args, targets []any) (bool, error) {
	statement, err := t.statement(query)
	if err != nil {
		return false, err
	}
	err = statement.QueryRowContext(t.ctx, args...).Scan(targets...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// rows calls scan for every row.
func (t *sqliteTx) rows(scan func(*sql.Rows) error, query string, args ...any) error {
	statement, err := t.statement(query)
	if err != nil {
		return err
	}
	found, err := statement.QueryContext(t.ctx, args...)
	if err != nil {
		return err
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		if err := scan(found); err != nil {
			return err
		}
	}
	return found.Err()
}

// names reads the only column of every row.
func (t *sqliteTx) names(query string, args ...any) (names []string, err error) {
	err = t.rows(func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}, query, args...)
	return names, err
}

func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }
