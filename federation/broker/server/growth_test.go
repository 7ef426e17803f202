package server_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/asn1"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

// ofSize returns a change that makes a certificate of roughly that many bytes more.
func ofSize(bytes int) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Value: make([]byte, bytes)}}
	}
}

func TestLargeCertificates(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.register(1)
	large := newPair(t, 2, ofSize(16<<10))
	before := r.dump("audit", "replay")
	_, err := r.client.CreateAppID(t.Context(), large, "", nil)
	wantFault(t, "CreateAppId", err, broker.InvalidCertificate)
	wantFault(t, "UpdateAppIdCertificate", r.client.UpdateCertificate(t.Context(), o.pair, o.appID, large.Certificate), broker.InvalidCertificate)
	if diff := cmp.Diff(before, r.dump("audit", "replay")); diff != "" {
		t.Errorf("the registry changed:\n%s", diff)
	}
	if err := r.client.UpdateCertificate(t.Context(), o.pair, o.appID, newPair(t, 2, ofSize(14<<10)).Certificate); err != nil {
		t.Errorf("a certificate of 15 KiB: %v", err)
	}
}

// TestStrangersLeaveNoAudit has somebody who is not registered be refused.
func TestStrangersLeaveNoAudit(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	before := r.dump("replay")
	for range 3 {
		_, err := r.client.CreateAppID(t.Context(), newPair(t, 2, withoutSKI), "", nil)
		wantFault(t, "CreateAppId", err, broker.InvalidCertificate)
	}
	if diff := cmp.Diff(before, r.dump("replay")); diff != "" {
		t.Errorf("the registry changed:\n%s", diff)
	}
	r.register(1)
	checkAudit(t, r, 1)
}

// TestAuditIsBounded adds entries behind a hundred thousand others, and 400 days later.
func TestAuditIsBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	db, err := sql.Open("sqlite", "file:"+r.path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	now := r.clock.Now()
	_, err = db.ExecContext(t.Context(), fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100010)
		INSERT INTO audit SELECT i, %d, 'r', 'A000000000000001', 't', 'o', 's', '', '', '', 'Success' FROM n`, now.UnixMicro()))
	if err != nil {
		t.Fatal(err)
	}
	count := func() string { return column(t, db, `SELECT count(*) || ' from ' || min(id) FROM audit`)[0] }
	o := r.register(1)
	if got := count(); got != "100000 from 12" {
		t.Errorf("there are %s entries", got)
	}
	r.clock.advance(400*24*time.Hour - time.Microsecond)
	if _, err := r.client.CreateAppID(t.Context(), o.pair, "", nil); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != "100000 from 13" {
		t.Errorf("a moment before 400 days there are %s entries", got)
	}
	r.clock.advance(time.Microsecond)
	if _, err := r.client.CreateAppID(t.Context(), o.pair, "", nil); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != "99985 from 29" {
		t.Errorf("after 400 days there are %s entries", got)
	}
}

// TestAuditBoundsAreApart adds tokens behind a hundred thousand others, beside a few entries
// of what organizations did, those behind a few of the operator's, and his behind a few of
// tokens: none pushes another out.
func TestAuditBoundsAreApart(t *testing.T) {
	t.Parallel()
	const filled = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
		INSERT INTO %s SELECT i, %d + i, 'r', 'A000000000000001', 't', '%s', 's', '', '', '', 'Success' FROM n`
	for full, c := range map[string]struct{ table, other string }{
		"IssueToken": {"token_audit", "AddUri"}, "AddUri": {"audit", "SetOrganization"}, "SetOrganization": {"operator_audit", "IssueToken"},
	} {
		t.Run("full of "+full, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "registry.db")
			registry := openSQLite(t, path)
			entry := func(operation string, at time.Time) server.AuditEntry {
				return server.AuditEntry{At: at, AppID: "A000000000000001", Operation: operation, Outcome: "Success"}
			}
			first, last := entry(c.other, epoch()), entry(c.other, epoch().Add(time.Hour))
			update(t, registry, func(tx server.Tx) error { return tx.AddAudit(first) })
			execSQL(t, path, fmt.Sprintf(filled, c.table, epoch().UnixMicro(), full))
			update(t, registry, func(tx server.Tx) (err error) {
				for i := range 50 {
					err = errors.Join(err, tx.AddAudit(entry(full, epoch().Add(time.Minute+time.Duration(i)*time.Second))))
				}
				return errors.Join(err, tx.AddAudit(last))
			})
			db, err := sql.Open("sqlite", "file:"+path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			const kept = `SELECT operation || ' ' || count(*) FROM (SELECT operation FROM audit UNION ALL
				SELECT operation FROM operator_audit UNION ALL SELECT operation FROM token_audit) GROUP BY operation ORDER BY operation`
			want := []string{full + " 100000", c.other + " 2"}
			slices.Sort(want)
			if diff := cmp.Diff(want, column(t, db, kept)); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
			view(t, registry, func(tx server.Tx) error {
				newest, err := tx.Audit(1)
				if diff := cmp.Diff([]server.AuditEntry{last}, newest); diff != "" {
					t.Errorf("the newest (-want +got):\n%s", diff)
				}
				return err
			})
		})
	}
}

// TestIdleApps fills a broker with organizations that show no domain.
func TestIdleApps(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *server.Options) { o.MaxIdleApps = 3 })
	ctx := t.Context()
	owner, former, idle := r.register(1), r.register(2), r.register(3)
	r.mustAttach(owner, "contoso.com")
	r.mustAttach(former, "fabrikam.com")
	if err := r.client.RemoveURI(ctx, former.pair, former.appID, "fabrikam.com"); err != nil {
		t.Fatal(err)
	}
	r.register(4)
	r.clock.advance(time.Hour)
	r.register(5)
	late := newPair(t, 6, nil)
	_, err := r.client.CreateAppID(ctx, late, "", nil)
	wantFault(t, "one too many", err, broker.ServiceUnavailable)
	if _, err := r.client.CreateAppID(ctx, late, "late.example", r.publish(late, "late.example")); err != nil {
		t.Errorf("one that shows a domain: %v", err)
	}
	if _, err := r.client.CreateAppID(ctx, idle.pair, "", nil); err != nil {
		t.Errorf("one that is registered: %v", err)
	}
	r.clock.advance(30*24*time.Hour - 30*time.Minute) // the first ones are older now
	r.register(7)
	err = r.client.UpdateProperties(ctx, idle.pair, idle.appID, nil)
	wantFault(t, "an AppID that was removed", err, broker.AccessDenied)
	again, err := r.client.CreateAppID(ctx, idle.pair, "", nil)
	if err != nil || again == idle.appID {
		t.Errorf("its certificate got the AppID %q, %v; before that %q", again, err, idle.appID)
	}
	err = errors.Join(r.client.UpdateProperties(ctx, owner.pair, owner.appID, nil), r.client.UpdateProperties(ctx, former.pair, former.appID, nil))
	if err != nil {
		t.Errorf("those that have, or had, a domain: %v", err)
	}
}
