package server_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"exfed/federation/broker/server"
)

// crashEnv, when set, makes the test binary a broker that works on the registry at
// that path until it is killed.
const crashEnv = "EXFED_TEST_CRASH_REGISTRY"

// TestCrashWorker is no test of its own: TestKilled starts it as a process.
func TestCrashWorker(t *testing.T) {
	t.Parallel()
	path := os.Getenv(crashEnv)
	if path == "" {
		t.Skip("only as a process of TestKilled")
	}
	r := &rig{
		t: t, path: path, profile: "modern", log: &lockedBuffer{}, clock: &clock{now: time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)},
		zone: &zone{texts: map[string][]string{}, errs: map[string]error{}},
	}
	r.open(func(o *server.Options) { o.MaxMoves = 1 << 30 })
	ctx := context.Background()
	for n := 0; ; n++ {
		o := r.register(n % 2)
		domain := fmt.Sprintf("d%d.example", n%3) // taken over all the time
		r.mustAttach(o, domain)
		if err := r.client.ReserveDomain(ctx, o.pair, o.appID, "FYDIBOHF25SPDLT."+domain, nil); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("done %s %s\n", o.appID, domain)
	}
}

// TestKilled kills a working broker at arbitrary moments and looks at what it left.
func TestKilled(t *testing.T) {
	t.Parallel()
	const kills = 12
	path := filepath.Join(t.TempDir(), "registry.db")
	acknowledged := 0
	for n := range kills {
		done := runUntilKilled(t, path, 1+n%3, time.Duration(n)*3*time.Millisecond)
		acknowledged += len(done)
		checkSurvived(t, path, done)
	}
	if acknowledged < kills {
		t.Errorf("only %d operations were acknowledged in %d runs", acknowledged, kills)
	}
	t.Logf("%d kills, %d acknowledged registrations, every one of them there", kills, acknowledged)
}

// runUntilKilled kills the broker a moment after it acknowledged the given number of
// registrations, and returns them all: "AppID domain".
func runUntilKilled(t *testing.T, path string, after int, moment time.Duration) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashWorker$", "-test.v")
	cmd.Env = append(os.Environ(), crashEnv+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var done, other []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if registration, ok := strings.CutPrefix(lines.Text(), "done "); ok {
			done = append(done, registration)
		} else {
			other = append(other, lines.Text())
		}
		if len(done) == after {
			time.AfterFunc(moment, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait() // killed
	if len(done) < after {
		t.Fatalf("the worker ended by itself:\n%s", strings.Join(other, "\n"))
	}
	return done
}

// checkSurvived opens the registry as it was left. What was acknowledged is there,
// and what belongs together is.
func checkSurvived(t *testing.T, path string, done []string) {
	t.Helper()
	openSQLite(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for query, want := range map[string]string{
		`PRAGMA integrity_check`:                        "ok",
		`SELECT count(*) FROM pragma_foreign_key_check`: "0",
		`SELECT count(*) FROM (SELECT domain FROM move GROUP BY domain) JOIN uri ON domain = name`: `SELECT count(DISTINCT domain) FROM move`,
		// the holder of a domain is whom the last move brought it to
		`SELECT count(*) FROM uri WHERE app_id <> (SELECT to_app FROM move WHERE domain = name ORDER BY id DESC LIMIT 1)`: "0",
		// the proof of an attached domain is somebody's for good
		`SELECT count(*) FROM uri WHERE proof <> '' AND NOT EXISTS (SELECT 1 FROM proof p WHERE p.domain = uri.name AND p.value = uri.proof)`: "0",
		// a namespace belongs to whoever has its domain
		`SELECT count(*) FROM namespace n WHERE NOT EXISTS (SELECT 1 FROM uri u WHERE n.name = 'FYDIBOHF25SPDLT.' || u.name AND n.app_id = u.app_id)`: "0",
		// an operation, its replay mark and its audit entry are there or not, together
		`SELECT (SELECT count(*) FROM audit) - (SELECT count(*) FROM replay)`:                                                           "0",
		`SELECT count(*) FROM app WHERE NOT EXISTS (SELECT 1 FROM audit WHERE audit.app_id = app.app_id AND operation = 'CreateAppId')`: "0",
		`SELECT (SELECT count(*) FROM audit WHERE operation = 'AddUri') - (SELECT count(*) FROM move)`:                                  "0",
		`SELECT count(*) FROM app WHERE NOT EXISTS (SELECT 1 FROM app_certificate c WHERE c.app_id = app.app_id AND slot = 'current')`:  "0",
	} {
		if strings.HasPrefix(want, "SELECT") {
			want = column(t, db, want)[0]
		}
		if got := column(t, db, query); len(got) != 1 || got[0] != want {
			t.Errorf("%s\n gives %q, want %q", query, got, want)
		}
	}
	for _, registration := range done {
		appID, domain, _ := strings.Cut(registration, " ")
		query := fmt.Sprintf(`SELECT count(*) FROM audit WHERE app_id = '%s' AND subject = 'FYDIBOHF25SPDLT.%s' AND operation = 'ReserveDomain'`, appID, domain)
		if got := column(t, db, query); got[0] != "1" {
			t.Errorf("%s was acknowledged and is not there", registration)
		}
	}
}
