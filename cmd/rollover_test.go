package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/terminal"
	"exfed/federation"
	"exfed/federation/dns"
	"exfed/federation/token"
)

// rolloverRig is a federated organization in this process, with a clock, and the name servers of
// contoso.com.
type rolloverRig struct {
	t       *testing.T
	path    string
	now     time.Time
	servers []*dns.Server
	values  []string // of the TXT records
	ctx     context.Context
	wait    func(time.Duration) // called instead of waiting, besides moving the clock
}

// newRolloverRig federates contoso.com with a certificate of those services.
func newRolloverRig(t *testing.T, services string) *rolloverRig {
	t.Helper()
	r := &rolloverRig{t: t, path: filepath.Join(t.TempDir(), "exfed.yaml"), now: time.Date(2027, 2, 1, 12, 0, 0, 0, time.UTC), ctx: t.Context(), wait: func(time.Duration) {}}
	for range 2 {
		server, err := dns.StartServer("127.0.0.1:0", "contoso.com")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close() })
		r.servers = append(r.servers, server)
	}
	r.must("new-exchangecertificate", "-DomainName", "contoso.com", "-Services", services)
	r.fails(exitChecksFailed, "enable-federationtrust", "contoso.com")
	r.publish(r.servers...)
	r.must("enable-federationtrust", "contoso.com")
	return r
}

func (r *rolloverRig) run(args ...string) (code exitCode, stdout, stderr string) {
	r.t.Helper()
	var out, errs bytes.Buffer
	code = exitCode(Run(r.ctx, Process{
		Args:    append(args, "-DnsServer", r.servers[0].Addr()+","+r.servers[1].Addr(), "-Config", r.path),
		Streams: terminal.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, Now: func() time.Time { return r.now }, Rand: rand.Reader,
		Wait: func(ctx context.Context, d time.Duration) error {
			r.now = r.now.Add(d)
			r.wait(d)
			return ctx.Err()
		},
	}))
	return code, out.String(), errs.String()
}

func (r *rolloverRig) must(args ...string) (stdout, stderr string) {
	r.t.Helper()
	code, stdout, stderr := r.run(args...)
	if code != exitDone {
		r.t.Fatalf("%v: exit code %d\n%s", args, code, stderr)
	}
	return stdout, stderr
}

// fails wants that exit code, and returns what was said.
func (r *rolloverRig) fails(want exitCode, args ...string) (stderr string) {
	r.t.Helper()
	code, _, stderr := r.run(args...)
	if code != want {
		r.t.Fatalf("%v: exit code %d, not %d\n%s", args, code, want, stderr)
	}
	return stderr
}

// publish has the servers show every proof that is wanted now.
func (r *rolloverRig) publish(servers ...*dns.Server) {
	r.t.Helper()
	var records []struct{ Purpose, Value string }
	stdout, _ := r.must("get-federateddnsrecord", "contoso.com", "-Output", "json", "-Quiet")
	if err := json.Unmarshal([]byte(stdout), &records); err != nil {
		r.t.Fatal(err)
	}
	r.values = nil
	for _, record := range records {
		if record.Purpose == string(federation.ProofPurpose) {
			r.values = append(r.values, record.Value)
		}
	}
	for _, server := range servers {
		if err := server.Set("contoso.com", "TXT", r.values...); err != nil {
			r.t.Fatal(err)
		}
	}
}

// slots are the thumbprints in the trust: current, next, previous.
func (r *rolloverRig) slots() [3]string {
	r.t.Helper()
	var trusts []struct{ OrgPrivCertificate, OrgNextPrivCertificate, OrgPrevPrivCertificate string }
	stdout, _ := r.must("get-federationtrust", "-Output", "json")
	if err := json.Unmarshal([]byte(stdout), &trusts); err != nil || len(trusts) != 1 {
		r.t.Fatalf("%d trusts, %v", len(trusts), err)
	}
	return [3]string{trusts[0].OrgPrivCertificate, trusts[0].OrgNextPrivCertificate, trusts[0].OrgPrevPrivCertificate}
}

// says wants each text in what was said.
func says(t *testing.T, stderr string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(stderr, text) {
			t.Errorf("%q is not in\n%s", text, stderr)
		}
	}
}

// TestRolloverLooksAtEveryServer: a proof that one of two name servers lacks is missing (C10), and
// nothing is asked of the broker.
func TestRolloverLooksAtEveryServer(t *testing.T) {
	t.Parallel()
	r := newRolloverRig(t, "Federation,SMTP")
	old := r.slots()[0]
	stderr := r.fails(exitChecksFailed, "update-federationcertificate")
	says(t, stderr, "SMTP", old) // which goes on with the old one
	r.publish(r.servers[0])
	before := readIfThere(t, r.path)
	stderr = r.fails(exitChecksFailed, "update-federationcertificate", "-Verbose")
	says(t, stderr, "contoso.com", r.servers[1].Addr()+": TXT \"")
	if strings.Contains(stderr, "publishing certificate") {
		t.Errorf("it was published:\n%s", stderr)
	}
	if diff := cmp.Diff(string(before), string(readIfThere(t, r.path))); diff != "" {
		t.Errorf("the state file changed (-before +after):\n%s", diff)
	}
	next := r.slots()[1]
	r.publish(r.servers[1])
	_, stderr = r.must("update-federationcertificate", "-Verbose")
	says(t, stderr, "publishing certificate "+next, "STEP 6 of 6", "the federation trust has passed its test")
	if diff := cmp.Diff([3]string{next, "", old}, r.slots()); diff != "" {
		t.Errorf("slots (-want +got):\n%s", diff)
	}
	stdout, _ := r.must("get-exchangecertificate", "-Thumbprint", next, "-Output", "csv", "-Property", "Services")
	if diff := cmp.Diff("Services\nFederation\n", strings.ReplaceAll(stdout, "\r", "")); diff != "" {
		t.Errorf("services of the new one: %s", diff)
	}
}

