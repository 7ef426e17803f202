package server

import "context"

// Triggers count, so that no way of changing a table can be forgotten.
const selectGeneration = `SELECT n FROM generation`

// Generation implements Registry. It needs no transaction, which would cost several times as
// much.
func (s *SQLite) Generation(ctx context.Context) (generation int64, err error) {
	statement, err := s.statement(ctx, selectGeneration)
	if err != nil {
		return 0, err
	}
	return generation, statement.QueryRowContext(ctx).Scan(&generation)
}

// Generation implements Tx.
func (t *sqliteTx) Generation() (generation int64, err error) {
	_, err = t.row(selectGeneration, nil, []any{&generation})
	return generation, err
}
