package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/broker/server"
)

// TestRegistryOfVersion1 opens a registry of the first version, in which tokens and what
// organizations did stood in one table. Its entries are as far apart in their numbers as if
// there were tokens between them, so that the first one was soon to go: it stays, though
// more of its kind come.
func TestRegistryOfVersion1(t *testing.T) {
	t.Parallel()
	const entries, apart, more = 12, 9000, 1100 // the last one is number 99,001
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
			INSERT INTO audit SELECT 1 + (i - 1) * %d, %d + i, 'r' || i, 'A000000000000001', 't', iif(i = 6, 'SetOrganization', iif(i %% 4 <= 1, 'AddUri', 'IssueToken')), 's' || i, 'u', 'a', 'o', 'Success' FROM n`,
			entries, apart, start))
	registry := openSQLite(t, path)
	entry := func(i int) server.AuditEntry {
		return server.AuditEntry{
			At: time.UnixMicro(start + int64(i)).UTC(), RequestID: fmt.Sprint("r", i), AppID: "A000000000000001", Thumbprint: "t", Operation: "IssueToken",
			Subject: fmt.Sprint("s", i), User: "u", Audience: "a", Offer: "o", Outcome: "Success",
		}
	}
	var want []server.AuditEntry
	for i := entries; i > 0; i-- {
		want = append(want, entry(i))
		if i%4 <= 1 {
			want[len(want)-1].Operation = "AddUri"
		}
		if i == 6 { // a decision of the operator's, as one of version 2 and 3 has them beside the others
			want[len(want)-1].Operation = "SetOrganization"
		}
	}
	view(t, registry, func(tx server.Tx) error {
		got, err := tx.Audit(entries + 1)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		app, found, appErr := tx.App("A000000000000001")
		if !found || appErr != nil || app.Current.Fingerprint != "f" {
			t.Errorf("the organization: %+v, %v", app, appErr)
		}
		return err
	})
	update(t, registry, func(tx server.Tx) error {
		for i := range more {
			e := entry(entries + 1 + i)
			e.Operation = "AddUri"
			if err := tx.AddAudit(e); err != nil {
				return err
			}
		}
		return nil
	})
	if got := dumpFile(t, path, tablesBut(t, path, "operator_audit")...); got != fmt.Sprintf("== operator_audit\n[1 %d r6 A000000000000001 t SetOrganization s6 u a o Success]\n", start+6) {
		t.Errorf("the operator's entries:\n%s", got)
	}
	view(t, registry, func(tx server.Tx) error {
		got, err := tx.Audit(entries + more + 1)
		if len(got) != entries+more {
			t.Errorf("%d entries, want %d", len(got), entries+more)
		}
		return err
	})
}
