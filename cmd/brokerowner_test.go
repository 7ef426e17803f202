//go:build unix

package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/broker/server"
)

// TestBrokerOfAnotherUser has the cmdlets of a broker's operator be run by somebody else
// than the user that runs the broker: they are refused, with what to do instead, and no
// file is written, changed or given another owner.
func TestBrokerOfAnotherUser(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	store := filepath.Join(folder, "registry.db")
	registry, err := server.OpenSQLite(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(registry.Close(), os.Mkdir(keyFolder(store), 0o700)); err != nil {
		t.Fatal(err)
	}
	self := &env{cmdlet: updateFederationBrokerKey().cmdlet()}
	if err := self.checkOwner(store, os.Geteuid()); err != nil {
		t.Error(err)
	}
	if err := self.checkOwner(store, os.Geteuid()+1); err == nil {
		t.Error("somebody else may do it as well")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can give files to another user")
	}
	const nobodys = 54321
	for _, name := range []string{"registry.db.keys", "registry.db"} { // without a key folder, the registry says whose it is
		giveAway(t, folder, nobodys)
		before := listing(t, folder)
		refused := 0
		for _, cmdlet := range operatorCmdlets() {
			got := exfed(t, folder, nil, append(cmdlet, "-Store", store, "-Output", "json")...)
			for _, want := range []string{
				`"BrokerOfAnotherUser"`, fmt.Sprintf("sudo -u '#%d' exfed %s ...", nobodys, cmdlet[0]), filepath.Join(folder, name) + ": belongs to",
			} {
				if got.code != 6 || !strings.Contains(strings.ReplaceAll(got.stderr, `\u0027`, "'"), want) {
					t.Errorf("%v: exit code %d, not 6, or it does not say %s\n%s", cmdlet, got.code, want, got.stderr)
				}
			}
			refused++
		}
		if diff := cmp.Diff(before, listing(t, folder)); diff != "" || refused < 5 {
			t.Errorf("%d were refused, the files (-before +after):\n%s", refused, diff)
		}
		if err := os.RemoveAll(filepath.Join(folder, "registry.db.keys")); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBrokerOfAnotherUserBehindLink has another user lead the key folder beside his registry
// to a folder of the one who works on it: the registry is his all the same.
func TestBrokerOfAnotherUserBehindLink(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files to another user")
	}
	folder, own := t.TempDir(), t.TempDir()
	store := filepath.Join(folder, "registry.db")
	if err := os.WriteFile(store, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	giveAway(t, folder, 54321)
	if err := os.Symlink(own, store+".keys"); err != nil {
		t.Fatal(err)
	}
	before := listing(t, folder)
	got := exfed(t, folder, nil, "update-federationbrokerkey", "-Store", store, "-Output", "json")
	if got.code != 6 || !strings.Contains(got.stderr, store+": belongs to") {
		t.Errorf("exit code %d\n%s", got.code, got.stderr)
	}
	entries, err := os.ReadDir(own)
	if diff := cmp.Diff(before, listing(t, folder)); err != nil || len(entries) > 0 || diff != "" {
		t.Errorf("%v, %v, the files (-before +after):\n%s", err, entries, diff)
	}
}

func operatorCmdlets() [][]string {
	return [][]string{
		{"update-federationbrokerkey"}, {"update-federationbrokerkey", "-Now"}, {"update-federationbrokerkey", "-WhatIf"},
		{"get-federationbrokerorganization"}, {"set-federationbrokerorganization", "contoso.com", "-Enabled", "false"},
	}
}

func giveAway(t *testing.T, folder string, user int) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Chown(path, user, user)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// listing describes every file below a folder.
func listing(t *testing.T, folder string) (lines []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			owner, _ := ownerOf(path)
			lines = append(lines, fmt.Sprintf("%s %s %d %s, user %d", path, info.Mode(), info.Size(), info.ModTime(), owner))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
