package server

// ProofMaker implements Proofs.
func (t *sqliteTx) ProofMaker(domain, proof string) (string, error) {
	var fingerprint string
	_, err := t.row(`SELECT key_fingerprint FROM proof WHERE domain = ? AND value = ?`, []any{domain, proof}, []any{&fingerprint})
	return fingerprint, err
}

// PutProof implements Proofs.
func (t *sqliteTx) PutProof(domain, proof, keyFingerprint string) error {
	return t.exec(`INSERT INTO proof (domain, value, key_fingerprint) VALUES (?, ?, ?)
		ON CONFLICT (domain, value) DO UPDATE SET key_fingerprint = excluded.key_fingerprint`,
		domain, proof, keyFingerprint)
}
