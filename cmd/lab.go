package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/cmd/terminal"
	"exfed/federation"
	"exfed/federation/endpoint"
	"exfed/federation/lab"
)

type labParams struct {
	path, scenario opt[string]
	serve          opt[bool]
}

func invokeFederationLab() spec[labParams] {
	return spec[labParams]{
		name:  "Invoke-FederationLab",
		short: "Runs the Contoso and Fabrikam example for real, on loopback",
		long: `A trust broker over HTTPS, a name server and three organizations, each step shown as the
command that does it. Contoso and Fabrikam establish their federation trusts, prove their
domains, publish calendars and find each other; a user of Contoso sees when one of Fabrikam
is busy, then also what with, and nothing once he may not. Adatum, with which Fabrikam has no
relationship, sees nothing. Then users of Contoso share by themselves: sharing policies let one
share details and another one not, and a calendar is published on the Internet and read there.
At last Fabrikam replaces its certificate, which Contoso does not notice: the token it got before
is read after. Nothing needs setting up, and nothing outside the folder is touched.

-Scenario expired shows an outage and its end instead: Contoso's certificate was made years ago,
and the day comes on which it expires. The broker gives no tokens any more and refuses its successor;
repair-federationtrust makes the trust anew, and Fabrikam takes Contoso's tokens as before. The
clock is the lab's own; nobody waits.

With -Serve everything goes on running until interrupted; ". DIR/lab.env" in another shell
sets what the cmdlets need to reach it; -Config DIR/contoso/exfed.yaml names an organization.
Contoso and Fabrikam have the mailboxes sales, support and room1, and show each other
LimitedDetails of them; DIR/fabrikam/endpoint.log says why a question was answered as it was.
The name server shows the lab's own records; others cannot be published there.`,
		view:    render.View{Kind: render.AsList, Key: "Command"},
		endless: true,
		examples: []string{
			"exfed invoke-federationlab",
			"exfed invoke-federationlab -Path ./lab -Serve",
			"exfed invoke-federationlab -Scenario expired",
		},
		declare: func(p *labParams, d *declaration) {
			d.text(&p.path, "Path", "String", "The folder to keep the lab in.", filePath, defaults("a temporary folder, removed at the end"))
			d.oneOf(&p.scenario, "Scenario", "Scenario", lab.Scenarios(), "What is played.", defaults(lab.Sharing))
			d.toggle(&p.serve, "Serve", "Leaves broker, name server and endpoints running until interrupted.")
		},
		check: func(p *labParams) error {
			if p.serve.value && p.scenario.value == lab.Expired {
				return &psargs.UsageError{ID: "ParameterSet", Param: "Serve", Msg: "-Serve and -Scenario expired exclude each other: that clock is not the time of day"}
			}
			return nil
		},
		run: runLab,
	}
}

func runLab(ctx context.Context, e *env, p *labParams) ([]render.Record, error) {
	dir, err := labFolder(e, p)
	if err != nil {
		return nil, err
	}
	clock := &labClock{base: e.process.Now}
	e.process.Now = clock.now
	progress := terminal.NewProgress(e.process.Streams, e.common.quiet.value, e.process.Now)
	l, err := lab.Start(ctx, lab.Options{
		Dir: dir, Run: e.labRunner(), Endpoint: e.labEndpoint, Fetch: e.labFetch, Now: clock.now, Advance: clock.advance, Rand: e.process.Rand,
		Log: slog.New(slog.DiscardHandler),
		Report: func(s lab.Step) {
			progress.Step(fmt.Sprintf("%s: %s", s.Organization, s.Command))
			e.verbose("%s: %s", s.Organization, s.Command)
		},
	})
	if err != nil {
		return nil, err
	}
	e.onClose(l.Close)
	steps, err := l.PlayScenario(ctx, p.scenario.value)
	progress.Done()
	var records []render.Record
	for _, s := range steps {
		records = append(records, render.New(
			render.Int("Step", s.Number),
			render.Text("Organization", s.Organization),
			render.Text("Command", s.Command),
			render.Text("Outcome", s.Outcome),
			render.Text("Detail", s.Detail),
		))
	}
	if err != nil {
		return records, federation.Errorf(federation.Other, "LabFailed", "federation lab", "a step did not go as it should: %v", err)
	}
	if p.serve.value {
		e.later(func(ctx context.Context) error { return serveLab(ctx, e, l, dir) })
	}
	return records, nil
}

