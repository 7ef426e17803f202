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

// journaled is what a transaction has added to the journal. Room for it is made once, at the
// end: for each entry by itself that takes longer than to add it.
type journaled struct {
	audit map[string]audited // by table
	seen  time.Time          // when the last digest was
}

// audited is how many entries were added to a table, and when the last one is from.
type audited struct {
	entries int
	last    time.Time
}

// MarkSeen implements Journal. One that expired is forgotten, whether it is still there or not.
func (t *sqliteTx) MarkSeen(digest []byte, expires, now time.Time) (bool, error) {
	result, err := t.execute(`INSERT INTO replay (digest, expires) VALUES (?, ?)
		ON CONFLICT (digest) DO UPDATE SET expires = excluded.expires WHERE replay.expires < ?`, digest, micros(expires), micros(now))
	if err != nil {
		return false, err
	}
	t.journaled.seen = now
	added, err := result.RowsAffected()
	return added == 1, err
}

// forget takes out what is too old or too much beside what the transaction added.
func (t *sqliteTx) forget() error {
	if !t.journaled.seen.IsZero() {
		if err := t.exec(`DELETE FROM replay WHERE expires < ?`, micros(t.journaled.seen)); err != nil {
			return err
		}
	}
	for table, added := range t.journaled.audit {
		if err := t.forgetAudit(table, added); err != nil {
			return err
		}
	}
	return nil
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

// AddAudit implements Journal.
func (t *sqliteTx) AddAudit(e AuditEntry) error {
	table := auditTable(e.Operation)
	if t.journaled.audit == nil {
		t.journaled.audit = map[string]audited{}
	}
	t.journaled.audit[table] = audited{entries: t.journaled.audit[table].entries + 1, last: e.At}
	return t.exec(`INSERT INTO `+table+` (`+auditColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		micros(e.At), e.RequestID, e.AppID, e.Thumbprint, e.Operation, e.Subject, e.User, e.Audience, e.Offer, e.Outcome)
}

// forgetAudit looks at the oldest few entries only, which is enough to keep up: they are more
// than were added. Their numbers have no gaps.
func (t *sqliteTx) forgetAudit(table string, added audited) error {
	const more = 15
	return t.exec(`DELETE FROM `+table+` WHERE id < (SELECT min(id) FROM `+table+`) + ?
		AND (at <= ? OR id <= (SELECT max(id) FROM `+table+`) - ?)`, added.entries+more, micros(added.last.Add(-auditLife)), maxAudit)
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
