package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/terminal"
	"exfed/federation/broker/server"
	"exfed/federation/dns"
)

// crashStages are prepared folders, one after each step of the procedure.
type crashStages struct {
	root                 string
	names                *dns.Server
	environ              []string
	current, next, spare string
	now                  func() time.Time // of what is read back; nil: that of the system
}

func (c *crashStages) path(stage string) string { return filepath.Join(c.root, stage) }

// prepareStages runs the procedure once and keeps a copy after each step.
func prepareStages(t *testing.T) *crashStages {
	t.Helper()
	names, err := dns.StartServer("127.0.0.1:0", "contoso.com", "contoso.ca", "one.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = names.Close() })
	c := &crashStages{root: t.TempDir(), names: names, environ: []string{"EXFED_DNS_SERVER=" + names.Addr()}}
	work := c.path("work")
	run := func(args ...string) string { return must(t, work, c.environ, args...).stdout }
	keep := func(stage string) { copyFolder(t, work, c.path(stage)) }
	certificate := func() string {
		return strings.TrimSpace(run("new-exchangecertificate", "-DomainName", "contoso.com", "-Services", "Federation", "-Output", "name"))
	}
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	keep("empty")
	run("new-accepteddomain", "-Name", "Contoso", "-DomainName", "contoso.com")
	run("new-accepteddomain", "-Name", "Canada", "-DomainName", "contoso.ca")
	run("new-accepteddomain", "-Name", "One", "-DomainName", "one.example")
	keep("domains")
	run("new-organizationrelationship", "Partner", "-DomainNames", "partner.example,second.example", "-Quiet")
	run("new-mailbox", "Mailbox", "-PrimarySmtpAddress", "mailbox@one.example")
	run("set-calendarsource", "Mailbox", "-IcsUrl", "https://one.example/mailbox.ics")
	keep("sharing")
	run("remove-organizationrelationship", "Partner", "-Confirm:false")
	run("remove-mailbox", "Mailbox", "-Confirm:false")
	c.current, c.next, c.spare = certificate(), certificate(), certificate()
	keep("certificates")
	run("new-federationtrust", "-Name", "Trust", "-Thumbprint", c.current)
	keep("trust")
	run("remove-federationtrust", "Trust", "-Confirm:false")
	keep("registry")
	run("new-federationtrust", "-Name", "Trust", "-Thumbprint", c.current)
	run("set-federationtrust", "Trust", "-Thumbprint", c.next)
	for _, domain := range []string{"contoso.com", "contoso.ca"} {
		proofs := strings.Fields(run("get-federateddomainproof", "-DomainName", domain, "-Output", "csv", "-Property", "Proof"))
		if len(proofs) != 3 || names.Set(domain, "TXT", proofs[1:]...) != nil {
			t.Fatalf("proofs of %s: %q", domain, proofs)
		}
	}
	run("set-federationtrust", "Trust", "-Thumbprint", "null")
	run("set-federatedorganizationidentifier", "-AccountNamespace", "contoso.com", "-Enabled", "true")
	keep("identifier")
	run("add-federateddomain", "-DomainName", "contoso.ca")
	keep("federated")
	run("set-federationtrust", "Trust", "-Thumbprint", c.next)
	keep("staged")
	return c
}

// undisturbed runs the cmdlet to its end, counts its points and returns what it leaves.
func (c *crashStages) undisturbed(t *testing.T, test crashCase) (points []string, end string) {
	t.Helper()
	folder := c.fresh(t, test)
	countFile := filepath.Join(t.TempDir(), "points")
	must(t, folder, append(slices.Clone(c.environ), checkpointCountVariable+"="+countFile), test.args...)
	points = strings.Fields(string(readIfThere(t, countFile)))
	if len(points) == 0 {
		t.Fatal("there is no checkpoint in it")
	}
	return points, c.settled(t, folder)
}

// settled is describe, and what the broker says about the domains.
func (c *crashStages) settled(t *testing.T, folder string) string {
	t.Helper()
	text := c.describe(t, folder)
	for _, record := range c.records(t, folder, "get-federatedorganizationidentifier", "-IncludeExtendedDomainInfo") {
		text += fmt.Sprintf("\n%v", record["Domains"])
	}
	return text
}

// interrupted runs the cmdlet on a fresh folder into its fate.
func (c *crashStages) interrupted(t *testing.T, test crashCase, fate string, code int) string {
	t.Helper()
	folder := c.fresh(t, test)
	got := exfed(t, folder, append(slices.Clone(c.environ), checkpointVariable+"="+fate), test.args...)
	if got.code != code {
		t.Errorf("%s: exit code %d, not %d\n%s", fate, got.code, code, got.stderr)
	}
	return folder
}

// finishes runs the cmdlet again: it ends well, or says that it is done already.
func (c *crashStages) finishes(t *testing.T, test crashCase, folder, what, want string) {
	t.Helper()
	c.describe(t, folder)
	c.soundRegistry(t, folder, what)
	again := exfed(t, folder, c.environ, test.args...)
	if again.code != 0 && again.code != int(exitConflict) && again.code != int(exitNotFound) {
		t.Errorf("%s: run again, exit code %d\n%s", what, again.code, again.stderr)
		return
	}
	if diff := cmp.Diff(want, c.settled(t, folder)); diff != "" {
		t.Errorf("%s: run again (exit code %d), not what an undisturbed run leaves (-want +got):\n%s%s", what, again.code, diff, again.stderr)
	}
	if state := readIfThere(t, statePathIn(folder)); bytes.Contains(state, []byte("pending:")) {
		t.Errorf("%s: run again, something is still pending:\n%s", what, state)
	}
}

func (c *crashStages) fresh(t *testing.T, test crashCase) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "organization")
	copyFolder(t, c.path(test.stage), folder)
	return folder
}

