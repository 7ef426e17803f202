package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/broker/server"
)

// TestRegistryOfVersion1 opens a registry of the first version, in which tokens and what
// organizations did stood in one table. A few of theirs stand between so many tokens that
// they were the next to go: they stay, though many more of their kind come.
func TestRegistryOfVersion1(t *testing.T) {
	t.Parallel()
	const tokens, each = 99_000, 33_000 // an AddUri before and behind each so many entries
	path := filepath.Join(t.TempDir(), "registry.db")
	layout, err := os.ReadFile(filepath.Join("testdata", "registry-1.sql"))
	if err != nil {
		t.Fatal(err)
	}
	start := epoch().UnixMicro()
	execSQL(t, path, string(layout),
		`INSERT INTO app (app_id, created, changed) VALUES ('A000000000000001', 1, 1)`,
		`INSERT INTO app_certificate VALUES ('A000000000000001', 'current', 'f', x'00', 1)`,
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO audit SELECT i, %d + i, 'r' || i, 'A000000000000001', 't', iif(i %% %d <= 1, 'AddUri', 'IssueToken'), 's' || i, 'u', 'a', 'o', 'Success' FROM n`,
			tokens, start, each))
	registry := openSQLite(t, path)
	entry := func(i int) server.AuditEntry {
		return server.AuditEntry{
			At: time.UnixMicro(start + int64(i)).UTC(), RequestID: fmt.Sprint("r", i), AppID: "A000000000000001", Thumbprint: "t", Operation: "IssueToken",
			Subject: fmt.Sprint("s", i), User: "u", Audience: "a", Offer: "o", Outcome: "Success",
		}
	}
	var want []server.AuditEntry
	for i := tokens; i > 0; i-- {
		want = append(want, entry(i))
		if i%each <= 1 {
			want[len(want)-1].Operation = "AddUri"
		}
	}
	view(t, registry, func(tx server.Tx) error {
		got, err := tx.Audit(tokens + 1)
		if !slices.Equal(want, got) {
			t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
		}
		app, found, appErr := tx.App("A000000000000001")
		if !found || appErr != nil || app.Current.Fingerprint != "f" {
			t.Errorf("the organization: %+v, %v", app, appErr)
		}
		return err
	})
	update(t, registry, func(tx server.Tx) error {
		for i := range 1100 {
			e := entry(tokens + 1 + i)
			e.Operation = "AddUri"
			if err := tx.AddAudit(e); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, registry, func(tx server.Tx) error {
		got, err := tx.Audit(tokens + 2001)
		if len(got) != tokens+1100 {
			t.Errorf("%d entries, want %d", len(got), tokens+1100)
		}
		return err
	})
}
