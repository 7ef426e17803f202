package server_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"exfed/federation/broker/server"
)

// TestOpenSQLiteWhileAnotherSwitches opens a new file while another process is about to
// switch it to its write-ahead log. SQLite turns everybody else away meanwhile, at once.
func TestOpenSQLiteWhileAnotherSwitches(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "registry.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	other, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	if _, err := other.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		registry, err := server.OpenSQLite(t.Context(), path)
		if err == nil {
			err = registry.Close()
		}
		opened <- err
	}()
	for range 100 { // time enough to be turned away
		execSQL(t, path, `SELECT count(*) FROM sqlite_schema`)
		if len(opened) > 0 {
			t.Fatalf("while another process has it: %v", <-opened)
		}
	}
	if _, err := other.ExecContext(t.Context(), `COMMIT`); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
