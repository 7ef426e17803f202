package server

import "exfed/federation"

// URI implements URIs.
func (t *sqliteTx) URI(name string) (URI, bool, error) {
	u := URI{Name: name}
	var attached, activeFrom int64
	found, err := t.row(`SELECT app_id, proof, thumbprint, attached, active_from FROM uri WHERE name = ?`,
		[]any{name}, []any{&u.AppID, &u.Proof, &u.Thumbprint, &attached, &activeFrom})
	if err != nil || !found {
		return URI{}, false, err
	}
	u.Attached, u.ActiveFrom = fromMicros(attached), fromMicros(activeFrom)
	return u, true, nil
}

// URIsOf implements URIs.
func (t *sqliteTx) URIsOf(appID string) ([]string, error) {
	return t.names(`SELECT name FROM uri WHERE app_id = ? ORDER BY name`, appID)
}

// ApplicationURI implements URIs. Account namespaces are kept in one form, so that
// comparing their beginning finds them.
func (t *sqliteTx) ApplicationURI(appID string) (URI, bool, error) {
	u := URI{AppID: appID}
	var attached, activeFrom int64
	found, err := t.row(`SELECT name, proof, thumbprint, attached, active_from FROM uri
		WHERE app_id = ? AND substr(name, 1, ?) = ? ORDER BY attached, name LIMIT 1`,
		[]any{appID, len(federation.AccountNamespacePrefix), federation.AccountNamespacePrefix},
		[]any{&u.Name, &u.Proof, &u.Thumbprint, &attached, &activeFrom})
	if err != nil || !found {
		return URI{}, false, err
	}
	u.Attached, u.ActiveFrom = fromMicros(attached), fromMicros(activeFrom)
	return u, true, nil
}

// PutURI implements URIs.
func (t *sqliteTx) PutURI(u URI) error {
	return t.exec(`INSERT OR REPLACE INTO uri (name, app_id, proof, thumbprint, attached, active_from) VALUES (?, ?, ?, ?, ?, ?)`,
		u.Name, u.AppID, u.Proof, u.Thumbprint, micros(u.Attached), micros(u.ActiveFrom))
}

// DeleteURI implements URIs.
func (t *sqliteTx) DeleteURI(name string) error {
	return t.exec(`DELETE FROM uri WHERE name = ?`, name)
}

// Namespace implements URIs.
func (t *sqliteTx) Namespace(name string) (Namespace, bool, error) {
	n := Namespace{Name: name}
	var reserved, activeFrom int64
	found, err := t.row(`SELECT app_id, program_id, reserved, active_from FROM namespace WHERE name = ?`,
		[]any{name}, []any{&n.AppID, &n.ProgramID, &reserved, &activeFrom})
	if err != nil || !found {
		return Namespace{}, false, err
	}
	n.Reserved, n.ActiveFrom = fromMicros(reserved), fromMicros(activeFrom)
	return n, true, nil
}

// PutNamespace implements URIs.
func (t *sqliteTx) PutNamespace(n Namespace) error {
	return t.exec(`INSERT OR REPLACE INTO namespace (name, app_id, program_id, reserved, active_from) VALUES (?, ?, ?, ?, ?)`,
		n.Name, n.AppID, n.ProgramID, micros(n.Reserved), micros(n.ActiveFrom))
}

// DeleteNamespace implements URIs.
func (t *sqliteTx) DeleteNamespace(name string) error {
	return t.exec(`DELETE FROM namespace WHERE name = ?`, name)
}
