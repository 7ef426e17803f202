package server_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"exfed/federation"
	"exfed/federation/broker/server"
)

// execSQL runs statements on a file as another program would.
func execSQL(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestOpenSQLiteRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		prepare func(t *testing.T, path string)
		kind    federation.Kind
		id      string
	}{
		{"newer", func(t *testing.T, path string) {
			registry, err := server.OpenSQLite(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if err := registry.Close(); err != nil {
				t.Fatal(err)
			}
			execSQL(t, path, `UPDATE schema_version SET version = 99`)
		}, federation.Corrupt, "RegistryNewer"},
		{"of another program", func(t *testing.T, path string) {
			execSQL(t, path, `CREATE TABLE recipes (name TEXT)`)
		}, federation.Corrupt, "RegistryCorrupt"},
		{"no database", func(t *testing.T, path string) {
			text := make([]byte, 8192)
			copy(text, "this is a text file, whatever its name says")
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}, federation.Corrupt, "RegistryCorrupt"},
		{"a folder", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, federation.Other, "RegistryUnusable"},
	}
	if len(cases) < 4 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "registry.db")
			c.prepare(t, path)
			before, _ := os.ReadFile(path) // of a folder, nothing
			_, existing := server.OpenExistingSQLite(t.Context(), path)
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("beside a broker, the file was changed")
			}
			_, err := server.OpenSQLite(t.Context(), path)
			for _, err := range []error{existing, err} {
				var e *federation.Error
				if !errors.As(err, &e) || e.Kind != c.kind || e.ID != c.id {
					t.Errorf("the error is %v, want kind %v and ID %s", err, c.kind, c.id)
				}
			}
		})
	}
}

// TestOpenSQLiteAtOnce opens a file that is not there yet many times at once, as
// commands started together do.
func TestOpenSQLiteAtOnce(t *testing.T) {
	t.Parallel()
	const processes = 16
	path := filepath.Join(t.TempDir(), "registry.db")
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			registry, err := server.OpenSQLite(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			if err := registry.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestSQLiteFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new folder?#%41")
	path := filepath.Join(dir, "registry?mode=memory.db")
	registry := openSQLite(t, path)
	update(t, registry, func(tx server.Tx) error { return tx.PutApp(app("A000000000000001")) })
	for name, want := range map[string]os.FileMode{dir: 0o700 | os.ModeDir, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Error(err)
		} else if info.Mode() != want {
			t.Errorf("%s has the mode %v, want %v", filepath.Base(name), info.Mode(), want)
		}
	}
	again := openSQLite(t, path) // a second process
	view(t, again, func(tx server.Tx) error {
		got, found, err := tx.App("A000000000000001")
		expect(t, "App", got, found, err, app("A000000000000001"), true)
		return nil
	})
}

// TestOpenRefusesLinks puts links where the registry should be: nothing is made or changed
// where they lead.
func TestOpenRefusesLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other, missing := filepath.Join(dir, "other"), filepath.Join(dir, "missing")
	if err := os.WriteFile(other, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for i, target := range []string{other, missing} {
		link := filepath.Join(dir, fmt.Sprintf("registry%d.db", i))
		if err := os.Symlink(target, link); err != nil {
			t.Skip(err) // Windows asks for a right
		}
		for _, open := range []func(context.Context, string) (*server.SQLite, error){server.OpenSQLite, server.OpenExistingSQLite} {
			registry, err := open(t.Context(), link)
			var e *federation.Error
			if !errors.As(err, &e) || e.ID != "RegistryIsLink" || e.Error() != fmt.Sprintf("broker registry %q: is a symbolic link", link) {
				t.Errorf("a link to %s: %v", target, err)
			}
			if err == nil {
				_ = registry.Close()
			}
		}
	}
	info, err := os.Stat(other)
	if err != nil || info.Size() != 0 || info.Mode().Perm() != 0o644 {
		t.Errorf("the file the link leads to: %v, %v", info, err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("the missing file was made")
	}
}