// soundRegistry opens the registry as the next cmdlet would, which refuses a damaged one.
func (c *crashStages) soundRegistry(t *testing.T, folder, what string) {
	t.Helper()
	path := registryPath(statePathIn(folder))
	if _, err := os.Stat(path); err != nil {
		return
	}
	registry, err := server.OpenSQLite(t.Context(), path)
	if err != nil {
		t.Errorf("%s: registry: %v", what, err)
		return
	}
	if err := registry.Close(); err != nil {
		t.Errorf("%s: registry: %v", what, err)
	}
}

// describe reads everything back through the cmdlets; of what no two runs share it keeps
// that it is there. Certificates are described once each: one that was made by a killed process
// stays beside the one made afterwards.
func (c *crashStages) describe(t *testing.T, folder string) string {
	t.Helper()
	var out []string
	for _, args := range [][]string{
		{"get-accepteddomain"}, {"get-exchangecertificate"}, {"get-federationtrust"}, {"get-federatedorganizationidentifier"},
		{"get-organizationrelationship"}, {"get-mailbox"}, {"get-calendarsource"},
	} {
		first := len(out)
		for _, record := range c.records(t, folder, args...) {
			for _, volatile := range []string{
				"Guid", "WhenChanged", "WhenCreated", "WhenChangedUTC", "WhenCreatedUTC", "ApplicationIdentifier", "NotAfter", "NotBefore",
				"TokenIssuerCertificate", "TokenIssuerPrevCertificate", "SerialNumber", "SubjectKeyIdentifier",
			} {
				if record[volatile] != nil {
					record[volatile] = "something"
				}
			}
			if args[0] == "get-exchangecertificate" && !slices.Contains([]any{c.current, c.next, c.spare}, record["Thumbprint"]) {
				delete(record, "Thumbprint")
				delete(record, "Identity")
			}
			text, err := json.MarshalIndent(record, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(text))
		}
		if args[0] == "get-exchangecertificate" { // which are in the order of their thumbprints
			slices.Sort(out[first:])
		}
	}
	return strings.Join(slices.Compact(out), "\n")
}

// records runs a Get- cmdlet in this process.
func (c *crashStages) records(t *testing.T, folder string, args ...string) []map[string]any {
	t.Helper()
	var stdout, stderr bytes.Buffer
	now := c.now
	if now == nil {
		now = time.Now
	}
	code := Run(t.Context(), Process{
		Args:    append(args, "-Output", "json", "-Config", statePathIn(folder)),
		Streams: terminal.Streams{Out: &stdout, Err: &stderr}, Now: now, Rand: rand.Reader,
		Wait: func(context.Context, time.Duration) error { return nil },
	})
	if code != 0 {
		t.Errorf("%v: exit code %d\n%s", args, code, &stderr)
		return nil
	}
	var records []map[string]any
	if err := json.Unmarshal(stdout.Bytes(), &records); err != nil {
		t.Errorf("%v: %v", args, err)
	}
	return records
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	// CopyFS opens what it writes to others, as the umask lets it; keys are private.
	err := filepath.WalkDir(to, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func readIfThere(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return data
}