// labClock is the clock of everybody in the lab, which a scenario turns.
type labClock struct {
	base  func() time.Time
	ahead atomic.Int64 // nanoseconds
}

func (c *labClock) now() time.Time { return c.base().Add(time.Duration(c.ahead.Load())) }

func (c *labClock) advance(by time.Duration) { c.ahead.Add(int64(by)) }

// labFolder returns the folder of the lab; a temporary one goes away at the end.
func labFolder(e *env, p *labParams) (string, error) {
	if p.path.value != "" {
		return filepath.Abs(p.path.value)
	}
	dir, err := os.MkdirTemp("", "exfed-lab-")
	if err != nil {
		return "", federation.Errorf(federation.Other, "LabFolder", "temporary folder", "cannot be made: %v", err)
	}
	e.onClose(func() error { return os.RemoveAll(dir) })
	return dir, nil
}

// labRunner runs cmdlets in this process, as processes of their own would run.
func (e *env) labRunner() lab.Runner {
	return func(ctx context.Context, args []string, stdin []byte, environ map[string]string) lab.Result {
		var out, errs bytes.Buffer
		process := e.process
		process.Args, process.Interruptible = args, nil
		process.Streams = terminal.Streams{Out: &out, Err: &errs, Getenv: func(name string) string { return environ[name] }}
		if stdin != nil {
			process.Streams.In = bytes.NewReader(stdin)
		}
		code := Run(ctx, process)
		return lab.Result{ExitCode: code, Stdout: out.Bytes(), Stderr: errs.Bytes()}
	}
}

// labEndpoint makes the endpoint of an organization of the lab.
func (e *env) labEndpoint(ctx context.Context, statePath, externalURL string, log *slog.Logger) (lab.Endpoint, error) {
	own := env{process: e.process}
	own.process.Streams = terminal.Streams{Out: io.Discard, Err: io.Discard, Getenv: func(name string) string {
		if name == "EXFED_CONFIG" {
			return statePath
		}
		return ""
	}}
	org, err := own.organization()
	if err == nil {
		err = org.KeepEndpointURL(ctx, externalURL)
	}
	if err != nil {
		return nil, err
	}
	server, err := own.newEndpoint(ctx, time.UTC, endpoint.Options{ExternalURL: externalURL, Log: log})
	if err != nil {
		return nil, err // and no interface that holds a nil pointer
	}
	return server, nil
}

// maxFetched is how many bytes of a published calendar the lab reads.
const maxFetched = 16 << 20

// labFetch reads a published calendar as a browser in the lab does.
func (e *env) labFetch(ctx context.Context, url string, environ map[string]string) ([]byte, error) {
	own := env{process: e.process}
	own.process.Streams = terminal.Streams{Out: io.Discard, Err: io.Discard, Getenv: func(name string) string { return environ[name] }}
	client, err := own.httpClient()
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %d", answer.StatusCode)
	}
	return io.ReadAll(io.LimitReader(answer.Body, maxFetched))
}

// serveLab says how to play with the lab and waits until it is interrupted.
func serveLab(ctx context.Context, e *env, l *lab.Lab, dir string) error {
	config := shellQuote(filepath.Join(dir, "contoso", "exfed.yaml"))
	fmt.Fprintf(e.process.Streams.Err, "in another shell:\n  . %s\n  exfed get-federationtrust -Config %s\n"+
		"  exfed get-useravailability sales@fabrikam.com -Requestor sales@contoso.com -Config %s\nlab ready\n",
		shellQuote(l.EnvironmentPath()), config, config)
	<-ctx.Done()
	return nil
}

// shellQuote writes a path so that a POSIX shell reads it as one word.
func shellQuote(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune("/._-+", r) && !isASCIIAlnum(r) }) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func isASCIIAlnum(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
