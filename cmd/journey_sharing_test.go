package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// identifyCommand gives a server a TLS certificate of an authority of its own, which is
// trusted from then on besides the others: identify FOLDER HOST... leaves tls.pem and tls.key.
func identifyCommand(ts *testscript.TestScript, _ bool, args []string) {
	folder := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(folder, 0o700))
	ts.Check(writeTLS(folder, args[1:]...))
	trusted := ts.MkAbs("ca.pem")
	known, err := os.ReadFile(trusted)
	if err != nil && !os.IsNotExist(err) {
		ts.Fatalf("%v", err)
	}
	ts.Check(os.WriteFile(trusted, append(known, ts.ReadFile(filepath.Join(folder, "ca.pem"))...), 0o600))
	ts.Setenv("EXFED_CA_FILE", trusted)
}

// federateCommand federates an organization with one domain by the usual cmdlets, each a
// process: federate NAME DOMAIN. Its state file is NAME/exfed.yaml.
func (z *zoneServer) federateCommand(ts *testscript.TestScript, _ bool, args []string) {
	name, domain := args[0], args[1]
	run := func(args ...string) {
		exitsCommand(ts, false, append([]string{"0", "exfed"}, append(args, "-Config", filepath.Join(name, "exfed.yaml"))...))
	}
	run("new-accepteddomain", "-Name", name, "-DomainName", domain)
	run("new-exchangecertificate", "-DomainName", domain, "-Services", "Federation", "-Output", "json")
	thumbprint := propertyAt(ts, "Thumbprint").(string)
	run("new-federationtrust", "-Name", name, "-Thumbprint", thumbprint, "-SecurityProfile", ts.Getenv("PROFILE"))
	run("get-federateddomainproof", "-DomainName", domain, "-Output", "json")
	z.txtCommand(ts, false, []string{domain, propertyAt(ts, "Proof").(string)})
	run("set-federatedorganizationidentifier", "-AccountNamespace", domain, "-Enabled", "true")
}

// mailboxesCommand makes mailboxes of an organization with calendars of their own, which are
// the file calendar.ics with the mailbox's address for OWNER:
// mailboxes ORGANIZATION DOMAIN NAME=PERMISSION...
func mailboxesCommand(ts *testscript.TestScript, _ bool, args []string) {
	state := filepath.Join(args[0], "exfed.yaml")
	ts.Check(os.MkdirAll(ts.MkAbs(filepath.Join(args[0], "calendars")), 0o700))
	for _, mailbox := range args[2:] {
		name, permission, _ := strings.Cut(mailbox, "=")
		address, path := name+"@"+args[1], filepath.Join("calendars", name+".ics")
		text := strings.ReplaceAll(ts.ReadFile("calendar.ics"), "OWNER", address)
		ts.Check(os.WriteFile(ts.MkAbs(filepath.Join(args[0], path)), []byte(text), 0o600))
		exitsCommand(ts, false, []string{"0", "exfed", "new-mailbox", name, "-PrimarySmtpAddress", address, "-DefaultCalendarPermission", permission, "-Config", state})
		exitsCommand(ts, false, []string{"0", "exfed", "set-calendarsource", name, "-IcsPath", path, "-Config", state})
	}
}

// question is one run of get-useravailability about several mailboxes in one view.
type question struct {
	view   string
	users  []string // addresses
	cells  []string // what of the calendar each is to show: the name of a file, without .json
	stdout bytes.Buffer
	stderr bytes.Buffer
	err    error
}

// viewsCommand has somebody of one organization ask in every view, at the same time, about
// mailboxes of the other, and compares the records with the row of the file table:
// views FROM TO LEVEL NAME=PERMISSION...
// FROM is the organization that asks, as FOLDER:REQUESTOR, and TO the other's domain.
func viewsCommand(ts *testscript.TestScript, _ bool, args []string) {
	folder, requestor, _ := strings.Cut(args[0], ":")
	questions := questionsOf(ts, args[1], args[2], args[3:])
	var wg sync.WaitGroup
	for _, q := range questions {
		command := exec.Command("exfed", "get-useravailability", "-Identity", strings.Join(q.users, ","), "-Requestor", requestor,
			"-View", q.view, "-Start", "2027-02-01T08:00", "-End", "2027-02-01T16:00", "-TimeZone", "UTC", "-Output", "json",
			"-Config", filepath.Join(folder, "exfed.yaml"))
		command.Dir, command.Env = ts.Getenv("WORK"), environmentOf(ts)
		command.Stdout, command.Stderr = &q.stdout, &q.stderr
		wg.Go(func() { q.err = command.Run() })
	}
	wg.Wait()
	for _, q := range questions {
		q.compare(ts, strings.Join(args, " "))
	}
}

// questionsOf reads the rows of the table that are about a level of the relationship. Its
// first line has the views.
func questionsOf(ts *testscript.TestScript, domain, level string, mailboxes []string) []*question {
	rows := map[string][]string{}
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("table")), "\n")
	views := strings.Fields(lines[0])[2:]
	for _, line := range lines[1:] {
		if cells := strings.Fields(line); cells[0] == level {
			rows[cells[1]] = cells[2:]
		}
	}
	questions := make([]*question, len(views))
	for i, view := range views {
		questions[i] = &question{view: view}
		for _, mailbox := range mailboxes {
			name, permission, _ := strings.Cut(mailbox, "=")
			row := rows[permission]
			if len(row) != len(views) {
				ts.Fatalf("the table has %d cells for %s and %s, and %d views", len(row), level, permission, len(views))
			}
			questions[i].users = append(questions[i].users, name+"@"+domain)
			questions[i].cells = append(questions[i].cells, row[i])
		}
	}
	return questions
}

// compare wants the records that the cells stand for, whole, and the exit code that tells
// whether any mailbox was refused.
func (q *question) compare(ts *testscript.TestScript, what string) {
	wantCode := 0
	if slices.Contains(q.cells, "nothing") {
		wantCode = 4
	}
	if code := exitCodeOf(ts, q.err); code != wantCode {
		ts.Fatalf("%s, %s: exit code %d, not %d\n%s", what, q.view, code, wantCode, q.stderr.String())
	}
	var want, got []any
	for i, user := range q.users {
		var record any
		ts.Check(json.Unmarshal([]byte(strings.ReplaceAll(ts.ReadFile(q.cells[i]+".json"), "OWNER", user)), &record))
		want = append(want, record)
	}
	if err := json.Unmarshal(q.stdout.Bytes(), &got); err != nil {
		ts.Fatalf("%s, %s: %v\n%s", what, q.view, err, q.stdout.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		ts.Fatalf("%s, %s (-want +got):\n%s", what, q.view, diff)
	}
	if strings.Contains(q.stderr.String(), "Secret") {
		ts.Fatalf("%s, %s: standard error tells of a private appointment: %s", what, q.view, q.stderr.String())
	}
	memory(ts).answers += len(got)
}

// answersCommand wants at least so many records compared so far: answers NUMBER
func answersCommand(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := memory(ts).answers; got < want {
		ts.Fatalf("%d answers were compared, at least %d are expected", got, want)
	}
}
