package server

import "database/sql"

// SigningKeys implements Tx. The slots are in the order of their names.
func (t *sqliteTx) SigningKeys() ([]SigningKey, error) {
	var keys []SigningKey
	err := t.rows(func(rows *sql.Rows) error {
		var k SigningKey
		var published, since int64
		if err := rows.Scan(&k.Slot, &k.Thumbprint, &k.DER, &published, &since); err != nil {
			return err
		}
		k.Published, k.Since = fromMicros(published), fromMicros(since)
		keys = append(keys, k)
		return nil
	}, `SELECT slot, thumbprint, der, published, since FROM signing_key ORDER BY slot`)
	return keys, err
}

// PutSigningKey implements Tx.
func (t *sqliteTx) PutSigningKey(k SigningKey) error {
	return t.exec(`INSERT OR REPLACE INTO signing_key (slot, thumbprint, der, published, since) VALUES (?, ?, ?, ?, ?)`,
		k.Slot, k.Thumbprint, k.DER, micros(k.Published), micros(k.Since))
}

// DeleteSigningKey implements Tx.
func (t *sqliteTx) DeleteSigningKey(slot Slot) error {
	return t.exec(`DELETE FROM signing_key WHERE slot = ?`, slot)
}
