-- A registry of version 1.
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
