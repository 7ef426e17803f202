package server

import (
	"database/sql"
	"time"
)

// LastHolder implements Journal.
func (t *sqliteTx) LastHolder(domain string) (string, error) {
	var appID string
	_, err := t.row(`SELECT to_app FROM move WHERE domain = ? ORDER BY id DESC LIMIT 1`, []any{domain}, []any{&appID})
	return appID, err
}

// MovesSince implements Journal.
func (t *sqliteTx) MovesSince(domain string, since time.Time) (int, error) {
	var count int
	_, err := t.row(`SELECT count(*) FROM move WHERE domain = ? AND from_app <> '' AND at > ?`,
		[]any{domain, micros(since)}, []any{&count})
	return count, err
}

// AddMove implements Journal.
func (t *sqliteTx) AddMove(m Move) error {
	return t.exec(`INSERT INTO move (domain, from_app, to_app, at) VALUES (?, ?, ?, ?)`, m.Domain, m.From, m.To, micros(m.At))
}

// MarkSeen implements Journal.
func (t *sqliteTx) MarkSeen(digest []byte, expires, now time.Time) (bool, error) {
	if err := t.exec(`DELETE FROM replay WHERE expires < ?`, micros(now)); err != nil {
		return false, err
	}
	result, err := t.execute(`INSERT OR IGNORE INTO replay (digest, expires) VALUES (?, ?)`, digest, micros(expires))
	if err != nil {
		return false, err
	}
	added, err := result.RowsAffected()
	return added == 1, err
}

// The bounds of the audit trail.
const (
	maxAudit  = 100_000 // entries of tokens, as many of the operator's, and as many of everything else
	auditLife = 400 * 24 * time.Hour
)

const auditColumns = `at, request_id, app_id, thumbprint, operation, subject, user, audience, offer, outcome`

// auditTable returns where entries of the operation stand. Tokens have a table to
// themselves: they come so often that nothing else would stay for long beside them. So has
// the operator: an organization can have any number of calls refused.
func auditTable(operation string) string {
	switch operation {
	case issueOperation:
		return "token_audit"
	case setOperation:
		return "operator_audit"
	}
	return "audit"
}

// AddAudit implements Journal. It looks at the oldest few entries only, which is enough to
// keep up: each time it adds one.
func (t *sqliteTx) AddAudit(e AuditEntry) error {
	table := auditTable(e.Operation)
	err := t.exec(`DELETE FROM `+table+` WHERE id IN (SELECT id FROM `+table+` ORDER BY id LIMIT 16)
		AND (at <= ? OR id <= (SELECT max(id) FROM `+table+`) - ?)`, micros(e.At.Add(-auditLife)), maxAudit-1)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO `+table+` (`+auditColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		micros(e.At), e.RequestID, e.AppID, e.Thumbprint, e.Operation, e.Subject, e.User, e.Audience, e.Offer, e.Outcome)
}

// Audit implements Journal.
func (t *sqliteTx) Audit(limit int) ([]AuditEntry, error) {
	newest := func(table string) string {
		return `SELECT * FROM (SELECT '` + table + `' AS kind, id, ` + auditColumns + ` FROM ` + table + ` ORDER BY id DESC LIMIT ?1)`
	}
	var entries []AuditEntry
	err := t.rows(func(rows *sql.Rows) error {
		var e AuditEntry
		var at int64
		if err := rows.Scan(&at, &e.RequestID, &e.AppID, &e.Thumbprint, &e.Operation, &e.Subject, &e.User, &e.Audience, &e.Offer, &e.Outcome); err != nil {
			return err
		}
		e.At = fromMicros(at)
		entries = append(entries, e)
		return nil
	}, `SELECT `+auditColumns+` FROM (`+newest("audit")+` UNION ALL `+newest("operator_audit")+` UNION ALL `+newest("token_audit")+`)
		ORDER BY at DESC, kind DESC, id DESC LIMIT ?1`, limit)
	return entries, err
}
