package cmd

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/broker/server"
)

// replayable is how old a request may be for its replay to be told from a stale request.
const replayable = 3 * time.Minute

func readAndClose(r io.ReadCloser) ([]byte, error) {
	data, err := io.ReadAll(r)
	return data, errors.Join(err, r.Close())
}

// query returns the rows of a query on the registry, a text each.
func (b *enduring) query(query string) (rows []string) {
	b.t.Helper()
	db, err := sql.Open("sqlite", "file:"+b.path("registry.db")+"?_pragma=busy_timeout(30000)")
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	found, err := db.QueryContext(b.t.Context(), query)
	if err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = found.Close() }()
	names, err := found.Columns()
	if err != nil {
		b.t.Fatal(err)
	}
	values, targets := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	for found.Next() {
		if err := found.Scan(targets...); err != nil {
			b.t.Fatal(err)
		}
		rows = append(rows, fmt.Sprint(values...))
	}
	if err := found.Err(); err != nil {
		b.t.Fatal(err)
	}
	return rows
}

// lasting returns what tokens do not change: every row of every other table, and the files
// of the signing keys.
func (b *enduring) lasting() map[string][]string {
	b.t.Helper()
	all := map[string][]string{}
	for _, table := range []string{"schema_version", "app", "app_certificate", "property", "uri", "namespace", "proof", "move", "signing_key"} {
		all[table] = b.query("SELECT * FROM " + table + " ORDER BY rowid")
	}
	files, err := filepath.Glob(b.path("registry.db.keys/*"))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			b.t.Fatal(err)
		}
		all["keys"] = append(all["keys"], filepath.Base(file)+"\n"+string(content))
	}
	if len(all["app"]) != 2 || len(all["uri"]) != 4 || len(all["signing_key"]) != 1 || len(all["keys"]) == 0 {
		b.t.Errorf("%d organizations, %d URIs, %d signing keys, %d key files", len(all["app"]), len(all["uri"]), len(all["signing_key"]), len(all["keys"]))
	}
	return all
}

// checkKept checks that the registry is sound and has what it had.
func (b *enduring) checkKept(before map[string][]string) {
	b.t.Helper()
	if diff := cmp.Diff([]string{"ok"}, b.query("PRAGMA integrity_check")); diff != "" {
		b.t.Errorf("the registry is damaged:\n%s", diff)
	}
	if broken := b.query("PRAGMA foreign_key_check"); len(broken) > 0 {
		b.t.Errorf("rows that belong to nothing: %q", broken)
	}
	if diff := cmp.Diff(before, b.lasting()); diff != "" {
		b.t.Errorf("organizations or keys are not what they were (-before +after):\n%s", diff)
	}
}

// issued returns how often the audit trail says that a token was issued, by user.
func (b *enduring) issued() map[string]int {
	b.t.Helper()
	registry, err := server.OpenSQLite(b.t.Context(), b.path("registry.db"))
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = registry.Close() }()
	users := map[string]int{}
	err = registry.View(b.t.Context(), func(tx server.Tx) error {
		entries, err := tx.Audit(1 << 20)
		for _, e := range entries {
			if e.Operation == "IssueToken" && e.Outcome == "Success" {
				users[e.User]++
			}
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return users
}

// checkSent compares the audit trail with what the clients saw, and sends everything again:
// what was issued is refused as a replay, whether its answer arrived or not, and what was
// not is issued now.
func (b *enduring) checkSent(all []sent, kills int) {
	b.t.Helper()
	client, _ := b.client()
	before := b.issued()
	answered, lost, replays, late := 0, 0, 0, 0
	want := map[string]int{}
	for _, s := range all {
		n := before[s.user]
		switch {
		case n > 1 || s.answered && n != 1:
			b.t.Errorf("%s: %d tokens in the audit trail; its answer arrived: %t", s.user, n, s.answered)
		case s.answered:
			answered++
		case n == 1:
			lost++ // recorded, and killed before the answer was out
		}
		if n > 0 {
			want[s.user] = n
		}
		if time.Since(s.at) > replayable || len(s.message) == 0 {
			continue
		}
		if n == 1 {
			b.wantAnswer(client.SOAP.HTTP, s, http.StatusBadRequest, "FailedAuthentication")
			replays++
			continue
		}
		b.wantAnswer(client.SOAP.HTTP, s, http.StatusOK, "EncryptedData")
		want[s.user] = 1
		late++
	}
	if diff := cmp.Diff(want, b.issued()); diff != "" {
		b.t.Errorf("the audit trail in the end (-want +got):\n%s", diff)
	}
	if n := strings.Count(b.process.text(), "the request was seen before"); n != replays {
		b.t.Errorf("the log says of %d requests that they were seen before, %d were sent again\n%s", n, replays, b.process.text())
	}
	if answered < 5*kills || replays < 5*usualKills {
		b.t.Errorf("%d answered, %d replays", answered, replays)
	}
	b.t.Logf("%d kills; of %d requests %d were answered, %d recorded and not answered, %d neither; %d replays refused, %d issued when sent again",
		kills+1, len(all), answered, lost, len(all)-answered-lost, replays, late)
}

// wantAnswer sends the request again.
func (b *enduring) wantAnswer(client *http.Client, s sent, status int, part string) {
	b.t.Helper()
	answer, err := client.Post("https://"+enduringHost+server.TokenPath, "application/soap+xml; charset=utf-8", bytes.NewReader(s.message))
	if err != nil {
		b.t.Error(err)
		return
	}
	body, err := readAndClose(answer.Body)
	if err != nil || answer.StatusCode != status || !strings.Contains(string(body), part) {
		b.t.Errorf("%s, sent again: status %d, want %d with %s; %v\n%s", s.user, answer.StatusCode, status, part, err, body)
	}
}