// TestRolloverWaits has nobody publish the records, then somebody, then somebody interrupt: the
// same rollover goes on each time.
func TestRolloverWaits(t *testing.T) {
	t.Parallel()
	r := newRolloverRig(t, "Federation")
	for _, c := range []struct {
		timeout     []string
		least, most time.Duration
	}{{nil, 59 * time.Minute, time.Hour}, {[]string{"-Timeout", "10m"}, 9 * time.Minute, 10 * time.Minute}} {
		begin := r.now
		stderr := r.fails(exitChecksFailed, append([]string{"update-federationcertificate", "-Wait"}, c.timeout...)...)
		says(t, stderr, "then run the same command again")
		if waited := r.now.Sub(begin); waited < c.least || waited > c.most {
			t.Errorf("%v: it waited for %s", c.timeout, waited)
		}
	}
	slots := r.slots()
	ctx, cancel := context.WithCancel(t.Context())
	r.ctx, r.wait = ctx, func(time.Duration) { cancel() }
	stderr := r.fails(exitInterrupted, "update-federationcertificate", "-Wait")
	says(t, stderr, "rollover to certificate "+slots[1]+": interrupted before its proofs were live; the same command goes on from here")
	if diff := cmp.Diff(slots, func() [3]string { r.ctx = t.Context(); return r.slots() }()); diff != "" {
		t.Errorf("interrupted, slots (-want +got):\n%s", diff)
	}
	looks := 0
	r.wait = func(time.Duration) {
		if looks++; looks == 2 {
			r.wait = func(time.Duration) {}
			r.publish(r.servers...)
		}
	}
	r.must("update-federationcertificate", "-Wait")
	if diff := cmp.Diff([3]string{slots[1], "", slots[0]}, r.slots()); diff != "" || looks != 2 {
		t.Errorf("%d looks, slots (-want +got):\n%s", looks, diff)
	}
}

// TestRolloverIsNotTakenBack has the test of the trust fail: that is told, the new certificate
// stays, and the next run tests again.
func TestRolloverIsNotTakenBack(t *testing.T) {
	t.Parallel()
	r := newRolloverRig(t, "Federation")
	old := r.slots()[0]
	r.fails(exitChecksFailed, "update-federationcertificate")
	next := r.slots()[1]
	r.publish(r.servers...)
	nobody := []string{"update-federationcertificate", "-UserIdentity", "somebody@adatum.com"}
	for _, text := range []string{"publishing certificate " + next, "certificate " + next + " was published at 2027-02-01T12:00:00Z"} {
		stderr := r.fails(exitChecksFailed, nobody...)
		says(t, stderr, text, "WARNING: FederationTrustConfiguration: ", "these checks failed: FederationTrustConfiguration",
			"hint: the new certificate stays published: run the same command again to test again")
		if diff := cmp.Diff([3]string{next, "", old}, r.slots()); diff != "" {
			t.Errorf("slots (-want +got):\n%s", diff)
		}
	}
	_, stderr := r.must("update-federationcertificate")
	says(t, stderr, "the federation trust has passed its test", "after 2027-02-04T12:00:00Z")
	_, stderr = r.must("update-federationcertificate")
	if strings.Contains(stderr, "test") {
		t.Errorf("tested again:\n%s", stderr)
	}
}

// TestRolloverRunsOnce: while one process has a rollover, another is told who, and changes
// nothing. A rehearsal changes nothing either, and is let through.
func TestRolloverRunsOnce(t *testing.T) {
	t.Parallel()
	r := newRolloverRig(t, "Federation")
	asked := 0
	r.wait = func(time.Duration) {
		if asked++; asked > 1 {
			return
		}
		before := readIfThere(t, r.path)
		stderr := r.fails(exitUnavailable, "update-federationcertificate")
		says(t, stderr, fmt.Sprintf("the rollover is under way in process %d, update-federationcertificate since ", os.Getpid()), "hint: wait for it to end")
		r.must("update-federationcertificate", "-WhatIf")
		if diff := cmp.Diff(string(before), string(readIfThere(t, r.path))); diff != "" {
			t.Errorf("the state file changed (-before +after):\n%s", diff)
		}
		r.publish(r.servers...)
	}
	r.must("update-federationcertificate", "-Wait")
	if asked == 0 {
		t.Error("nobody waited")
	}
}

// TestReplacedKeyOutlivesTokens: as long as there may be a token for it, the replaced certificate
// is not dropped.
func TestReplacedKeyOutlivesTokens(t *testing.T) {
	t.Parallel()
	offers := token.Offers()
	for _, offer := range offers {
		if life := offer.Life() + token.Grace; life > federation.ReplacedKeyLife {
			t.Errorf("a token for %s lives for %s", offer, life)
		}
	}
	if len(offers) < 5 {
		t.Errorf("%d offers", len(offers))
	}
}
