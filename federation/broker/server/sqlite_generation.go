package server

import (
	"context"
	"database/sql"
	"errors"
)

// Triggers count, so that no way of changing a table can be forgotten.
const selectGeneration = `SELECT n FROM generation`

// errNoGeneration says that nothing counts changes: nothing that is remembered may be relied
// on then.
var errNoGeneration = errors.New("the registry has lost its generation")

// Generation implements Registry. It needs no transaction, which would cost several times as
// much.
func (s *SQLite) Generation(ctx context.Context) (int64, error) {
	statement, err := s.statement(ctx, selectGeneration)
	if err != nil {
		return 0, err
	}
	var generation int64
	err = statement.QueryRowContext(ctx).Scan(&generation)
	if errors.Is(err, sql.ErrNoRows) {
		err = errNoGeneration
	}
	return generation, err
}

// Generation implements Tx.
func (t *sqliteTx) Generation() (int64, error) {
	var generation int64
	found, err := t.row(selectGeneration, nil, []any{&generation})
	if err == nil && !found {
		err = errNoGeneration
	}
	return generation, err
}
