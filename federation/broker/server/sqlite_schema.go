package server

import (
	"fmt"
	"strings"
)

// schemaVersion is the newest layout of the registry this program knows.
const schemaVersion = 4

// schema returns the statements that lead from version n to version n+1, at index n.
func schema() []string {
	return []string{`
CREATE TABLE schema_version (version INTEGER NOT NULL);
CREATE TABLE app (
	app_id  TEXT PRIMARY KEY,
	created INTEGER NOT NULL,
	changed INTEGER NOT NULL
) STRICT;
CREATE INDEX app_created ON app (created);
CREATE TABLE app_certificate (
	app_id      TEXT NOT NULL REFERENCES app,
	slot        TEXT NOT NULL CHECK (slot IN ('current', 'previous')),
	fingerprint TEXT NOT NULL,
	der         BLOB NOT NULL,
	since       INTEGER NOT NULL,
	PRIMARY KEY (app_id, slot)
) STRICT;
CREATE UNIQUE INDEX app_certificate_current ON app_certificate (fingerprint) WHERE slot = 'current';
CREATE INDEX app_certificate_fingerprint ON app_certificate (fingerprint, slot);
CREATE TABLE property (
	app_id   TEXT NOT NULL REFERENCES app,
	position INTEGER NOT NULL,
	name     TEXT NOT NULL,
	value    TEXT NOT NULL,
	PRIMARY KEY (app_id, position)
) STRICT;
CREATE TABLE uri (
	name        TEXT PRIMARY KEY,
	app_id      TEXT NOT NULL REFERENCES app,
	proof       TEXT NOT NULL,
	thumbprint  TEXT NOT NULL,
	attached    INTEGER NOT NULL,
	active_from INTEGER NOT NULL
) STRICT;
CREATE INDEX uri_app ON uri (app_id);
CREATE TABLE namespace (
	name        TEXT PRIMARY KEY,
	app_id      TEXT NOT NULL REFERENCES app,
	program_id  TEXT NOT NULL,
	reserved    INTEGER NOT NULL,
	active_from INTEGER NOT NULL
) STRICT;
CREATE INDEX namespace_app ON namespace (app_id);
CREATE TABLE proof (
	domain          TEXT NOT NULL,
	value           TEXT NOT NULL,
	key_fingerprint TEXT NOT NULL,
	PRIMARY KEY (domain, value)
) STRICT;
CREATE TABLE move (
	id       INTEGER PRIMARY KEY,
	domain   TEXT NOT NULL,
	from_app TEXT NOT NULL,
	to_app   TEXT NOT NULL REFERENCES app,
	at       INTEGER NOT NULL
) STRICT;
CREATE INDEX move_domain ON move (domain, at);
CREATE INDEX move_to_app ON move (to_app);
CREATE TABLE replay (
	digest  BLOB PRIMARY KEY,
	expires INTEGER NOT NULL
) STRICT;
CREATE INDEX replay_expires ON replay (expires);
CREATE TABLE signing_key (
	slot       TEXT PRIMARY KEY CHECK (slot IN ('current', 'next', 'previous')),
	thumbprint TEXT NOT NULL,
	der        BLOB NOT NULL,
	published  INTEGER NOT NULL,
	since      INTEGER NOT NULL
) STRICT;
CREATE TABLE audit (
	id         INTEGER PRIMARY KEY,
	at         INTEGER NOT NULL,
	request_id TEXT NOT NULL,
	app_id     TEXT NOT NULL,
	thumbprint TEXT NOT NULL,
	operation  TEXT NOT NULL,
	subject    TEXT NOT NULL,
	user       TEXT NOT NULL,
	audience   TEXT NOT NULL,
	offer      TEXT NOT NULL,
	outcome    TEXT NOT NULL
) STRICT;
INSERT INTO schema_version (version) VALUES (1);
`, schemaOfPolicies(), schemaOfGeneration(), schemaOfOperator()}
}

// schemaOfPolicies has what the operator decided about organizations, and the audit entries
// of tokens in a table of their own.
func schemaOfPolicies() string {
	return `
CREATE TABLE policy (
	app_id  TEXT PRIMARY KEY REFERENCES app,
	enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	offers  TEXT NOT NULL
) STRICT;
` + apart("token_audit", "IssueToken") + `
UPDATE schema_version SET version = 2;
`
}

// schemaOfGeneration counts every change of what tokens are decided on.
func schemaOfGeneration() string {
	return `
CREATE TABLE generation (n INTEGER NOT NULL) STRICT;
INSERT INTO generation (n) VALUES (1);
` + countChanges("app_certificate", "policy", "uri", "signing_key") + `
UPDATE schema_version SET version = 3;
`
}

// countChanges returns triggers that count the changes of tables in the generation.
func countChanges(tables ...string) string {
	var triggers strings.Builder
	for _, table := range tables {
		for _, change := range []string{"INSERT", "UPDATE", "DELETE"} {
			fmt.Fprintf(&triggers, "CREATE TRIGGER %s_%s AFTER %s ON %s BEGIN UPDATE generation SET n = n + 1; END;\n",
				table, strings.ToLower(change), change, table)
		}
	}
	return triggers.String()
}

// schemaOfOperator has the audit entries of the operator's decisions in a table of their own,
// where no number of requests pushes them out.
func schemaOfOperator() string {
	return apart("operator_audit", "SetOrganization") + `
UPDATE schema_version SET version = 4;
`
}

// apart returns statements that give the audit entries of an operation a table of their own.
// What stays in the old one is numbered anew: its oldest entries are found by their numbers,
// which have no gaps.
func apart(table, operation string) string {
	const columns = `at, request_id, app_id, thumbprint, operation, subject, user, audience, offer, outcome`
	return fmt.Sprintf(`
CREATE TABLE %[1]s (
	id         INTEGER PRIMARY KEY,
	at         INTEGER NOT NULL,
	request_id TEXT NOT NULL,
	app_id     TEXT NOT NULL,
	thumbprint TEXT NOT NULL,
	operation  TEXT NOT NULL,
	subject    TEXT NOT NULL,
	user       TEXT NOT NULL,
	audience   TEXT NOT NULL,
	offer      TEXT NOT NULL,
	outcome    TEXT NOT NULL
) STRICT;
INSERT INTO %[1]s (%[3]s) SELECT %[3]s FROM audit WHERE operation = '%[2]s' ORDER BY id;
DELETE FROM audit WHERE operation = '%[2]s';
CREATE TEMP TABLE kept AS SELECT * FROM audit ORDER BY id;
DELETE FROM audit;
INSERT INTO audit (%[3]s) SELECT %[3]s FROM temp.kept ORDER BY id;
DROP TABLE temp.kept;
`, table, operation, columns)
}
