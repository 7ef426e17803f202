package server_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"testing"
)

// dump returns every row of every table of the rig's registry, but those of the
// tables that are left out. The count of changes is always left out: what was changed and
// changed back has counted.
func (r *rig) dump(leaveOut ...string) string {
	r.t.Helper()
	return dumpFile(r.t, r.path, append(leaveOut, "generation")...)
}

func dumpFile(t testing.TB, path string, leaveOut ...string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var out strings.Builder
	for _, table := range column(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`) {
		if strings.Contains(" "+strings.Join(leaveOut, " ")+" ", " "+table+" ") {
			continue
		}
		fmt.Fprintf(&out, "== %s\n", table)
		dumpTable(t, db, table, &out)
	}
	return out.String()
}

func column(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var values []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}

func dumpTable(t testing.TB, db *sql.DB, table string, out io.Writer) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), `SELECT * FROM "`+table+`" ORDER BY rowid`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(names))
		targets := make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(out, "%v\n", values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// tablesBut names every table but one.
func tablesBut(t testing.TB, path, but string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	return column(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> '`+but+`'`)
}
