package cmd

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOperatorMakesNothing has the cmdlets of a broker's operator work on what is no registry
// of this version: they say what to do and leave every file as it is. A broker of an older
// version may be running on such a registry.
func TestOperatorMakesNothing(t *testing.T) {
	t.Parallel()
	version1, err := os.ReadFile(filepath.Join("..", "federation", "broker", "server", "testdata", "registry-1.sql"))
	if err != nil {
		t.Fatal(err)
	}
	const later = "stop every broker of the older version, then start the broker once"
	cases := map[string]struct {
		prepare func(t *testing.T, store string)
		code    exitCode
		id      string
		says    []string
	}{
		"missing": {func(*testing.T, string) {}, exitNotFound, "RegistryNotFound", []string{"not found", "-Store PATH"}},
		"missing with its folder": {func(t *testing.T, store string) {
			if err := os.Remove(filepath.Dir(store)); err != nil {
				t.Fatal(err)
			}
		}, exitNotFound, "RegistryNotFound", []string{"not found", "-Store PATH"}},
		"empty": {func(t *testing.T, store string) {
			if err := os.WriteFile(store, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, exitConflict, "RegistryOlder", []string{"is empty", later}},
		"of version 1": {func(t *testing.T, store string) {
			db, err := sql.Open("sqlite", store)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(t.Context(), string(version1)); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}, exitConflict, "RegistryOlder", []string{"is of version 1", later}},
	}
	cmdlets := [][]string{
		{"get-federationbrokerorganization"}, {"get-federationbrokerorganization", "contoso.com"},
		{"set-federationbrokerorganization", "contoso.com", "-Enabled", "false", "-WhatIf"},
		{"set-federationbrokerorganization", "contoso.com", "-Enabled", "false"},
		{"update-federationbrokerkey", "-WhatIf"}, {"update-federationbrokerkey"}, {"update-federationbrokerkey", "-Now"},
	}
	if len(cases) < 4 || len(cmdlets) < 7 {
		t.Errorf("%d cases, %d cmdlets", len(cases), len(cmdlets))
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			store := filepath.Join(root, "broker", "registry.db")
			if err := os.Mkdir(filepath.Dir(store), 0o700); err != nil {
				t.Fatal(err)
			}
			c.prepare(t, store)
			before := contents(t, root)
			for _, cmdlet := range cmdlets {
				got := exfed(t, root, nil, append(cmdlet, "-Store", store, "-Output", "json")...)
				for _, want := range append(c.says, `"`+c.id+`"`, store) {
					if got.code != int(c.code) || !strings.Contains(got.stderr, want) {
						t.Errorf("%v: exit code %d, want %d, or it does not say %s\n%s", cmdlet, got.code, c.code, want, got.stderr)
					}
				}
				if diff := cmp.Diff(before, contents(t, root)); diff != "" {
					t.Fatalf("%v: the files (-before +after):\n%s", cmdlet, diff)
				}
			}
		})
	}
}

// TestOperatorLooksWithoutWriting looks at organizations and rehearses decisions about them:
// every file stays as it is, and no key is made.
func TestOperatorLooksWithoutWriting(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	print := strings.TrimSpace(must(t, root, nil, "new-exchangecertificate", "-DomainName", "contoso.com", "-Services", "Federation", "-Output", "name").stdout)
	must(t, root, nil, "new-federationtrust", "-Name", "Contoso", "-Thumbprint", print) // the embedded broker
	app := strings.TrimSpace(must(t, root, nil, "get-federationbrokerorganization", "-Output", "name").stdout)
	if len(app) != 16 {
		t.Fatalf("the AppID is %q", app)
	}
	keys, err := filepath.Glob(filepath.Join(root, "*", "registry.db.keys", "*.pem"))
	if err != nil || len(keys) != 1 {
		t.Fatalf("%v, %v", keys, err)
	}
	if err := os.Remove(keys[0]); err != nil { // nobody needs it to look
		t.Fatal(err)
	}
	before := contents(t, root)
	must(t, root, nil, "get-federationbrokerorganization")
	must(t, root, nil, "set-federationbrokerorganization", app, "-Enabled", "false", "-WhatIf")
	must(t, root, nil, "update-federationbrokerkey", "-WhatIf")
	must(t, root, nil, "update-federationbrokerkey", "-Now", "-WhatIf")
	if diff := cmp.Diff(before, contents(t, root)); diff != "" || len(before) < 3 {
		t.Errorf("%d files (-before +after):\n%s", len(before), diff)
	}
}

// contents reads every file below a folder, folders included.
func contents(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		files[path] = entry.Type().String()
		if entry.Type().IsRegular() {
			text, err := os.ReadFile(path)
			files[path] += fmt.Sprintf(" %d bytes, %x", len(text), sha256.Sum256(text))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
