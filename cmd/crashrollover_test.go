package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/terminal"
	"exfed/federation/dns"
)

// minimumRolloverCuts is how often a rollover is cut short at least.
const minimumRolloverCuts = 110

// rolledOver is all that a rollover leaves, certificates by the names of the stages: "new" is one
// that it made.
type rolledOver struct {
	Current, Next, Previous string
	Certificates, Keys      []string
	Broker                  []string // each organization there: its certificate and what it holds
	Domains                 string
	Steps                   []string // that are written down
	Unfinished              bool
}

// TestCutShortRollover kills a rollover before each of its steps, or fails the step with a full
// disk: while a certificate is made and staged, and with one that is there also at the broker and
// in the test of the trust. The same command, run again, comes to one end: one new certificate with one key file,
// and one organization at the broker, which has that certificate.
func TestCutShortRollover(t *testing.T) {
	t.Parallel()
	stages := prepareStages(t)
	published := &publishedProofs{stages: stages}
	cuts := &atomic.Int64{}
	t.Run("cases", func(t *testing.T) {
		for _, c := range []struct {
			crashCase
			code int    // of a run that nothing disturbs
			name string // of the certificate in the end
		}{
			{crashCase{"made", "federated", []string{"update-federationcertificate"}}, int(exitChecksFailed), "new"},
			{crashCase{"named", "federated", []string{"update-federationcertificate", "-Thumbprint", stages.next}}, 0, "next"},
		} {
			t.Run(c.crashCase.name, func(t *testing.T) {
				t.Parallel()
				test := c.crashCase
				want := rolledOver{
					Current: c.name, Previous: "current",
					Certificates: []string{"current", "next", "spare"},
					Broker:       []string{c.name + " FYDIBOHF25SPDLT.contoso.com contoso.ca contoso.com"},
					Domains:      "[contoso.com (Active) contoso.ca (Active)]",
					Steps:        []string{"whenBegun", "whenStaged", "whenProven", "whenPublished", "whenTested"},
				}
				if c.name == "new" {
					want.Certificates = []string{"current", "new", "next", "spare"}
				}
				want.Keys = want.Certificates
				points := stages.pointsOf(t, test, c.code)
				taken := slices.Index(points, "UpdateAppIdCertificate.answered")
				for n, point := range points {
					if !cutHere(n) {
						continue
					}
					for _, fate := range []string{"kill", "enospc"} {
						what := fmt.Sprintf("%s at %d, %s", fate, n+1, point)
						folder := ""
						if fate == "kill" {
							folder = stages.interrupted(t, test, fmt.Sprintf("%d:kill", n+1), -1)
						} else {
							folder = stages.fullDisk(t, test, n+1, codeOfFull(point, c.code, taken >= 0 && n > taken))
						}
						cuts.Add(1)
						published.complete(t, folder, what, test.args)
						if diff := cmp.Diff(want, stages.rolledOver(t, folder)); diff != "" {
							t.Errorf("%s, run again (-want +got):\n%s", what, diff)
						}
						stages.soundRegistry(t, folder, what)
					}
				}
			})
		}
	})
	t.Logf("cut short %d times", cuts.Load())
	if got, want := cuts.Load(), atLeast(minimumRolloverCuts); got < want {
		t.Errorf("cut short %d times, at least %d are expected", got, want)
	}
}

// codeOfFull is how a run ends in which a step found the disk full.
func codeOfFull(point string, undisturbed int, taken bool) int {
	switch {
	case point == "key-discard":
		return undisturbed // a temporary file that stays is cleared away later
	case taken && strings.HasSuffix(point, ".send"), taken && strings.HasSuffix(point, ".answered"):
		return int(exitChecksFailed) // in the test of the trust
	}
	return int(exitFailed)
}

// fullDisk runs the cmdlet on a fresh folder whose disk is full at a step.
func (c *crashStages) fullDisk(t *testing.T, test crashCase, step, want int) string {
	t.Helper()
	folder, seen := c.fresh(t, test), 0
	code, stderr := c.run(t, folder, func(string) error {
		if seen++; seen == step {
			return syscall.ENOSPC
		}
		return nil
	}, test.args...)
	if code != want {
		t.Errorf("the disk is full at %d: exit code %d, not %d\n%s", step, code, want, stderr)
	}
	return folder
}

// pointsOf are the checkpoints of a run that nothing disturbs.
func (c *crashStages) pointsOf(t *testing.T, test crashCase, code int) []string {
	t.Helper()
	folder, countFile := c.fresh(t, test), filepath.Join(t.TempDir(), "points")
	got := exfed(t, folder, append(slices.Clone(c.environ), checkpointCountVariable+"="+countFile), test.args...)
	if got.code != code {
		t.Fatalf("undisturbed: exit code %d, not %d\n%s", got.code, code, got.stderr)
	}
	points := strings.Fields(string(readIfThere(t, countFile)))
	t.Logf("%d steps: %v", len(points), points)
	return points
}

