package server

// ProofMaker implements Proofs.
func (t *sqliteTx) ProofMaker(domain, proof string) (string, error) {
	var fingerprint string
	_, err := t.row(`SELECT key_fingerprint FROM proof WHERE domain = ? AND value = ?`, []any{domain, proof}, []any{&fingerprint})
	return fingerprint, err
}

// AddProof implements Proofs.
func (t *sqliteTx) AddProof(domain, proof, keyFingerprint string) error {
	return t.exec(`INSERT INTO proof (domain, value, key_fingerprint) VALUES (?, ?, ?)
		ON CONFLICT (domain, value) DO NOTHING`,
		domain, proof, keyFingerprint)
}