// publishedProofs adds proofs to those that are in DNS, for every rollover of the test.
type publishedProofs struct {
	stages *crashStages
	lock   sync.Mutex
}

// complete runs the cmdlet until it is done, and publishes what it asks for.
func (p *publishedProofs) complete(t *testing.T, folder, what string, args []string) {
	t.Helper()
	code, stderr := p.stages.run(t, folder, nil, args...)
	if code == int(exitChecksFailed) {
		p.publish(t, folder)
		code, stderr = p.stages.run(t, folder, nil, args...)
	}
	if code != 0 {
		t.Errorf("%s: run again, exit code %d\n%s", what, code, stderr)
	}
}

// run runs a cmdlet in this process.
func (c *crashStages) run(t *testing.T, folder string, checkpoint func(string) error, args ...string) (code int, stderr string) {
	t.Helper()
	var stdout, errs bytes.Buffer
	code = Run(t.Context(), Process{
		Args:    append(slices.Clone(args), "-Config", statePathIn(folder), "-DnsServer", c.names.Addr()),
		Streams: terminal.Streams{Out: &stdout, Err: &errs}, Now: time.Now, Rand: rand.Reader,
		Wait: func(context.Context, time.Duration) error { return nil }, Checkpoint: checkpoint,
	})
	return code, errs.String()
}

func (p *publishedProofs) publish(t *testing.T, folder string) {
	t.Helper()
	p.lock.Lock()
	defer p.lock.Unlock()
	resolver := &dns.Resolver{Servers: []string{p.stages.names.Addr()}}
	defer func() { _ = resolver.Close() }()
	for _, record := range p.stages.records(t, folder, "get-federateddnsrecord", "-DomainName", "contoso.com,contoso.ca") {
		domain, value := fmt.Sprint(record["DomainName"]), fmt.Sprint(record["Value"])
		if record["Purpose"] != "DomainProof" {
			continue
		}
		texts, err := resolver.LookupTXT(t.Context(), domain)
		if err == nil && !slices.Contains(texts, value) {
			err = p.stages.names.Set(domain, "TXT", append(texts, value)...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// rolledOver reads everything a rollover leaves.
func (c *crashStages) rolledOver(t *testing.T, folder string) (got rolledOver) {
	t.Helper()
	name := func(thumbprint any) string {
		switch thumbprint {
		case nil:
			return ""
		case c.current:
			return "current"
		case c.next:
			return "next"
		case c.spare:
			return "spare"
		}
		return "new"
	}
	for _, trust := range c.records(t, folder, "get-federationtrust") {
		got.Current, got.Next, got.Previous = name(trust["OrgPrivCertificate"]), name(trust["OrgNextPrivCertificate"]), name(trust["OrgPrevPrivCertificate"])
	}
	for _, own := range c.records(t, folder, "get-exchangecertificate") {
		got.Certificates = append(got.Certificates, name(own["Thumbprint"]))
	}
	files, err := filepath.Glob(filepath.Join(keysFolder(statePathIn(folder)), "*.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files { // what a killed process was writing has another name, and goes after a while
		got.Keys = append(got.Keys, name(strings.TrimSuffix(filepath.Base(file), ".pem")))
	}
	for _, organization := range c.records(t, folder, "get-federationbrokerorganization", "-Store", registryPath(statePathIn(folder))) {
		var uris []string
		for _, uri := range organization["Uris"].([]any) {
			uris = append(uris, fmt.Sprint(uri))
		}
		slices.Sort(uris)
		got.Broker = append(got.Broker, name(organization["Thumbprint"])+" "+strings.Join(uris, " "))
	}
	for _, id := range c.records(t, folder, "get-federatedorganizationidentifier", "-IncludeExtendedDomainInfo") {
		got.Domains = fmt.Sprint(id["Domains"])
	}
	slices.Sort(got.Certificates)
	slices.Sort(got.Keys)
	state, err := os.ReadFile(statePathIn(folder))
	if err != nil {
		t.Fatal(err)
	}
	_, record, _ := strings.Cut(string(state), "certificateRollover:")
	for _, step := range []string{"whenBegun", "whenStaged", "whenProven", "whenPublished", "whenTested"} {
		if strings.Contains(record, "    "+step+": ") {
			got.Steps = append(got.Steps, step)
		}
	}
	got.Unfinished = strings.Contains(string(state), "pending:")
	return got
}
